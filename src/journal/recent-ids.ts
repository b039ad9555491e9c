/**
 * The newest deduplication keys, in memory: each as 128 bits of its SHA-256, with the position of its entry.
 *
 * So many bits stand for the key itself: two keys that share them do not happen, so nothing on disk is asked and an append
 * knows at once whether it is a duplicate. An id takes 20 to 22 bytes in a ring, oldest first, and some 6 in a hash table of
 * places in that ring. Both follow the number of ids, up to `maxIds`.
 */
import { hash } from 'node:crypto';
import { type Digest, IdRing, SPARE_PLACES, type StoredId, WORDS } from './id-ring.ts';
import { IdTable, MAX_PLACES } from './id-table.ts';
import type { Position } from './journal.ts';

export type { Digest } from './id-ring.ts';

export interface DedupLimits {
  /** An id older than this is new again. */
  readonly windowMs: number;
  /** So many are remembered at most; 0 switches deduplication off. */
  readonly maxIds: number;
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
  // As a text of bytes it costs half as much as in a buffer.
  const bytes = hash('sha256', Buffer.from(key, 'utf16le'), 'binary');
  return Uint32Array.of(wordAt(bytes, 0), wordAt(bytes, 4), wordAt(bytes, 8), wordAt(bytes, 12));
}

/** Little-endian. */
function wordAt(bytes: string, at: number): number {
  const byte = (index: number) => bytes.charCodeAt(at + index);
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

export class RecentIds {
  readonly #windowMs: number;
  readonly #maxIds: number;
  readonly #ring = new IdRing();
  readonly #table = new IdTable(this.#ring);

  constructor({ windowMs, maxIds }: DedupLimits) {
    this.#windowMs = windowMs;
    // More would take seven gigabytes.
    this.#maxIds = Math.min(maxIds, MAX_PLACES - SPARE_PLACES);
  }

  get size(): number {
    return this.#ring.size;
  }

  /** Position of the first id that is still remembered; Infinity without any. */
  get oldestPosition(): Position {
    const { oldest } = this.#ring;
    return oldest === undefined ? Number.POSITIVE_INFINITY : this.#ring.position(oldest);
  }

  /** The position of the entry with this id, if it was stored within the window before `now`. */
  find(digest: Digest, now: number): Position | undefined {
    const place = this.#table.find(digest);
    if (place === undefined || now - this.#ring.storedAt(place) >= this.#windowMs) return undefined;
    return this.#ring.position(place);
  }

  /** Positions are ascending from call to call. An id that is known already moves to the new position. */
  add(id: StoredId): void {
    if (this.#maxIds === 0) return;
    this.#forgetExpired(id.storedAt);
    if (this.size >= this.#maxIds) this.#forgetOldest();
    this.#table.set(id.digest, this.#ring.push(id));
  }

  /** As for `load`: those with positions in [from, end), oldest first. */
  records(from: Position, end: Position): Buffer {
    const ring = this.#ring;
    const places: number[] = [];
    for (const place of ring.from(from)) {
      if (ring.position(place) >= end) break;
      places.push(place);
    }
    const records = Buffer.alloc(places.length * ID_BYTES);
    for (const [index, place] of places.entries()) {
      const [digest, position, storedAt] = [ring.digest(place), ring.position(place), ring.storedAt(place)];
      encodeId(records, index * ID_BYTES, { digest, position, storedAt });
    }
    return records;
  }

  /** So many are about to be loaded, as far as is known: it goes faster then. */
  expect(count: number): void {
    this.#table.expect(Math.min(count, this.#maxIds));
  }

  /** Adds ids as they lie on disk. */
  load(records: Buffer): void {
    for (let at = 0; at < records.length; at += ID_BYTES) this.add(decodeId(records, at));
  }

  #forgetExpired(now: number): void {
    const horizon = now - this.#windowMs;
    const ring = this.#ring;
    for (let place = ring.oldest; place !== undefined && ring.storedAt(place) <= horizon; place = ring.oldest) {
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const place = this.#ring.oldest as number;
    this.#table.remove(this.#ring.digest(place), place);
    this.#ring.shift();
  }
}
