/** A text as a reader takes it: without invisible characters, variants of letters and digits, and tags within a word. */
import type { DecodedText } from './decoded-text.ts';

/** Letter by letter: `José` is `Jose`, `Ｊｏ` is `Jo`, `٣` is `3`. ASCII stays. */
export function plainText(text: string): string {
  return isAscii(text) ? text : text.normalize('NFC').replace(BEYOND_ASCII, plainCharacter);
}

/** Undefined where the text is plain already. */
export function plainForm(text: string): DecodedText | undefined {
  if (isAscii(text) && !/[<([{]/.test(text)) return undefined;
  const parts: string[] = [];
  const at: number[] = [];
  let copied = 0;
  for (const { 0: whole, index, groups } of text.matchAll(NOT_PLAIN)) {
    const plain = groups?.dot ? '.' : groups?.at ? '@' : groups?.tag ? '' : plainCharacter(whole);
    if (plain === whole) continue;
    parts.push(text.slice(copied, index), plain);
    for (let offset = copied; offset < index; offset++) at.push(offset);
    for (let i = 0; i < plain.length; i++) at.push(index);
    copied = index + whole.length;
  }
  if (copied === 0) return undefined;
  parts.push(text.slice(copied));
  for (let offset = copied; offset <= text.length; offset++) at.push(offset);
  return { text: parts.join(''), at: Uint32Array.from(at) };
}

const BEYOND_ASCII = /[^\0-\x7f]/gu;

/** Tags that may stand within a word, comments, `(at)` and `[dot]`. Each is bounded: a text of `<b<b<b` is no trouble. */
const NOT_PLAIN =
  /(?<tag><\/?(?:a|abbr|b|bdi|big|code|del|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|wbr|o:p)(?:\s[^<>]{0,4000})?\/?>|<!--[^<>]{0,4000}-->)|(?<at>\s{0,3}[([{<]\s{0,3}at\s{0,3}[)\]}>]\s{0,3})|(?<dot>\s{0,3}[([{<]\s{0,3}(?:dot|punkt|\.)\s{0,3}[)\]}>]\s{0,3})|[^\0-\x7f]/giu;

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** There are as many characters as there are; most texts use few. */
const MAX_KNOWN = 4096;
const known = new Map<string, string>();

function plainCharacter(character: string): string {
  const found = known.get(character);
  if (found !== undefined) return found;
  const plain = plainOf(character);
  if (known.size < MAX_KNOWN) known.set(character, plain);
  return plain;
}

const SPECIAL: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D' },
  ...{ ł: 'l', Ł: 'L', ı: 'i', þ: 'th', Þ: 'Th', ħ: 'h', Ħ: 'H' },
  ...{ '‘': "'", '’': "'", '‛': "'", ʼ: "'", ʻ: "'", ʹ: "'", '′': "'", '´': "'" },
};

function plainOf(character: string): string {
  const special = SPECIAL[character];
  if (special !== undefined) return special;
  if (/\p{Default_Ignorable_Code_Point}|[\u0300-\u036f]/u.test(character)) return '';
  if (/\p{Nd}/u.test(character)) return String(digitOf(character.codePointAt(0) as number));
  if (/\p{Pd}/u.test(character)) return '-';
  if (/\p{Zs}/u.test(character)) return ' ';
  const apart = character.normalize('NFKD');
  // Elsewhere marks are letters.
  if (!/^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]/u.test(apart)) return character;
  return apart.replace(/\p{M}/gu, '');
}

/** Decimal digits come in tens, in order. */
function digitOf(code: number): number {
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  // Mathematical digits are five tens in a row, which start at U+1D7CE.
  return code >= 0x1d7ce && code <= 0x1d7ff ? (code - 0x1d7ce) % 10 : code - zero;
}
