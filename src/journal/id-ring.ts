/**
 * Ids in the order in which they came: what is added is the newest, what is forgotten is the oldest. They lie in chunks, which
 * are made when they are needed and dropped when they are empty. An id has one *place* for as long as it is there.
 */
import type { Position } from './journal.ts';
import { NearNumbers } from './near-numbers.ts';

/** The first 128 bits of a key's SHA-256, as four words. */
export type Digest = Uint32Array;
export const WORDS = 4;

export interface StoredId {
  readonly digest: Digest;
  readonly position: Position;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
}

const CHUNK_BITS = 10;
const CHUNK = 1 << CHUNK_BITS;
/** Places are below the number of ids and these: only the first chunk and the last one may be there in part. */
export const SPARE_PLACES = 2 * CHUNK;

interface Chunk {
  /** Of its first id. */
  readonly firstPlace: number;
  readonly digests: Uint32Array;
  readonly positions: NearNumbers;
  readonly times: NearNumbers;
  /** Ids from `start` up to (excluding) `end` are there. */
  start: number;
  end: number;
}

export class IdRing {
  /** By their places. Where one was dropped there is room for another. */
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #free: number[] = [];
  /** Oldest first. None is empty. */
  readonly #order: Chunk[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Undefined where there is none. */
  get oldest(): number | undefined {
    const chunk = this.#order[0];
    return chunk && chunk.firstPlace + chunk.start;
  }

  /** Returns its place. */
  push({ digest, position, storedAt }: StoredId): number {
    const last = this.#order.at(-1);
    const chunk = last && last.end < CHUNK ? last : this.#begin();
    const index = chunk.end++;
    chunk.digests.set(digest, index * WORDS);
    chunk.positions.push(position);
    chunk.times.push(storedAt);
    this.#size++;
    return chunk.firstPlace + index;
  }

  /** Forgets the oldest, which is there. */
  shift(): void {
    const chunk = this.#order[0] as Chunk;
    this.#size--;
    if (++chunk.start < chunk.end) return;
    this.#order.shift();
    this.#chunks[chunk.firstPlace >>> CHUNK_BITS] = undefined;
    this.#free.push(chunk.firstPlace >>> CHUNK_BITS);
  }

  digest(place: number): Digest {
    const at = (place % CHUNK) * WORDS;
    return this.#chunk(place).digests.subarray(at, at + WORDS);
  }

  word(place: number, word: number): number {
    return this.#chunk(place).digests[(place % CHUNK) * WORDS + word] as number;
  }

  position(place: number): number {
    return this.#chunk(place).positions.at(place % CHUNK);
  }

  storedAt(place: number): number {
    return this.#chunk(place).times.at(place % CHUNK);
  }

  /** Places from the first one on whose position is not below `from`, in order. Nothing is added or forgotten meanwhile. */
  *from(from: number): Generator<number> {
    let low = 0;
    for (let high = this.#order.length; low < high; ) {
      const middle = (low + high) >>> 1;
      const { positions, end } = this.#order[middle] as Chunk;
      if (positions.at(end - 1) < from) low = middle + 1;
      else high = middle;
    }
    for (const { firstPlace, positions, start, end } of this.#order.slice(low)) {
      for (let index = start; index < end; index++) if (positions.at(index) >= from) yield firstPlace + index;
    }
  }

  #chunk(place: number): Chunk {
    return this.#chunks[place >>> CHUNK_BITS] as Chunk;
  }

  #begin(): Chunk {
    const at = this.#free.pop() ?? this.#chunks.length;
    const chunk: Chunk = {
      firstPlace: at << CHUNK_BITS,
      digests: new Uint32Array(CHUNK * WORDS),
      positions: new NearNumbers(CHUNK),
      times: new NearNumbers(CHUNK),
      start: 0,
      end: 0,
    };
    this.#chunks[at] = chunk;
    this.#order.push(chunk);
    return chunk;
  }
}
