/**
 * The newest deduplication keys, in memory: each as 128 bits of its SHA-256, with the position of its entry.
 *
 * So many bits stand for the key itself: two keys that share them do not happen, so nothing on disk is asked and an append
 * knows at once whether it is a duplicate. An id takes 32 bytes in a ring, oldest first, and 8 in a hash table of places in
 * that ring. Both grow with the number of ids, up to `maxIds`.
 */
import { hash } from 'node:crypto';
import type { Position } from './journal.ts';

const WORDS = 4;
const INITIAL_CAPACITY = 1024;

export interface DedupLimits {
  /** An id older than this is new again. */
  readonly windowMs: number;
  /** So many are remembered at most; 0 switches deduplication off. */
  readonly maxIds: number;
}

/** The first 128 bits of a key's SHA-256, as four words. */
export type Digest = Uint32Array;

export interface StoredId {
  readonly digest: Digest;
  readonly position: Position;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
}

/** On disk: 16 bytes of the key's SHA-256, f64 position, f64 stored at; little-endian. */
export const ID_BYTES = 32;

export function encodeId(target: Buffer, at: number, { digest, position, storedAt }: StoredId): void {
  for (let word = 0; word < WORDS; word++) target.writeUInt32LE(digest[word] as number, at + word * 4);
  target.writeDoubleLE(position, at + 16);
  target.writeDoubleLE(storedAt, at + 24);
}

function decodeId(source: Buffer, at: number): StoredId {
  const digest = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word++) digest[word] = source.readUInt32LE(at + word * 4);
  return { digest, position: source.readDoubleLE(at + 16), storedAt: source.readDoubleLE(at + 24) };
}

/** UTF-16, so that keys which differ in a lone surrogate only stay different. */
export function digestOf(key: string): Digest {
  const bytes = hash('sha256', Buffer.from(key, 'utf16le'), 'buffer');
  return Uint32Array.of(bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12));
}

export class RecentIds {
  readonly #windowMs: number;
  readonly #maxIds: number;
  /** Sizes are powers of two. Ordinals count all ids ever added; an ordinal's place in the ring is its low bits. */
  #capacity = INITIAL_CAPACITY;
  #digests = new Uint32Array(INITIAL_CAPACITY * WORDS);
  #positions = new Float64Array(INITIAL_CAPACITY);
  #times = new Float64Array(INITIAL_CAPACITY);
  /** Place in the ring + 1, or 0. Twice the ring's size, so that probing is short. */
  #table = new Uint32Array(INITIAL_CAPACITY * 2);
  #oldest = 0;
  #next = 0;

  constructor({ windowMs, maxIds }: DedupLimits) {
    this.#windowMs = windowMs;
    this.#maxIds = maxIds;
  }

  get size(): number {
    return this.#next - this.#oldest;
  }

  /** Position of the first id that is still remembered; Infinity without any. */
  get oldestPosition(): Position {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.#positions[this.#place(this.#oldest)] as number);
  }

  /** The position of the entry with this id, if it was stored within the window before `now`. */
  find(digest: Digest, now: number): Position | undefined {
    const found = this.#table[this.#slotOf(digest)] as number;
    if (found === 0) return undefined;
    const expired = now - (this.#times[found - 1] as number) >= this.#windowMs;
    return expired ? undefined : (this.#positions[found - 1] as number);
  }

  /** Positions are ascending from call to call. An id that is known already moves to the new position. */
  add({ digest, position, storedAt }: StoredId): void {
    if (this.#maxIds === 0) return;
    this.#forgetExpired(storedAt);
    if (this.size >= this.#maxIds) this.#forgetOldest();
    if (this.size === this.#capacity) this.#grow();
    const place = this.#place(this.#next++);
    this.#digests.set(digest, place * WORDS);
    this.#positions[place] = position;
    this.#times[place] = storedAt;
    this.#table[this.#slotOf(digest)] = place + 1;
  }

  /** As for `load`: those with positions in [from, end), oldest first. */
  records(from: Position, end: Position): Buffer {
    let low = this.#oldest;
    for (let high = this.#next; low < high; ) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#positions[this.#place(middle)] as number) < from) low = middle + 1;
      else high = middle;
    }
    const records = Buffer.alloc((this.#next - low) * ID_BYTES);
    let at = 0;
    for (let ordinal = low; ordinal < this.#next; ordinal++) {
      const place = this.#place(ordinal);
      const position = this.#positions[place] as number;
      if (position >= end) break;
      encodeId(records, at, { digest: this.#digestAt(place), position, storedAt: this.#times[place] as number });
      at += ID_BYTES;
    }
    return records.subarray(0, at);
  }

  /** Adds ids as they lie on disk. */
  load(records: Buffer): void {
    for (let at = 0; at < records.length; at += ID_BYTES) this.add(decodeId(records, at));
  }

  #place(ordinal: number): number {
    return ordinal % this.#capacity;
  }

  #digestAt(place: number): Digest {
    return this.#digests.subarray(place * WORDS, (place + 1) * WORDS);
  }

  #forgetExpired(now: number): void {
    const horizon = now - this.#windowMs;
    while (this.size > 0 && (this.#times[this.#place(this.#oldest)] as number) <= horizon) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const place = this.#place(this.#oldest++);
    const slot = this.#slotOf(this.#digestAt(place));
    // Where the same id was added again, the table points to the newer one.
    if (this.#table[slot] === place + 1) this.#clear(slot);
  }

  /** The slot with this digest, or the empty one where it belongs. */
  #slotOf(digest: Digest): number {
    const mask = this.#table.length - 1;
    for (let slot = (digest[0] as number) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#table[slot] as number;
      if (found === 0 || this.#equals(found - 1, digest)) return slot;
    }
  }

  #equals(place: number, digest: Digest): boolean {
    const at = place * WORDS;
    for (let word = 0; word < WORDS; word++) if (this.#digests[at + word] !== digest[word]) return false;
    return true;
  }

  /** Empties a slot and closes the gap, so that probing never needs tombstones. */
  #clear(slot: number): void {
    const mask = this.#table.length - 1;
    let gap = slot;
    for (let next = (gap + 1) & mask; this.#table[next] !== 0; next = (next + 1) & mask) {
      const home = (this.#digests[((this.#table[next] as number) - 1) * WORDS] as number) & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        this.#table[gap] = this.#table[next] as number;
        gap = next;
      }
    }
    this.#table[gap] = 0;
  }

  #grow(): void {
    const old = { capacity: this.#capacity, digests: this.#digests, positions: this.#positions, times: this.#times };
    this.#capacity *= 2;
    this.#digests = new Uint32Array(this.#capacity * WORDS);
    this.#positions = new Float64Array(this.#capacity);
    this.#times = new Float64Array(this.#capacity);
    this.#table = new Uint32Array(this.#capacity * 2);
    for (let ordinal = this.#oldest; ordinal < this.#next; ordinal++) {
      const from = ordinal % old.capacity;
      const to = this.#place(ordinal);
      this.#digests.set(old.digests.subarray(from * WORDS, (from + 1) * WORDS), to * WORDS);
      this.#positions[to] = old.positions[from] as number;
      this.#times[to] = old.times[from] as number;
      this.#table[this.#slotOf(this.#digestAt(to))] = to + 1;
    }
  }
}
