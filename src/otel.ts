/**
 * The only module that imports OpenTelemetry packages.
 *
 * The agent is built on the 0.223.x / 2.12.x line (the last on which `@opentelemetry/api-logs` is real, supported until
 * September 2027, runs on Node 20). Moving to the 3.x line is a change of this file.
 */
export type { HrTime, SpanContext } from '@opentelemetry/api';
export { ValueType } from '@opentelemetry/api';
export type { AnyValue, LogAttributes, LogBody, Logger } from '@opentelemetry/api-logs';
export { SeverityNumber } from '@opentelemetry/api-logs';
export type { InstrumentationScope } from '@opentelemetry/core';
export { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
export { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
export type { Resource } from '@opentelemetry/resources';
export { resourceFromAttributes } from '@opentelemetry/resources';
export type {
  LogRecordExporter,
  LogRecordProcessor,
  ReadableLogRecord,
  ReadWriteLogRecord,
} from '@opentelemetry/sdk-logs';
export { BatchLogRecordProcessor, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
export type { DataPoint, Histogram, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
export { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
