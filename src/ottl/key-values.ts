/** Texts like `a=1 b="x y"`, from and to maps. */
import { setOwn, type ValueMap } from '../record/value.ts';
import { OttlError } from './error.ts';
import { trimSpace } from './space.ts';
import { quoted } from './sprintf/quote.ts';
import { pdataText } from './text.ts';

export interface Delimiters {
  /** Between a key and its value. */
  readonly delimiter: string;
  /** Between pairs. */
  readonly pairDelimiter: string;
}

/** The delimiters of a call. @throws {OttlError} for empty ones and equal ones */
export function delimitersOf(delimiter = '=', pairDelimiter = ' '): Delimiters {
  if (delimiter === '') throw new OttlError('delimiter cannot be set to an empty string');
  if (pairDelimiter === '') throw new OttlError('pair delimiter cannot be set to an empty string');
  if (pairDelimiter === delimiter) {
    const [pair, key] = [pairDelimiter, delimiter].map((each) => quoted(each, '"', false));
    throw new OttlError(`pair delimiter ${pair} cannot be equal to delimiter ${key}`);
  }
  return { delimiter, pairDelimiter };
}

/** @throws {OttlError} */
export function parseKeyValues(text: string, { delimiter, pairDelimiter }: Delimiters): ValueMap {
  if (text === '') throw new OttlError('cannot parse from empty target');
  const map: ValueMap = {};
  const problems: string[] = [];
  for (const pair of pairsOf(text, pairDelimiter)) {
    const at = pair.indexOf(delimiter);
    if (at < 0) problems.push(`cannot split ${quoted(pair, '"', false)} into 2 items, got 1 item(s)`);
    else setOwn(map, trimSpace(pair.slice(0, at)), trimSpace(pair.slice(at + delimiter.length)));
  }
  if (problems.length > 0) throw new OttlError(`failed to split pairs into key-values: ${problems.join('; ')}`);
  return map;
}

/** Parts between delimiters that stand outside of quotes. Outer quotes are dropped, empty parts too. */
function pairsOf(text: string, delimiter: string): string[] {
  const pairs: string[] = [];
  let pair = '';
  let quote = '';
  let isEscaped = false;
  for (let i = 0; i < text.length; ) {
    if (quote === '' && text.startsWith(delimiter, i)) {
      if (pair !== '') pairs.push(pair);
      pair = '';
      i += delimiter.length;
      continue;
    }
    const char = text[i++] as string;
    if (!isEscaped && (quote === '' ? char === '"' || char === "'" : char === quote)) {
      quote = quote === '' ? char : '';
      continue;
    }
    isEscaped = !isEscaped && char === '\\';
    pair += char;
  }
  if (quote !== '') {
    const source = quoted(text, '"', false);
    throw new OttlError(`splitting source ${source} into pairs failed: never reached the end of a quoted value`);
  }
  if (pair !== '') pairs.push(pair);
  return pairs;
}

/** @param order of the keys; as they stand where it is left out */
export function keyValueText(
  map: ValueMap,
  { delimiter, pairDelimiter }: Delimiters,
  order?: (a: string, b: string) => number,
): string {
  const protect = (text: string) => {
    const escaped = text.replaceAll('"', '\\"');
    return escaped.includes(pairDelimiter) || escaped.includes(delimiter) ? `"${escaped}"` : escaped;
  };
  const keys = Object.keys(map);
  if (order) keys.sort(order);
  return keys.map((key) => protect(key) + delimiter + protect(pdataText(map[key]))).join(pairDelimiter);
}
