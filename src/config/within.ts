/** Places inside of a text that stands in a source: of a statement, of a pattern. */
import type { Span } from './source.ts';

/**
 * The part of a scalar that a range of its value comes from, whichever way the value is written: plain, in quotes, as a block, with
 * `$$` for a dollar. Undefined where the source does not hold the value literally.
 *
 * @param range offsets in the value, the end not included
 */
export function spanWithin(
  at: Span,
  value: string,
  range: { readonly start: number; readonly end: number },
): Span | undefined {
  const offsets = offsetsIn(at.source.text.slice(at.start, at.end), value, range.end);
  const start = offsets?.[range.start];
  const end = offsets?.[range.end];
  if (start === undefined || end === undefined) return undefined;
  return { source: at.source, start: at.start + start, end: at.start + Math.max(end, start + 1) };
}

/** Where each character of the value stands in the raw text, up to and with `last`. */
function offsetsIn(raw: string, value: string, last: number): number[] | undefined {
  const quote = raw[0] === '"' || raw[0] === "'" ? raw[0] : '';
  const isBlock = raw[0] === '|' || raw[0] === '>';
  let i = isBlock ? raw.indexOf('\n') + 1 : quote.length;
  const offsets: number[] = [];
  for (let j = 0; j < value.length && j <= last; j++) {
    i += widthOfFolding(raw.slice(i), value[j] as string);
    const width = widthOf(raw, i, value[j] as string, quote);
    if (width === 0) return undefined;
    offsets.push(i);
    i += width;
  }
  offsets.push(i);
  return offsets.length > last ? offsets : undefined;
}

/** Line breaks and indentation in the source that are not in the value. */
function widthOfFolding(rest: string, wanted: string): number {
  const space = /^[ \t]*\r?\n[ \t\r\n]*/.exec(rest)?.[0] ?? /^[ \t]+/.exec(rest)?.[0] ?? '';
  if (space === '' || rest[0] === wanted) return 0;
  // A space or a line break of the value stands for the whole run.
  return wanted === ' ' || wanted === '\n' ? space.length - 1 : space.length;
}

/** Characters of the source at `i` that give this one; 0: none do. */
function widthOf(raw: string, i: number, wanted: string, quote: string): number {
  if (wanted === '$' && raw.startsWith('$$', i)) return 2;
  if (quote === "'" && wanted === "'" && raw.startsWith("''", i)) return 2;
  if (quote === '"' && raw[i] === '\\') {
    const escaped = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/.exec(raw.slice(i, i + 10));
    return escaped ? escaped[0].length : 0;
  }
  if (raw[i] === wanted) return 1;
  return /\s/.test(wanted) && /\s/.test(raw[i] ?? '') ? 1 : 0;
}
