/**
 * Records as text, in the forms that the Collector's debug exporter prints. Its one difference: control and direction
 * characters inside of values are escaped, so that no record can drive a terminal or forge the lines of another.
 */
import type { HrTime } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { groupRecords, MAX_DEPTH, recordFields, TOO_DEEP } from '../../record/otlp/record-fields.ts';
import { Double, isInt, type Value } from '../../record/value.ts';

type Attributes = Readonly<Record<string, Value>>;

/** How many resources the records have between them, as the OTLP encoders group them. */
export function countResources(records: readonly LogRecord[]): number {
  return new Set(records.map((record) => record.resource)).size;
}

/** One line per resource, scope and record. */
export function normalText(records: readonly LogRecord[]): string {
  const lines: string[] = [];
  for (const [index, { resource, scopes }] of groupRecords(records, {}).entries()) {
    const schema = resource.schemaUrl ? ` [${printable(resource.schemaUrl)}]` : '';
    lines.push(`ResourceLog #${index}${schema}${pairs(resource.attributes as Attributes, ' ')}`);
    for (const { scope, records: members } of scopes) {
      const name = scope.name ? ` ${printable(scope.name)}` : '';
      const version = scope.version ? `@${printable(scope.version)}` : '';
      const scopeSchema = scope.schemaUrl ? ` [${printable(scope.schemaUrl)}]` : '';
      // The Collector numbers scopes by their resource.
      lines.push(`ScopeLog #${index}${name}${version}${scopeSchema}`);
      for (const record of members) {
        lines.push(
          `${printable(asString(record.body as Value))} ${pairs(record.attributes as Attributes).trimStart()}`,
        );
      }
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Every field on a line of its own. */
export function detailedText(records: readonly LogRecord[]): string {
  const lines: string[] = [];
  for (const [index, { resource, scopes }] of groupRecords(records, {}).entries()) {
    lines.push(`ResourceLog #${index}`, `Resource SchemaURL: ${printable(resource.schemaUrl ?? '')}`);
    addAttributes(lines, 'Resource attributes', resource.attributes as Attributes);
    for (const [scopeIndex, { scope, records: members }] of scopes.entries()) {
      lines.push(`ScopeLogs #${scopeIndex}`, `ScopeLogs SchemaURL: ${printable(scope.schemaUrl ?? '')}`);
      lines.push(`InstrumentationScope ${printable(scope.name)} ${printable(scope.version ?? '')}`);
      for (const [recordIndex, record] of members.entries()) addRecord(lines, recordIndex, record);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

function addRecord(lines: string[], index: number, record: LogRecord): void {
  const fields = recordFields(record);
  lines.push(
    `LogRecord #${index}`,
    `ObservedTimestamp: ${timestamp(record.hrTimeObserved)}`,
    `Timestamp: ${timestamp(record.hrTime)}`,
    `SeverityText: ${printable(fields.severityText)}`,
    `SeverityNumber: ${severityName(fields.severityNumber)}(${fields.severityNumber})`,
  );
  if (fields.eventName) lines.push(`EventName: ${printable(fields.eventName)}`);
  lines.push(`Body: ${typed(record.body as Value)}`);
  addAttributes(lines, 'Attributes', record.attributes as Attributes);
  lines.push(`Trace ID: ${fields.traceId}`, `Span ID: ${fields.spanId}`, `Flags: ${fields.flags}`);
}

function addAttributes(lines: string[], header: string, attributes: Attributes): void {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return;
  lines.push(`${header}:`, ...entries.map(([key, value]) => `     -> ${printable(key)}: ${typed(value)}`));
}

function pairs(attributes: Attributes, before = ''): string {
  const entries = Object.entries(attributes).map(([key, value]) => `${printable(key)}=${printable(asString(value))}`);
  return entries.length > 0 ? `${before}${entries.join(' ')}` : '';
}

const SEVERITIES = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal'];

/** 1 to 24 in groups of four: Trace, Trace2, Trace3, Trace4, Debug, ... */
function severityName(number: number): string {
  if (number === 0) return 'Unspecified';
  const name = SEVERITIES[Math.floor((number - 1) / 4)];
  const step = (number - 1) % 4;
  return name === undefined ? '' : `${name}${step === 0 ? '' : step + 1}`;
}

/** As Go writes a time: the fraction without its trailing zeros. */
function timestamp([seconds, nanoseconds]: HrTime): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return '1970-01-01 00:00:00 +0000 UTC';
  const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '');
  const [day, time] = date.toISOString().split('T') as [string, string];
  return `${day} ${time.slice(0, 8)}${fraction && `.${fraction}`} +0000 UTC`;
}

function typed(value: Value): string {
  return `${typeName(value)}(${printable(asString(value))})`;
}

function typeName(value: Value): string {
  if (value === null || value === undefined) return 'Empty';
  if (typeof value === 'string') return 'Str';
  if (typeof value === 'boolean') return 'Bool';
  if (typeof value === 'bigint') return 'Int';
  if (typeof value === 'number') return isInt(value) ? 'Int' : 'Double';
  if (value instanceof Double) return 'Double';
  if (value instanceof Uint8Array) return 'Bytes';
  return Array.isArray(value) ? 'Slice' : 'Map';
}

function asString(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Double) return String(value);
  return typeof value === 'object' ? json(value) : String(value);
}

/** As Go's encoding/json writes a map: keys sorted, and the characters that HTML cares about escaped. */
function json(value: Value, depth = 0): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Uint8Array) return quoted(asString(value));
  if (depth >= MAX_DEPTH) return quoted(TOO_DEEP);
  if (Array.isArray(value)) return `[${value.map((item) => json(item, depth + 1)).join(',')}]`;
  const map = value as Attributes;
  const keys = Object.keys(map).sort();
  return `{${keys.map((key) => `${quoted(key)}:${json(map[key], depth + 1)}`).join(',')}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${hex(char)}`);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => SHORT_ESCAPES[char] ?? `\\u${hex(char)}`);
}

function hex(char: string): string {
  return (char.codePointAt(0) as number).toString(16).padStart(4, '0');
}
