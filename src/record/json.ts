/**
 * JSON as it arrives: bytes that nobody has looked at. Both functions are linear in time and memory and never throw.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { parseExact } from './exact-json.ts';
import type { Value } from './value.ts';

export type ParsedJson =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      /**
       * - `not_utf8`: the bytes are not UTF-8; `text` has U+FFFD where they are not.
       * - `too_deep`: more than `maxDepth` arrays and objects inside each other. Looked at before the syntax.
       * - `not_json`: anything else that is not one JSON value.
       */
      readonly reason: 'not_json' | 'not_utf8' | 'too_deep';
      /** The bytes as text, to be carried instead of a value. Without a byte order mark. */
      readonly text: string;
    };

/**
 * Strict JSON, with three additions: a UTF-8 byte order mark is skipped; an integer that a double can't hold but an int64
 * can becomes a `bigint`; and depth is bounded, so that whoever walks the value may recurse. As with JSON.parse the last
 * of several equal keys wins and `__proto__` is a key like any other. Integers beyond int64 become doubles.
 */
export function parseJson(bytes: Uint8Array, limits: { maxDepth?: number } = {}): ParsedJson {
  const buffer = withoutByteOrderMark(bytes);
  // Decoding as Latin-1 is a copy.
  const ascii = isAscii(buffer);
  const text = buffer.toString(ascii ? 'latin1' : 'utf8');
  if (!ascii && !isUtf8(buffer)) return { ok: false, reason: 'not_utf8', text };
  const { tooDeep, longIntegers } = survey(buffer, text, limits.maxDepth ?? 64);
  if (tooDeep) return { ok: false, reason: 'too_deep', text };
  try {
    const value: Value = JSON.parse(text);
    return { ok: true, value: longIntegers ? parseExact(text) : value };
  } catch {
    return { ok: false, reason: 'not_json', text };
  }
}

function withoutByteOrderMark(bytes: Uint8Array): Buffer {
  const skip = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (skip === 0 && Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset + skip, bytes.byteLength - skip);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** 2^53 has 16 digits; whatever has fewer is exact as a double. */
const LONG_DIGITS = 16;

interface Survey {
  readonly tooDeep: boolean;
  readonly longIntegers: boolean;
}

const NOTHING_SPECIAL: Survey = { tooDeep: false, longIntegers: false };

/** What JSON.parse won't tell: the depth, and whether integers may lose digits. Mostly a glance shows that there is neither. */
function survey(bytes: Buffer, text: string, maxDepth: number): Survey {
  if (opensAtMost(text, maxDepth) && !hasLongDigits(bytes)) return NOTHING_SPECIAL;
  return surveyBytes(bytes, maxDepth);
}

/** Whether so few arrays and objects begin that they can't be nested any deeper. Brackets in strings count too. */
function opensAtMost(text: string, limit: number): boolean {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > limit) return false;
    }
  }
  return true;
}

/** Whether `LONG_DIGITS` digits stand in a row, in strings too. One of those is at a multiple of that: the rest is not looked at. */
function hasLongDigits(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += LONG_DIGITS) {
    if (!isDigit(bytes[at] as number)) continue;
    let first = at;
    while (first > 0 && at - first < LONG_DIGITS && isDigit(bytes[first - 1] as number)) first--;
    let end = at + 1;
    while (end < bytes.length && end - first < LONG_DIGITS && isDigit(bytes[end] as number)) end++;
    if (end - first >= LONG_DIGITS) return true;
  }
  return false;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** One pass over the bytes. */
function surveyBytes(bytes: Buffer, maxDepth: number): Survey {
  let depth = 0;
  let digits = 0;
  let longIntegers = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) {
      i = endOfString(bytes, i);
      digits = 0;
    } else if (isDigit(byte)) {
      if (++digits === LONG_DIGITS) longIntegers = true;
    } else {
      // Digits after a point are a fraction: they never count.
      digits = byte === POINT ? Number.NEGATIVE_INFINITY : 0;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (++depth > maxDepth) return { tooDeep: true, longIntegers };
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    }
  }
  return { tooDeep: false, longIntegers };
}

/** A string that is longer than this is searched by native code, which takes a while to begin. */
const SHORT_STRING = 64;

