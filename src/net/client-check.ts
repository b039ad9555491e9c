import type { ConfigRemark } from '../component.ts';
import type { HttpClientConfig } from './client.ts';
import { headerFaults } from './client-headers.ts';
import { insteadOf, levelsOf, takesLevel } from './compression.ts';
import { parseProxy } from './proxy.ts';
import { tlsProblems } from './tls-options.ts';

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
  const { compression = 'gzip', compression_params: params } = client;
  const remarks: ConfigRemark[] = [];
  const instead = insteadOf(compression);
  if (instead !== undefined) {
    const message = `${instead}: requests are compressed with gzip, which every OTLP backend takes`;
    remarks.push({ severity: 'warning', path: [...path, 'compression'], message, suggestion: 'gzip' });
  }
  const { level } = params ?? {};
  if (level !== undefined && !takesLevel(compression, level)) {
    const message = `unsupported parameters {Level:${level}} for compression type ${JSON.stringify(compression)}`;
    remarks.push(error([...path, 'compression_params', 'level'], message, levelsOf(compression)));
  }
  return remarks;
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
  for (const [key, message] of [
    ['ca', 'provide either a CA file or the PEM-encoded string, but not both'],
    ['cert', 'provide either certificate file or PEM, but not both'],
    ['key', 'provide either key file or PEM, but not both'],
  ] as const) {
    if (tls[`${key}_file`] && tls[`${key}_pem`]) remarks.push(error(at(`${key}_file`), message));
  }
  const hasCert = Boolean(tls.cert_file || tls.cert_pem);
  const hasKey = Boolean(tls.key_file || tls.key_pem);
  if (hasCert !== hasKey) {
    const missing = hasCert ? 'key_file or key_pem' : 'cert_file or cert_pem';
    const message = `TLS configuration must include both certificate and key: write ${missing}`;
    remarks.push(error(at(hasCert ? 'cert_file' : 'key_file'), message));
  }
  for (const problem of tlsProblems(tls)) remarks.push({ ...problem, path: [...path, 'tls', ...problem.path] });
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
