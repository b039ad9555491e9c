/** Numbers written in a text, as Go's strconv reads them. */
import { int, isInt64 } from '../record/value.ts';
import { OttlError } from './error.ts';
import type { Int } from './value.ts';

/** In base 10, with an optional sign, without spaces or underscores; undefined for anything else and beyond int64. */
export function parseInt64(text: string): Int | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return isInt64(value) ? int(value) : undefined;
}

const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const HEX = /^([+-]?)0[xX]((?:_?[0-9a-fA-F]+)*)\.?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)?[pP]([+-]?\d+)$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** Also "1_000", hexadecimal floats with their exponent, "Inf" and "NaN". @throws {OttlError} for anything else */
export function parseFloat64(text: string): number {
  const special = SPECIAL.exec(text);
  if (special && (special[2] || !special[1])) return special[2] ? (special[1] === '-' ? -Infinity : Infinity) : NaN;
  const hex = HEX.exec(text);
  if (hex && `${hex[2]}${hex[3]}` !== '') {
    const [, sign, whole = '', fraction = '', exponent] = hex;
    const digits = `${whole}${fraction}`.replaceAll('_', '');
    const scale = Number(exponent) - 4 * fraction.replaceAll('_', '').length;
    return (sign === '-' ? -1 : 1) * Number(`0x${digits}`) * 2 ** scale;
  }
  const quoted = JSON.stringify(text);
  if (!DECIMAL.test(text)) throw new OttlError(`strconv.ParseFloat: parsing ${quoted}: invalid syntax`);
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value)) throw new OttlError(`strconv.ParseFloat: parsing ${quoted}: value out of range`);
  return value;
}
