/**
 * Finds in a text what leads to a person, whatever the text is about: addresses, telephone numbers, cards. Each is linear in the
 * length of the text. It rather takes a long order number for a telephone number than the other way round.
 */
import { isIP } from 'node:net';
import type { SpanKind } from './replacement.ts';

/** A part of a text: from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: SpanKind;
}

/** In any order; they may overlap. */
export function detect(text: string): Span[] {
  const found: Span[] = [];
  if (text.includes('://') || /www\.|mailto:|tel:|data:/i.test(text)) links(text, found);
  if (text.includes('@')) emails(text, found);
  if (/\d/.test(text)) {
    numbers(text, found);
    ibans(text, found);
  }
  if (/[.:]/.test(text)) ips(text, found);
  return found;
}

const LINK = /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.|mailto:|tel:|data:[a-z]+\/)[^\s"'<>`\\]+/gi;

function links(text: string, found: Span[]): void {
  for (const { 0: whole, index } of text.matchAll(LINK)) {
    let length = whole.length;
    // What ends a sentence does not belong to the link.
    while (length > 0 && '.,;:!?)]}'.includes(whole[length - 1] as string)) length--;
    found.push({ start: index, end: index + length, kind: 'link' });
  }
}

/** Longer ones are no addresses any more. */
const MAX_LOCAL = 128;
const MAX_DOMAIN = 255;
const LOCAL = /[\p{L}\p{N}\p{M}.!#$%&*+/=?^_`{|}~'-]/u;
const DOMAIN = /[\p{L}\p{N}\p{M}.\-_[\]:]/u;

function emails(text: string, found: Span[]): void {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    const first = Math.max(0, at - MAX_LOCAL);
    if (text[at - 1] === '"') start = Math.max(first, text.lastIndexOf('"', at - 2));
    else while (start > first && isPart(text, start - 1, LOCAL)) start--;
    let end = at + 1;
    const last = Math.min(text.length, at + MAX_DOMAIN);
    while (end < last && isPart(text, end, DOMAIN)) end++;
    while (end > at + 1 && /[.\-:\]]/.test(text[end - 1] as string)) end--;
    if (start < at && end > at + 1) found.push({ start, end, kind: 'email' });
  }
}

/** A half of a surrogate pair belongs to a letter, as far as we care. */
function isPart(text: string, index: number, part: RegExp): boolean {
  const code = text.charCodeAt(index);
  return (code >= 0xd800 && code <= 0xdfff) || part.test(text[index] as string);
}

/** Digits in groups; a group may be in parentheses. */
const NUMBER = /(?<![\p{L}\p{N}_])\+?\(?\d(?:[\s().\-–/\u00a0]{0,3}\d){6,}/gu;
const DATE = /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?![\d-])/;
const MIN_DIGITS = 7;

function numbers(text: string, found: Span[]): void {
  for (const { 0: whole, index } of text.matchAll(NUMBER)) {
    const rest = whole.replace(DATE, '');
    const digits = rest.replace(/\D/g, '');
    if (digits.length < MIN_DIGITS) continue;
    const kind = digits.length >= 13 && digits.length <= 19 && isLuhn(digits) ? 'card' : 'phone';
    const skipped = rest === whole ? 0 : whole.length - rest.trimStart().length;
    found.push({ start: index + skipped, end: index + whole.length, kind });
  }
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}

const IBAN = /(?<![\p{L}\p{N}])[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[A-Za-z0-9]){11,30}/gu;
const MIN_IBAN = 15;

/** The longest beginning whose check digits are right: words may follow. */
function ibans(text: string, found: Span[]): void {
  for (const { 0: whole, index } of text.matchAll(IBAN)) {
    let characters = 0;
    let end = 0;
    let compact = '';
    for (const [offset, character] of [...whole].entries()) {
      if (!/[A-Za-z0-9]/.test(character)) continue;
      compact += character.toUpperCase();
      if (++characters >= MIN_IBAN && isIban(compact)) end = offset + 1;
    }
    if (end > 0) found.push({ start: index, end: index + end, kind: 'iban' });
  }
}

/** ISO 13616: the first four characters at the end, letters as numbers, 1 modulo 97. */
function isIban(compact: string): boolean {
  let rest = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (value < 10 ? rest * 10 + value : rest * 100 + value) % 97;
  }
  return rest === 1;
}

/** Digits with three points, or two colons at least among hexadecimal digits; a port may follow. */
const IP =
  /(?<![\p{L}\p{N}_.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d\.)|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?:\.\d{1,3}){0,3})/giu;

function ips(text: string, found: Span[]): void {
  for (const { 0: whole, index } of text.matchAll(IP)) {
    const trimmed = isIP(whole) === 0 ? whole.replace(/:+$/, '') : whole;
    if (/[0-9a-f]/i.test(trimmed) && isIP(trimmed) !== 0)
      found.push({ start: index, end: index + trimmed.length, kind: 'ip' });
  }
}
