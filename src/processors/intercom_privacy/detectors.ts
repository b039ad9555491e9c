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
  if (/[/\\=:.]/.test(text)) links(text, found);
  if (text.includes('@')) emails(text, found);
  if (/\d/.test(text)) {
    numbers(text, found);
    ibans(text, found);
  }
  if (/[.:]/.test(text)) ips(text, found);
  return found;
}

/** With a scheme, or with two slashes before a host. */
const LINK =
  /(?:[a-z][a-z0-9+.-]{1,20}:[\\/]{2}|\/\/(?=[\p{L}\p{N}-]{1,63}\.)|www\.|(?:mailto|tel|sms|sip|sips|skype|callto|facetime|xmpp|viber|whatsapp|geo):(?=[^\s"<>])|data:[a-z]{0,20}[/;,])[^\s"<>]+/giu;
/** Without: a host and something behind it. It starts where a word starts, so that no word is looked at twice. */
const BARE_LINK =
  /(?<![\p{L}\p{N}._@/\\-])(?:[\p{L}\p{N}_-]{1,63}\.){1,8}\p{L}{2,24}(?::\d{1,5})?[/?#][\p{L}\p{N}%=_~&.-][^\s"<>]*/gu;
/** What a tag refers to is a link, in whatever way it is written. */
const REFERENCE =
  /\b(?:href|src|srcset|action|formaction|poster|cite|background)\s{0,3}=\s{0,3}(?:"([^"]{1,8000})"|'([^']{1,8000})')/dgi;

function links(text: string, found: Span[]): void {
  for (const pattern of [LINK, BARE_LINK])
    for (const { 0: whole, index } of text.matchAll(pattern)) {
      const before = text[index - 1] ?? '';
      const quoted = before === "'" || before === '`' ? whole.indexOf(before) : -1;
      let length = quoted < 0 ? whole.length : quoted;
      // What ends a sentence does not belong to the link.
      while (length > 0 && ".,;:!?)]}'`".includes(whole[length - 1] as string)) length--;
      found.push({ start: index, end: index + length, kind: 'link' });
    }
  if (!text.includes('=')) return;
  for (const { indices } of text.matchAll(REFERENCE)) {
    const [start, end] = indices?.[1] ?? indices?.[2] ?? [0, 0];
    found.push({ start, end, kind: 'link' });
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
  for (const { 0: whole, index } of text.matchAll(SPACED))
    found.push({ start: index, end: index + whole.length, kind: 'email' });
}

/** `anna @ example.com`: what would be a mention otherwise needs a whole host. */
const SPACED =
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}(?: {1,3}@ {0,3}|@ {1,3})(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu;

/** A half of a surrogate pair belongs to a letter, as far as we care. */
function isPart(text: string, index: number, part: RegExp): boolean {
  const code = text.charCodeAt(index);
  return (code >= 0xd800 && code <= 0xdfff) || part.test(text[index] as string);
}

/** Digits in groups; a group may be in parentheses. Right behind letters only a long row of them: `A1234567` is an order. */
const NUMBER =
  /(?<![\p{Script=Latin}\p{N}]|[\p{Script=Latin}\p{N}]_)\+?\(?\d(?:[\s()./_·•~\p{Pd}]{0,3}\d){6,}(?:\s{0,2}(?:x|ext\.?)\s{0,2}\d{1,6}(?!\p{L}))?|\+\d(?:[^\p{L}\p{N}<>"&\\%]{0,3}\d){6,14}|(?<=\p{Script=Latin}_?)\d{9,}/gu;
const DATE =
  /(?<!\d)(?:(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d)(?!\d)/g;
/** Of a browser: 134.0.6998.88. */
const VERSION = /^\d{1,3}\.0\.\d{4,5}\.\d{1,3}$/;
const MIN_DIGITS = 7;

function numbers(text: string, found: Span[]): void {
  for (const { 0: whole, index } of text.matchAll(NUMBER)) {
    if (VERSION.test(whole)) continue;
    const dates = whole.startsWith('+') ? [] : [...whole.matchAll(DATE)];
    const rest = dates.length > 0 ? whole.replace(DATE, ' ') : whole;
    const digits = rest.replace(/\D/g, '');
    if (digits.length < MIN_DIGITS) continue;
    const kind = digits.length >= 13 && digits.length <= 19 && isLuhn(digits) ? 'card' : 'phone';
    const first = dates[0];
    const after = first?.index === 0 ? whole.slice(first[0].length) : whole;
    found.push({ start: index + whole.length - after.trimStart().length, end: index + whole.length, kind });
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

/** Each place where one may begin is looked at: what looks like a beginning may stand before the real one. */
const IBAN = /(?<!\d)(?=([A-Za-z]{2}\d{2}(?:[\s.\p{Pd}]?[A-Za-z0-9]){11,30}))/gu;
const MIN_IBAN = 15;

/** The longest beginning whose check digits are right (ISO 13616: 1 modulo 97 with the first four at the end): words may follow. */
function ibans(text: string, found: Span[]): void {
  for (const match of text.matchAll(IBAN)) {
    const whole = match[1] as string;
    let characters = 0;
    let end = 0;
    let rest = 0;
    for (let offset = 0; offset < whole.length; offset++) {
      const value = Number.parseInt(whole[offset] as string, 36);
      if (Number.isNaN(value)) continue;
      if (++characters > 4) rest = appended(rest, value);
      if (characters >= MIN_IBAN && [...whole.slice(0, 4)].reduce(appendedCharacter, rest) === 1) end = offset + 1;
    }
    if (end > 0) found.push({ start: match.index, end: match.index + end, kind: 'iban' });
  }
}

/** Letters count as two digits. */
function appended(rest: number, value: number): number {
  return (value < 10 ? rest * 10 + value : rest * 100 + value) % 97;
}

function appendedCharacter(rest: number, character: string): number {
  return appended(rest, Number.parseInt(character, 36));
}

/** Digits with three points, or two colons at least among hexadecimal digits; a port may follow. `v1.2.3.4` is a version. */
const IP =
  /(?<![\p{Script=Latin}\p{N}]|\d[.:])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d\.)|(?<![0-9a-f])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?:\.\d{1,3}){0,3}/giu;
/** No host has it, and many a browser's version does: 131.0.0.0. */
const NO_HOST = /^\d{1,3}\.0\.0\.0$/;

function ips(text: string, found: Span[]): void {
  for (const { 0: whole, index } of text.matchAll(IP)) {
    let address = isIP(whole) === 0 ? whole.replace(/:+$/, '') : whole;
    // `seen:2001:db8::1`: what stands before may look like a group.
    while (isIP(address) === 0 && address.includes(':')) address = address.slice(address.indexOf(':') + 1);
    if (/[0-9a-f]/i.test(address) && isIP(address) !== 0 && !NO_HOST.test(address)) {
      const start = index + whole.lastIndexOf(address);
      found.push({ start, end: start + address.length, kind: 'ip' });
    }
  }
}
