import type { Entry } from '../journal/journal.ts';
import type { MadeElsewhere, Offload } from './offload.ts';

/** Entries that go elsewhere together. */
const GROUP = 32;

type Group = ReadonlyMap<number, MadeElsewhere>;

/**
 * Has the records of what was read from the journal made elsewhere, group by group and one group ahead of the delivery: so both
 * threads work.
 */
export class Ahead<Item> {
  readonly #items: readonly Item[];
  readonly #offload: Offload;
  readonly #entryOf: (item: Item) => Entry | undefined;
  /** By number; undefined once it was asked for and is not there. */
  readonly #groups = new Map<number, Promise<Group> | undefined>();
  #number = -1;
  #group: Group | undefined;

  /** @param entryOf the entry that is to be made elsewhere; undefined where there is nothing to make */
  constructor(items: readonly Item[], offload: Offload, entryOf: (item: Item) => Entry | undefined) {
    this.#items = items;
    this.#offload = offload;
    this.#entryOf = entryOf;
  }

  /** True when `at` can tell of the item at this index; else `reach` it first. */
  has(index: number): boolean {
    return this.#number === numberOf(index);
  }

  /** Resolves when `at` can tell of the item at this index and those of its group. */
  async reach(index: number): Promise<void> {
    const number = numberOf(index);
    const asked = this.#ask(number);
    void this.#ask(number + 1);
    this.#group = await asked;
    this.#number = number;
    this.#groups.delete(number);
  }

  at(index: number): MadeElsewhere {
    return this.#group?.get(index);
  }

  #ask(number: number): Promise<Group> | undefined {
    if (!this.#groups.has(number)) this.#groups.set(number, this.#send(number));
    return this.#groups.get(number);
  }

  #send(number: number): Promise<Group> | undefined {
    const indexes: number[] = [];
    const entries: Entry[] = [];
    for (let index = number * GROUP; index < Math.min((number + 1) * GROUP, this.#items.length); index++) {
      const entry = this.#entryOf(this.#items[index] as Item);
      if (!entry) continue;
      indexes.push(index);
      entries.push(entry);
    }
    if (entries.length === 0) return undefined;
    return this.#offload(entries)?.then((made) => new Map(indexes.map((index, i) => [index, made[i]])));
  }
}

const numberOf = (index: number) => Math.floor(index / GROUP);
