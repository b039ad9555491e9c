/** Values as nodes of a YAML document, written so that our reader gives the same back. */
import { Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { resolvePlain } from '../config/plain-scalar.ts';
import { isDouble, isMap, toNumber, type Value } from '../record/value.ts';

/** Of a value as `written` gives it: no bytes. */
export function nodeOf(value: Value): Scalar | YAMLMap | YAMLSeq {
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    for (const item of value) list.items.push(nodeOf(item));
    return list;
  }
  if (isMap(value)) {
    const map = new YAMLMap();
    for (const [key, inner] of Object.entries(value)) map.items.push(pairOf(key, nodeOf(inner)));
    return map;
  }
  if (typeof value === 'string') return textNode(value);
  if (!isDouble(value)) return new Scalar(value ?? null);
  const number = toNumber(value);
  // A whole number that is a double keeps its point.
  return Object.assign(new Scalar(number), Number.isInteger(number) && { minFractionDigits: 1 });
}

export function pairOf(key: string, value: Scalar | YAMLMap | YAMLSeq): Pair {
  return new Pair(textNode(key), value);
}

/** Characters that our reader refuses, or that a person would not see. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cf}/gu;

function textNode(text: string): Scalar {
  const safe = text.replace(ODD, (odd) =>
    // By code unit.
    odd.replace(/[\s\S]/g, (unit) => `\ue000${unit.charCodeAt(0).toString(16).padStart(4, '0')}\ue001`),
  );
  const scalar = new Scalar(safe);
  const isPlain = text === '<<' || (!text.includes('\n') && resolvePlain(text) !== text);
  if (safe !== text) scalar.type = Scalar.QUOTE_DOUBLE;
  else if (isPlain) scalar.type = Scalar.QUOTE_SINGLE;
  return scalar;
}

/** Of a printed document: what stands for odd characters, only between double quotes, becomes escapes. */
export function withEscapes(printed: string): string {
  return printed.replace(/\ue000([0-9a-f]{4})\ue001/g, '\\u$1');
}
