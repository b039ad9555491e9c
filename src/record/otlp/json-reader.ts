/** From OTLP/JSON, parsed, to records. What is missing or of another kind is as in protobuf: empty. Never throws. */
import type { HrTime } from '../../otel.ts';
import { LogRecord } from '../log-record.ts';
import { RecordResource, type RecordScope } from '../resource.ts';
import { double, int, isInt64, isMap, setOwn, type Value, type ValueMap } from '../value.ts';

/**
 * Records of an ExportLogsServiceRequest (LogsData) in order. Those of one ResourceLogs share their resource, those of one
 * ScopeLogs their scope; where there are no records, nothing is left of either.
 */
export function readLogsData(data: unknown): LogRecord[] {
  return listOf(data, 'resourceLogs').flatMap((group) => {
    const resource = readResource(group);
    return listOf(group, 'scopeLogs').flatMap((scoped) => {
      const scope = readScope(scoped);
      return listOf(scoped, 'logRecords').map((record) => readRecord(record, resource, scope));
    });
  });
}

function readResource(group: unknown): RecordResource {
  const resource = member(group, 'resource');
  return new RecordResource({
    attributes: readEntries(member(resource, 'attributes')),
    droppedAttributesCount: count(member(resource, 'droppedAttributesCount')),
    schemaUrl: text(member(group, 'schemaUrl')),
  });
}

function readScope(scoped: unknown): RecordScope {
  const scope = member(scoped, 'scope');
  const attributes = readEntries(member(scope, 'attributes'));
  const dropped = count(member(scope, 'droppedAttributesCount'));
  const version = text(member(scope, 'version'));
  const schemaUrl = text(member(scoped, 'schemaUrl'));
  return {
    name: text(member(scope, 'name')),
    ...(version && { version }),
    ...(schemaUrl && { schemaUrl }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(dropped > 0 && { droppedAttributesCount: dropped }),
  };
}

function readRecord(data: unknown, resource: RecordResource, instrumentationScope: RecordScope): LogRecord {
  const eventName = text(member(data, 'eventName'));
  const severityText = text(member(data, 'severityText'));
  const record = new LogRecord({
    hrTime: time(member(data, 'timeUnixNano')),
    hrTimeObserved: time(member(data, 'observedTimeUnixNano')),
    severityNumber: count(member(data, 'severityNumber')),
    body: readValue(member(data, 'body')),
    attributes: readEntries(member(data, 'attributes')),
    ...(severityText && { severityText }),
    ...(eventName && { eventName }),
    ...{ resource, instrumentationScope },
  });
  record.flags = count(member(data, 'flags'));
  record.droppedAttributesCount = count(member(data, 'droppedAttributesCount'));
  const traceId = text(member(data, 'traceId')).toLowerCase();
  const spanId = text(member(data, 'spanId')).toLowerCase();
  if (traceId || spanId) record.spanContext = { traceId, spanId, traceFlags: 0 };
  return record;
}

function readEntries(entries: unknown): ValueMap {
  const map: ValueMap = {};
  for (const entry of Array.isArray(entries) ? entries : [])
    setOwn(map, text(member(entry, 'key')), readValue(member(entry, 'value')));
  return map;
}

/** An AnyValue; null where it has no value. */
function readValue(value: unknown): Value {
  if (!isMap(value)) return null;
  if (typeof value.stringValue === 'string') return value.stringValue;
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined && value.intValue !== null) return int(integer(value.intValue));
  if (value.doubleValue !== undefined && value.doubleValue !== null) return double(Number(value.doubleValue));
  if (typeof value.bytesValue === 'string') return new Uint8Array(Buffer.from(value.bytesValue, 'base64'));
  if (isMap(value.arrayValue)) return listOf(value.arrayValue, 'values').map(readValue);
  if (isMap(value.kvlistValue)) return readEntries(value.kvlistValue.values);
  return null;
}

/** 64-bit integers are decimal strings in OTLP/JSON, and numbers from careless senders. */
function integer(value: unknown): bigint {
  const digits = typeof value === 'number' && Number.isInteger(value) ? BigInt(value).toString() : String(value);
  return /^-?\d{1,20}$/.test(digits) ? BigInt(digits) : 0n;
}

function time(value: unknown): HrTime {
  const nanos = value === undefined ? 0n : BigInt.asUintN(64, integer(value));
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)];
}

function count(value: unknown): number {
  const number = integer(value ?? 0);
  return isInt64(number) ? Number(BigInt.asIntN(32, number)) >>> 0 : 0;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function member(of: unknown, key: string): unknown {
  return isMap(of) && Object.hasOwn(of, key) ? of[key] : undefined;
}

function listOf(of: unknown, key: string): unknown[] {
  const list = member(of, key);
  return Array.isArray(list) ? list : [];
}
