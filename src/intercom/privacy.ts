/** Evaluates the convention of personal data: what a field of a notification is. */
import { isIP } from 'node:net';
import type { Value } from '../record/value.ts';
import {
  type KeyMeaning,
  keyBeginnings,
  keyEndings,
  keyMeanings,
  ownIdKeys,
  type PersonalClass,
  thingKeys,
  thingTypes,
} from './convention/privacy.ts';

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
      return isHarmlessLink(value) ? 'fact' : meaning;
    case 'id':
      if (!isId(value)) return typeof value === 'boolean' ? 'fact' : 'contact';
      return OWN_IDS.has(key) ? 'own_id' : 'id';
    case 'time':
      return isTime(value) ? 'fact' : (container ?? 'unknown');
    case 'fact':
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

const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,63}$/;

function isWord(value: Value): boolean {
  return typeof value === 'string' ? WORD.test(value) && !isAddress(value) : !(value instanceof Uint8Array);
}

/** Asked for each word: most have neither a point nor a colon. */
function isAddress(text: string): boolean {
  return (text.includes('.') || text.includes(':')) && isIP(text) !== 0;
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

/** Places in Intercom itself, made of words and ids: a path of its REST interface, a conversation in the inbox. */
const HARMLESS =
  /^(?:\/[A-Za-z0-9_.-]{1,64}){1,8}\/?$|^https:\/\/app(?:\.eu|\.au)?\.intercom\.com\/a\/(?:[a-z]+\/){0,3}[a-z0-9_]+(?:\/[a-z]+){0,3}\/\d+$/;

function isHarmlessLink(value: Value): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && HARMLESS.test(value));
}
