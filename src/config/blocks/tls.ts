import { z } from 'zod';
import { withoutEffect } from './accepted.ts';
import { duration, secret } from './scalars.ts';

/** `''` is as if it were not written. */
const version = (key: string) =>
  z.enum(['', '1.0', '1.1', '1.2', '1.3'], {
    error: ({ input }) =>
      typeof input === 'string'
        ? `invalid TLS ${key}: unsupported TLS version: ${JSON.stringify(input)}; there are 1.0, 1.1, 1.2 and 1.3`
        : undefined,
  });

/** What client and server have in common. Names of ciphers and curves are Go's; net/tls-options.ts says what they are here. */
const versions = {
  min_version: version('min_version').default('1.2').describe('Lowest TLS version: 1.0, 1.1, 1.2 or 1.3.'),
  max_version: version('max_version').optional().describe('Highest TLS version; the highest there is when absent.'),
  cipher_suites: z
    .array(z.string())
    .optional()
    .describe(
      'Cipher suites of TLS 1.2 and older, as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; those of TLS 1.3 are always there. Absent: those of Node.js.',
    ),
  curve_preferences: z
    .array(z.string())
    .optional()
    .describe(
      'Curves of the key exchange, the preferred one first: X25519, P256, P384, P521. Absent: those of Node.js.',
    ),
  tpm: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Keys in a TPM are not supported: true is refused.'),
      path: withoutEffect(z.string().optional(), 'it is a matter of TPMs.'),
      owner_auth: withoutEffect(secret().optional(), 'it is a matter of TPMs.'),
      auth: withoutEffect(secret().optional(), 'it is a matter of TPMs.'),
    })
    .optional()
    .describe('For Collector files that have it switched off.'),
};

const serverCa = 'clients are verified with `client_ca_file`, and a server verifies nobody else.';

/** The server's side of TLS, as in the Collector's `tls` block. Files are read when the component starts, and again as it says. */
export const serverTls = z.strictObject({
  cert_file: z.string().optional().describe('File with the certificate chain (PEM).'),
  cert_pem: z.string().optional().describe('The certificate chain itself, instead of `cert_file`.'),
  key_file: z.string().optional().describe('File with the private key (PEM).'),
  key_pem: secret().optional().describe('The private key itself, instead of `key_file`.'),
  client_ca_file: z.string().optional().describe('Clients must show a certificate signed by this CA.'),
  client_ca_file_reload: z.boolean().default(false).describe('Read `client_ca_file` anew when it changes.'),
  ca_file: withoutEffect(z.string().optional(), serverCa),
  ca_pem: withoutEffect(z.string().optional(), serverCa),
  include_system_ca_certs_pool: withoutEffect(z.boolean().optional(), serverCa),
  reload_interval: duration('0').describe(
    'How often the files of certificate and key are looked at, and used anew when they changed; 0: never.',
  ),
  ...versions,
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
  ...versions,
});

export type ServerTls = z.output<typeof serverTls>;
export type ClientTls = z.output<typeof clientTls>;
