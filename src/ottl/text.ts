/** Values as text, as the Collector writes them: what `String`, `IsMatch`, `Concat` and others see. */
import { isDouble, isInt, toNumber } from '../record/value.ts';
import { compareBytes } from '../record/value-text.ts';
import { OttlError } from './error.ts';
import { formatTime } from './strptime/format.ts';
import { layoutOf } from './strptime/layout.ts';
import { isList, isMap, kindName, OttlDuration, OttlId, OttlTime, type OttlValue } from './value.ts';
import { civilOf } from './zone/civil.ts';

const RFC3339 = layoutOf('2006-01-02T15:04:05.999999999Z07:00');

/**
 * What a StringLikeGetter makes of a value: strings as they are, bytes in hex, everything else as JSON. A time is JSON too,
 * in quotes; a duration is its nanoseconds; an id is a list of numbers.
 *
 * @throws {OttlError} for NaN and infinities, which JSON has not
 */
export function textForm(value: OttlValue): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return jsonForm(value);
}

/**
 * JSON as Go's encoder writes it: keys sorted by their bytes, `<`, `>`, `&`, U+2028 and U+2029 escaped, bytes in base64,
 * whole doubles without a point.
 *
 * @throws {OttlError} for NaN and infinities
 */
export function jsonForm(value: OttlValue): string {
  return json(value, FOR_HTML);
}

/**
 * The string form that pdata has of a value (`body.string`): bytes in base64, nothing for nil, JSON without the escapes for
 * HTML. Never throws: a map or list with a number that JSON has not is ''.
 */
export function pdataText(value: OttlValue): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isDouble(value)) return double(toNumber(value));
  try {
    return json(value, PLAIN);
  } catch {
    return '';
  }
}

function double(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : String(value);
}

/** How one of the two encoders that the Collector uses writes what JSON leaves open. */
interface Dialect {
  readonly string: (text: string) => string;
  readonly double: (value: number) => string;
}

/** Escapes for HTML, none with a letter for backspace and form feed, and two digits in exponents. */
const FOR_HTML: Dialect = {
  string: (text) =>
    JSON.stringify(text).replace(/\\.|[<>&\u2028\u2029]/g, (part) =>
      part === '\\b' ? '\\u0008' : part === '\\f' ? '\\u000c' : part.startsWith('\\') ? part : unicodeEscape(part),
    ),
  double: (value) => doubleText(value).replace(/e-(\d)$/, 'e-0$1'),
};
const PLAIN: Dialect = {
  string: (text) => JSON.stringify(text).replace(/[\u2028\u2029]/g, unicodeEscape),
  double: doubleText,
};

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function json(value: OttlValue, dialect: Dialect): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return dialect.string(value);
  if (typeof value === 'boolean') return String(value);
  if (isInt(value)) return String(value);
  if (isDouble(value)) {
    const number = toNumber(value);
    if (!Number.isFinite(number)) throw new OttlError(`unsupported type: ${kindName(value)}`);
    return dialect.double(number);
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (value instanceof OttlDuration) return String(value.nanoseconds);
  if (value instanceof OttlId) return `[${value.bytes.join(',')}]`;
  if (value instanceof OttlTime) {
    const { year } = civilOf(value);
    if (year < 0 || year > 9999) throw new OttlError(`unsupported type: ${kindName(value)}`);
    return `"${rfc3339(value)}"`;
  }
  if (isList(value)) return `[${value.map((item) => json(item, dialect)).join(',')}]`;
  if (!isMap(value)) throw new OttlError(`unsupported type: ${kindName(value)}`);
  const members = Object.keys(value).sort(compareBytes);
  return `{${members.map((key) => `${dialect.string(key)}:${json(value[key], dialect)}`).join(',')}}`;
}

/** A finite double as Go writes it to JSON: 1, 1.5, 1e+21, -0. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** With the offset of the time's own zone, and no more digits of the second than needed. */
export function rfc3339(time: OttlTime): string {
  return formatTime(time, RFC3339);
}
