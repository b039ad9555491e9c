import type { Value } from '../record/value.ts';

/** A map of attributes whose keys come from a fixed list. */
export class AttributeMap {
  readonly #names: string[] = [];
  readonly #values: Value[] = [];
  /** Which keys, in order: a character for each. */
  #signature = '';

  /** @param ordinal of the key in the list that it comes from: each key has one, each time the same */
  set(ordinal: number, name: string, value: Value): void {
    this.#names.push(name);
    this.#values.push(value);
    this.#signature += String.fromCharCode(ordinal);
  }

  /**
   * A new object with these members. One that grows member by member under computed keys becomes a hash table, which is grown
   * and copied again and again: ten times the memory, and the most of all garbage that a notification made. So it begins as a
   * copy of one that has the same keys, as most before it had.
   */
  toObject(): Record<string, Value> {
    const template = this.#template();
    const object: Record<string, Value> = { ...template };
    for (let i = 0; i < this.#names.length; i++) object[this.#names[i] as string] = this.#values[i];
    return object;
  }

  #template(): Record<string, Value> {
    const known = templates.get(this.#signature);
    if (known) return known;
    // What JSON.parse makes is no hash table, however many members it has.
    const template = JSON.parse(JSON.stringify(Object.fromEntries(this.#names.map((name) => [name, null])))) as Record<
      string,
      Value
    >;
    if (templates.size < MAX_TEMPLATES) templates.set(this.#signature, template);
    return template;
  }
}

/** Notifications of a topic differ in which members they have, within limits. */
const MAX_TEMPLATES = 4096;
const templates = new Map<string, Record<string, Value>>();
