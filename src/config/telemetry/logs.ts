/** `service::telemetry::logs`: the agent's own log lines. */
import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { duration } from '../blocks/scalars.ts';
import type { OwnLogs, OwnLogsTarget } from '../model.ts';
import { logLevel, logLevelOf } from './levels.ts';
import { logsExporter, milliseconds, pushRemarks, targetOf } from './push.ts';

const sampling = z.strictObject({
  enabled: z.boolean().default(true).describe('false: every line is written.'),
  tick: duration('10s').describe('So long lines with the same level and message are counted together.'),
  initial: z.number().int().min(0).default(10).describe('The first of them are all written.'),
  thereafter: z.number().int().min(0).default(100).describe('Then every so many-th; 0 is none.'),
});

const flag = z.boolean().optional().describe('Accepted for Collector files; has no effect.');

export const logs = z.strictObject({
  level: logLevel.describe("Least important level that is written. The Collector's spellings count, in any case."),
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
  sampling: sampling
    .optional()
    .describe('Writes fewer of many equal lines. Without it all are written; what repeats is told seldom anyway.'),
  development: flag,
  disable_caller: flag,
  disable_stacktrace: flag,
  disable_zap_resource: flag,
  error_output_paths: z.array(z.string()).optional().describe('Accepted for Collector files; has no effect.'),
  processors: z
    .array(
      z.strictObject({
        batch: z
          .strictObject({
            exporter: logsExporter,
            schedule_delay: milliseconds(5000).describe('Milliseconds that lines wait for others.'),
            export_timeout: milliseconds(30_000).describe('Milliseconds for one batch.'),
            max_queue_size: z.number().int().min(1).default(2048).describe('Lines that wait at most.'),
            max_export_batch_size: z.number().int().min(1).default(512).describe('Lines in one request at most.'),
          })
          .optional()
          .describe('Lines go together.'),
        simple: z.strictObject({ exporter: logsExporter }).optional().describe('The same here.'),
      }),
    )
    .default([])
    .describe("Where the agent's own log lines go beside stderr."),
});

export type LogsSettings = z.output<typeof logs>;

export function ownLogs(settings: LogsSettings): OwnLogs {
  const { level, encoding, output_paths: outputPaths, sampling: rule } = settings;
  return {
    ...{ level: logLevelOf(level), encoding, outputPaths, targets: targets(settings) },
    initialFields: initialFields(settings.initial_fields),
    ...(rule?.enabled && {
      sampling: { tickMs: rule.tick, initial: rule.initial, thereafter: rule.thereafter },
    }),
  };
}

function targets({ processors }: LogsSettings): OwnLogsTarget[] {
  return processors.flatMap(({ batch, simple }): OwnLogsTarget[] => {
    const exporter = batch?.exporter ?? simple?.exporter;
    if (!exporter) return [];
    const otlp = targetOf(exporter, 'logs');
    if (!otlp) return exporter.console ? [{ console: true }] : [];
    const waits = batch && {
      delayMs: batch.schedule_delay,
      exportTimeoutMs: batch.export_timeout,
      maxQueue: batch.max_queue_size,
      maxBatch: Math.min(batch.max_export_batch_size, batch.max_queue_size),
    };
    return [{ otlp, ...(waits && { batch: waits }) }];
  });
}

export function logsRemarks({ processors }: LogsSettings, path: readonly string[]): ConfigRemark[] {
  return processors.flatMap(({ batch, simple }, index): ConfigRemark[] => {
    const at = [...path, 'processors', index];
    const kind = batch ? 'batch' : 'simple';
    const exporter = (batch ?? simple)?.exporter;
    if (!exporter) return [{ severity: 'warning', path: at, message: 'names no processor, so it does nothing' }];
    return pushRemarks(exporter, [...at, kind, 'exporter']);
  });
}

/** Fields of every line as the writer takes them: what is no text, number or boolean is written as JSON. */
function initialFields(written: LogsSettings['initial_fields']): Record<string, string | number | boolean> {
  const fields: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(written)) {
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    fields[key] = isScalar ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  }
  return fields;
}
