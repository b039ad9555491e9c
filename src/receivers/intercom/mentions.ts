/**
 * Whether a stored notification names a person: for erasing on their behalf. It rather finds one too many than one too few,
 * but takes no other address for this one, and no word of Intercom's for an id.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { decodedForms } from '../../intercom/decoded-text.ts';
import type { Entry } from '../../journal/journal.ts';
import { parseJson } from '../../record/json.ts';
import { MAX_NESTED } from '../../record/json-in-text.ts';
import type { Value } from '../../record/value.ts';

/**
 * True when the body names the person: an Intercom id, an id of the customer's own (`external_id`, `user_id`), or an e-mail
 * address.
 *
 * - An address is found in any text, whatever its case, also in links and in HTML; a longer address is another one.
 * - An id is a whole text, or a number under a key that is for ids. One of less than four characters counts under such a
 *   key only.
 * - JSON inside of a text is looked through too. A body that is no JSON is searched as text.
 *
 * Never throws.
 */
export function mentions({ body }: Entry, person: string): boolean {
  const wanted = person.trim();
  if (wanted === '' || body.length === 0) return false;
  const sought = /^[^\s@]+@[^\s@]+$/.test(wanted) ? new SoughtAddress(wanted) : new SoughtId(wanted);
  const parsed = parseJson(body);
  return parsed.ok ? isIn(parsed.value, '', sought, 0) : sought.inText(parsed.text);
}

interface Sought {
  /** `key` is that of the nearest map around the value; '' where there is none. */
  inString(text: string, key: string): boolean;
  inNumber(value: number | bigint, key: string): boolean;
  inKey(key: string): boolean;
  /** In text of any form, such as broken JSON. */
  inText(text: string): boolean;
}

/** Values of `parseJson` are not deep, so this may recurse. */
function isIn(value: Value, key: string, sought: Sought, nested: number): boolean {
  if (typeof value === 'string') return sought.inString(value, key) || isInJsonText(value, sought, nested);
  if (typeof value === 'number' || typeof value === 'bigint') return sought.inNumber(value, key);
  if (Array.isArray(value)) return value.some((element: Value) => isIn(element, key, sought, nested));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => sought.inKey(name) || isIn(member, name, sought, nested));
}

function isInJsonText(text: string, sought: Sought, nested: number): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  if (nested >= MAX_NESTED) return sought.inText(text);
  const parsed = parseJson(Buffer.from(text));
  if (parsed.ok) return isIn(parsed.value, '', sought, nested + 1);
  return parsed.reason === 'too_deep' && sought.inText(text);
}

/** Shorter ids are everywhere. */
const MIN_ID = 4;

class SoughtId implements Sought {
  readonly #id: string;
  readonly #isShort: boolean;

  constructor(id: string) {
    this.#id = id;
    this.#isShort = id.length < MIN_ID;
  }

  inString(text: string, key: string): boolean {
    if (this.#isShort ? !isIdKey(key) : isVocabularyKey(key)) return false;
    return forms(text).some((form) => form.trim() === this.#id);
  }

  inNumber(value: number | bigint, key: string): boolean {
    return (isIdKey(key) || (!this.#isShort && key.endsWith('_ids'))) && String(value) === this.#id;
  }

  /** Most keys are words of Intercom's: only one with a digit may be an id. */
  inKey(key: string): boolean {
    return !this.#isShort && key === this.#id && /\d/.test(key);
  }

  inText(text: string): boolean {
    if (!this.#isShort) return forms(text).some((form) => hasAlone(form, this.#id, ID_EDGES));
    const id = this.#id.replace(/[^\p{L}\p{N}]/gu, '\\$&');
    const asMember = new RegExp(`"(?:\\w*_)?id"\\s*:\\s*(?:"${id}"|${id}(?![\\w.]))`);
    return forms(text).some((form) => asMember.test(form));
  }
}

function isIdKey(key: string): boolean {
  return key === 'id' || key.endsWith('_id');
}

/** What stands there is Intercom's word, such as `user`, `admin`, `open`: a person's own id may be one of these. */
function isVocabularyKey(key: string): boolean {
  return /^(?:\w+_)?(?:type|role|topic|state|status|category|object)$/.test(key);
}

class SoughtAddress implements Sought {
  readonly #addresses: readonly string[];

  constructor(address: string) {
    const at = address.lastIndexOf('@');
    const local = address.slice(0, at);
    const domain = address.slice(at + 1);
    // A name with other letters than ASCII has a second form; '' where it is no domain.
    const domains = [domain, domainToASCII(domain), domainToUnicode(domain)].filter((one) => one !== '');
    this.#addresses = [...new Set(domains.map((one) => folded(`${local}@${one}`)))];
  }

  inString(text: string): boolean {
    return this.inText(text);
  }
  inNumber(): boolean {
    return false;
  }
  inKey(key: string): boolean {
    return this.inText(key);
  }

  inText(text: string): boolean {
    if (!/[@%&\\]/.test(text)) return false;
    return forms(text)
      .map(folded)
      .some((form) => this.#addresses.some((address) => hasAlone(form, address, ADDRESS_EDGES)));
  }
}

const folded = (text: string) => text.normalize('NFC').toLowerCase();

/** What may not stand before (at the end of what does) and after what is sought: it would be a part of something longer. */
interface Edges {
  readonly before: RegExp;
  readonly after: RegExp;
}

/** Points and the like join an address to a word before it; alone before it they are punctuation. */
const ADDRESS_EDGES: Edges = {
  before: /[\p{L}\p{N}\p{M}](?:[+_'-]|\.(?!\.))*$/u,
  after: /^(?:[\p{L}\p{N}\p{M}]|[.-][\p{L}\p{N}])/u,
};
const ID_EDGES: Edges = {
  before: /[\p{L}\p{N}_][.-]?$/u,
  after: /^(?:[\p{L}\p{N}_]|[.-][\p{L}\p{N}])/u,
};
/** Characters around it that are looked at. */
const CONTEXT = 8;

function hasAlone(text: string, wanted: string, { before, after }: Edges): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (before.test(text.slice(Math.max(0, at - CONTEXT), at))) continue;
    if (!after.test(text.slice(end, end + CONTEXT))) return true;
  }
  return false;
}

/** The text as it is, and with encodings undone. */
function forms(text: string): string[] {
  return [text, ...decodedForms(text).map((form) => form.text)];
}
