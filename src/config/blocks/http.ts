import { z } from 'zod';
import { withoutEffect } from './accepted.ts';
import { authBlock, clientAuthBlock } from './auth.ts';
import { duration, endpoint, size } from './scalars.ts';
import { clientTls, serverTls } from './tls.ts';

/** Headers of a client's requests or a server's answers: a map, or the Collector's list of name and value. Values are secrets. */
export const clientHeaders = z
  .union([
    z.record(z.string(), z.string().default('')),
    z
      .array(z.strictObject({ name: z.string().default(''), value: z.string().default('') }))
      .transform((list, context) => {
        const names = list.map(({ name }) => name);
        const twice = [...new Set(names.filter((name, index) => names.indexOf(name) < index))];
        if (twice.length > 0) {
          const message = `duplicate keys in map-style list: [${twice.join(' ')}]`;
          context.addIssue({ code: 'custom', message });
        }
        return Object.fromEntries(list.map(({ name, value }) => [name, value]));
      }),
  ])
  .meta({ format: 'secret' });

/** All that the Collector's clients know. */
const COMPRESSIONS = ['gzip', 'zstd', 'zlib', 'deflate', 'snappy', 'x-snappy-framed', 'lz4', 'none', ''] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** The Collector's extensions that look at each request. A list of them with nothing in it is all that can be meant here. */
const middlewares = z
  .array(z.strictObject({ id: z.string() }))
  .max(0, 'this agent has no middlewares')
  .optional()
  .describe('For Collector files that have an empty list: there are none here.');

/** Encodings of bodies that a server can undo, beside none (`''`). */
export const DECODED = ['', 'gzip', 'zlib', 'deflate', 'br'];

const cors = z.strictObject({
  allowed_origins: z
    .array(z.string())
    .default([])
    .describe('Origins such as https://app.example.com; `*` stands for anything. None: no page may.'),
  allowed_headers: z
    .array(z.string())
    .default([])
    .describe('Headers that pages may send beside Accept, Content-Type, Origin and X-Requested-With; `*`: any.'),
  exposed_headers: z.array(z.string()).default([]).describe('Headers of answers that pages may read.'),
  max_age: z.number().int().min(0).default(0).describe('Seconds for which browsers remember it; 0: as they like.'),
});

/** The HTTP server block: spread into the schema of a component that listens. */
export function httpServer(defaults: { endpoint: string; maxRequestBodySize: string; idleTimeout?: string }) {
  return {
    endpoint: endpoint(defaults.endpoint).describe(
      'Address to listen on, host:port. Anything but localhost is reachable from outside.',
    ),
    transport: z
      .enum(['tcp', 'tcp4', 'tcp6'], {
        error: ({ input }) =>
          typeof input === 'string' && input.startsWith('unix')
            ? 'unix sockets are not supported: clients behind one have no address to allow or to limit; write tcp and listen on localhost'
            : undefined,
      })
      .default('tcp')
      .describe('tcp4 and tcp6 listen on addresses of that kind only.'),
    tls: serverTls.optional().describe('Serve HTTPS.'),
    cors: cors.optional().describe('Pages of other origins, in browsers, may call.'),
    auth: authBlock('server').optional().describe('Who may call; others are answered 401.'),
    response_headers: clientHeaders.default({}).describe('Headers of every answer; values are kept secret.'),
    compression_algorithms: z
      .array(z.string())
      .default(DECODED)
      .describe(
        'Encodings of bodies that are decompressed. Bodies in others are taken as they are, and never lost for it.',
      ),
    include_metadata: withoutEffect(z.boolean().default(false), 'nothing here reads the headers of requests.'),
    middlewares,
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

const HTTP_1 = 'requests go over HTTP/1.1.';
const BUFFERS = 'Node.js chooses the size of its buffers.';

/** The HTTP client block: spread into the schema of a component that sends. */
export function httpClient(defaults: { timeout: string; compression: 'gzip' | 'zstd' | 'none' }) {
  return {
    timeout: duration(defaults.timeout).describe(
      'Time for one attempt, from the look-up of the name to the end of the answer.',
    ),
    headers: clientHeaders.default({}).describe('Headers sent with every request; values are kept secret.'),
    compression: z
      .enum(COMPRESSIONS, {
        error: ({ input }) =>
          typeof input === 'string'
            ? `unsupported compression type ${JSON.stringify(input)}; there are ${COMPRESSIONS.filter(Boolean).join(', ')}`
            : undefined,
      })
      .default(defaults.compression)
      .describe(
        'Compression of requests. zstd needs Node.js 22.15 or newer; what Node.js does not have (snappy, x-snappy-framed, lz4) is accepted, and gzip is used.',
      ),
    compression_params: z
      .strictObject({
        level: z.number().int().optional().describe('gzip, zlib, deflate: 1 to 9; zstd: 1 to 22; 0 is the default.'),
      })
      .default({})
      .describe('Level of the compression; the default is the fastest.'),
    tls: clientTls.prefault({}).describe('TLS towards the backend.'),
    proxy_url: z
      .string()
      .optional()
      .describe('HTTP proxy; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment count.'),
    auth: clientAuthBlock().describe('Who this agent is: it wins over `headers`.'),
    max_idle_conns: z.number().int().default(100).describe('Idle connections kept open.'),
    max_idle_conns_per_host: z
      .number()
      .int()
      .default(0)
      .describe('The same for each host; 0 is as many as `max_idle_conns`.'),
    max_conns_per_host: z
      .number()
      .int()
      .default(0)
      .describe('Connections at most; 0 is as many as requests in flight.'),
    idle_conn_timeout: duration('90s').describe('When an idle connection is closed.'),
    disable_keep_alives: z.boolean().default(false).describe('A new connection for every request.'),
    cookies: withoutEffect(
      z.strictObject({ enabled: z.boolean().default(false).describe('Keep them.') }).optional(),
      'cookies of answers are not kept.',
    ),
    middlewares,
    force_attempt_http2: withoutEffect(z.boolean().optional(), HTTP_1),
    http2_read_idle_timeout: withoutEffect(duration('0').unwrap().optional().meta({ format: 'duration' }), HTTP_1),
    http2_ping_timeout: withoutEffect(duration('0').unwrap().optional().meta({ format: 'duration' }), HTTP_1),
    read_buffer_size: withoutEffect(z.number().int().optional(), BUFFERS),
    write_buffer_size: withoutEffect(z.number().int().optional(), BUFFERS),
  };
}
