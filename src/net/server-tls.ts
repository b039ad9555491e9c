import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { ServerTls } from '../config/blocks/tls.ts';
import type { Log } from '../telemetry/log.ts';
import { Followed, type ReadFile } from './followed.ts';
import { type TlsProblem, tlsOptions, tlsProblems } from './tls-options.ts';

export type ServerTlsOptions = SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean };

/** What is missing or contradicts itself in a `tls` block; found without opening a file. */
export function serverTlsProblems(tls: ServerTls): TlsProblem[] {
  const problems: TlsProblem[] = [];
  const error = (key: string, message: string) => problems.push({ severity: 'error', path: [key], message });
  for (const [name, file, pem] of [
    ['certificate', 'cert_file', 'cert_pem'],
    ['key', 'key_file', 'key_pem'],
  ] as const) {
    if (!tls[file] && !tls[pem]) {
      error(file, `TLS configuration must include both certificate and key: write ${file} or ${pem}`);
    }
    if (tls[file] && tls[pem]) error(pem, `provide either ${name} file or PEM, but not both`);
  }
  if (tls.ca_file && tls.ca_pem) error('ca_pem', 'provide either a CA file or the PEM-encoded string, but not both');
  return [...problems, ...tlsProblems(tls)];
}

/**
 * Reads the files of a `tls` block and checks that certificate and key belong together.
 * @throws {Error} that names the key and the file.
 */
export async function loadServerTls(tls: ServerTls, read: ReadFile): Promise<ServerTlsOptions> {
  const problem = serverTlsProblems(tls).find(({ severity }) => severity === 'error');
  if (problem) throw new Error(`tls.${problem.path.join('.')}: ${problem.message}`);

  const load = async (key: 'cert_file' | 'key_file' | 'client_ca_file'): Promise<Buffer | undefined> => {
    const path = tls[key];
    if (!path) return undefined;
    try {
      return await read(path);
    } catch (error) {
      throw new Error(`tls.${key}: can't read ${path}: ${(error as Error).message}`, { cause: error });
    }
  };
  const options: ServerTlsOptions = {
    cert: tls.cert_pem || (await load('cert_file')),
    key: tls.key_pem?.reveal() ?? (await load('key_file')),
    ca: await load('client_ca_file'),
    ...tlsOptions(tls),
    requestCert: Boolean(tls.client_ca_file),
    rejectUnauthorized: Boolean(tls.client_ca_file),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const files = [tls.cert_file || 'cert_pem', tls.key_file || 'key_pem', tls.client_ca_file].filter(Boolean);
    // OpenSSL's message names the kind of trouble and never holds key material.
    throw new Error(`tls: ${files.join(', ')} can't be used: ${(error as Error).message}`, { cause: error });
  }
  return options;
}

/** Where only the file of the client CAs is followed. */
const CA_INTERVAL_MS = 10_000;

/** The options of a `tls` block, made anew when files change that the block says to read again. */
export function followServerTls(
  tls: ServerTls,
  { clock, log }: { clock: Clock; log: Log },
): Followed<ServerTlsOptions> {
  const once = new Map<string, Buffer>();
  /** Files that stay as they were at the start. */
  const isFixed = (path: string) =>
    path === tls.client_ca_file ? !tls.client_ca_file_reload : tls.reload_interval === 0;
  return new Followed({
    load: (read) =>
      loadServerTls(tls, async (path) => {
        const bytes = once.get(path) ?? (await read(path));
        if (isFixed(path)) once.set(path, bytes);
        return bytes;
      }),
    intervalMs: tls.reload_interval || (tls.client_ca_file_reload ? CA_INTERVAL_MS : 0),
    clock,
    changed: () => log.info('The certificates of the server changed on disk: new connections use them.'),
    failed: ({ message }) =>
      log.error('The certificates of the server could not be read anew; the old ones stay.', { error: message }),
  });
}
