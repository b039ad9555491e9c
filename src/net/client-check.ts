import type { ConfigRemark } from '../component.ts';
import type { HttpClientConfig } from './client.ts';
import { headerFaults } from './client-headers.ts';
import { LEVELS, zstdAvailable } from './compression.ts';
import { parseProxy } from './proxy.ts';

/** The parts of the HTTP client block that components may also have by themselves. */
export type CheckedClient = Partial<
  Pick<HttpClientConfig, 'timeout' | 'headers' | 'compression' | 'compression_params' | 'tls' | 'proxy_url'>
>;

/** What a schema can't say about an HTTP client block that stands at `path` of its component's block. */
export function checkHttpClient(client: CheckedClient, path: readonly string[] = []): ConfigRemark[] {
  return [
    ...checkTimeout(client, path),
    ...headerFaults(client.headers ?? {}).map(({ name, message }) => error([...path, 'headers', name], message)),
    ...checkCompression(client, path),
    ...checkProxy(client, path),
    ...checkTls(client, path),
  ];
}

function checkTimeout({ timeout }: CheckedClient, path: readonly string[]): ConfigRemark[] {
  return timeout === 0 ? [error([...path, 'timeout'], 'must be greater than 0: an attempt has to end', '30s')] : [];
}

function checkCompression(client: CheckedClient, path: readonly string[]): ConfigRemark[] {
  const { compression, compression_params: params } = client;
  if (compression === 'zstd' && !zstdAvailable) {
    const message = `zstd needs Node.js 22.15 or newer; this is ${process.version}`;
    return [error([...path, 'compression'], message, 'gzip')];
  }
  if (params?.level === undefined || (compression !== 'gzip' && compression !== 'zstd')) return [];
  const [lowest, highest] = LEVELS[compression];
  if (params.level >= lowest && params.level <= highest) return [];
  const message = `${compression} has the levels ${lowest} to ${highest}`;
  return [error([...path, 'compression_params', 'level'], message)];
}

function checkProxy({ proxy_url: url }: CheckedClient, path: readonly string[]): ConfigRemark[] {
  if (!url) return [];
  try {
    parseProxy(url, 'proxy_url');
    return [];
  } catch (cause) {
    return [error([...path, 'proxy_url'], (cause as Error).message)];
  }
}

function checkTls({ tls }: CheckedClient, path: readonly string[]): ConfigRemark[] {
  if (!tls) return [];
  const remarks: ConfigRemark[] = [];
  const at = (key: string) => [...path, 'tls', key];
  for (const key of ['ca', 'cert', 'key'] as const) {
    if (tls[`${key}_file`] !== undefined && tls[`${key}_pem`] !== undefined) {
      remarks.push(error(at(`${key}_file`), `\`${key}_file\` and \`${key}_pem\` exclude each other`));
    }
  }
  const hasCert = tls.cert_file !== undefined || tls.cert_pem !== undefined;
  const hasKey = tls.key_file !== undefined || tls.key_pem !== undefined;
  if (hasCert !== hasKey) {
    remarks.push(error(at(hasCert ? 'cert_file' : 'key_file'), 'a certificate and its key need each other'));
  }
  if (tls.max_version !== undefined && tls.max_version < tls.min_version) {
    remarks.push(error(at('max_version'), `is lower than \`min_version\` (${tls.min_version})`));
  }
  if (tls.insecure_skip_verify) {
    remarks.push({
      severity: 'warning',
      path: at('insecure_skip_verify'),
      message: 'the server is not verified: anyone on the way can read the events and the credentials',
      suggestion: 'ca_file: the CA that signed the server',
    });
  }
  return remarks;
}

function error(path: readonly string[], message: string, suggestion?: string): ConfigRemark {
  return { severity: 'error', path, message, ...(suggestion && { suggestion }) };
}
