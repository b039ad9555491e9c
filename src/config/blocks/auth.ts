import { z } from 'zod';
import { withoutEffect } from './accepted.ts';

/** `client`: says who this agent is. `server`: checks who calls. */
export type AuthSide = 'client' | 'server';

/** Where a configuration names an authenticator: the mark by which the loader finds the place and checks the name. */
const MARKS = { 'client-authenticator': 'client', 'server-authenticator': 'server' } as const;

/** The side that a place with this mark needs; undefined: it names no authenticator. */
export function authSideOf(mark: string | undefined): AuthSide | undefined {
  return MARKS[mark as keyof typeof MARKS];
}

/** The `auth` block of an HTTP client or server. Empty, a client has none; a server whose door it should close must name one. */
export function authBlock<Side extends AuthSide>(side: Side) {
  return z.strictObject({
    authenticator: z
      .string()
      .min(1, 'must not be empty')
      .meta({ format: `${side}-authenticator` })
      .describe('Id of an extension such as `bearertokenauth` or `basicauth`, which `service::extensions` lists.'),
    ...(side === 'server' && {
      request_params: withoutEffect(
        z.array(z.string()).optional(),
        'credentials are taken from headers alone: URLs end up in logs.',
      ),
    }),
  });
}

/** That of a client, where nothing behind the key is as if it were not there. */
export function clientAuthBlock() {
  return authBlock('client')
    .nullable()
    .transform((block) => block ?? undefined)
    .optional();
}
