/** `service::telemetry::metrics`: who reads the agent's own metrics. */
import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { parseEndpoint } from '../blocks/scalars.ts';
import type { MetricsReader, PeriodicReader } from '../model.ts';
import { telemetryLevel } from './levels.ts';
import { ignored, metricsExporter, milliseconds, pushRemarks, targetOf } from './push.ts';

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 30_000;

const prometheusReader = z.strictObject({
  host: z
    .string()
    .refine(
      (host) => parseEndpoint(hostAndPort(host, 0)) !== undefined,
      'expected a host name or an IP address, without a port',
    )
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

const pull = z.strictObject({
  exporter: z.strictObject({
    prometheus: prometheusReader.optional().describe('Served as Prometheus text.'),
    'prometheus/development': prometheusReader.optional().describe('The same, under its later name.'),
  }),
  producers: ignored,
  cardinality_limits: ignored,
});

const periodic = z.strictObject({
  interval: milliseconds(INTERVAL_MS).describe('Milliseconds from one report to the next; 0 is the default.'),
  timeout: milliseconds(TIMEOUT_MS).describe('Milliseconds that a report may take altogether; 0 is the default.'),
  exporter: metricsExporter.describe('Where reports go.'),
  producers: ignored,
  cardinality_limits: ignored,
});

export const metrics = z.strictObject({
  level: telemetryLevel('normal').describe('none switches metrics off; the others are one here.'),
  address: ignored,
  readers: z
    .array(
      z.strictObject({
        pull: pull.optional().describe('Metrics that are fetched.'),
        periodic: periodic.optional().describe('Metrics that are sent at an interval.'),
      }),
    )
    .optional()
    .describe('Who reads the metrics. Without it they are served at http://localhost:8888/metrics.'),
  views: z.array(z.unknown()).optional().describe('Accepted for Collector files; has no effect.'),
});

export type MetricsSettings = z.output<typeof metrics>;

const PATH = 'service::telemetry::metrics::readers';

/** Where metrics are served. */
export function metricsReaders({ level, readers }: MetricsSettings): MetricsReader[] {
  if (level === 'none') return [];
  if (!readers) return [{ endpoint: 'localhost:8888' }];
  return readers.flatMap(({ pull }, index) => {
    const prometheus = pull?.exporter.prometheus ?? pull?.exporter['prometheus/development'];
    return prometheus ? [{ endpoint: hostAndPort(prometheus.host, prometheus.port), path: `${PATH}::${index}` }] : [];
  });
}

/** Where metrics are sent. */
export function periodicReaders({ level, readers = [] }: MetricsSettings): PeriodicReader[] {
  if (level === 'none') return [];
  return readers.flatMap(({ periodic }, index): PeriodicReader[] => {
    if (!periodic) return [];
    const { exporter, interval, timeout } = periodic;
    const { otlp, otlp_http: http, otlp_grpc: grpc, console } = exporter;
    const target = targetOf(exporter, 'metrics');
    const any = otlp ?? http ?? grpc ?? console;
    if (!any || (!target && !console)) return [];
    return [
      {
        path: `${PATH}::${index}::periodic`,
        intervalMs: interval || INTERVAL_MS,
        timeoutMs: timeout || TIMEOUT_MS,
        temporality: any.temporality_preference,
        ...(target && { target }),
      },
    ];
  });
}

/** What the schema can't say, in the Collector's words where it says so too. */
export function metricsRemarks(
  { level, address, readers, views }: MetricsSettings,
  path: readonly string[],
): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  if (address !== undefined) {
    remarks.push({
      ...{ severity: 'error', path: [...path, 'address'], message: 'unknown key "address"' },
      suggestion: 'write readers: [{ pull: { exporter: { prometheus: { host: localhost, port: 8888 } } } }]',
    });
  }
  if (readers?.length === 0 && level !== 'none') {
    remarks.push({
      ...{ severity: 'error', path: [...path, 'readers'] },
      message: 'collector telemetry metrics reader should exist when metric level is not none',
      suggestion: 'level: none switches metrics off',
    });
  }
  if (views !== undefined && level !== 'detailed') {
    const message =
      'service::telemetry::metrics::views can only be set when service::telemetry::metrics::level is detailed';
    remarks.push({ severity: 'error', path: [...path, 'views'], message });
  }
  for (const [index, { pull, periodic }] of (readers ?? []).entries()) {
    const at = [...path, 'readers', index];
    const { prometheus, 'prometheus/development': later } = pull?.exporter ?? {};
    const isIdle = !periodic && !prometheus && !later;
    if (isIdle) remarks.push({ severity: 'warning', path: at, message: 'names nobody, so it gets nothing' });
    if (periodic) remarks.push(...pushRemarks(periodic.exporter, [...at, 'periodic', 'exporter']));
  }
  return remarks;
}

function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
