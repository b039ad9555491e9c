/** Integers in a text of any base, as Go's strconv.ParseInt reads them. */
import { int } from '../record/value.ts';
import { OttlError } from './error.ts';
import { quoted } from './sprintf/quote.ts';
import type { Int } from './value.ts';

const MAX_UINT64 = 2n ** 64n - 1n;

/** @param base 2 to 36; or 0: as its prefix says, with underscores. @throws {OttlError} */
export function parseInteger(text: string, base: Int): Int {
  const wrong = (what: string): OttlError =>
    new OttlError(`strconv.ParseInt: parsing ${quoted(text, '"', false)}: ${what}`);
  const isNegative = text.startsWith('-');
  const unsigned = /^[+-]/.test(text) ? text.slice(1) : text;
  if (unsigned === '') throw wrong('invalid syntax');
  if (base !== 0 && (base < 2 || base > 36)) throw wrong(`invalid base ${base}`);
  const [radix, digits] = base === 0 ? prefixed(unsigned) : [Number(base), unsigned];
  if (digits === '') throw wrong('invalid syntax');
  let value = 0n;
  for (const char of digits) {
    if (char === '_' && base === 0) continue;
    const digit = /^[0-9a-zA-Z]$/.test(char) ? Number.parseInt(char, 36) : radix;
    if (digit >= radix) throw wrong('invalid syntax');
    value = value * BigInt(radix) + BigInt(digit);
    // What comes behind is not looked at any more.
    if (value > MAX_UINT64) throw wrong('value out of range');
  }
  if (base === 0 && text.includes('_') && !areUnderscoresFine(unsigned)) throw wrong('invalid syntax');
  if (value > (isNegative ? 2n ** 63n : 2n ** 63n - 1n)) throw wrong('value out of range');
  return int(isNegative ? -value : value);
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16 };

function prefixed(text: string): [number, string] {
  if (!text.startsWith('0')) return [10, text];
  const radix = text.length >= 3 ? RADIX[text[1]?.toLowerCase() as string] : undefined;
  // A lone zero stays: what is left of it would be no number.
  return radix ? [radix, text.slice(2)] : [8, text.slice(1) || '0'];
}

/** Each between two digits, or between the prefix and a digit. */
function areUnderscoresFine(text: string): boolean {
  return /^(?:0[bBoOxX]_?|0_)?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*$/.test(text);
}
