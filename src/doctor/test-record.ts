import { rehearsedBody } from '../agent/rehearsal.ts';
import type { AgentConfig } from '../config/model.ts';
import { type Resource, resourceFromAttributes, SeverityNumber } from '../otel.ts';
import { hrTimeFromMillis, LogRecord } from '../record/log-record.ts';

export interface TestRecordOptions {
  readonly config: AgentConfig;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly id: string;
}

/** A record that nobody takes for an event of Intercom, under the names of the configuration's first integration. */
export function testRecord({ config, version, now, id }: TestRecordOptions): LogRecord {
  return new LogRecord({
    hrTime: hrTimeFromMillis(now),
    hrTimeObserved: hrTimeFromMillis(now),
    severityNumber: SeverityNumber.INFO,
    severityText: 'INFO',
    eventName: 'intercom-otel-agent.doctor',
    body: 'A test of `intercom-otel-agent doctor`: this backend takes records. Nothing has happened in Intercom.',
    attributes: { 'intercom_otel_agent.doctor': true, 'log.record.uid': id },
    resource: resourceOf(config, version, now),
    instrumentationScope: { name: 'intercom-otel-agent/doctor', version },
  });
}

/** As the receiver would make it. */
function resourceOf(config: AgentConfig, version: string, receivedAt: number): Resource {
  const receiver = [...config.receivers.values()].find(({ factory }) => factory.entryOf)?.id;
  const [record] =
    receiver === undefined
      ? []
      : rehearsedBody({ config, version }, Buffer.from('{}'), { receiver, receivedAt }).records();
  return record?.resource ?? resourceFromAttributes({});
}
