/** Evaluates the convention of personal data: what a field of a notification is. */
import { isIP } from 'node:net';
import type { Value } from '../record/value.ts';
import type { AttributeConvention } from './convention/model.ts';
import {
  type KeyMeaning,
  keyBeginnings,
  keyEndings,
  keyMeanings,
  ownIdKeys,
  type PersonalClass,
  personKeys,
  thingKeys,
  thingTypes,
} from './convention/privacy.ts';
import { attributeConventions } from './convention.ts';

/** `id`: stands for something or somebody. `own_id`: the same, as the customer's system calls it. `fact`: tells nobody. */
export type FieldClass = PersonalClass | 'id' | 'own_id' | 'fact';

/** Where a value stands. */
export interface Place {
  /** The nearest key around it, through lists; '' at the top. */
  readonly key: string;
  /** The key around the map that it stands in. */
  readonly parent: string;
  /** The map that it stands in. */
  readonly owner: { readonly [key: string]: Value } | undefined;
  /** What the nearest key above says of everything below it. */
  readonly container: PersonalClass | undefined;
}

/** Under no key: a notification itself, and what an attribute's place is made of. */
export const TOP: Place = { key: '', parent: '', owner: undefined, container: undefined };

/** What everything below `key` is, where it says nothing better of itself. */
export function containerOf({ key, container }: Pick<Place, 'key' | 'container'>): PersonalClass | undefined {
  const meaning = meaningOf(key);
  if (container === 'custom') return isDefaultAttribute(key) ? 'content' : 'custom';
  switch (meaning) {
    case 'contact':
    case 'content':
    case 'custom':
    case 'link':
      return meaning;
    default:
      return container;
  }
}

/** Of a value that is no map and no list. Bytes are texts that nobody can read, and so unknown. */
export function classOf(value: Value, place: Place): FieldClass {
  const { key, container } = place;
  if (value === null || value === undefined || value === '') return 'fact';
  if (container === 'custom') return isDefaultAttribute(key) ? 'content' : 'custom';
  const meaning = meaningOf(key);
  switch (meaning) {
    case 'name':
      return isThing(place) ? 'thing' : 'contact';
    case 'link':
      return isHarmlessLink(value, key) ? 'fact' : meaning;
    case 'id':
      if (!isId(value)) return typeof value === 'boolean' ? 'fact' : 'contact';
      return OWN_IDS.has(key) ? 'own_id' : 'id';
    case 'time':
      return isTime(value) ? 'fact' : (container ?? 'unknown');
    case 'fact':
      // Of a person or a place, a word is no word of Intercom's: the state where somebody lives.
      if (container === 'contact' && typeof value === 'string' && key !== 'type') return container;
      return isWord(value) ? 'fact' : (container ?? 'unknown');
    case undefined:
      if (isSmall(value)) return 'fact';
      return container === 'content' && !LANGUAGE.test(key) ? 'unknown' : (container ?? 'unknown');
    default:
      return typeof value === 'boolean' ? 'fact' : meaning;
  }
}

/** Translations stand under the code of their language. */
const LANGUAGE = /^[a-z]{2}(?:[-_][A-Za-z]{2,4})?$/;

/** Whether the names beside it are those of a machine, whose parts are words of a product and no persons. */
export function isMachine(owner: Place['owner']): boolean {
  const type = owner?.type;
  return typeof type === 'string' && /^(?:bot|app|team|nobody_admin|operator)$/.test(type);
}

const WHOLE = new Map(keyMeanings);
const OWN_IDS = new Set(ownIdKeys);
const THING_TYPES = new Set(thingTypes);
const THING_KEYS = new Set(thingKeys);
/** Keys are Intercom's, a few hundred; but anybody's may come. */
const MAX_KNOWN = 2048;
const known = new Map<string, KeyMeaning | undefined>();

export function meaningOf(key: string): KeyMeaning | undefined {
  const found = known.get(key);
  if (found !== undefined || known.has(key)) return found;
  const meaning =
    WHOLE.get(key) ??
    keyEndings.find(([ending]) => key.endsWith(ending))?.[1] ??
    keyBeginnings.find(([beginning]) => key.startsWith(beginning))?.[1];
  if (known.size < MAX_KNOWN) known.set(key, meaning);
  return meaning;
}

/** A key that the convention has as it stands; `..._id` may be anybody's. */
export function isKnownKey(key: string): boolean {
  return WHOLE.has(key);
}

