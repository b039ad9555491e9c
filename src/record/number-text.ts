/** Texts as numbers, by the rules of Go's strconv, which the Collector's configuration and processors go by. */
import { isInt64 } from './value.ts';

/** Decimal digits with a sign or without; undefined for anything else, and for what is no int64. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  // Longer ones are none, whatever their digits, but for zeros in front.
  const digits = text.replace(/^[+-]?0*(?=\d)/, '');
  if (digits.length > 19) return undefined;
  const value = BigInt(digits) * (text.startsWith('-') ? -1n : 1n);
  return isInt64(value) ? value : undefined;
}

const DECIMAL = /^[+-]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f_]*)(?:\.([\da-f_]*))?p([+-]?\d[\d_]*)$/i;

/**
 * A double: decimal, hexadecimal with a binary exponent (0x1p-2), NaN and Inf in any case, single underscores between digits.
 * Undefined for anything else, and for what is larger than a double can be.
 */
export function parseDouble(text: string): number | undefined {
  const special = /^(?:nan|([+-]?)inf(?:inity)?)$/i.exec(text);
  if (special) {
    if (special[0].toLowerCase() === 'nan') return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (text.includes('_') && !hasFittingUnderscores(text)) return undefined;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (!hexadecimal && !DECIMAL.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const value = hexadecimal ? fromHexadecimal(plain) : Number(plain);
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

/** Each between two digits; the prefix 0x counts as one. */
function hasFittingUnderscores(text: string): boolean {
  const digits = /^[+-]?0x/i.test(text) ? text.replace(/^[+-]?0x/i, '0').replace(/[a-f]/gi, '0') : text;
  return !/(?:^|[^\d])_|_(?:[^\d]|$)/.test(digits);
}

/** Rounded once, to the nearest, ties to even. */
function fromHexadecimal(text: string): number | undefined {
  const [, sign, whole = '', fraction = '', exponent = ''] = HEXADECIMAL.exec(text) as RegExpExecArray;
  if (whole + fraction === '') return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  const negative = sign === '-';
  if (mantissa === 0n) return negative ? -0 : 0;
  const bits = mantissa.toString(2).length;
  // Of the lowest bit. What is beyond the range of doubles is so by far.
  const lowest = Math.max(-100_000, Math.min(100_000, Number(exponent))) - 4 * fraction.length;
  const kept = Math.min(53, bits + lowest + 1074);
  if (kept < 0) return negative ? -0 : 0;
  const cut = bits - kept;
  let rounded = mantissa;
  if (cut > 0) {
    const half = 1n << BigInt(cut - 1);
    const rest = mantissa & ((1n << BigInt(cut)) - 1n);
    rounded = mantissa >> BigInt(cut);
    if (rest > half || (rest === half && (rounded & 1n) === 1n)) rounded += 1n;
  }
  return scale(negative ? -Number(rounded) : Number(rounded), lowest + Math.max(0, cut));
}

/** `value` × 2^`exponent`, exact as long as the result is a double; in steps, as 2^1074 is none. */
function scale(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  while (left !== 0 && Number.isFinite(result) && result !== 0) {
    const step = Math.max(-1000, Math.min(1000, left));
    result *= 2 ** step;
    left -= step;
  }
  return result;
}
