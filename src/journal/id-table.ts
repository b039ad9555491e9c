/**
 * Finds the place of an id by its digest: hash tables with open addressing ("Robin Hood": of two that want a slot, the one
 * that is farther from its own slot has it). So searches stay short though nine of ten slots are taken, and a search without a
 * hit ends as soon as one with it would. There are many small tables, which grow and shrink each for itself, in small steps:
 * no append waits for a million ids to be put elsewhere, and nothing is there twice meanwhile.
 */
import { type Digest, type IdRing, WORDS } from './id-ring.ts';

const TABLES = 64;
const MIN_SLOTS = 16;
/** Of the slots, when a table grows or shrinks, and afterwards. */
const MOST = 0.88;
const LEAST = 0.44;
const USUAL = 0.68;

/** A slot holds 0, or place + 1 in 28 bits and then its distance from its own slot: a digest is far away in memory. */
const DISTANCE_BITS = 4;
/** So far, or farther: then the digest tells. */
const FAR = (1 << DISTANCE_BITS) - 1;
/** Places are below it. */
export const MAX_PLACES = 2 ** 28 - 1;

export class IdTable {
  readonly #tables: readonly Table[];

  constructor(ring: IdRing) {
    this.#tables = Array.from({ length: TABLES }, () => new Table(ring));
  }

  /** So many are about to be set: the tables need not grow step by step. */
  expect(count: number): void {
    for (const table of this.#tables) table.expect(count / TABLES);
  }

  /** Undefined where no id has the digest. */
  find(digest: Digest): number | undefined {
    return this.#tableOf(digest).find(digest);
  }

  /** The id at `place`, which the ring has already. It takes the place of one with the same digest. */
  set(digest: Digest, place: number): void {
    this.#tableOf(digest).set(digest, place);
  }

  /** Forgets the id at `place`, which the ring still has, unless another with the same digest came later. */
  remove(digest: Digest, place: number): void {
    this.#tableOf(digest).remove(digest, place);
  }

  #tableOf(digest: Digest): Table {
    return this.#tables[(digest[1] as number) % TABLES] as Table;
  }
}

class Table {
  readonly #ring: IdRing;
  #slots = new Uint32Array(MIN_SLOTS);
  #count = 0;

  constructor(ring: IdRing) {
    this.#ring = ring;
  }

  expect(count: number): void {
    if (this.#count + count > this.#slots.length * MOST) this.#resize(this.#count + count);
  }

  find(digest: Digest): number | undefined {
    const slot = this.#slotOf(digest);
    return slot === -1 ? undefined : this.#placeIn(slot);
  }

  set(digest: Digest, place: number): void {
    const known = this.#slotOf(digest);
    if (known !== -1) {
      this.#slots[known] = entryOf(place, this.#distance(known));
      return;
    }
    if (this.#count >= this.#slots.length * MOST) this.#resize();
    this.#insert(digest[0] as number, place);
    this.#count++;
  }

  remove(digest: Digest, place: number): void {
    let gap = this.#slotOf(digest);
    if (gap === -1 || this.#placeIn(gap) !== place) return;
    const slots = this.#slots;
    // Closes the gap, so that searching needs no tombstones.
    for (let next = this.#after(gap); slots[next] !== 0; next = this.#after(next)) {
      const distance = this.#distance(next);
      if (distance === 0) break;
      slots[gap] = entryOf(this.#placeIn(next), distance - 1);
      gap = next;
    }
    slots[gap] = 0;
    this.#count--;
    if (slots.length > MIN_SLOTS && this.#count < slots.length * LEAST) this.#resize();
  }

  /** -1 where no slot has the digest. */
  #slotOf(digest: Digest): number {
    const slots = this.#slots;
    let slot = this.#home(digest[0] as number);
    for (let distance = 0; slots[slot] !== 0; distance++) {
      const there = this.#distance(slot);
      if (there < distance) return -1;
      if (there === distance && this.#equals(this.#placeIn(slot), digest)) return slot;
      slot = this.#after(slot);
    }
    return -1;
  }

  #equals(place: number, digest: Digest): boolean {
    for (let word = 0; word < WORDS; word++) if (this.#ring.word(place, word) !== digest[word]) return false;
    return true;
  }

  /** @param word the first of its digest, which is not in the table */
  #insert(word: number, place: number): void {
    const slots = this.#slots;
    let slot = this.#home(word);
    let distance = 0;
    while (slots[slot] !== 0 && this.#distance(slot) >= distance) {
      slot = this.#after(slot);
      distance++;
    }
    // From here to the next empty slot all move on by one: each gets one farther from its own, and none overtakes.
    for (let moving = entryOf(place, distance); moving !== 0; slot = this.#after(slot)) {
      const next = slots[slot] as number;
      slots[slot] = moving;
      moving = next === 0 || (next & FAR) === FAR ? next : next + 1;
    }
  }

  /** @param count of ids for which it has the usual room */
  #resize(count = this.#count): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(Math.max(MIN_SLOTS, Math.ceil(count / USUAL)));
    for (const entry of old) {
      if (entry !== 0) this.#insert(this.#ring.word(placeOf(entry), 0), placeOf(entry));
    }
  }

  #placeIn(slot: number): number {
    return placeOf(this.#slots[slot] as number);
  }

  /** How far what is in a slot is from its own. */
  #distance(slot: number): number {
    const entry = this.#slots[slot] as number;
    if ((entry & FAR) < FAR) return entry & FAR;
    const distance = slot - this.#home(this.#ring.word(placeOf(entry), 0));
    return distance < 0 ? distance + this.#slots.length : distance;
  }

  #home(word: number): number {
    return Math.floor((word * this.#slots.length) / 2 ** 32);
  }

  #after(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }
}

function entryOf(place: number, distance: number): number {
  return (((place + 1) << DISTANCE_BITS) | Math.min(distance, FAR)) >>> 0;
}

function placeOf(entry: number): number {
  return (entry >>> DISTANCE_BITS) - 1;
}
