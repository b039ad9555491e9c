/** The `service` section: the only one that belongs to no component. */
import { z } from 'zod';
import type { ConfigRemark } from '../component.ts';
import { clientHeaders } from './blocks/http.ts';
import { duration, parseEndpoint } from './blocks/scalars.ts';
import type { LogLevel, MetricsReader } from './model.ts';

/** The Collector's levels, and what they are here. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  '': 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  dpanic: 'error',
  panic: 'error',
  fatal: 'error',
};

const level = z
  .string()
  .transform((value, context) => {
    const key = value.toLowerCase();
    if (Object.hasOwn(LEVELS, key)) return LEVELS[key] as LogLevel;
    context.addIssue({ code: 'custom', message: 'expected one of debug, info, warn, error' });
    return z.NEVER;
  })
  .prefault('info');

const ignored = z.unknown().optional().describe('Accepted for Collector files; has no effect.');

/** The exporter of the SDK's configuration file, as the Collector takes it. */
const ownLogs = z.strictObject({
  exporter: z.strictObject({
    otlp: z.strictObject({
      protocol: z
        .literal('http/json', 'expected http/json, the only protocol here')
        .default('http/json')
        .describe('http/json, the only one here.'),
      endpoint: z
        .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
        .describe('Base URL of an OTLP backend; `/v1/logs` is added.'),
      headers: clientHeaders.default({}).describe('Headers sent with every request; values are kept secret.'),
      timeout: duration('10s').describe('Time for one request, with its retries.'),
    }),
  }),
});

const addressText = (value: string) => parseEndpoint(value) !== undefined;

const prometheusReader = z.strictObject({
  host: z
    .string()
    .refine((host) => addressText(hostAndPort(host, 0)), 'expected a host name or an IP address, without a port')
    .default('localhost')
    .describe('Address to listen on. Anything but localhost is reachable from outside; 0.0.0.0 is every interface.'),
  port: z.number().int().min(0).max(65_535).default(8888).describe('Port to listen on; the path is /metrics.'),
  without_scope_info: ignored,
  without_type_suffix: ignored,
  without_units: ignored,
  without_target_info: ignored,
  with_resource_constant_labels: ignored,
  translation_strategy: ignored,
});

const metrics = z.strictObject({
  level: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['none', 'basic', 'normal', 'detailed']))
    .default('normal')
    .describe('none switches metrics off; the others are one here.'),
  address: z
    .string()
    .refine(addressText, 'expected host:port, for example localhost:8888')
    .optional()
    .meta({ format: 'endpoint' })
    .describe('host:port, as older Collectors have it. `readers` is the new way.'),
  readers: z
    .array(
      z.strictObject({
        pull: z
          .strictObject({
            exporter: z.strictObject({ prometheus: prometheusReader.describe('Served as Prometheus text.') }),
          })
          .optional()
          .describe('Metrics that are fetched.'),
        periodic: z.unknown().optional().describe('Not yet: metrics are not sent over OTLP.'),
      }),
    )
    .optional()
    .describe(
      'Who reads the metrics. Without it they are served at http://localhost:8888/metrics; an empty list is nobody.',
    ),
  views: ignored,
});

const telemetry = z.strictObject({
  logs: z
    .strictObject({
      level: level.describe("Least important level that is written. The Collector's spellings count, in any case."),
      encoding: z
        .string()
        .toLowerCase()
        .pipe(z.enum(['console', 'json']))
        .default('console')
        .describe('console is for people, json one object a line.'),
      output_paths: z
        .array(z.string().min(1))
        .default(['stderr'])
        .describe('stdout, stderr, or files, which are appended to and opened anew on SIGHUP.'),
      initial_fields: z.record(z.string(), z.unknown()).default({}).describe('Fields of every line.'),
      sampling: z
        .strictObject({
          enabled: z.boolean().default(true).describe('false: every line is written.'),
          tick: duration('10s').describe('So long lines with the same level and message are counted together.'),
          initial: z.number().int().min(0).default(10).describe('The first of them are all written.'),
          thereafter: z.number().int().min(0).default(100).describe('Then every so many-th; 0 is none.'),
        })
        .optional()
        .describe('Writes fewer of many equal lines. Without it all are written; what repeats is told seldom anyway.'),
      development: z.boolean().optional().describe('Accepted for Collector files; has no effect.'),
      disable_caller: z.boolean().optional().describe('Accepted for Collector files; has no effect.'),
      disable_stacktrace: z.boolean().optional().describe('Accepted for Collector files; has no effect.'),
      error_output_paths: z.array(z.string()).optional().describe('Accepted for Collector files; has no effect.'),
      processors: z
        .array(z.strictObject({ batch: ownLogs }))
        .default([])
        .describe("Where the agent's own log lines go beside stderr."),
    })
    .prefault({})
    .describe("The agent's own log lines."),
  metrics: metrics.prefault({}).describe("The agent's own metrics."),
  traces: z
    .strictObject({ level: ignored, propagators: ignored, processors: ignored, sampler: ignored, limits: ignored })
    .optional()
    .describe('Accepted for Collector files; has no effect.'),
  resource: z.record(z.string(), z.unknown()).optional().describe('Accepted for Collector files; has no effect.'),
});

