import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { secret } from '../../config/blocks/scalars.ts';
import { parseHtpasswd } from './htpasswd.ts';

export const config = z.strictObject({
  htpasswd: z
    .strictObject({
      file: z
        .string()
        .min(1, 'must not be empty')
        .optional()
        .describe('File with a line `user:hash` for each user. It is read anew when it changes.'),
      inline: secret().optional().describe('Such lines themselves; they win over those of `file`.'),
    })
    .optional()
    .describe('For servers: who may call.'),
  client_auth: z
    .strictObject({
      username: z.string().optional().describe('Name of the user.'),
      username_file: z
        .string()
        .min(1, 'must not be empty')
        .optional()
        .describe('File with the name; it is read anew when it changes, and wins over `username`.'),
      password: secret().optional().describe('The password.'),
      password_file: z
        .string()
        .min(1, 'must not be empty')
        .optional()
        .describe('File with the password; it is read anew when it changes, and wins over `password`.'),
    })
    .optional()
    .describe('For exporters: who this agent is.'),
});

export type BasicAuthConfig = z.output<typeof config>;

/** What the schema can't say. */
export function check({ htpasswd, client_auth: client }: BasicAuthConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const error = (path: (string | number)[], message: string, suggestion?: string) =>
    remarks.push({ severity: 'error', path, message, ...(suggestion && { suggestion }) });

  if (!htpasswd && !client) {
    error([], 'no credential source provided', 'htpasswd for servers, or client_auth for exporters');
  }
  if (htpasswd && client) {
    error(['client_auth'], 'only one of `htpasswd` or `client_auth` can be specified', 'make two extensions of it');
  }
  if (htpasswd && htpasswd.file === undefined && !htpasswd.inline) {
    error(['htpasswd'], 'needs `file` or `inline`: without users nobody could be admitted');
  }
  for (const problem of htpasswd?.inline ? parseHtpasswd(htpasswd.inline.reveal()).problems : []) {
    error(['htpasswd', 'inline'], problem);
  }
  if (!client) return remarks;
  for (const key of ['username', 'password'] as const) {
    const file = client[`${key}_file`];
    if (!client[key] && file === undefined) error(['client_auth'], `needs \`${key}\` or \`${key}_file\``);
    if (client[key] && file !== undefined) {
      const message = `what ${key}_file holds counts, and what is written here does not`;
      remarks.push({ severity: 'warning', path: ['client_auth', key], message, suggestion: 'remove it' });
    }
  }
  if (client.username?.includes(':')) error(['client_auth', 'username'], 'must not have a colon: it ends the name');
  return remarks;
}
