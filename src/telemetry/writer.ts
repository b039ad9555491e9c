import type { AnyValue, HrTime, LogRecordExporter, ReadableLogRecord } from '../otel.ts';

/** Controls, line and paragraph separators, and format characters (which can turn the direction of text). */
const escapeControls = (text: string) =>
  text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u${(char.codePointAt(0) as number).toString(16).padStart(4, '0')}`,
  );

/** Longest text of one field; more is cut. */
const MAX_TEXT = 1024;

/** Text from outside, safe for a terminal and a log line: control and direction characters escaped, length bounded. */
export function printable(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text;
  return escapeControls(cut);
}

/** RFC 3339 in UTC with milliseconds. */
const timeOf = ([seconds, nanos]: HrTime) => new Date(seconds * 1000 + nanos / 1e6).toISOString();

function jsonLine(record: ReadableLogRecord): string {
  const line: Record<string, unknown> = {
    time: timeOf(record.hrTime),
    level: record.severityText?.toLowerCase(),
    message: record.body,
  };
  for (const [key, value] of Object.entries(record.attributes)) {
    line[key in line ? `field.${key}` : key] = shown(value);
  }
  return JSON.stringify(line);
}

/** Fields are scalars and lists of text. */
function shown(value: AnyValue): AnyValue {
  if (typeof value === 'string') return printable(value);
  return Array.isArray(value) ? value.map(shown) : value;
}

const COLOURS: Readonly<Record<string, string>> = { DEBUG: '\u001b[2m', WARN: '\u001b[33m', ERROR: '\u001b[31m' };

function consoleLine(record: ReadableLogRecord, colour: boolean): string {
  const fields = Object.entries(record.attributes).map(([key, value]) => `${key}=${fieldText(value)}`);
  const start = colour ? (COLOURS[record.severityText ?? ''] ?? '') : '';
  const level = `${start}${(record.severityText ?? '').padEnd(5)}${start && '\u001b[0m'}`;
  return [timeOf(record.hrTime), level, String(record.body), ...fields].join(' ');
}

function fieldText(value: AnyValue): string {
  if (typeof value !== 'string') return JSON.stringify(shown(value)) ?? '';
  const text = printable(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text).replaceAll('\\\\u', '\\u');
}

/**
 * Writes the agent's own records as lines. A line that can't be written (a closed pipe) is given up: the agent's talk must
 * never stop its work.
 */
export function lineExporter(
  write: (line: string) => void,
  encoding: 'console' | 'json',
  colour: boolean,
): LogRecordExporter {
  return {
    export(records, done) {
      for (const record of records) write(`${encoding === 'json' ? jsonLine(record) : consoleLine(record, colour)}\n`);
      done({ code: 0 });
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
