/**
 * Metrics that the Collector has too, under the names that its implicit reader prints: without `_total` and without the
 * suffix of a unit. The Collector has one series per exporter, while here an exporter has a delivery in each pipeline that
 * it stands in: those are summed.
 */
import { byExporter, type MetricDefinition, single } from './definition.ts';

/** Every door so far speaks HTTP. */
const TRANSPORT = 'http';
const SIGNAL = { data_type: 'logs' };
/** Of a notification on disk, until there are enough to measure. */
const TYPICAL_BYTES = 2560;
const ENOUGH = 100;

export const collectorMetrics: readonly MetricDefinition[] = [
  {
    name: 'otelcol_receiver_accepted_log_records',
    help: 'Log records that were stored durably and answered 200.',
    type: 'counter',
    unit: '{record}',
    labels: ['receiver', 'transport'],
    read: ({ status }) =>
      status.receivers.map(({ receiver, accepted }) => ({
        labels: { receiver, transport: TRANSPORT },
        value: accepted,
      })),
  },
  {
    name: 'otelcol_receiver_refused_log_records',
    help: 'Requests that were not taken, whatever the reason; a notification is one record.',
    type: 'counter',
    unit: '{record}',
    labels: ['receiver', 'transport'],
    read: ({ status }) =>
      status.receivers.map(({ receiver, refused }) => ({
        labels: { receiver, transport: TRANSPORT },
        value: Object.values(refused).reduce((sum, count) => sum + count, 0),
      })),
  },
  {
    name: 'otelcol_exporter_sent_log_records',
    help: 'Log records that the backend took. Kept beyond restarts.',
    type: 'counter',
    kept: true,
    unit: '{record}',
    labels: ['exporter'],
    read: ({ status }) => byExporter(status.deliveries, ({ delivered }) => delivered),
  },
  {
    name: 'otelcol_exporter_send_failed_log_records',
    help: 'Log records of requests that failed. Nothing is lost by that: they are sent again, and each attempt counts.',
    type: 'counter',
    unit: '{record}',
    labels: ['exporter'],
    read: ({ status }) => byExporter(status.deliveries, (delivery) => delivery.send_failed),
  },
  {
    name: 'otelcol_exporter_queue_size',
    help: 'Log records that are still to be delivered.',
    type: 'gauge',
    unit: '{record}',
    labels: ['exporter', 'data_type'],
    read: ({ status }) => byExporter(status.deliveries, ({ pending }) => pending, SIGNAL),
  },
  {
    name: 'otelcol_exporter_queue_capacity',
    help: 'Log records that the journal has room for: an estimate, from its limit in bytes and the average size of its entries.',
    type: 'gauge',
    unit: '{record}',
    labels: ['exporter', 'data_type'],
    read: ({ status, more: { journal } }) => {
      const { bytes, max_bytes: limit } = status.journal;
      if (!journal || limit === 0) return [];
      const entries = journal.next - journal.first;
      const average = entries >= ENOUGH && bytes > 0 ? bytes / entries : TYPICAL_BYTES;
      const capacity = Math.floor(limit / average);
      // The journal is one for all: each exporter may use all of it.
      return byExporter(status.deliveries, () => 0, SIGNAL).map(({ labels }) => ({ labels, value: capacity }));
    },
  },
  {
    name: 'otelcol_exporter_in_flight_requests',
    help: 'Requests that wait for the answer of the backend.',
    type: 'gauge',
    unit: '{request}',
    labels: ['exporter', 'data_type'],
    read: ({ status }) => byExporter(status.deliveries, (delivery) => delivery.in_flight, SIGNAL),
  },
  {
    name: 'otelcol_process_uptime',
    help: 'Seconds since the process started.',
    type: 'counter',
    unit: 's',
    labels: [],
    read: ({ more }) => single(more.process.uptimeSeconds),
  },
  {
    name: 'otelcol_process_cpu_seconds',
    help: 'Seconds of CPU time, of users and of the system.',
    type: 'counter',
    unit: 's',
    labels: [],
    read: ({ more }) => single(more.process.cpuSeconds),
  },
  {
    name: 'otelcol_process_memory_rss',
    help: 'Bytes of memory that the process has (resident set size).',
    type: 'gauge',
    unit: 'By',
    labels: [],
    read: ({ more }) => single(more.process.residentBytes),
  },
  {
    name: 'otelcol_process_runtime_heap_alloc_bytes',
    help: 'Bytes of the JavaScript heap that are in use.',
    type: 'gauge',
    unit: 'By',
    labels: [],
    read: ({ more }) => single(more.process.heapBytes),
  },
  {
    name: 'target_info',
    help: 'What this is: always 1. Further labels are what `service::telemetry::resource` adds.',
    type: 'gauge',
    unit: '1',
    labels: ['service_name', 'service_version', 'service_instance_id'],
    read: ({ more }) => [{ labels: more.resource, value: 1 }],
  },
];
