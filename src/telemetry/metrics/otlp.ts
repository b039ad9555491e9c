/** Metrics as OTLP has them, made of the families that `/metrics` prints. */
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type HrTime,
  JsonMetricsSerializer,
  type MetricData,
  ProtobufMetricsSerializer,
  type ResourceMetrics,
  ValueType,
} from '../../otel.ts';
import { type OwnResource, sdkResource } from '../resource.ts';
import type { Buckets, MetricFamily, Sample } from './model.ts';

export interface MetricsReport {
  readonly families: readonly MetricFamily[];
  readonly resource: OwnResource;
  readonly version: string;
  /** Of these families, samples are what was added since `sinceMs`; others are totals. */
  readonly isDelta: (family: MetricFamily) => boolean;
  /** Start of the process, of the stretch that deltas are of, and now: milliseconds since the epoch. */
  readonly startedMs: number;
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** The serializers' own: bodies of requests, and what partial answers say. */
export const SERIALIZERS = {
  proto: { ...ProtobufMetricsSerializer, contentType: 'application/x-protobuf' },
  json: { ...JsonMetricsSerializer, contentType: 'application/json' },
} as const;

/** Names and values as on the page; `target_info` is the resource here. */
export function resourceMetrics(report: MetricsReport): ResourceMetrics {
  const { families, resource, version } = report;
  const metrics = families.filter(({ name }) => name !== 'target_info').map((family) => metricOf(family, report));
  return {
    resource: sdkResource(resource),
    scopeMetrics: [{ scope: { name: 'intercom-otel-agent', version }, metrics }],
  };
}

function metricOf(family: MetricFamily, report: MetricsReport): MetricData {
  const { name, help, type, unit, samples } = family;
  const isDelta = report.isDelta(family);
  const aggregationTemporality = isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
  const start = startOf(family, isDelta, report);
  const end = hrTime(report.nowMs);
  const values = samples.map(({ value }) => value);
  const valueType = values.every(Number.isSafeInteger) ? ValueType.INT : ValueType.DOUBLE;
  const about = { descriptor: { name, description: help, unit, valueType }, aggregationTemporality };
  switch (type) {
    case 'counter':
      return {
        ...about,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: points(samples, start, end, numberIn),
      };
    case 'gauge':
      return { ...about, dataPointType: DataPointType.GAUGE, dataPoints: points(samples, end, end, numberIn) };
    case 'histogram':
      return { ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints: points(samples, start, end, histogramIn) };
  }
}

/**
 * A total that is kept beyond restarts did not begin with this process: its start is unknown, which OTLP writes as 0. With
 * the start of the process, a backend would take all of it for new after each restart.
 */
function startOf({ kept }: MetricFamily, isDelta: boolean, { startedMs, sinceMs }: MetricsReport): HrTime {
  if (isDelta) return hrTime(sinceMs);
  return kept ? [0, 0] : hrTime(startedMs);
}

function points<T>(
  samples: readonly Sample[],
  startTime: HrTime,
  endTime: HrTime,
  valueIn: (value: Sample['value']) => T,
): DataPoint<T>[] {
  return samples.map(({ labels, value }) => ({ startTime, endTime, attributes: { ...labels }, value: valueIn(value) }));
}

function numberIn(value: Sample['value']): number {
  if (typeof value !== 'number') throw new Error('BUG: a histogram where a number is wanted');
  return value;
}

function histogramIn(value: Sample['value']): Histogram {
  if (typeof value === 'number') throw new Error('BUG: a number where a histogram is wanted');
  const { bounds, counts, sum }: Buckets = value;
  return {
    buckets: { boundaries: [...bounds], counts: [...counts] },
    sum,
    count: counts.reduce((all, count) => all + count, 0),
  };
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
