/**
 * One file of the memory disk: what the last sync made sure of, and the changes since, in order.
 *
 * What a loss of power may leave is decided sector by sector. The kernel keeps one copy of a page and writes it out when it
 * likes, so a sector on disk has one of the contents that it had since the last sync: the old one, or that after any of the
 * changes to it. Two sectors of one write need not agree. The length goes its own way, and stops at any sector in between,
 * since a long write gets its blocks piece by piece. What lies below the length and never came to the disk reads as
 * zeros, or as whatever the blocks held before (ext4 with data=writeback).
 */
import { Content } from './content.ts';

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

/** Decides what survives. */
export interface Luck {
  /** A number from 0, what is certain, to `newest`. `progress`: how far in its file a sector is, of those that changed; 0 to 1. */
  pick(newest: number, progress?: number): number;
}

interface Change {
  readonly from: number;
  readonly to: number;
  /** What lies from `from` to `to` now; undefined: zeros. */
  readonly data: Buffer | undefined;
  /** Length of the file after it. */
  readonly length: number;
}

/** A file at one moment. Nothing in it changes any more. */
export interface FileImage {
  readonly durable: Content;
  /** Sectors whose sync failed: the kernel calls them clean, and nobody knows what the disk has. */
  readonly doubts: ReadonlyMap<number, Buffer>;
  readonly doubtfulLength?: number;
  readonly changes: readonly Change[];
}

const EMPTY: FileImage = { durable: new Content(), doubts: new Map(), changes: [] };

export class StoredFile {
  /** Replaced, and never changed. */
  #durable: Content;
  #doubts: ReadonlyMap<number, Buffer>;
  #doubtfulLength: number | undefined;
  #changes: Change[];
  /** Changes that came before those. */
  #covered = 0;
  /** What a process reads: the page cache. */
  readonly #content: Content;