/** Index of the quote that ends the string whose first quote is at `start`; the length of the bytes if none does. */
function endOfString(bytes: Buffer, start: number): number {
  let i = start + 1;
  while (i < bytes.length) {
    // Again and again: where much is escaped, native code would find little at a time.
    for (const near = Math.min(bytes.length, i + SHORT_STRING); i < near; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) return i;
      if (byte === BACKSLASH) i++;
    }
    const quote = i < bytes.length ? bytes.indexOf(QUOTE, i) : -1;
    if (quote === -1) break;
    let unescaped = quote;
    while (unescaped > i && bytes[unescaped - 1] === BACKSLASH) unescaped--;
    if ((quote - unescaped) % 2 === 0) return quote;
    i = quote + 1;
  }
  return bytes.length;
}

/** A top-level member: `undefined` when it is absent, a boolean, an array or an object. */
export type Scalar = string | number | null | undefined;

/**
 * The members `keys` (ASCII) of a JSON object, without building the rest of it: what a door needs before it stores the
 * bytes. Agrees with JSON.parse on valid JSON, except that an integer beyond 2^53 is given as its digits, so that two ids
 * never become one. On bytes that are not one complete object all members are `undefined`; what is nested is not
 * checked.
 */
export function scanTopLevel<Key extends string>(bytes: Uint8Array, keys: readonly Key[]): Record<Key, Scalar> {
  const found = {} as Record<Key, Scalar>;
  for (const key of keys) found[key] = undefined;
  if (!scanMembers(withoutByteOrderMark(bytes), keys, found)) for (const key of keys) found[key] = undefined;
  return found;
}

/** Puts the members that are wanted into `found`. True when the bytes are one object with nothing after it. */
function scanMembers<Key extends string>(bytes: Buffer, keys: readonly Key[], found: Record<Key, Scalar>): boolean {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return false;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1) === bytes.length;
  for (;;) {
    if (bytes[at] !== QUOTE) return false;
    const keyStart = at;
    const keyEnd = endOfString(bytes, at);
    at = skipSpace(bytes, keyEnd + 1);
    if (bytes[at] !== COLON) return false;
    const valueStart = skipSpace(bytes, at + 1);
    const valueEnd = endOfValue(bytes, valueStart);
    if (valueEnd === valueStart) return false;
    for (const key of keys) {
      if (isString(bytes, keyStart, keyEnd, key)) found[key] = scalar(bytes, valueStart, valueEnd);
    }
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1) === bytes.length;
    if (bytes[at] !== COMMA) return false;
    at = skipSpace(bytes, at + 1);
  }
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let i = start;
  while (isSpace(bytes[i])) i++;
  return i;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether the string in quotes at [start, end] means `text`. A character takes at most six bytes (\u0061). */
function isString(bytes: Buffer, start: number, end: number, text: string): boolean {
  const length = end - start - 1;
  if (length < text.length || length > text.length * 6) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + 1 + i];
    if (byte === BACKSLASH) return scalar(bytes, start, end + 1) === text;
    if (byte !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Index after the value that begins at `start`; `start` where none does. */
function endOfValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return endOfString(bytes, start) + 1;
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(bytes, start);
  let i = start;
  while (i < bytes.length && !endsToken(bytes[i] as number)) i++;
  return i;
}

/** The end of a number, or of a word; what is not allowed there ends it too, and is found not to be allowed. */
function endsToken(byte: number): boolean {
  return byte === COMMA || byte === QUOTE || isSpace(byte) || isBracket(byte);
}

function isBracket(byte: number): boolean {
  // A bracket and a brace differ in this bit alone.
  const brace = byte | 0x20;
  return brace === OPEN_BRACE || brace === CLOSE_BRACE;
}

/** Brackets are counted, not matched. */
function endOfNested(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) {
      i = endOfString(bytes, i);
    } else if (byte >= OPEN_BRACKET) {
      const brace = byte | 0x20;
      if (brace === OPEN_BRACE) depth++;
      else if (brace === CLOSE_BRACE && --depth === 0) return i + 1;
    }
  }
  return bytes.length;
}

function scalar(bytes: Buffer, start: number, end: number): Scalar {
  const first = bytes[start];
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return undefined;
  if (first === QUOTE && isPlain(bytes, start + 1, end - 1)) return bytes.toString('latin1', start + 1, end - 1);
  const token = bytes.subarray(start, end);
  if (!isUtf8(token)) return undefined;
  try {
    const text = token.toString('utf8');
    const value: unknown = JSON.parse(text);
    if (typeof value === 'number') return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? text : value;
    return typeof value === 'string' || value === null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** ASCII that stands for itself in a JSON string. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return false;
  }
  return true;
}
