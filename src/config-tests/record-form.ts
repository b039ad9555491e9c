/**
 * A record as tests write it: a map whose keys are the names that OTTL has for them, so that a path in a message can be
 * used in a statement. What is empty is left out.
 */
import type { LogRecord } from '../record/log-record.ts';
import { MAX_DEPTH, recordFields, TOO_DEEP } from '../record/otlp/record-fields.ts';
import { droppedCount, type RecordScope } from '../record/resource.ts';
import { isMap, setOwn, type Value, type ValueMap } from '../record/value.ts';

/** In the order in which they are written; a body is long. */
export const RECORD_FIELDS = [
  ...['event_name', 'severity_text', 'severity_number', 'time', 'observed_time', 'trace_id', 'span_id', 'flags'],
  ...['dropped_attributes_count', 'attributes', 'resource', 'instrumentation_scope', 'body'],
] as const;

/** Shares nothing with the record. */
export function recordForm(record: LogRecord): ValueMap {
  const fields = recordFields(record);
  const scope: RecordScope = record.instrumentationScope;
  const form: Record<(typeof RECORD_FIELDS)[number], Value> = {
    event_name: fields.eventName,
    severity_text: fields.severityText,
    severity_number: fields.severityNumber,
    time: timeText(fields.timeUnixNano),
    observed_time: timeText(fields.observedTimeUnixNano),
    trace_id: fields.traceId,
    span_id: fields.spanId,
    flags: fields.flags,
    dropped_attributes_count: record.droppedAttributesCount,
    attributes: mapOf(record.attributes as ValueMap),
    resource: withoutEmpty({
      attributes: mapOf(record.resource.attributes as ValueMap),
      schema_url: record.resource.schemaUrl ?? '',
      dropped_attributes_count: droppedCount(record.resource),
    }),
    instrumentation_scope: withoutEmpty({
      name: scope.name,
      version: scope.version ?? '',
      schema_url: scope.schemaUrl ?? '',
      attributes: mapOf(scope.attributes ?? {}),
      dropped_attributes_count: droppedCount(scope),
    }),
    body: undefined,
  };
  const body = plain(record.body as Value, 0);
  // An empty text or map is a body; none is none.
  return { ...withoutEmpty(form), ...(body !== null && { body }) };
}

function withoutEmpty(fields: Record<string, Value>): ValueMap {
  const kept = Object.entries(fields).filter(([, value]) => {
    if (isMap(value)) return Object.keys(value).length > 0;
    return value !== '' && value !== 0 && value !== undefined;
  });
  return Object.fromEntries(kept);
}

function mapOf(map: ValueMap): ValueMap {
  return plain(map, 0) as ValueMap;
}

/** A copy, as an exporter would send it. */
function plain(value: Value, depth: number): Value {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return value.slice();
  const isList = Array.isArray(value);
  if (!isList && !isMap(value)) return value;
  if (depth >= MAX_DEPTH) return TOO_DEEP;
  if (isList) return value.map((item) => plain(item, depth + 1));
  const copy: ValueMap = {};
  for (const [key, inner] of Object.entries(value)) setOwn(copy, key, plain(inner, depth + 1));
  return copy;
}

const NANOS = 1_000_000_000n;

/** RFC 3339 in UTC, with as many digits as it takes; '' for a time that is not known. */
function timeText(nanos: bigint): string {
  if (nanos === 0n) return '';
  const seconds = new Date(Number(nanos / NANOS) * 1000).toISOString().replace(/\.000Z$/, '');
  const fraction = (nanos % NANOS).toString().padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction && `.${fraction}`}Z`;
}
