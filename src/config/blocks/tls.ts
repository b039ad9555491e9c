import { z } from 'zod';
import { duration, secret } from './scalars.ts';

const version = z.enum(['1.2', '1.3']);

/** The server's side of TLS, as in the Collector's `tls` block. Files are read when the component starts, and again as it says. */
export const serverTls = z.strictObject({
  cert_file: z.string().optional().describe('File with the certificate chain (PEM).'),
  cert_pem: z.string().optional().describe('The certificate chain itself, instead of `cert_file`.'),
  key_file: z.string().optional().describe('File with the private key (PEM).'),
  key_pem: secret().optional().describe('The private key itself, instead of `key_file`.'),
  client_ca_file: z.string().optional().describe('Clients must show a certificate signed by this CA.'),
  client_ca_file_reload: z.boolean().default(false).describe('Read `client_ca_file` anew when it changes.'),
  reload_interval: duration('0').describe(
    'How often the files of certificate and key are looked at, and used anew when they changed; 0: never.',
  ),
  min_version: version.default('1.2').describe('Lowest TLS version.'),
  max_version: version.optional().describe('Highest TLS version.'),
});

/** The client's side of TLS. */
export const clientTls = z.strictObject({
  insecure: z
    .boolean()
    .default(false)
    .describe('Accepted for Collector files; the scheme of the endpoint decides about TLS.'),
  insecure_skip_verify: z.boolean().default(false).describe('Do not verify the server: for tests only.'),
  server_name_override: z.string().optional().describe('Name expected in the certificate of the server.'),
  ca_file: z.string().optional().describe('File with the CA certificates to trust, instead of those of Node.js.'),
  ca_pem: z.string().optional().describe('The CA certificates themselves, instead of `ca_file`.'),
  include_system_ca_certs_pool: z.boolean().default(false).describe('Trust the CAs of Node.js beside `ca_file`.'),
  cert_file: z.string().optional().describe('Certificate that this client shows.'),
  cert_pem: z.string().optional().describe('The certificate itself, instead of `cert_file`.'),
  key_file: z.string().optional().describe('Private key of the certificate.'),
  key_pem: secret().optional().describe('The private key itself, instead of `key_file`.'),
  reload_interval: duration('0').describe(
    'How often the files are looked at, and used for new connections when they changed; 0: never.',
  ),
  min_version: version.default('1.2').describe('Lowest TLS version.'),
  max_version: version.optional().describe('Highest TLS version.'),
});

export type ServerTls = z.output<typeof serverTls>;
export type ClientTls = z.output<typeof clientTls>;
