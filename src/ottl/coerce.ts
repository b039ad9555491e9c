/**
 * What each kind of getter takes and what it makes of it, exactly as the Collector's. Literals are coerced when the
 * statement is compiled, so that a wrong one is a configuration error. nil is an error to the strict kinds and `undefined`
 * from the "like" kinds.
 */
import { int, isDouble, isInt, toNumber, type ValueMap } from '../record/value.ts';
import { OttlError } from './error.ts';
import { parseFloat64, parseInt64 } from './numbers.ts';
import { listItem } from './raw.ts';
import { textForm } from './text.ts';
import {
  type Int,
  isList,
  isMap,
  kindName,
  LiteralList,
  OttlDuration,
  OttlTime,
  type OttlValue,
  truncated,
} from './value.ts';

function mismatch(expected: string, value: OttlValue): never {
  throw new OttlError(`expected ${expected} but got ${kindName(value)}`);
}

function unsupported(value: OttlValue): never {
  throw new OttlError(`unsupported type: ${kindName(value)}`);
}

export function asString(value: OttlValue): string {
  return typeof value === 'string' ? value : mismatch('string', value);
}

export function asInt(value: OttlValue): Int {
  return isInt(value) ? value : mismatch('int64', value);
}

export function asFloat(value: OttlValue): number {
  return isDouble(value) ? toNumber(value) : mismatch('float64', value);
}

export function asBool(value: OttlValue): boolean {
  return typeof value === 'boolean' ? value : mismatch('bool', value);
}

export function asTime(value: OttlValue): OttlTime {
  return value instanceof OttlTime ? value : mismatch('time', value);
}

export function asDuration(value: OttlValue): OttlDuration {
  return value instanceof OttlDuration ? value : mismatch('duration', value);
}

export function asMap(value: OttlValue): ValueMap {
  return isMap(value) ? value : mismatch('pcommon.Map', value);
}

export function asList(value: OttlValue): readonly OttlValue[] {
  if (!isList(value)) return mismatch('pcommon.Slice', value);
  if (value instanceof LiteralList) listItem(value);
  return value;
}

/** Takes anything: see `textForm`. */
export function likeString(value: OttlValue): string | undefined {
  return value === undefined || value === null ? undefined : textForm(value);
}

/** Doubles are cut off, bools are 1 and 0; a text that is no whole number is nil and no error. */
export function likeInt(value: OttlValue): Int | undefined {
  if (value === undefined || value === null) return undefined;
  if (isInt(value)) return value;
  if (typeof value === 'string') return parseInt64(value);
  if (isDouble(value)) return int(truncated(toNumber(value)));
  return typeof value === 'boolean' ? Number(value) : unsupported(value);
}

/** @throws {OttlError} also for a text that is no number */
export function likeFloat(value: OttlValue): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (isDouble(value) || isInt(value)) return toNumber(value);
  if (typeof value === 'string') return parseFloat64(value);
  return typeof value === 'boolean' ? Number(value) : unsupported(value);
}

const BOOLS: Readonly<Record<string, boolean>> = {
  ...{ 1: true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ 0: false, f: false, F: false, false: false, FALSE: false, False: false },
};

/** Numbers are true unless 0. @throws {OttlError} also for a text that Go's ParseBool refuses */
export function likeBool(value: OttlValue): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (isInt(value) || isDouble(value)) return toNumber(value) !== 0;
  if (typeof value !== 'string') return unsupported(value);
  const bool = Object.hasOwn(BOOLS, value) ? BOOLS[value] : undefined;
  if (bool === undefined) throw new OttlError(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
  return bool;
}

/** Numbers become 8 bytes, the most significant first; a bool is 1 byte; a text its UTF-8. */
export function likeBytes(value: OttlValue): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (typeof value === 'boolean') return Uint8Array.of(Number(value));
  const bytes = Buffer.alloc(8);
  if (isInt(value)) bytes.writeBigInt64BE(BigInt(value));
  else if (isDouble(value)) bytes.writeDoubleBE(toNumber(value));
  else unsupported(value);
  return bytes;
}
