import { z } from 'zod';
import { duration, endpoint, size } from './scalars.ts';
import { clientTls, serverTls } from './tls.ts';

/** The HTTP server block: spread into the schema of a component that listens. */
export function httpServer(defaults: { endpoint: string; maxRequestBodySize: string; idleTimeout?: string }) {
  return {
    endpoint: endpoint(defaults.endpoint).describe(
      'Address to listen on, host:port. Anything but localhost is reachable from outside.',
    ),
    tls: serverTls.optional().describe('Serve HTTPS.'),
    max_request_body_size: size(defaults.maxRequestBodySize).describe(
      'Largest body, on the wire and again after decompression.',
    ),
    read_header_timeout: duration('5s').describe('Time for the request line and headers.'),
    read_timeout: duration('10s').describe('Time for a whole request, body included.'),
    write_timeout: duration('30s').describe('Time for the answer.'),
    idle_timeout: duration(defaults.idleTimeout ?? '75s').describe(
      "How long an idle kept-alive connection stays open. Longer than the load balancer's.",
    ),
    keep_alives_enabled: z.boolean().default(true).describe('Keep connections open between requests.'),
  };
}

/** `headers` of a client: a map, or the Collector's list of name and value. Values are secrets. */
export const clientHeaders = z
  .union([
    z.record(z.string(), z.string()),
    z
      .array(z.strictObject({ name: z.string(), value: z.string() }))
      .transform((list) => Object.fromEntries(list.map(({ name, value }) => [name, value]))),
  ])
  .meta({ format: 'secret' });

/** The HTTP client block: spread into the schema of a component that sends. */
export function httpClient(defaults: { timeout: string; compression: 'gzip' | 'zstd' | 'none' }) {
  return {
    timeout: duration(defaults.timeout).describe(
      'Time for one attempt, from the look-up of the name to the end of the answer.',
    ),
    headers: clientHeaders.default({}).describe('Headers sent with every request; values are kept secret.'),
    compression: z
      .enum(['gzip', 'zstd', 'none', ''])
      .default(defaults.compression)
      .describe('Compression of requests. zstd needs Node.js 22.15 or newer.'),
    compression_params: z
      .strictObject({ level: z.number().int().optional() })
      .default({})
      .describe('Level of the compression; the default is the fastest.'),
    tls: clientTls.prefault({}).describe('TLS towards the backend.'),
    proxy_url: z
      .string()
      .optional()
      .describe('HTTP proxy; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment count.'),
    max_idle_conns: z.number().int().min(0).default(100).describe('Idle connections kept open.'),
    max_conns_per_host: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe('Connections at most; 0 is as many as requests in flight.'),
    idle_conn_timeout: duration('90s').describe('When an idle connection is closed.'),
    disable_keep_alives: z.boolean().default(false).describe('A new connection for every request.'),
  };
}
