/** A body, or an attribute, as it may leave. What is given is never changed: others may hold it too. */
import { classOf, containerOf, type FieldClass, meaningOf, type Place } from '../../intercom/privacy.ts';
import { parseJson } from '../../record/json.ts';
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

/** JSON in a text of JSON in a text ...: deeper it is a text nobody knows. */
const MAX_NESTED = 4;

/** Keys may be addresses or numbers; most are words. */
const ODD_KEY = /[^\w .:-]|\d{7}/;

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
    if (typeof value !== 'string') return value;
    switch (found) {
      case 'id':
      case 'fact':
        return value;
      case 'own_id':
        return this.#people.isOne(value) && this.#rules.hidden.has('contact')
          ? this.#rules.replacement.whole(value)
          : value;
      default:
        return this.#rules.hidden.has('contact') ? cleaned(value, this.#people, this.#rules.replacement) : value;
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
      const name = this.#key(key);
      if (kept === value && name === key) {
        if (changed) setOwn(changed, key, value);
        continue;
      }
      if (!changed) {
        changed = {};
        for (const before of keys.slice(0, index)) setOwn(changed, before, map[before]);
      }
      if (kept !== REMOVED) setOwn(changed, name, kept);
    }
    return changed ?? map;
  }

  /** Keys of ours and of Intercom's are words; one that names somebody is cleaned as a text. */
  #key(key: string): string {
    if (meaningOf(key) !== undefined) return key;
    return (ODD_KEY.test(key) || this.#people.isOne(key)) && this.#rules.hidden.has('contact')
      ? cleaned(key, this.#people, this.#rules.replacement)
      : key;
  }

  /** A text that is JSON, with the same done inside of it. Undefined: it is none, or too deep inside of others. */
  #json(text: string, place: Place): string | undefined {
    if (this.#nested >= MAX_NESTED || !/^\s*[[{]/.test(text)) return undefined;
    const parsed = parseJson(Buffer.from(text));
    if (!parsed.ok) return undefined;
    // What is said of the text holds for everything in it that has no better line.
    const container = place.container === 'custom' ? 'custom' : containerOf(place);
    this.#nested++;
    const kept = this.value(parsed.value, { ...place, container });
    this.#nested--;
    return kept === parsed.value ? text : kept === REMOVED ? '' : textOf(kept);
  }
}
