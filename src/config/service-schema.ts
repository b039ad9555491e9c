/** The `service` section: the only one that belongs to no component. */
import { z } from 'zod';
import { clientHeaders } from './blocks/http.ts';
import { duration } from './blocks/scalars.ts';
import type { LogLevel } from './model.ts';

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

const telemetry = z.strictObject({
  logs: z
    .strictObject({
      level: level.describe("Least important level that is written. The Collector's spellings count, in any case."),
      encoding: z
        .enum(['console', 'json'])
        .default('console')
        .describe('console is for people, json one object a line.'),
      development: ignored,
      disable_caller: ignored,
      disable_stacktrace: ignored,
      sampling: ignored,
      output_paths: ignored,
      error_output_paths: ignored,
      initial_fields: ignored,
      processors: z
        .array(z.strictObject({ batch: ownLogs }))
        .default([])
        .describe("Where the agent's own log lines go beside stderr."),
    })
    .prefault({})
    .describe("The agent's own log lines."),
  metrics: z
    .strictObject({
      level: z.enum(['none', 'basic', 'normal', 'detailed']).optional(),
      readers: ignored,
      views: ignored,
    })
    .optional()
    .describe('Accepted; metrics of the agent itself come with a later release.'),
  traces: ignored,
  resource: ignored,
});

const ids = z.array(z.string());

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
  {
    path: ['telemetry', 'metrics'],
    message: 'metrics of the agent itself come with a later release; this has no effect yet',
  },
  { path: ['telemetry', 'traces'], message: 'the agent makes no traces of itself; this has no effect' },
  { path: ['telemetry', 'resource'], message: 'the agent sends no telemetry of itself yet; this has no effect' },
  ...['development', 'disable_caller', 'disable_stacktrace', 'sampling', 'output_paths', 'error_output_paths'].map(
    (key) => ({ path: ['telemetry', 'logs', key], message: 'has no effect here' }),
  ),
  { path: ['telemetry', 'logs', 'initial_fields'], message: 'has no effect here' },
];
