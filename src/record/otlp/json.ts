/** OTLP logs as JSON: field names in lowerCamelCase, 64-bit integers as decimal strings, ids in hexadecimal. */

import type { Resource } from '../../otel.ts';
import type { LogRecord } from '../log-record.ts';
import { droppedCount, type RecordScope } from '../resource.ts';
import { Double, isInt, isInt64, type Value, type ValueMap } from '../value.ts';
import { JsonWriter, quote } from './json-writer.ts';
import {
  countDropped,
  groupRecords,
  keptWithRecord,
  MAX_DEPTH,
  MAX_RECORD_BYTES,
  NOT_ENCODABLE,
  type RequestOptions,
  recordFields,
  TOO_DEEP,
  uint32,
} from './record-fields.ts';

/**
 * One element of `logRecords`, in UTF-8, without a line break. Kept with the record, which must not change any more once
 * it was weighed or sent. Never throws.
 */
export const encodeLogRecordJson = keptWithRecord(encodeAfresh);

const KEPT_CAPACITY = 1024 * 1024;
let scratch = createScratch();

function createScratch(): JsonWriter {
  return new JsonWriter(MAX_RECORD_BYTES);
}

function encodeAfresh(record: LogRecord): Uint8Array {
  try {
    return recordJson(record, record.body as Value, record.attributes as ValueMap, record.droppedAttributesCount);
  } catch {
    // As in protobuf.ts: one spoilt record must not cost its batch.
    scratch = createScratch();
    return recordJson(record, NOT_ENCODABLE, {}, countDropped(record));
  }
}

/** ExportLogsServiceRequest (the same as LogsData) on one line, without a line break at the end. */
export function encodeLogsRequestJson(records: readonly LogRecord[], options: RequestOptions = {}): Buffer {
  const writer = new JsonWriter();
  writer.add('{"resourceLogs":[');
  writer.list(groupRecords(records, options), ({ resource, scopes }) => {
    writer.add('{"resource":{"attributes":');
    addEntries(writer, resource.attributes as ValueMap, 0);
    addDropped(writer, resource);
    writer.add('},"scopeLogs":[');
    writer.list(scopes, ({ scope, records: members }: { scope: RecordScope; records: LogRecord[] }) => {
      writer.add(`{"scope":{"name":${quote(scope.name)}`);
      if (scope.version) writer.add(`,"version":${quote(scope.version)}`);
      if (scope.attributes) {
        writer.add(',"attributes":');
        addEntries(writer, scope.attributes, 0);
      }
      addDropped(writer, scope);
      writer.add('},"logRecords":[');
      writer.list(members, (record) => writer.raw(encodeLogRecordJson(record)));
      writer.add(scope.schemaUrl ? `],"schemaUrl":${quote(scope.schemaUrl)}}` : ']}');
    });
    writer.add(resource.schemaUrl ? `],"schemaUrl":${quote(resource.schemaUrl)}}` : ']}');
  });
  writer.add(']}');
  return writer.bytes();
}

function addDropped(writer: JsonWriter, of: Resource | RecordScope): void {
  const count = uint32(droppedCount(of));
  if (count) writer.add(`,"droppedAttributesCount":${count}`);
}

function recordJson(record: LogRecord, body: Value, attributes: ValueMap, dropped: number): Uint8Array {
  const fields = recordFields(record);
  const writer = scratch;
  writer.clear();
  writer.add(
    `{"timeUnixNano":"${fields.timeUnixNano}","observedTimeUnixNano":"${fields.observedTimeUnixNano}"` +
      (fields.severityNumber ? `,"severityNumber":${fields.severityNumber}` : '') +
      (fields.severityText ? `,"severityText":${quote(fields.severityText)}` : ''),
  );
  if (body !== null && body !== undefined) {
    writer.add(',"body":');
    addValue(writer, body, 0);
  }
  writer.add(',"attributes":');
  addEntries(writer, attributes, 0);
  writer.add(
    (uint32(dropped) ? `,"droppedAttributesCount":${uint32(dropped)}` : '') +
      (fields.flags ? `,"flags":${fields.flags}` : '') +
      (fields.traceId ? `,"traceId":"${fields.traceId}"` : '') +
      (fields.spanId ? `,"spanId":"${fields.spanId}"` : '') +
      (fields.eventName ? `,"eventName":${quote(fields.eventName)}}` : '}'),
  );
  const bytes = writer.bytes();
  if (writer.capacity > KEPT_CAPACITY) scratch = createScratch();
  return bytes;
}

function addEntries(writer: JsonWriter, map: ValueMap, depth: number): void {
  writer.add('[');
  writer.list(Object.keys(map), (key) => {
    writer.add(`{"key":${quote(key)},"value":`);
    addValue(writer, map[key], depth);
    writer.add('}');
  });
  writer.add(']');
}

/** An AnyValue; `depth` arrays and maps are around it. Empty for null and what is no value. */
function addValue(writer: JsonWriter, value: Value, depth: number): void {
  if (typeof value === 'object' && value !== null) addComposite(writer, value, depth);
  else writer.add(scalarValue(value));
}

function scalarValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${quote(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    case 'number':
      return isInt(value) ? `{"intValue":"${value}"}` : `{"doubleValue":${double(value)}}`;
    case 'bigint':
      return isInt64(value) ? `{"intValue":"${value}"}` : `{"doubleValue":${double(Number(value))}}`;
    default:
      return '{}';
  }
}

function addComposite(writer: JsonWriter, value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    writer.add(`{"bytesValue":"${base64}"}`);
  } else if (value instanceof Double) {
    writer.add(`{"doubleValue":${double(value.value)}}`);
  } else if (depth >= MAX_DEPTH) {
    writer.add(`{"stringValue":${quote(TOO_DEEP)}}`);
  } else if (Array.isArray(value)) {
    writer.add('{"arrayValue":{"values":[');
    writer.list(value, (element: Value) => addValue(writer, element, depth + 1));
    writer.add(']}}');
  } else {
    writer.add('{"kvlistValue":{"values":');
    addEntries(writer, value as ValueMap, depth + 1);
    writer.add('}}');
  }
}

/** JSON has no words for three doubles; protobuf's mapping gives them as strings. */
function double(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}
