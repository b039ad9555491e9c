/**
 * Globs as the Collector's library has them, which are not a shell's: `*` and `**` cross everything, `?` is any character,
 * `[abc]`, `[a-z]` and `[!...]` are one character, `{a,b*}` alternatives (also nested), a backslash takes the next character
 * as it is. A `}`, `]` or `,` without its beginning stands for itself, and a `{` may stay open.
 */
import { Regex, RegexError } from '../../regex/regex.ts';

/** A pattern that is none. */
export class GlobError extends Error {
  override readonly name = 'GlobError';
}

/** Tells whether a text is matched from its beginning to its end, in linear time. */
export type Glob = (text: string) => boolean;

/** A text, stars and a text. */
const ENDS = /^([^*?[{\\]+)\*+([^*?[{\\]+)$/;

/** @throws {GlobError} */
export function compileGlob(pattern: string): Glob {
  const [, prefix, suffix] = ENDS.exec(pattern) ?? [];
  // As in the Collector, the two may overlap: `a/*/` matches `a/`.
  if (prefix && suffix) return (text) => text.startsWith(prefix) && text.endsWith(suffix);
  try {
    const regex = new Regex(`\\A(?s:${translated(pattern)})\\z`);
    return (text) => regex.test(text);
  } catch (error) {
    if (error instanceof RegexError) throw new GlobError(error.message);
    throw error;
  }
}

function translated(pattern: string): string {
  const characters = [...pattern];
  let result = '';
  let level = 0;
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === '*') {
      while (characters[at + 1] === '*') at++;
      result += '.*';
    } else if (character === '?') result += '.';
    else if (character === '[') {
      const range = readRange(characters, at + 1);
      result += range.regex;
      at = range.end;
    } else if (character === '{') {
      level++;
      result += '(?:';
    } else if (character === '}' && level > 0) {
      level--;
      result += ')';
    } else if (character === ',' && level > 0) result += '|';
    else if (character === '\\') {
      at++;
      if (at < characters.length) result += escaped(characters[at] as string);
    } else result += escaped(character);
  }
  return result + ')'.repeat(level);
}

/**
 * @param at behind the opening bracket
 * @returns where the closing one stands
 */
function readRange(characters: readonly string[], at: number): { regex: string; end: number } {
  const isNot = characters[at] === '!';
  const start = isNot ? at + 1 : at;
  if (start >= characters.length) throw new GlobError('unexpected end of input');
  const open = isNot ? '[^' : '[';
  if (characters[start + 1] === '-') {
    const [low, high, close] = [characters[start], characters[start + 2], characters[start + 3]] as string[];
    if (high === undefined || close === undefined) throw new GlobError('unexpected end of input');
    if (close !== ']') throw new GlobError('expected close range character');
    if (codeOf(high) < codeOf(low as string)) {
      throw new GlobError(`hi character '${high}' should be greater than lo '${low}'`);
    }
    return { regex: `${open}${escaped(low as string)}-${escaped(high)}]`, end: start + 3 };
  }
  let members = '';
  let end = start;
  for (; characters[end] !== ']'; end++) {
    if (characters[end] === '\\') end++;
    const member = characters[end];
    if (member === undefined) throw new GlobError('unexpected end of input');
    members += escaped(member);
  }
  if (members === '') throw new GlobError('could not parse range');
  return { regex: `${open}${members}]`, end };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** The character for a regular expression, whatever it means there. */
function escaped(character: string): string {
  return `\\x{${codeOf(character).toString(16)}}`;
}
