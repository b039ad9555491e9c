/** Texts and characters in quotes, as Go's strconv writes them. */

const PRINTED = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** @param quote stands around it and is escaped in it */
export function quoted(text: string, quote: '"' | "'", isAscii: boolean): string {
  let result = quote as string;
  for (const character of text) result += escaped(character, quote, isAscii);
  return result + quote;
}

export function isPrinted(character: string): boolean {
  return PRINTED.test(character);
}

function escaped(character: string, quote: string, isAscii: boolean): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (isPrinted(character) && (!isAscii || code < 0x80)) return character;
  if (NAMED[character]) return NAMED[character];
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Whether a text may stand between backquotes. */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  return !/[\x00-\x08\x0a-\x1f`\x7f\ufeff]/.test(text);
}