/** Attributes that hold what stands in a body under these keys. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['user.id', 'external_id'],
  ['intercom.company.company_id', 'external_id'],
  ['intercom.api_request.path', 'path'],
]);
/** Attributes of the receiver are ids, words and numbers by convention. */
const conventions = new Map(attributeConventions.map((attribute) => [attribute.name, placeOfConvention(attribute)]));

function placeOfConvention({ name, pii, type, from }: AttributeConvention): Place {
  const alias = ALIASES.get(name);
  if (alias) return { ...TOP, key: alias };
  if (pii === 'location') return { ...TOP, key: 'country_code' };
  if (!type.startsWith('enum')) return { ...TOP, key: 'id' };
  const source = from[0]?.split('.').at(-1) ?? '';
  return { ...TOP, key: WHOLE.get(source) === 'label' ? source : 'type', container: 'label' };
}

const PERSON_KEYS = new Set(personKeys);

/** An attribute of the receiver. */
export function isConvention(name: string): boolean {
  return conventions.has(name);
}

/**
 * Where the value of an attribute would stand in a body. Attributes that something else than the receiver made may hold what
 * it found in the body: the last word of the name counts as a key; where that says nothing, what looks like an id passes as
 * one, anything else as a text.
 */
export function placeOfAttribute(name: string, value: Value): Place {
  const place = conventions.get(name);
  if (place) return place;
  const [key = '', parent = ''] = name.split('.').reverse();
  const meaning = meaningOf(key);
  const says = meaning === 'name' ? PERSON_KEYS.has(parent) : meaning !== undefined;
  if (says || typeof value === 'number' || typeof value === 'bigint') return { ...TOP, key };
  return { ...TOP, key: isId(value) ? 'external_id' : 'body' };
}

/** Title and description of a ticket stand among its attributes, under keys of Intercom's own. */
function isDefaultAttribute(key: string): boolean {
  return key === '_default_title_' || key === '_default_description_';
}

function isThing({ owner, parent }: Place): boolean {
  return (typeof owner?.type === 'string' && THING_TYPES.has(owner.type)) || THING_KEYS.has(parent);
}

/** No white space, no `@`, no `://`, no country code of a telephone number, no IP address. */
const ID = /^-?[A-Za-z0-9_][A-Za-z0-9_.:=+|~/-]{0,255}$/;

/** It has the form of an id. */
export function isId(value: Value): boolean {
  if (typeof value !== 'string') return typeof value === 'number' || typeof value === 'bigint';
  return ID.test(value) && !value.includes('//') && !isAddress(value);
}

/** No word, but maybe a telephone number. */
const LONG_NUMBER = /^\d{7,}$/;
const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,63}$/;

function isWord(value: Value): boolean {
  if (typeof value !== 'string') return !(value instanceof Uint8Array);
  return WORD.test(value) && !isAddress(value) && !LONG_NUMBER.test(value);
}

/** Of a host, with a port or the length of a net behind it, or of a telephone. Asked for each word: most have none of the signs. */
function isAddress(text: string): boolean {
  // Words of Intercom's have points (contact.list), and no digits.
  if (!/[.:+]/.test(text) || (!text.includes(':') && !/\d/.test(text))) return false;
  if (/\+\d{6}|^(?:tel|sms|callto|whatsapp|skype):/i.test(text)) return true;
  return isIP(text) !== 0 || isIP(text.replace(/[:/]\d{1,5}$/, '')) !== 0;
}

const TIME = /^\d{4}-\d\d-\d\d(?:[T ][\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d| UTC)?)?$|^\d{1,19}$/;

function isTime(value: Value): boolean {
  return typeof value === 'string' ? TIME.test(value) : !(value instanceof Uint8Array);
}

/** Too short for a telephone number or an id. */
const SMALL = 1_000_000;

function isSmall(value: Value): boolean {
  return typeof value === 'boolean' || (Number.isInteger(value) && Math.abs(value as number) < SMALL);
}

/** A conversation in the inbox of Intercom. */
const HARMLESS = /^https:\/\/app(?:\.eu|\.au)?\.intercom\.com\/a\/(?:[a-z]+\/){0,3}[a-z0-9_]+(?:\/[a-z]+){0,3}\/\d+$/;
/** A path of Intercom's REST interface: words and ids. The pages of a customer have paths, too, under other keys. */
const HARMLESS_PATH = /^(?:\/[A-Za-z0-9_.-]{1,64}){1,8}\/?$/;

function isHarmlessLink(value: Value, key: string): boolean {
  if (typeof value !== 'string') return typeof value === 'boolean';
  if (key === 'path' || key === 'request_path') return HARMLESS_PATH.test(value) && !/_by_|\d\.\d/.test(value);
  return HARMLESS.test(value);
}