  constructor(image: FileImage = EMPTY) {
    this.#durable = image.durable;
    this.#doubts = image.doubts;
    this.#doubtfulLength = image.doubtfulLength;
    this.#changes = [...image.changes];
    this.#content = new Content(image.durable);
    for (const [sector, bytes] of image.doubts) writeSector(this.#content, sector, bytes);
    this.#content.resize(image.doubtfulLength ?? image.durable.length);
    for (const change of image.changes) apply(change, this.#content);
  }

  get length(): number {
    return this.#content.length;
  }

  read(target: Uint8Array, offset: number): number {
    return this.#content.read(target, offset);
  }

  write(data: Uint8Array, offset: number): void {
    if (data.length === 0) return;
    const to = offset + data.length;
    this.#change({ from: offset, to, data: copyOf(data), length: Math.max(this.length, to) });
  }

  truncate(bytes: number): void {
    if (bytes === this.length) return;
    this.#change({ from: bytes, to: Math.max(bytes, this.length), data: undefined, length: bytes });
  }

  /** Call when a sync begins: what `synced` and `syncFailed` are to be told. */
  get mark(): number {
    return this.#covered + this.#changes.length;
  }

  /** The changes before the mark are durable. Where a former sync failed, the sectors of these changes only. */
  synced(mark: number): void {
    const changes = this.#takeBefore(mark);
    if (changes.length === 0) return;
    this.#durable = this.#with(changes);
    const doubts = new Map(this.#doubts);
    for (const change of changes) for (const sector of sectorsOf(change)) doubts.delete(sector);
    this.#doubts = doubts;
    this.#doubtfulLength = undefined;
  }

  /** The changes before the mark may be on disk or not, whatever later syncs say. */
  syncFailed(mark: number): void {
    const changes = this.#takeBefore(mark);
    if (changes.length === 0) return;
    const after = this.#with(changes);
    const doubts = new Map(this.#doubts);
    for (const change of changes) {
      for (const sector of sectorsOf(change)) {
        const bytes = Buffer.alloc(SECTOR_BYTES);
        after.read(bytes, sector * SECTOR_BYTES);
        doubts.set(sector, bytes);
      }
    }
    this.#doubts = doubts;
    this.#doubtfulLength = after.length;
  }

  image(): FileImage {
    return {
      durable: this.#durable,
      doubts: this.#doubts,
      doubtfulLength: this.#doubtfulLength,
      changes: [...this.#changes],
    };
  }

  #change(change: Change): void {
    apply(change, this.#content);
    this.#changes.push(change);
  }

  #takeBefore(mark: number): Change[] {
    const changes = this.#changes.splice(0, Math.max(0, mark - this.#covered));
    this.#covered += changes.length;
    return changes;
  }

  /** The disk's content if these changes are written out, the oldest that are not, and nothing else. */
  #with(changes: readonly Change[]): Content {
    const result = new Content(this.#durable);
    for (const change of this.#doubts.size > 0 ? changes : []) {
      for (const sector of sectorsOf(change)) {
        const bytes = this.#doubts.get(sector);
        if (bytes) writeSector(result, sector, bytes);
      }
    }
    for (const change of changes) apply(change, result);
    return result;
  }
}

/** What is left of a file. */
export function afterLoss({ durable, doubts, doubtfulLength, changes }: FileImage, luck: Luck): FileImage {
  if (changes.length === 0 && doubts.size === 0) return { durable, doubts: new Map(), changes: [] };
  const length = lengthAfterLoss(durable.length, doubtfulLength, changes, luck);
  const result = new Content(durable);
  const begun = Math.ceil(durable.length / SECTOR_BYTES) * SECTOR_BYTES;
  const isStale = length > begun && luck.pick(3) === 3;

  const touching = new Map<number, Change[]>();
  for (const change of changes) {
    for (const sector of sectorsOf(change)) {
      const earlier = touching.get(sector);
      if (earlier) earlier.push(change);
      else touching.set(sector, [change]);
    }
  }
  for (const [sector, bytes] of doubts) if (luck.pick(1) === 1) writeSector(result, sector, bytes);
  const sectors = [...touching.keys()].sort((a, b) => a - b);
  for (const [index, sector] of sectors.entries()) {
    const versions = touching.get(sector) as Change[];
    const newest = luck.pick(versions.length, index / sectors.length);
    const start = sector * SECTOR_BYTES;
    if (start >= length) continue;
    if (newest === 0) {
      if (isStale && start >= begun) writeSector(result, sector, STALE);
      continue;
    }
    const doubt = doubts.get(sector);
    if (doubt) writeSector(result, sector, doubt);
    for (const { from, to, data } of versions.slice(0, newest)) {
      const low = Math.max(from, start);
      const high = Math.min(to, start + SECTOR_BYTES);
      result.write(low, high, data?.subarray(low - from, high - from));
    }
  }
  result.resize(length);
  return { durable: result, doubts: new Map(), changes: [] };
}

function lengthAfterLoss(
  durable: number,
  doubtful: number | undefined,
  changes: readonly Change[],
  luck: Luck,
): number {
  const lengths = [durable, ...(doubtful === undefined ? [] : [doubtful]), ...changes.map(({ length }) => length)];
  const chosen = luck.pick(lengths.length - 1);
  const length = lengths[chosen] as number;
  const before = lengths[chosen - 1] ?? length;
  const sectors = Math.floor(Math.max(0, length - before) / SECTOR_BYTES);
  return length - (sectors - luck.pick(sectors)) * SECTOR_BYTES;
}

function* sectorsOf({ from, to }: Change): Iterable<number> {
  for (let sector = Math.floor(from / SECTOR_BYTES); sector * SECTOR_BYTES < to; sector++) yield sector;
}

function apply({ from, to, data, length }: Change, content: Content): void {
  content.write(from, to, data);
  content.resize(length);
}

function writeSector(content: Content, sector: number, bytes: Buffer): void {
  content.write(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES, bytes);
}

const STALE = Buffer.alloc(SECTOR_BYTES, 'what was here before ');
const ZEROS = Buffer.alloc(4 * 1024 * 1024);

/** Undefined for much of nothing but zeros. */
function copyOf(data: Uint8Array): Buffer | undefined {
  const isBlank =
    data.length > SECTOR_BYTES &&
    data.length <= ZEROS.length &&
    ZEROS.compare(data, 0, data.length, 0, data.length) === 0;
  return isBlank ? undefined : Buffer.from(data);
}
