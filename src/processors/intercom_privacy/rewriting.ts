/** A body, or an attribute, as it may leave. What is given is never changed: others may hold it too. */

import type { PersonalClass } from '../../intercom/convention/privacy.ts';
import { classOf, containerOf, type FieldClass, isKnownKey, meaningOf, type Place } from '../../intercom/privacy.ts';
import { jsonIn, MAX_NESTED } from '../../record/json-in-text.ts';
import { isMap, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { textOf } from '../../record/value-text.ts';
import { EACH, type Keeps } from './keep.ts';
import type { KnownPeople } from './known.ts';
import { REMOVED, type Replacement } from './replacement.ts';
import { cleaned } from './texts.ts';

export interface RewritingRules {
  /** Classes that do not leave. */
  readonly hidden: ReadonlySet<FieldClass>;
  readonly replacement: Replacement;
  readonly keeps: Keeps | undefined;
}

/** Keys may be addresses or numbers; most are words. */
const WORD_KEY = /^[A-Za-z_.-]*$/;
const ODD_KEY = /[^\w.:/-]/;

/** Keys are a few hundred; but anybody's may come. */
const MAX_ORDINARY = 2048;
const ordinary = new Set<string>();

/** A key of Intercom's, by itself or by its ending, unless that was put behind an address or a number. */
function isOrdinary(key: string): boolean {
  if (ordinary.has(key)) return true;
  const found = isKnownKey(key) || (meaningOf(key) !== undefined && WORD_KEY.test(key));
  if (found && ordinary.size < MAX_ORDINARY) ordinary.add(key);
  return found;
}

export class Rewriting {
  readonly #rules: RewritingRules;
  readonly #people: KnownPeople;
  /** Where we are; only followed where places are kept. */
  readonly #path: string[];
  #nested = 0;

  /** @param path of what is given to `value` */
  constructor(rules: RewritingRules, people: KnownPeople, path: readonly string[] = []) {
    this.#rules = rules;
    this.#people = people;
    this.#path = [...path];
  }

  /** What stands under a key. */
  member(key: string, value: Value, place: Place): Value | typeof REMOVED {
    this.#path.push(key);
    const kept = this.value(value, place);
    this.#path.pop();
    return kept;
  }

  /** The value itself where nothing of it is to change. */
  value(value: Value, place: Place): Value | typeof REMOVED {
    if (this.#rules.keeps?.(this.#path)) return value;
    if (Array.isArray(value)) return this.#list(value, place);
    if (isMap(value)) return this.#map(value, place);
    if (value === null || value === undefined || value === '') return value;
    const found = classOf(value, place);
    const isHidden = this.#rules.hidden.has(found);
    if (isHidden && found !== 'unknown') return this.#rules.replacement.whole(value);
    const json = typeof value === 'string' ? this.#json(value, place) : undefined;
    if (json !== undefined) return json;
    if (isHidden) return this.#rules.replacement.whole(value);
    if (typeof value === 'boolean' || !this.#rules.hidden.has('contact')) return value;
    switch (found) {
      case 'id':
        return value;
      case 'fact': {
        // Of a path, each part may be an id of the customer's.
        const names =
          typeof value === 'string' && value.startsWith('/') && value.split('/').some((id) => this.names(id));
        return names ? this.#rules.replacement.whole(value) : value;
      }
      case 'own_id':
        return this.#people.isOne(textOf(value)) ? this.#rules.replacement.whole(value) : value;
      default: {
        // A telephone number may be a number. Bytes tell nobody whether something is in them.
        if (value instanceof Uint8Array) return this.#rules.replacement.whole(value);
        const text = textOf(value);
        const left = cleaned(text, this.#people, this.#rules.replacement);
        return left === text ? value : left;
      }
    }
  }

  #list(list: readonly Value[], place: Place): Value {
    this.#path.push(EACH);
    let changed: Value[] | undefined;
    for (const [index, item] of list.entries()) {
      const kept = this.value(item, place);
      if (kept === item) changed?.push(item);
      else {
        changed ??= list.slice(0, index);
        if (kept !== REMOVED) changed.push(kept);
      }
    }
    this.#path.pop();
    return changed ?? list;
  }

  #map(map: { readonly [key: string]: Value }, place: Place): Value {
    const container = containerOf(place);
    let changed: ValueMap | undefined;
    const keys = Object.keys(map);
    for (const [index, key] of keys.entries()) {
      const value = map[key];
      const kept = this.member(key, value, { key, parent: place.key, owner: map, container });
      let name = this.key(key, container);
      if (kept === value && name === key) {
        if (changed) setOwn(changed, key, value);
        continue;
      }
      if (!changed) {
        changed = {};
        for (const before of keys.slice(0, index)) setOwn(changed, before, map[before]);
      }
      if (kept === REMOVED) continue;
      // Two that look alike now are still two.
      if (name !== key && Object.hasOwn(changed, name)) name = `${name} ${index + 1}`;
      setOwn(changed, name, kept);
    }
    return changed ?? map;
  }

  /** The whole text is somebody whom the notification names. */
  names(text: string): boolean {
    return text !== '' && this.#people.isOne(text);
  }

  /**
   * Keys of ours and of Intercom's are words; one that names somebody is cleaned as a text.
   * @param container of the map that has it
   */
  key(key: string, container: PersonalClass | undefined): string {
    const { hidden, replacement } = this.#rules;
    if (isOrdinary(key) || !hidden.has('contact')) return key;
    const left = WORD_KEY.test(key) ? key : cleaned(key, this.#people, replacement);
    if (left !== key) return left;
    if (this.#people.isOne(key)) return replacement.span(key, 'name');
    // Only the customer's own keys have white space and such.
    return container !== 'custom' && hidden.has('unknown') && ODD_KEY.test(key) ? replacement.span(key, 'text') : key;
  }

  /** A text that is JSON, with the same done inside of it. Undefined: it is none, or too deep inside of others. */
  #json(text: string, place: Place): string | undefined {
    const parsed = this.#nested < MAX_NESTED ? jsonIn(text) : undefined;
    if (parsed === undefined) return undefined;
    // What is said of the text holds for everything in it that has no better line.
    const container = place.container === 'custom' ? 'custom' : containerOf(place);
    this.#nested++;
    const kept = this.value(parsed, { ...place, container });
    this.#nested--;
    // Written anew in any case: of equal keys only the last was looked at.
    return kept === REMOVED ? '' : textOf(kept);
  }
}
