import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { ClientTls } from '../config/blocks/tls.ts';
import { tlsOptions } from './tls-options.ts';

/** What a TLS connection of a client needs, its files read. */
export interface TlsSettings {
  readonly context: SecureContext;
  readonly verify: boolean;
  /** Expected in the certificate, and sent as SNI, instead of the host's name. */
  readonly serverName?: string;
}

/**
 * Reads the files of a `tls` block.
 * @throws Error that names the key and the file, when a file cannot be read or is not what the key says.
 */
export async function loadTls(tls: ClientTls, readFile: (path: string) => Promise<Buffer>): Promise<TlsSettings> {
  const load = async (key: 'ca' | 'cert' | 'key', pem: string | undefined, path: string | undefined) => {
    if (pem || !path) return pem || undefined;
    try {
      return (await readFile(path)).toString('utf8');
    } catch (error) {
      throw new Error(`tls.${key}_file: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
  };
  const ca = await load('ca', tls.ca_pem, tls.ca_file);
  const cert = await load('cert', tls.cert_pem, tls.cert_file);
  const key = await load('key', tls.key_pem?.reveal(), tls.key_file);
  return {
    context: secureContext(tls, { ca, cert, key }),
    verify: !tls.insecure_skip_verify,
    serverName: tls.server_name_override || undefined,
  };
}

function secureContext(tls: ClientTls, pem: { ca?: string; cert?: string; key?: string }): SecureContext {
  if (pem.ca !== undefined && !pem.ca.includes('-----BEGIN')) {
    throw new Error(`tls.${!tls.ca_pem ? `ca_file: ${tls.ca_file}` : 'ca_pem'} holds no PEM certificate`);
  }
  try {
    return createSecureContext({
      ca: pem.ca === undefined ? undefined : tls.include_system_ca_certs_pool ? [...rootCertificates, pem.ca] : pem.ca,
      cert: pem.cert,
      key: pem.key,
      ...tlsOptions(tls),
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Error(
      `tls: the certificates or the key cannot be used (${code}); expected PEM, the key fitting the certificate`,
    );
  }
}
