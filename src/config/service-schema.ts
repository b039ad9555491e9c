/** The `service` section: the only one that belongs to no component. */
import { z } from 'zod';
import { withoutSpaces } from './ids.ts';
import { telemetryLevel } from './telemetry/levels.ts';
import { logs } from './telemetry/logs.ts';
import { metrics } from './telemetry/metrics.ts';
import { ignored } from './telemetry/push.ts';

const telemetry = z.strictObject({
  logs: logs.prefault({}).describe("The agent's own log lines."),
  metrics: metrics.prefault({}).describe("The agent's own metrics."),
  traces: z
    .strictObject({
      level: telemetryLevel('basic').describe('Accepted for Collector files; has no effect.'),
      propagators: z.array(z.string()).optional().describe('Accepted for Collector files; has no effect.'),
      processors: ignored,
      sampler: ignored,
      limits: ignored,
    })
    .optional()
    .describe('Accepted for Collector files; has no effect.'),
  resource: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Attributes of whatever the agent sends of itself; null removes one of the agent's own."),
});

/** No text with commas in it: the Collector takes none here. */
const ids = z.array(z.string().overwrite(withoutSpaces)).meta({ format: 'ids' });

const pipeline = z.strictObject({
  receivers: ids.default([]).describe('Ids of the receivers, and of connectors, that feed the pipeline.'),
  processors: ids.default([]).describe('Ids of processors, in the order in which they work.'),
  exporters: ids.default([]).describe('Ids of the exporters, and of connectors: each gets every record.'),
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
  ...['detectors', 'detection/development'].map((key) => ({
    path: ['telemetry', 'resource', key],
    message: 'nothing is detected here; write the attributes that you want',
  })),
  ...['development', 'disable_caller', 'disable_stacktrace', 'disable_zap_resource', 'error_output_paths'].map(
    (key) => ({ path: ['telemetry', 'logs', key], message: 'has no effect here' }),
  ),
];
