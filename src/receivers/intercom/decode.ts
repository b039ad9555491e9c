/** From a stored entry of the receiver to its record: pure, and it never throws, whatever the bytes are. */

import type { ReceiverFactory } from '../../component.ts';
import { attributesOf } from '../../intercom/attributes.ts';
import { BODY_ERROR, type BodyError, isPlausibleTopic } from '../../intercom/convention.ts';
import type { Entry } from '../../journal/journal.ts';
import type { HrTime, InstrumentationScope, Resource } from '../../otel.ts';
import { parseJson } from '../../record/json.ts';
import { hrTimeFromMillis, LogRecord } from '../../record/log-record.ts';
import { RecordResource } from '../../record/resource.ts';
import type { Value } from '../../record/value.ts';
import type { IntercomConfig } from './config.ts';
import { createSeverity, type SeverityConfig } from './severity.ts';

export const SCOPE_NAME = 'intercom-otel-agent/receiver/intercom';

/**
 * What the door puts into an entry's metadata, all strings: `integration`, `application_name`, `subsystem_name`, `kind`
 * (`notification` or `uninstall`), and `encoding_error` when the body is stored as it came because its Content-Encoding
 * could not be undone.
 */
export interface DecoderOptions {
  /** Of the agent; becomes the scope's version. */
  readonly version: string;
  readonly severity?: SeverityConfig;
}

/** See `ReceiverFactory.decoder`. */
export const decoder: ReceiverFactory<IntercomConfig>['decoder'] = (settings, { version }) =>
  createDecoder({ version, severity: settings?.severity });

/** One record per entry. Records of one integration and workspace share their resource object, all share the scope. */
export function createDecoder(options: DecoderOptions): (entry: Entry) => LogRecord[] {
  const scope: InstrumentationScope = { name: SCOPE_NAME, version: options.version };
  const resourceOf = createResources();
  const severityOf = createSeverity(options.severity);
  return (entry) => {
    const { value, error } = readBody(entry);
    const notification = error ? undefined : value;
    const attributes = attributesOf(notification);
    if (error) attributes[BODY_ERROR] = error;
    const topic = topicOf(entry, notification);
    const severity = severityOf(topic, attributes);
    return [
      new LogRecord({
        hrTime: eventTime(notification, entry.receivedAt),
        hrTimeObserved: hrTimeFromMillis(entry.receivedAt),
        severityNumber: severity.number,
        severityText: severity.text,
        body: { source_system: 'intercom', intercom: value },
        eventName: `intercom.${topic}`,
        attributes,
        resource: resourceOf(entry.metadata),
        instrumentationScope: scope,
      }),
    ];
  };
}

function readBody({ body, metadata }: Entry): { value: Value; error?: BodyError } {
  // Compressed bytes as text would be lost for good: they stay bytes.
  if (metadata.encoding_error !== undefined) return { value: body, error: 'content_encoding' };
  const parsed = parseJson(body);
  return parsed.ok ? { value: parsed.value } : { value: parsed.text, error: parsed.reason };
}

function topicOf({ metadata }: Entry, notification: Value): string {
  if (metadata.kind === 'uninstall') return 'app.uninstalled';
  const topic = member(notification, 'topic');
  return isPlausibleTopic(topic) ? topic : 'unknown';
}

function member(value: Value, key: string): Value {
  return typeof value === 'object' && value !== null ? (value as { [key: string]: Value })[key] : undefined;
}

/** Intercom opened in 2011; nothing is older. */
const EARLIEST_SECONDS = Date.UTC(2011, 0, 1) / 1000;
/** Clocks may differ, by a day at most. */
const FUTURE_SECONDS = 24 * 60 * 60;

/** `created_at` of the notification; where it is absent or absurd, the time of receipt. */
function eventTime(notification: Value, receivedAt: number): HrTime {
  const createdAt = member(notification, 'created_at');
  const seconds =
    typeof createdAt === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(createdAt) ? Number(createdAt) : createdAt;
  if (typeof seconds !== 'number' || !(seconds >= EARLIEST_SECONDS && seconds <= receivedAt / 1000 + FUTURE_SECONDS)) {
    return hrTimeFromMillis(receivedAt);
  }
  // A double of this size knows fractions to a quarter of a microsecond.
  const micros = Math.round(seconds * 1e6);
  return [Math.floor(micros / 1e6), (micros % 1e6) * 1000];
}

/** Far above any number of integrations and workspaces; beyond it the oldest is made anew, which only costs grouping. */
const MAX_RESOURCES = 4096;

/** Exporters group by identity: one resource object per integration, application and subsystem. */
function createResources(): (metadata: Entry['metadata']) => Resource {
  const known = new Map<string, Resource>();
  return ({ integration, application_name: application, subsystem_name: subsystem }) => {
    const key = JSON.stringify([integration, application, subsystem]);
    let resource = known.get(key);
    if (!resource) {
      const attributes = {
        ...(application && { 'service.namespace': application, 'cx.application.name': application }),
        ...(subsystem && { 'service.name': subsystem, 'cx.subsystem.name': subsystem }),
        ...(integration && { 'intercom.integration.name': integration }),
      };
      resource = new RecordResource({ attributes });
      if (known.size >= MAX_RESOURCES) known.delete(known.keys().next().value as string);
      known.set(key, resource);
    }
    return resource;
  };
}
