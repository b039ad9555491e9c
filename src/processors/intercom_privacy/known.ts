/** Who a notification names: words to look for in its texts, where no detector would know them. */
import { classOf, containerOf, isMachine, type Place } from '../../intercom/privacy.ts';
import { isMap, type Value } from '../../record/value.ts';
import type { Span } from './detectors.ts';
import { fold } from './fold.ts';
import { digitsOfPhone } from './replacement.ts';

/** More would not be one notification's people any more; the rest is looked for by the detectors alone. */
const MAX_PHRASES = 64;
const MAX_WORDS = 256;
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
  /** Whole values, folded. */
  readonly #phrases = new Set<string>();
  /** Parts of names, folded. */
  readonly #words = new Set<string>();
  /** Digits of telephone numbers. */
  readonly #phones = new Set<string>();

  /** Takes in everything below `value` that tells who a person is. */
  collect(value: Value, place: Place): void {
    if (Array.isArray(value)) for (const item of value) this.collect(item, place);
    else if (isMap(value)) {
      const container = containerOf(place);
      for (const key of Object.keys(value))
        this.collect(value[key], { key, parent: place.key, owner: value, container });
    } else if (typeof value === 'string' && value.length <= MAX_NAME) {
      if (classOf(value, place) === 'contact') this.#add(value, isName(place.key) && !isMachine(place.owner));
    }
  }

  #add(value: string, isName: boolean): void {
    const folded = fold(value.normalize('NFC').trim());
    const digits = digitsOfPhone(folded);
    if (digits !== undefined) this.#phones.add(digits);
    if (folded.length < (isSpaced(folded) ? MIN_PHRASE : 2) || COMMON.has(folded) || this.#phrases.size >= MAX_PHRASES)
      return;
    this.#phrases.add(folded);
    if (!isName) return;
    for (const [word] of folded.matchAll(WORDS)) {
      if (this.#words.size >= MAX_WORDS) return;
      if (word.length >= MIN_WORD && !COMMON.has(word) && !/^\d+$/.test(word)) this.#words.add(word);
    }
  }

  get size(): number {
    return this.#phrases.size + this.#phones.size;
  }

  /** The whole text is one of those, whatever it is said to be. */
  isOne(text: string): boolean {
    if (this.size === 0) return false;
    const folded = fold(text.normalize('NFC').trim());
    return this.#phrases.has(folded) || this.#phones.has(digitsOfPhone(folded) ?? '');
  }

  /** Where they stand in a text in NFC. */
  find(text: string, found: Span[]): void {
    if (this.#phrases.size === 0) return;
    const folded = fold(text);
    for (const phrase of this.#phrases) {
      for (let at = folded.indexOf(phrase); at >= 0; at = folded.indexOf(phrase, at + phrase.length)) {
        const end = at + phrase.length;
        if (isAlone(folded, at, end)) found.push({ start: at, end, kind: 'name' });
      }
    }
    if (this.#words.size === 0) return;
    for (const { 0: word, index } of folded.matchAll(WORDS)) {
      const stem = word.replace(/['’]s$/, '');
      if (this.#words.has(stem)) found.push({ start: index, end: index + stem.length, kind: 'name' });
    }
  }
}

/** Of the contact data under a key, only names are looked for word by word. */
function isName(key: string): boolean {
  return key === 'name' || key === 'label' || key.endsWith('_name') || key === 'pseudonym' || key === 'username';
}

/** No part of a longer word; languages that write without spaces have only longer words. */
function isAlone(text: string, start: number, end: number): boolean {
  if (!isSpaced(text.slice(start, end))) return true;
  return !(
    /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, start - 2), start)) || /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
  );
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

function isSpaced(text: string): boolean {
  return !UNSPACED.test(text);
}
