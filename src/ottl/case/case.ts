/** Upper, lower, snake and camel case as Go and its libraries have them. */
import { trimSpace } from '../space.ts';

/** Character by character: none becomes two, and none looks at its neighbours. */
export function lowerCase(text: string): string {
  return /[\x80-\uffff]/.test(text)
    ? mapEach(text, (character) => SIMPLE_LOWER[character] ?? lowerOf(character))
    : text.toLowerCase();
}

/** Character by character: `ß` stays as it is. */
export function upperCase(text: string): string {
  return /[\x80-\uffff]/.test(text) ? mapEach(text, upperOf) : text.toUpperCase();
}

function mapEach(text: string, map: (character: string) => string): string {
  let result = '';
  for (const character of text) result += map(character);
  return result;
}

const SIMPLE_LOWER: Readonly<Record<string, string>> = { İ: 'i' };

function lowerOf(character: string): string {
  return character.toLowerCase();
}

function upperOf(character: string): string {
  const upper = character.toUpperCase();
  if (upper.length === character.length) return upper;
  const code = character.codePointAt(0) ?? 0;
  // Greek letters with an iota below have a title case of one character, which JavaScript does not use.
  const isIota = (code >= 0x1f80 && code <= 0x1faf) || code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3;
  if (!isIota) return character;
  return String.fromCodePoint(code >= 0x1fb0 ? code + 9 : code | 8);
}

/**
 * Words of ASCII letters and digits with underscores between them, in lower case; characters beyond ASCII are kept.
 */
export function snakeCase(text: string): string {
  const trimmed = trimSpace(text);
  let result = '';
  for (let i = 0; i < trimmed.length; i++) {
    const character = trimmed.charAt(i);
    const [kind, next, previous] = [kindAt(trimmed, i), kindAt(trimmed, i + 1), kindAt(trimmed, i - 1)];
    const written = kind === 'upper' ? character.toLowerCase() : character;
    if (kind === 'separator') result += '_';
    else if (kind === 'other' || next === 'separator' || next === 'other' || kind === next) result += written;
    else if (kind === 'upper' && next === 'lower') result += previous === 'upper' ? `_${written}` : written;
    else result += `${written}_`;
  }
  return result;
}

/** Words of ASCII letters and digits, each beginning in upper case, with nothing between them; all else is dropped. */
export function camelCase(text: string): string {
  const trimmed = trimSpace(text);
  let result = '';
  let isStart = true;
  let isAfterUpper = false;
  for (let i = 0; i < trimmed.length; i++) {
    const character = trimmed.charAt(i);
    const kind = kindAt(trimmed, i);
    if (kind === 'upper' || kind === 'lower') {
      if (isStart) result += character.toUpperCase();
      else result += isAfterUpper ? character.toLowerCase() : character;
      isStart = false;
    } else if (kind === 'digit') {
      result += character;
      isStart = true;
    } else isStart = kind === 'separator';
    isAfterUpper = kind === 'upper';
  }
  return result;
}

type Kind = 'upper' | 'lower' | 'digit' | 'separator' | 'other';

function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  if (code >= 0x41 && code <= 0x5a) return 'upper';
  if (code >= 0x61 && code <= 0x7a) return 'lower';
  if (code >= 0x30 && code <= 0x39) return 'digit';
  return code === 0x20 || code === 0x5f || code === 0x2d || code === 0x2e ? 'separator' : 'other';
}
