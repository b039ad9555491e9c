import { parseDouble, parseInt64 } from '../../record/number-text.ts';
import { double, int, isDouble, isInt, isInt64, toNumber, type Value } from '../../record/value.ts';
import { textOf } from '../../record/value-text.ts';

/** The value as one of the type; itself where it cannot be one. */
export function convert(value: Value, to: string): Value {
  switch (to) {
    case 'string':
      return textOf(value);
    case 'int':
      return toInt(value);
    case 'double':
      return toDouble(value);
    default:
      return value;
  }
}

function toInt(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') {
    const parsed = parseInt64(value);
    return parsed === undefined ? value : int(parsed);
  }
  return isDouble(value) ? truncated(toNumber(value)) : value;
}

/** What an int64 does not hold, NaN too, becomes the least one, as on the processors that the Collector runs on. */
function truncated(value: number): number | bigint {
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  return whole !== undefined && isInt64(whole) ? int(whole) : int(-(2n ** 63n));
}

function toDouble(value: Value): Value {
  if (typeof value === 'boolean') return double(value ? 1 : 0);
  if (typeof value === 'string') {
    const parsed = parseDouble(value);
    return parsed === undefined ? value : double(parsed);
  }
  return isInt(value) ? double(Number(value)) : value;
}