/** No text with commas in it: the Collector takes none here. */
const ids = z.array(z.string().trim()).meta({ format: 'ids' });

const pipeline = z.strictObject({
  receivers: ids.default([]).describe('Ids of the receivers that feed the pipeline.'),
  processors: ids.default([]).describe('Ids of processors, in the order in which they work.'),
  exporters: ids.default([]).describe('Ids of the exporters: each gets every record.'),
});

export const serviceSchema = z.strictObject({
  extensions: ids.default([]).describe('Ids of the extensions to start, in this order.'),
  telemetry: telemetry.prefault({}).describe('How the agent speaks of itself.'),
  pipelines: z.record(z.string(), pipeline).default({}).describe('From receivers through processors to exporters.'),
});

export type ServiceSettings = z.output<typeof serviceSchema>;

/** Keys that are accepted and do nothing here, with what to say of them. */
export const WITHOUT_EFFECT: readonly { path: readonly string[]; message: string }[] = [
  { path: ['telemetry', 'metrics', 'views'], message: 'has no effect here: every metric goes out as it is' },
  { path: ['telemetry', 'traces'], message: 'the agent makes no traces of itself; this has no effect' },
  { path: ['telemetry', 'resource'], message: 'the agent sends no telemetry of itself yet; this has no effect' },
  ...['development', 'disable_caller', 'disable_stacktrace', 'error_output_paths'].map((key) => ({
    path: ['telemetry', 'logs', key],
    message: 'has no effect here',
  })),
];

/** Fields of every line as the writer takes them: what is no text, number or boolean is written as JSON. */
export function initialFields(settings: ServiceSettings): Record<string, string | number | boolean> {
  const fields: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(settings.telemetry.logs.initial_fields)) {
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    fields[key] = isScalar ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  }
  return fields;
}

/** The Collector takes texts there, and its own forms of a resource. */
export function resourceRemarks({ telemetry: { resource = {} } }: ServiceSettings): ConfigRemark[] {
  return Object.entries(resource).flatMap(([key, value]): ConfigRemark[] => {
    if (value === null || typeof value === 'string') return [];
    if (['attributes', 'attributes_list', 'detectors', 'detection/development', 'schema_url'].includes(key)) return [];
    const message = `legacy resource attribute ${JSON.stringify(key)} must be string or null`;
    return [{ severity: 'error', path: ['telemetry', 'resource', key], message, suggestion: 'put it in quotes' }];
  });
}

type MetricsSettings = ServiceSettings['telemetry']['metrics'];

/** Where metrics are served. */
export function metricsReaders({ level, address, readers }: MetricsSettings): MetricsReader[] {
  const path = 'service::telemetry::metrics';
  if (level === 'none') return [];
  if (readers) {
    return readers.flatMap(({ pull }, index) => {
      if (!pull) return [];
      const { host, port } = pull.exporter.prometheus;
      return [{ endpoint: hostAndPort(host, port), path: `${path}::readers::${index}` }];
    });
  }
  return [address === undefined ? { endpoint: 'localhost:8888' } : { endpoint: address, path: `${path}::address` }];
}

/** What the schema can't say about them. */
export function metricsRemarks({ level, address, readers = [] }: MetricsSettings): ConfigRemark[] {
  const path = ['telemetry', 'metrics'];
  const remarks: ConfigRemark[] = readers.flatMap(({ periodic }, index) =>
    periodic === undefined
      ? []
      : [
          {
            severity: 'warning',
            path: [...path, 'readers', index, 'periodic'],
            message: 'not yet: metrics are not sent over OTLP, so this reader gets nothing',
            suggestion: 'let them be fetched: pull: { exporter: { prometheus: { host: localhost, port: 8888 } } }',
          },
        ],
  );
  if (address !== undefined && readers.length > 0 && level !== 'none') {
    const message = 'has no effect beside readers';
    remarks.push({ severity: 'warning', path: [...path, 'address'], message, suggestion: 'remove it' });
  }
  return remarks;
}

function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
