/** Integers and doubles by verbs; undefined for a verb that they have not. */

import { type Flags, pad } from './flags.ts';
import { floatDigits } from './float.ts';
import { isPrinted, quoted } from './quote.ts';

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

export function printInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  if (verb === 'c') return pad(characterOf(value), flags);
  if (verb === 'q') return pad(quoted(characterOf(value), "'", flags.plus), flags);
  if (verb === 'U') return unicode(value, flags);
  const base = BASES[verb];
  if (base === undefined) return undefined;
  const { precision, width = 0 } = flags;
  if (precision === 0 && value === 0n) return ' '.repeat(width);
  const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  const zeros = precision ?? (flags.zero && !flags.minus ? width - sign.length : 0);
  const digits = (value < 0n ? -value : value).toString(base).padStart(zeros, '0');
  const all = sign + prefixOf(verb, base, flags.sharp, digits) + digits;
  return pad(verb === 'X' ? all.toUpperCase() : all, { ...flags, zero: false });
}

function prefixOf(verb: string, base: number, isSharp: boolean, digits: string): string {
  const octal = verb === 'O' ? '0o' : '';
  if (!isSharp) return octal;
  if (base === 8) return octal + (digits.startsWith('0') ? '' : '0');
  return base === 16 ? '0x' : base === 2 ? '0b' : '';
}

function characterOf(value: bigint): string {
  const isNone = value < 0n || value > 0x10ffffn || (value >= 0xd800n && value <= 0xdfffn);
  return isNone ? '\ufffd' : String.fromCodePoint(Number(value));
}

function unicode(value: bigint, flags: Flags): string {
  const digits = BigInt.asUintN(64, value)
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), '0');
  const isShown = flags.sharp && value >= 0n && value <= 0x10ffffn && isPrinted(characterOf(value));
  return pad(`U+${digits}${isShown ? ` '${characterOf(value)}'` : ''}`, { ...flags, zero: false });
}

/** What digits a verb has where no precision is given; undefined for as few as needed. */
const PRECISIONS: Readonly<Record<string, number | undefined>> = { e: 6, E: 6, f: 6, F: 6 };

export function printFloat(value: number, verb: string, flags: Flags): string | undefined {
  if (!'vbgGxXfFeE'.includes(verb)) return undefined;
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  if (Number.isNaN(value)) return pad(`${flags.plus ? '+' : flags.space ? ' ' : ''}NaN`, { ...flags, zero: false });
  if (!Number.isFinite(value)) return pad(`${sign || '+'}Inf`, { ...flags, zero: false });
  const kind = verb === 'v' ? 'g' : verb.toLowerCase();
  const precision = flags.precision ?? PRECISIONS[verb];
  const plain = floatDigits(value, kind, precision);
  const digits = flags.sharp && verb !== 'b' ? withPoint(plain, verb, precision) : plain;
  const cased = 'GXE'.includes(verb) ? digits.toUpperCase() : digits;
  const zeros = flags.zero && !flags.minus && (flags.width ?? 0) > sign.length + cased.length;
  // Zeros go between the sign and the digits.
  return zeros ? sign + pad(cased, { ...flags, width: (flags.width ?? 0) - sign.length }) : pad(sign + cased, flags);
}

/** What a sharp asks for: always a point, and with some verbs all digits of the precision. */
function withPoint(digits: string, verb: string, precision: number | undefined): string {
  const exponentAt = digits.search(/x/i.test(verb) ? /p/ : /e/);
  const number = exponentAt < 0 ? digits : digits.slice(0, exponentAt);
  const exponent = exponentAt < 0 ? '' : digits.slice(exponentAt);
  const pointed = number.includes('.') ? number : `${number}.`;
  if (!'vgGx'.includes(verb)) return pointed + exponent;
  const significant = number === '0' ? 1 : number.replace('.', '').replace(/^0+/, '').length;
  return pointed + '0'.repeat(Math.max(0, (precision ?? 6) - significant)) + exponent;
}
