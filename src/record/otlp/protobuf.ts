/**
 * OTLP logs as protobuf (opentelemetry/proto/logs/v1/logs.proto), written by hand: the stock serializer has no int64, loses
 * a whole batch to one deep record, and takes twice the time.
 */

import type { Resource } from '../../otel.ts';
import type { LogRecord } from '../log-record.ts';
import { droppedCount, type RecordScope } from '../resource.ts';
import { Double, isInt, isInt64, type Value, type ValueMap } from '../value.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
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

const KEPT_CAPACITY = 1024 * 1024;
let scratch = createScratch();

function createScratch(): ProtobufWriter {
  return new ProtobufWriter(64 * 1024, MAX_RECORD_BYTES);
}

/**
 * The LogRecord message, without resource and scope. Kept with the record: to weigh it and to send it encodes it once. So a
 * record must not change any more once it was weighed or sent. Never throws.
 */
export const encodeLogRecord = keptWithRecord(encodeAfresh);

function encodeAfresh(record: LogRecord): Uint8Array {
  try {
    scratch.clear();
    writeRecord(scratch, record, record.body as Value, record.attributes as ValueMap, record.droppedAttributesCount);
  } catch {
    // A getter that throws, or a value that repeats itself without end: this record is spoilt, its companions are not.
    scratch = createScratch();
    writeRecord(scratch, record, NOT_ENCODABLE, {}, countDropped(record));
  }
  const bytes = Buffer.from(scratch.bytes());
  if (scratch.capacity > KEPT_CAPACITY) scratch = createScratch();
  return bytes;
}

/**
 * ExportLogsServiceRequest (the same as LogsData). Records are grouped by identity of resource and scope; their encoded
 * forms are kept, see `encodeLogRecord`.
 */
export function encodeLogsRequest(records: readonly LogRecord[], options: RequestOptions = {}): Buffer {
  let capacity = 1024;
  for (const record of records) capacity += encodeLogRecord(record).length + 6;
  const writer = new ProtobufWriter(capacity);
  for (const { resource, scopes } of groupRecords(records, options).reverse()) {
    const group = writer.written;
    if (resource.schemaUrl) writer.textField(0x1a, resource.schemaUrl);
    for (const { scope, records: members } of scopes.reverse() as { scope: RecordScope; records: LogRecord[] }[]) {
      const scopeGroup = writer.written;
      if (scope.schemaUrl) writer.textField(0x1a, scope.schemaUrl);
      for (let i = members.length - 1; i >= 0; i--) {
        const before = writer.written;
        writer.raw(encodeLogRecord(members[i] as LogRecord));
        writer.field(0x12, before);
      }
      const before = writer.written;
      writeDropped(writer, 0x20, scope);
      if (scope.attributes) writeEntries(writer, 0x1a, scope.attributes, 0);
      if (scope.version) writer.textField(0x12, scope.version);
      writer.textField(0x0a, scope.name);
      writer.field(0x0a, before);
      writer.field(0x12, scopeGroup);
    }
    const before = writer.written;
    writeDropped(writer, 0x10, resource);
    writeEntries(writer, 0x0a, resource.attributes as ValueMap, 0);
    writer.field(0x0a, before);
    writer.field(0x0a, group);
  }
  return writer.bytes();
}

function writeDropped(writer: ProtobufWriter, tag: number, of: Resource | RecordScope): void {
  const count = uint32(droppedCount(of));
  if (!count) return;
  writer.varint(count);
  writer.byte(tag);
}

function writeRecord(writer: ProtobufWriter, record: LogRecord, body: Value, attributes: ValueMap, dropped: number) {
  const fields = recordFields(record);
  if (fields.eventName) writer.textField(0x62, fields.eventName);
  writer.fixed64(fields.observedTimeUnixNano);
  writer.byte(0x59);
  if (fields.spanId) writeHex(writer, 0x52, fields.spanId);
  if (fields.traceId) writeHex(writer, 0x4a, fields.traceId);
  if (fields.flags) {
    writer.fixed32(fields.flags);
    writer.byte(0x45);
  }
  if (uint32(dropped)) {
    writer.varint(uint32(dropped));
    writer.byte(0x38);
  }
  writeEntries(writer, 0x32, attributes, 0);
  if (body !== null && body !== undefined) {
    const before = writer.written;
    writeValue(writer, body, 0);
    writer.field(0x2a, before);
  }
  if (fields.severityText) writer.textField(0x1a, fields.severityText);
  if (fields.severityNumber) {
    writer.varint(fields.severityNumber);
    writer.byte(0x10);
  }
  writer.fixed64(fields.timeUnixNano);
  writer.byte(0x09);
}

function writeHex(writer: ProtobufWriter, tag: number, hex: string): void {
  const before = writer.written;
  writer.raw(Buffer.from(hex, 'hex'));
  writer.field(tag, before);
}

/** KeyValue messages, each as a field `tag`. */
function writeEntries(writer: ProtobufWriter, tag: number, map: ValueMap, depth: number): void {
  const keys = Object.keys(map);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] as string;
    const entry = writer.written;
    writeValue(writer, map[key], depth);
    writer.field(0x12, entry);
    writer.key(key);
    writer.field(tag, entry);
  }
}

/** The content of an AnyValue; `depth` arrays and maps are around it. Nothing for null and what is no value. */
function writeValue(writer: ProtobufWriter, value: Value, depth: number): void {
  if (typeof value === 'string') writer.textField(0x0a, value);
  else if (typeof value === 'object' && value !== null) writeComposite(writer, value, depth);
  else if (typeof value === 'number') {
    if (isInt(value)) writeInteger(writer, value);
    else writeDouble(writer, value);
  } else if (typeof value === 'boolean') {
    writer.byte(value ? 1 : 0);
    writer.byte(0x10);
  } else if (typeof value === 'bigint') {
    if (isInt64(value)) writeInteger(writer, value);
    else writeDouble(writer, Number(value));
  }
}

function writeInteger(writer: ProtobufWriter, value: number | bigint): void {
  if (typeof value === 'bigint' || value < 0) writer.varint64(BigInt(value));
  else writer.varint(value);
  writer.byte(0x18);
}

function writeDouble(writer: ProtobufWriter, value: number): void {
  writer.double(value);
  writer.byte(0x21);
}

function writeComposite(writer: ProtobufWriter, value: object, depth: number): void {
  const before = writer.written;
  if (value instanceof Uint8Array) {
    writer.raw(value);
    writer.field(0x3a, before);
  } else if (value instanceof Double) {
    writeDouble(writer, value.value);
  } else if (depth >= MAX_DEPTH) {
    writer.textField(0x0a, TOO_DEEP);
  } else if (Array.isArray(value)) {
    for (let i = value.length - 1; i >= 0; i--) {
      const element = writer.written;
      writeValue(writer, value[i], depth + 1);
      writer.field(0x0a, element);
    }
    writer.field(0x2a, before);
  } else {
    writeEntries(writer, 0x0a, value as ValueMap, depth + 1);
    writer.field(0x32, before);
  }
}
