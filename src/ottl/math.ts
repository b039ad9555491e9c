/** `+ - * /` and the sign, by the Collector's rules (pkg/ottl/math.go). */
import { formatDuration } from '../config/blocks/scalars.ts';
import { double, int, isDouble, isInt, toNumber } from '../record/value.ts';
import { OttlError } from './error.ts';
import { goKind } from './keys.ts';
import type { MathOperator } from './syntax/ast.ts';
import { jsonForm, rfc3339 } from './text.ts';
import { type Int, isList, isMap, OttlDuration, OttlId, OttlTime, type OttlValue } from './value.ts';

/** Integers wrap at 64 bits; with a double, both are doubles. @throws {OttlError} */
export function calculate(x: OttlValue, operator: MathOperator, y: OttlValue): OttlValue {
  if (x instanceof OttlTime) return ofTime(x, operator, y);
  if (x instanceof OttlDuration) return ofDuration(x, operator, y);
  if (isInt(x)) {
    if (isInt(y)) return ofInts(x, operator, y);
    if (isDouble(y)) return ofDoubles(toNumber(x), operator, toNumber(y));
  } else if (isDouble(x)) {
    if (isInt(y) || isDouble(y)) return ofDoubles(toNumber(x), operator, toNumber(y));
  } else {
    throw new OttlError(`${shown(x)} must be int64, float64, time.Time or time.Duration`);
  }
  throw new OttlError(`${shown(y)} must be int64 or float64`);
}

/** @throws {OttlError} */
export function negate(x: OttlValue): OttlValue {
  if (isInt(x)) return int(-BigInt(x));
  if (isDouble(x)) return double(-toNumber(x));
  throw new OttlError(`unsupported unary minus operation on type ${goKind(x)}`);
}

function ofInts(x: Int, operator: MathOperator, y: Int): Int {
  if (operator === '/') {
    if (y === 0) throw divisionByZero();
    return int(BigInt(x) / BigInt(y));
  }
  if (typeof x === 'number' && typeof y === 'number') {
    const result = operator === '+' ? x + y : operator === '-' ? x - y : x * y;
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  }
  const [a, b] = [BigInt(x), BigInt(y)];
  return int(operator === '+' ? a + b : operator === '-' ? a - b : a * b);
}

function ofDoubles(x: number, operator: MathOperator, y: number): OttlValue {
  switch (operator) {
    case '+':
      return double(x + y);
    case '-':
      return double(x - y);
    case '*':
      return double(x * y);
    case '/':
      if (y === 0) throw divisionByZero();
      return double(x / y);
  }
}

const divisionByZero = () => new OttlError('attempted to divide by 0');

function ofTime(x: OttlTime, operator: MathOperator, y: OttlValue): OttlValue {
  if (operator === '+') {
    if (y instanceof OttlDuration) return new OttlTime(x.unixNano + y.nanoseconds, x.zone);
    throw new OttlError(`time.Time must be added to time.Duration; found ${shown(y)} instead`);
  }
  if (operator === '-') {
    if (y instanceof OttlTime) return new OttlDuration(clamped(x.unixNano - y.unixNano));
    if (y instanceof OttlDuration) return new OttlTime(x.unixNano - y.nanoseconds, x.zone);
    throw new OttlError(`time.Time or time.Duration must be subtracted from time.Time; found ${shown(y)} instead`);
  }
  throw onlySums();
}

/** The longest duration stands for what is longer. */
function clamped(nanoseconds: bigint): bigint {
  const max = 2n ** 63n - 1n;
  return nanoseconds > max ? max : nanoseconds < -max - 1n ? -max - 1n : nanoseconds;
}

function ofDuration(x: OttlDuration, operator: MathOperator, y: OttlValue): OttlValue {
  if (operator === '+') {
    if (y instanceof OttlDuration) return new OttlDuration(x.nanoseconds + y.nanoseconds);
    if (y instanceof OttlTime) return new OttlTime(y.unixNano + x.nanoseconds, y.zone);
    throw new OttlError(`time.Duration must be added to time.Duration or time.Time; found ${shown(y)} instead`);
  }
  if (operator === '-') {
    if (y instanceof OttlDuration) return new OttlDuration(x.nanoseconds - y.nanoseconds);
    throw new OttlError(`time.Duration must be subtracted from time.Duration; found ${shown(y)} instead`);
  }
  throw onlySums();
}

const onlySums = () => new OttlError('only addition and subtraction supported for time.Time and time.Duration');

/** As Go's %v, but for maps and lists, of which it prints addresses. */
function shown(value: OttlValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  if (isDouble(value)) return String(toNumber(value));
  if (value instanceof OttlId)
    return value.bytes.every((byte) => byte === 0) ? '' : Buffer.from(value.bytes).toString('hex');
  if (isMap(value) || isList(value)) return goKind(value);
  if (value instanceof OttlTime) return timeText(value);
  if (value instanceof OttlDuration) return formatDuration(Number(value.nanoseconds) / 1e6);
  return jsonForm(value);
}

/** 2020-02-11 20:26:12.000000321 +0000 UTC */
function timeText(time: OttlTime): string {
  const { offsetSeconds, abbreviation } = time.zone.at(time.unixNano);
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const offset = `${offsetSeconds < 0 ? '-' : '+'}${String(Math.trunc(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0')}`;
  const [stamp = ''] = /^[^Z+]*?(?=Z|[+-]\d\d:\d\d$)/.exec(rfc3339(time)) ?? [];
  return `${stamp.replace('T', ' ')} ${offset} ${abbreviation || offset}`;
}
