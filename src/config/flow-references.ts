/**
 * References without quotes inside of [ ] and { }. To YAML their brace opens a map, and nothing behind it makes sense any
 * more: without a word about the reference every line below is an error.
 */
import { Lexer } from 'yaml';

/** Where one begins and ends in the text. */
export type Stretch = readonly [start: number, end: number];

/** What stands before a plain text, in what the lexer gives. It is no part of the source, nor are the other marks. */
const PLAIN = '\u001f';
const MARKS = new Set([PLAIN, '\u0002', '\u0018']);

/** Those that end on their line. */
export function flowReferences(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let offset = 0;
  let last = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (!MARKS.has(lexeme)) {
      offset += lexeme.length;
      // Outside of brackets the text goes on behind the brace.
      const isReference = last === PLAIN && lexeme.endsWith('$') && text[offset] === '{';
      const end = isReference && offset > (found.at(-1)?.[1] ?? 0) ? endOf(text, offset) : undefined;
      if (end !== undefined) found.push([offset - 1, end]);
    }
    last = lexeme;
  }
  return found;
}

/** Behind the brace that closes the one at `from`. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

/** The text with a word in the place of each, so that the places of everything else stay as they are. */
export function withoutThem(text: string, references: readonly Stretch[]): string {
  return references.reduce(
    (rest, [start, end]) => rest.slice(0, start) + 'x'.repeat(end - start) + rest.slice(end),
    text,
  );
}
