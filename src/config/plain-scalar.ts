/** What an unquoted YAML scalar means: the rules of go-yaml v3, which the Collector uses, a mix of YAML 1.1 and 1.2. */
import { type ScalarValue, Timestamp } from './tree.ts';

const WORDS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

/** Longer digits are no number that anyone means. */
const MAX_NUMBER_LENGTH = 100;

/** yes, no, on and off stay texts; 0123 is octal, 1_000 is a thousand, 2006-1-2 is a date. */
export function resolvePlain(text: string): ScalarValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text) || text.length > MAX_NUMBER_LENGTH) return text;
  const moment = /^\d{4}-/.test(text) ? timestamp(text) : undefined;
  if (moment) return moment;
  const plain = text.replaceAll('_', '');
  const integer = /^([-+]?)(?:(0[xX][\da-fA-F]+)|(0[bB][01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(plain);
  if (integer) {
    const [, sign, hex, binary, octal, decimal] = integer;
    const value = BigInt(hex ?? binary ?? (octal ? `0o${octal}` : (decimal as string))) * (sign === '-' ? -1n : 1n);
    if (value >= -(2n ** 63n) && value < 2n ** 64n) {
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
  }
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain)) {
    const value = Number(plain);
    return Number.isFinite(value) ? value : text;
  }
  return text;
}

/** The forms of a date, and of a date with a time, that go-yaml knows. Undefined for all others, and for days that are none. */
export function timestamp(text: string): Timestamp | undefined {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?(Z|[-+]\d\d:\d\d))| (\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?)?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, year, month, day, ...rest] = match;
  const [hour = rest[5], minute = rest[6], second = rest[7], fraction = rest[8], zone = 'Z'] = rest;
  const two = (part = '0') => part.padStart(2, '0');
  const date = `${year}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}`;
  const parsed = new Date(`${date}T${time}Z`);
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(`${date}T${time}`)) return undefined;
  const kept = fraction?.replace(/0+$/, '') ?? '';
  return new Timestamp(`${date}T${time}${kept === '.' ? '' : kept}${zone}`);
}

/** A key that is no text, as Go writes such values. */
export function keyText(value: ScalarValue): string {
  if (value === null) return '<nil>';
  return value instanceof Timestamp ? value.text : String(value);
}
