import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { secret } from '../../config/blocks/scalars.ts';
import { headerFaults, valueFault } from '../../net/client-headers.ts';

export const config = z.strictObject({
  scheme: z
    .string()
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/, 'expected one word such as Bearer, or nothing')
    .default('Bearer')
    .describe("Word before the token; `''`: the token stands alone."),
  header: z.string().default('Authorization').describe('Header that carries the token.'),
  token: secret().optional().describe('The token.'),
  tokens: z
    .array(secret())
    .min(1, 'at least one token')
    .optional()
    .describe('Several, instead of `token`: a server takes any of them, a client sends the first.'),
  filename: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe(
      'File with the tokens, one in a line. It is read anew when it changes, and wins over `token` and `tokens`.',
    ),
});

export type BearerTokenAuthConfig = z.output<typeof config>;

/** What the schema can't say. */
export function check(settings: BearerTokenAuthConfig): ConfigRemark[] {
  const { header, token, tokens, filename } = settings;
  const remarks: ConfigRemark[] = [];
  const error = (path: (string | number)[], message: string, suggestion?: string) =>
    remarks.push({ severity: 'error', path, message, ...(suggestion && { suggestion }) });

  if (!token && !tokens && filename === undefined) {
    error([], 'no bearer token provided', 'token, tokens, or filename: the file that holds them');
  }
  if (token && tokens) error(['tokens'], 'either tokens or token should be provided, not both');
  if (filename !== undefined && (token || tokens)) {
    const message = 'the tokens of the file count, and what is written here does not';
    remarks.push({ severity: 'warning', path: [token ? 'token' : 'tokens'], message, suggestion: 'remove it' });
  }
  const [fault] = headerFaults({ [header]: '' });
  if (fault) error(['header'], fault.message);
  const written = [
    { path: ['token'], secret: token },
    ...(tokens ?? []).map((secret, index) => ({ path: ['tokens', index], secret })),
  ];
  for (const { path, secret } of written) {
    const trouble = secret && valueFault(secret.reveal());
    if (trouble) error(path, trouble);
  }
  return remarks;
}
