import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ServerTls } from '../config/blocks/tls.ts';

export type ServerTlsOptions = SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean };

/** What is missing or contradicts itself in a `tls` block, by key; found without opening a file. */
export function serverTlsProblems(tls: ServerTls): { key: keyof ServerTls; message: string }[] {
  const problems: { key: keyof ServerTls; message: string }[] = [];
  for (const [file, pem] of [
    ['cert_file', 'cert_pem'],
    ['key_file', 'key_pem'],
  ] as const) {
    if (tls[file] === undefined && tls[pem] === undefined) {
      problems.push({ key: file, message: `a server needs ${file} or ${pem}` });
    }
    if (tls[file] !== undefined && tls[pem] !== undefined) {
      problems.push({ key: pem, message: `give ${file} or ${pem}, not both` });
    }
  }
  if (tls.min_version === '1.3' && tls.max_version === '1.2') {
    problems.push({ key: 'max_version', message: 'max_version is lower than min_version' });
  }
  return problems;
}

/**
 * Reads the files of a `tls` block and checks that certificate and key belong together.
 * @throws {Error} that names the key and the file.
 */
export async function loadServerTls(tls: ServerTls, read: typeof readFile = readFile): Promise<ServerTlsOptions> {
  const problem = serverTlsProblems(tls)[0];
  if (problem) throw new Error(`tls.${problem.key}: ${problem.message}`);

  const load = async (key: 'cert_file' | 'key_file' | 'client_ca_file'): Promise<Buffer | undefined> => {
    const path = tls[key];
    if (path === undefined) return undefined;
    try {
      return await read(path);
    } catch (error) {
      throw new Error(`tls.${key}: can't read ${path}: ${(error as Error).message}`, { cause: error });
    }
  };
  const options: ServerTlsOptions = {
    cert: tls.cert_pem ?? (await load('cert_file')),
    key: tls.key_pem?.reveal() ?? (await load('key_file')),
    ca: await load('client_ca_file'),
    minVersion: `TLSv${tls.min_version}`,
    maxVersion: `TLSv${tls.max_version ?? '1.3'}`,
    requestCert: tls.client_ca_file !== undefined,
    rejectUnauthorized: tls.client_ca_file !== undefined,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const files = [tls.cert_file ?? 'cert_pem', tls.key_file ?? 'key_pem', tls.client_ca_file].filter(Boolean);
    // OpenSSL's message names the kind of trouble and never holds key material.
    throw new Error(`tls: ${files.join(', ')} can't be used: ${(error as Error).message}`, { cause: error });
  }
  return options;
}
