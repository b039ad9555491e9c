/** An OTLP sink as an exporter of an agent under test. */
import type { OtlpSink } from './otlp-sink.ts';

/** Its block under `exporters:`, with short waits; `more`: further lines of it. */
export const exporter = (id: string, sink: OtlpSink, more = '') =>
  `  ${id}:
    endpoint: ${sink.url}
    timeout: 1s
    retry_on_failure: { initial_interval: 50ms, max_interval: 100ms, probe_interval: 100ms }
    sending_queue: { batch: { flush_timeout: 10ms } }
${more}`;

/** Ids of the records that it has, sorted. */
export const uidsOf = (sink: OtlpSink) =>
  sink.records.map(({ attributes }) => attributes['log.record.uid'] as string).sort();
