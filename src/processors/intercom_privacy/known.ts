/** Who a notification names: words to look for in its texts, where no detector would know them. */

import { plainText } from '../../intercom/plain-text.ts';
import { classOf, containerOf, isMachine, type Place } from '../../intercom/privacy.ts';
import { jsonIn, MAX_NESTED } from '../../record/json-in-text.ts';
import { isMap, type Value } from '../../record/value.ts';
import type { Span } from './detectors.ts';
import { fold } from './fold.ts';
import { digitsOfPhone } from './replacement.ts';

/** More would not be one notification's people any more; the rest is looked for by the detectors alone. */
const MAX_PHRASES = 256;
const MAX_WORDS = 4096;
/** Shorter ones are found everywhere. */
const MIN_PHRASE = 3;
const MIN_WORD = 3;
const MAX_NAME = 200;
/** What stands in many a name, and in every text. */
const COMMON = new Set(
  'the and for from with user users admin admins lead visitor visitors contact team support test tester help service customer bot fin ltd inc gmbh llc company app none null unknown new'.split(
    ' ',
  ),
);

const WORDS = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;

export class KnownPeople {
  /** All that the notification says of somebody, folded. */
  readonly #values = new Set<string>();
  /** Of those, what is looked for in texts: detectors find the rest. */
  readonly #phrases = new Set<string>();
  /** Parts of names, folded. */
  readonly #words = new Set<string>();
  /** Ends of telephone numbers: the same with and without the country. */
  readonly #phones = new Set<string>();

  /** Takes in everything below `value` that tells who a person is, also in JSON in texts. */
  collect(value: Value, place: Place, nested = 0): void {
    if (Array.isArray(value)) for (const item of value) this.collect(item, place, nested);
    else if (isMap(value)) {
      const container = containerOf(place);
      for (const key of Object.keys(value))
        this.collect(value[key], { key, parent: place.key, owner: value, container }, nested);
    } else if (typeof value === 'string') {
      const json = nested < MAX_NESTED ? jsonIn(value) : undefined;
      if (json !== undefined) this.collect(json, { ...place, container: containerOf(place) }, nested + 1);
      else if (value.length <= MAX_NAME && tellsWho(value, place))
        this.#add(value, isName(place) && !isMachine(place.owner));
    }
  }

  #add(value: string, isName: boolean): void {
    const folded = foldedName(value);
    const digits = digitsOfPhone(folded);
    if (digits !== undefined) this.#phones.add(endOf(digits));
    if (folded.length < (isSpaced(folded) ? MIN_PHRASE : 2) || COMMON.has(folded)) return;
    this.#values.add(folded);
    const local = /^([^\s@]+)@\S+$/.exec(folded)?.[1];
    if (local !== undefined) {
      // anna.b is somebody, sales is nobody.
      if (/[a-z][._-][a-z]/.test(local)) this.#addPhrase(local);
      return;
    }
    if (digits === undefined && !folded.includes('://')) this.#addPhrase(folded);
    if (!isName) return;
    const words = folded.match(WORDS) ?? [];
    const parts = words.flatMap((word) => [word, word.replaceAll("'", ''), ...word.split("'")]);
    for (const word of [...parts, words.join('').replaceAll("'", '')]) {
      if (COMMON.has(word) || /^\d+$/.test(word)) continue;
      if (!isSpaced(word)) this.#addPhrase(word);
      else if (word.length >= MIN_WORD && this.#words.size < MAX_WORDS) this.#words.add(word);
    }
  }

  #addPhrase(folded: string): void {
    if (folded.length < 2 || this.#phrases.size >= MAX_PHRASES) return;
    this.#values.add(folded);
    this.#phrases.add(folded);
  }

  /** The whole text is one of those, whatever it is said to be. */
  isOne(text: string): boolean {
    if (this.#values.size + this.#phones.size === 0 || text.length > MAX_NAME) return false;
    const folded = foldedName(text);
    if (this.#values.has(folded) || this.#words.has(folded)) return true;
    if (/[._+-]/.test(folded) && this.#values.has(folded.replace(/[._+-]+/g, ' '))) return true;
    const digits = this.#phones.size > 0 ? digitsOfPhone(folded) : undefined;
    return digits !== undefined && this.#phones.has(endOf(digits));
  }

  /** Where they stand in a text in NFC. */
  find(text: string, found: Span[]): void {
    if (this.#phrases.size === 0 && this.#words.size === 0) return;
    const folded = fold(text);
    for (const phrase of this.#phrases) {
      for (let at = folded.indexOf(phrase); at >= 0; at = folded.indexOf(phrase, at + phrase.length)) {
        const end = at + phrase.length;
        if (isAlone(folded, at, end)) found.push({ start: at, end, kind: 'name' });
      }
    }
    if (this.#words.size === 0) return;
    for (const { 0: word, index } of folded.matchAll(WORDS)) {
      // Anna's, and Annas in other languages.
      const stem = [word, word.replace(/['’]?s$/, '')].find((one) => this.#words.has(one));
      if (stem !== undefined) found.push({ start: index, end: index + stem.length, kind: 'name' });
    }
  }
}

/** Digits of a telephone number without what stands before it at home and abroad. */
const PHONE_END = 9;

function endOf(digits: string): string {
  return digits.slice(-PHONE_END);
}

function foldedName(text: string): string {
  return fold(plainText(text).trim());
}

/** The customer's own attributes are no one's contact data by their place, but by their names: `First name`. */
function tellsWho(value: string, place: Place): boolean {
  const found = classOf(value, place);
  if (found !== 'custom' && found !== 'unknown') return found === 'contact';
  const key = place.key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase();
  return PERSONS.test(key);
}

const PERSONS =
  /^(?:(?:user|customer|contact|client|author|owner|account|sender|recipient)_)?(?:first_?|last_?|full_?|middle_?|nick_?|sur_?|family_?|given_?|user_?)?(?:name|e_?mail|e_?mail_address|phone|phone_number|mobile|handle|login)$/;

/** Of the contact data under a key, only names of persons are looked for word by word; files and countries have other words. */
function isName({ key, parent, owner }: Place): boolean {
  if (parent === 'attachments' || owner?.type === 'upload') return false;
  if (/^(?:city|region|country)_name$/.test(key)) return false;
  return /name$/i.test(key) || key === 'pseudonym' || key === 'label' || key === 'owner';
}

/** No part of a longer word; languages that write without spaces have only longer words. */
function isAlone(text: string, start: number, end: number): boolean {
  if (!isSpaced(text.slice(start, end))) return true;
  return !(
    /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, start - 2), start)) || /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
  );
}

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Hangul}]/u;

function isSpaced(text: string): boolean {
  return !UNSPACED.test(text);
}
