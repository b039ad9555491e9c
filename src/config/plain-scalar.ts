/** What an unquoted YAML scalar means: the rules of go-yaml v3, which the Collector uses, a mix of YAML 1.1 and 1.2. */
import type { ScalarValue } from './tree.ts';

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

/** yes, no, on and off stay texts, and so do dates; 0123 is octal, 1_000 is a thousand. */
export function resolvePlain(text: string): ScalarValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text) || text.length > MAX_NUMBER_LENGTH) return text;
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
