import { z } from 'zod';

/** `client`: says who this agent is. `server`: checks who calls. */
export type AuthSide = 'client' | 'server';

/** Where a configuration names an authenticator: the mark by which the loader finds the place and checks the name. */
const MARKS = { 'client-authenticator': 'client', 'server-authenticator': 'server' } as const;

/** The side that a place with this mark needs; undefined: it names no authenticator. */
export function authSideOf(mark: string | undefined): AuthSide | undefined {
  return MARKS[mark as keyof typeof MARKS];
}

/** The `auth` block of an HTTP client or server. */
export function authBlock(side: AuthSide) {
  return z.strictObject({
    authenticator: z
      .string()
      .min(1, 'must not be empty')
      .meta({ format: `${side}-authenticator` })
      .describe('Id of an extension such as `bearertokenauth` or `basicauth`, which `service::extensions` lists.'),
  });
}
