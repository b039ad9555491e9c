/** Where the agent's own logs and metrics are sent: the exporters of OpenTelemetry's configuration file, as the Collector takes them. */
import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { clientHeaders } from '../blocks/http.ts';
import { secret } from '../blocks/scalars.ts';
import type { OtlpTarget } from '../model.ts';

/** Accepted for the sake of files that were written for a Collector. */
export const ignored = z.unknown().optional().describe('Accepted for Collector files; has no effect.');

/** OpenTelemetry's configuration file has no units: these are milliseconds. */
export function milliseconds(fallback: number) {
  return z.number('expected milliseconds as a whole number, such as 5000').int().min(0).default(fallback);
}

const TIMEOUT_MS = 10_000;

const every = {
  endpoint: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('URL of an OTLP backend; where it has no path, that of the signal is added.'),
  headers: clientHeaders.default({}).describe('Headers sent with every request; values are kept secret.'),
  headers_list: secret().optional().describe('The same as one text: `name=value,other=value`. `headers` wins.'),
  compression: z.enum(['gzip', 'none']).default('none').describe('Compression of requests.'),
  timeout: milliseconds(TIMEOUT_MS).describe('Milliseconds for one request; 0: as long as the whole report may take.'),
};

/** Keys of exporters of metrics. */
const ofMetrics = {
  temporality_preference: z
    .enum(['cumulative', 'delta', 'lowmemory'])
    .default('cumulative')
    .describe('cumulative: totals; delta: what was added since the last report; lowmemory: delta for histograms only.'),
  default_histogram_aggregation: ignored,
};

const tlsFiles = {
  ca_file: z.string().optional().describe('File with the CA certificates to trust.'),
  cert_file: z.string().optional().describe('Certificate that the agent shows.'),
  key_file: z.string().optional().describe('Private key of the certificate.'),
};

function otlp<Extra extends z.ZodRawShape>(extra: Extra) {
  return z.strictObject({
    protocol: z
      .enum(['http/protobuf', 'http/json', 'grpc'])
      .default('http/protobuf')
      .describe('Both encodings go over HTTP; gRPC is not spoken here. Log lines are always sent as JSON.'),
    ...every,
    certificate: z.string().optional().describe('File with the CA certificates to trust.'),
    client_certificate: z.string().optional().describe('Certificate that the agent shows.'),
    client_key: z.string().optional().describe('Private key of the certificate.'),
    insecure: z.boolean().default(false).describe('An endpoint without a scheme is http, not https.'),
    ...extra,
  });
}

/** @param extra keys of every exporter of the signal */
function exporters<Extra extends z.ZodRawShape>(extra: Extra) {
  return z
    .strictObject({
      otlp: otlp(extra).optional().describe('An OTLP backend.'),
      otlp_http: z
        .strictObject({
          ...every,
          encoding: z.enum(['protobuf', 'json']).default('protobuf').describe('Encoding of requests.'),
          tls: z.strictObject(tlsFiles).default({}).describe('TLS towards the backend.'),
          ...extra,
        })
        .optional()
        .describe('The same, as later versions of the configuration file have it.'),
      otlp_grpc: z
        .strictObject({
          ...every,
          tls: z.strictObject({ ...tlsFiles, insecure: z.boolean().default(false) }).prefault({}),
          ...extra,
        })
        .optional()
        .describe('gRPC is not spoken here: sent over HTTP.'),
      console: z
        .strictObject({ ...extra })
        .optional()
        .describe('Written to stdout.'),
    })
    .prefault({});
}

export const logsExporter = exporters({});
export const metricsExporter = exporters(ofMetrics);

/** Of either signal. */
type PushExporter = Omit<z.output<typeof logsExporter>, 'console'> & { readonly console?: unknown };

/** The backend that an exporter names; undefined where it names none, or an address that is none (`pushRemarks`). */
export function targetOf(exporter: PushExporter, signal: 'logs' | 'metrics'): OtlpTarget | undefined {
  const { otlp, otlp_http: http, otlp_grpc: grpc } = exporter;
  const any = otlp ?? http ?? grpc;
  if (!any) return undefined;
  const url = urlOf(any.endpoint, isInsecure(exporter));
  if (!url) return undefined;
  if (url.pathname === '/') url.pathname = `/v1/${signal}`;
  const tls = otlp
    ? { ca_file: otlp.certificate, cert_file: otlp.client_certificate, key_file: otlp.client_key }
    : (http ?? grpc)?.tls;
  const isJson = otlp ? otlp.protocol === 'http/json' : http?.encoding === 'json';
  return {
    url: url.href,
    encoding: isJson ? 'json' : 'proto',
    headers: { ...headersIn(any.headers_list?.reveal()), ...any.headers },
    compression: any.compression,
    timeoutMs: any.timeout,
    tls: { ca_file: tls?.ca_file, cert_file: tls?.cert_file, key_file: tls?.key_file },
  };
}

/** What the schema can't say. `path`: of the exporter. Most is told by the Collector only when it starts. */
export function pushRemarks(exporter: PushExporter, path: readonly (string | number)[]): ConfigRemark[] {
  const kinds = (['otlp', 'otlp_http', 'otlp_grpc', 'console'] as const).filter((kind) => exporter[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined) {
    return [
      {
        ...{ severity: 'warning', path, message: 'names no exporter, so nothing is sent' },
        suggestion: 'for example: otlp: { endpoint: https://otlp.example.net }',
      },
    ];
  }
  const remarks: ConfigRemark[] = [];
  if (kinds.length > 1) {
    const message = `must not specify multiple exporters: only ${kind} is used`;
    remarks.push({ severity: 'warning', path, message, suggestion: 'write one entry for each of them' });
  }
  if (kind === 'console') return remarks;
  const { endpoint } = exporter[kind] as { endpoint?: string };
  if (!urlOf(endpoint, isInsecure(exporter))) {
    remarks.push({ severity: 'error', path: [...path, kind, 'endpoint'], message: 'expected an http or https URL' });
  }
  if (kind === 'otlp_grpc' || exporter.otlp?.protocol === 'grpc') {
    remarks.push({
      severity: 'warning',
      path: kind === 'otlp' ? [...path, kind, 'protocol'] : [...path, kind],
      message: 'gRPC is not spoken here: this is sent over HTTP',
      suggestion: 'name the HTTP address of the backend, often port 4318, and protocol: http/protobuf',
    });
  }
  return remarks;
}

function isInsecure({ otlp, otlp_grpc: grpc }: PushExporter): boolean {
  return otlp?.insecure ?? grpc?.tls.insecure ?? false;
}

function urlOf(endpoint: string | undefined, insecure: boolean): URL | undefined {
  if (endpoint === undefined) return new URL('http://localhost:4318');
  const hasScheme = /^https?:\/\//.test(endpoint);
  if (!hasScheme && endpoint.includes('://')) return undefined;
  const text = hasScheme ? endpoint : `${insecure ? 'http' : 'https'}://${endpoint}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** `a=1,b=2`, values with %XX for what would not fit. */
function headersIn(list = ''): Record<string, string> {
  const pairs = list.split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at > 0 ? [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]] : [];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
