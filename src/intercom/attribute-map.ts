import type { Value } from '../record/value.ts';

/** A map of attributes whose keys come from a fixed list. */
export class AttributeMap {
  readonly #values: Value[] = [];
  #layout = empty;

  /** @param ordinal of the key in the list that it comes from: each key has one, each time the same */
  set(ordinal: number, name: string, value: Value): void {
    this.#layout = this.#layout.with(ordinal, name);
    this.#values.push(value);
  }

  /**
   * A new object with these members. One that grows member by member under computed keys becomes a hash table, which is grown
   * and copied again and again: ten times the memory, and the most of all garbage that a notification made. So it begins as a
   * copy of one that has the same keys, as most before it had.
   */
  toObject(): Record<string, Value> {
    const { names, template } = this.#layout;
    const object: Record<string, Value> = { ...template };
    for (let i = 0; i < names.length; i++) object[names[i] as string] = this.#values[i];
    return object;
  }
}

/** Notifications of a topic differ in which members they have, within limits: each member that some have makes a few. */
const MAX_LAYOUTS = 16 * 1024;
let layouts = 0;

/** Which keys, in order. Found from the one without the last key, so that no notification makes it anew. */
class Layout {
  readonly #ordinal: number;
  readonly #before: Layout | undefined;
  readonly #name: string;
  readonly #next: Layout[] = [];
  #names: readonly string[] | undefined;
  #template: Readonly<Record<string, Value>> | undefined;

  constructor(ordinal = -1, name = '', before?: Layout) {
    this.#ordinal = ordinal;
    this.#name = name;
    this.#before = before;
  }

  with(ordinal: number, name: string): Layout {
    for (let i = 0; i < this.#next.length; i++) {
      const next = this.#next[i] as Layout;
      if (next.#ordinal === ordinal) return next;
    }
    const next = new Layout(ordinal, name, this);
    if (layouts < MAX_LAYOUTS) {
      layouts++;
      this.#next.push(next);
    }
    return next;
  }

  get names(): readonly string[] {
    if (!this.#names) {
      const names: string[] = [];
      for (let last: Layout = this; last.#before; last = last.#before) names.push(last.#name);
      this.#names = names.reverse();
    }
    return this.#names;
  }

  /** An object with these keys. What JSON.parse makes is no hash table, however many members it has. */
  get template(): Readonly<Record<string, Value>> {
    this.#template ??= JSON.parse(JSON.stringify(Object.fromEntries(this.names.map((name) => [name, null])))) as Record<
      string,
      Value
    >;
    return this.#template;
  }
}

const empty = new Layout();
