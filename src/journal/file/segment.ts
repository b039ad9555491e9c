/**
 * A segment: one file `journal/<first position, 16 digits>.log` of at most some 64 MiB, which is appended to until the next
 * one begins, and deleted whole. It ends where the next begins: frames with later positions in it do not count.
 *
 * The first 4,096 bytes hold the head twice, at 0 and at 2,048, so that one bad sector does not take a whole segment:
 *
 *    0  8 bytes  magic
 *    8  u16      version of the format
 *   12  u32      seed     of its frames
 *   16  u32      marker   of its frames
 *   20  u48      first position
 *   26  u48      born at, ms since the epoch
 *   32  u32      CRC-32 of bytes 0..32
 *
 * Then frames, back to back (frame.ts). The first is a list of births (births.ts). The segment that is written to may end in
 * zeros, written ahead because overwriting is cheaper to sync than growing: they read as the end.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { JournalError, type Position } from '../journal.ts';
import type { Births } from './births.ts';
import type { Salt } from './frame.ts';
import type { Place } from './scan.ts';

export const SEGMENT_HEAD_BYTES = 4096;
const COPY_OFFSET = 2048;
const HEAD_BYTES = 36;
const MAGIC = Buffer.from('IOALOG\r\n', 'latin1');
const VERSION = 1;

/** Distance between remembered places of a segment: what a reader that comes from nowhere scans at most. */
const INDEX_STEP_BYTES = 512 * 1024;

/** What is known of a segment without reading it. */
export class Segment {
  readonly first: Position;
  readonly salt: Salt;
  readonly bornAt: number;
  /** The first position beyond it. Of the last segment: the journal's next position. */
  end: Position;
  /** Up to here it holds durable frames. */
  bytes = SEGMENT_HEAD_BYTES;
  /** When the newest entry was stored, ms since the epoch. */
  newestAt: number;
  /** Number of records of each source. */
  readonly records: Map<string, number>;
  /** Some places in it, ascending. */
  readonly index: IndexPlace[];
  /** The last list of births in it; undefined where that is damaged. */
  births: Births | undefined;
  /** Size of its `.ids` file; 0 while there is none. */
  idsBytes = 0;

  constructor(head: SegmentHead, known: { records?: Map<string, number>; index?: IndexPlace[] } = {}) {
    this.first = head.first;
    this.salt = head.salt;
    this.bornAt = head.bornAt;
    this.end = head.first;
    this.newestAt = head.bornAt;
    this.records = known.records ?? new Map();
    this.index = known.index ?? [];
  }

  /** Takes note of an entry at `end`, which moves on. */
  note(entry: { offset: number; source: string; records: number; storedAt: number }): void {
    const last = this.index.at(-1)?.offset ?? SEGMENT_HEAD_BYTES;
    if (entry.offset - last >= INDEX_STEP_BYTES) {
      this.index.push({ offset: entry.offset, position: this.end, newestBefore: this.newestAt });
    }
    this.records.set(entry.source, (this.records.get(entry.source) ?? 0) + entry.records);
    this.newestAt = Math.max(this.newestAt, entry.storedAt);
    this.end++;
  }

  /** The last remembered place at or before a position. */
  placeBefore(position: Position): Place {
    return this.#lastPlace((place) => place.position <= position);
  }

  /** The last remembered place before which every entry was stored earlier than `time`. */
  placeBeforeTime(time: number): Place {
    return this.#lastPlace((place) => place.newestBefore < time);
  }

  /** `fits` holds for the first places, and not for those after them. */
  #lastPlace(fits: (place: IndexPlace) => boolean): Place {
    let low = 0;
    let high = this.index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (fits(this.index[middle] as IndexPlace)) low = middle + 1;
      else high = middle;
    }
    return this.index[low - 1] ?? { offset: SEGMENT_HEAD_BYTES, position: this.first };
  }
}

export interface IndexPlace extends Place {
  /** No entry of the segment that lies before it was stored later: ms since the epoch, Infinity where nobody knows. */
  readonly newestBefore: number;
}

/** The segments on disk, in order. Never empty once the journal is open; the last is the one written to. */
export class Segments {
  readonly #segments: Segment[] = [];
  get all(): readonly Segment[] {
    return this.#segments;
  }
  get last(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new Error('BUG: a journal without a segment was used');
    return last;
  }
  get first(): Position {
    return this.#segments[0]?.first ?? 1;
  }
  /** The position that the next entry gets; every one below it is durable, or gone. */
  get next(): Position {
    return this.#segments.at(-1)?.end ?? 1;
  }
  /** The first position beyond the segment that is deleted next. */
  get oldestEnd(): Position {
    return this.#segments[0]?.end ?? this.next;
  }
  /** Without the ids that have outlived their segments: they are few and small, and no reason to refuse an entry. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes, idsBytes }) => sum + bytes + idsBytes, 0);
  }
  /** The segment that is responsible for a position, if any is. */
  find(position: Position): Segment | undefined {
    return this.#segments.findLast(({ first }) => first <= position);
  }
  after(segment: Segment): Segment | undefined {
    return this.#segments[this.#segments.indexOf(segment) + 1];
  }
  /** The one before it ends here. One without entries, which a failed write left, is replaced. */
  push(segment: Segment): void {
    const last = this.#segments.at(-1);
    if (last?.first === segment.first) this.#segments.pop();
    else if (last) last.end = segment.first;
    this.#segments.push(segment);
  }
  shift(): Segment | undefined {
    return this.#segments.shift();
  }
  /** The next segment begins at `first`, and its file is yet to be made: it has no entries and takes no space. */
  pushPlaceholder(first: Position): void {
    const placeholder = new Segment({ first, salt: { seed: 0, marker: 1 }, bornAt: 0 });
    placeholder.bytes = 0;
    this.push(placeholder);
  }
}

export interface SegmentHead {
  readonly first: Position;
  readonly salt: Salt;
  readonly bornAt: number;
}

export function encodeHead(head: SegmentHead): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt16LE(VERSION, 8);
  bytes.writeUInt32LE(head.salt.seed, 12);
  bytes.writeUInt32LE(head.salt.marker, 16);
  bytes.writeUIntLE(head.first, 20, 6);
  bytes.writeUIntLE(head.bornAt, 26, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
  bytes.copy(bytes, COPY_OFFSET, 0, HEAD_BYTES);
  return bytes;
}

/** @throws {JournalError} `failed`, in words for a person, when the file is not a segment that this version understands. */
export function decodeHead(bytes: Buffer, path: string): SegmentHead {
  for (const at of [0, COPY_OFFSET]) {
    const head = bytes.subarray(at, at + HEAD_BYTES);
    if (head.length < HEAD_BYTES || !head.subarray(0, 8).equals(MAGIC)) continue;
    if (head.readUInt32LE(32) !== crc32(head.subarray(0, 32))) continue;
    if (head.readUInt16LE(8) > VERSION) throw newerFormat(path, head.readUInt16LE(8), VERSION);
    return {
      first: head.readUIntLE(20, 6),
      salt: { seed: head.readUInt32LE(12), marker: head.readUInt32LE(16) },
      bornAt: head.readUIntLE(26, 6),
    };
  }
  throw new JournalError(
    'failed',
    `${path} is not a segment of this journal, or its head is damaged. Nothing was changed. ` +
      'If it is not yours, move it elsewhere; if it is, moving it elsewhere lets the agent start without the entries in it, ' +
      'which it then reports as lost.',
  );
}

export function newerFormat(path: string, found: number, known: number): JournalError {
  return new JournalError(
    'failed',
    `${path} has format version ${found}; this version of the agent knows up to ${known}. Nothing was changed. ` +
      'Start the newer version of the agent on this directory, or give this one another directory.',
  );
}

export function segmentName(first: Position): string {
  return String(first).padStart(16, '0');
}

export function logPath(directory: string, first: Position): string {
  return join(directory, `${segmentName(first)}.log`);
}

export function idsPath(directory: string, first: Position): string {
  return join(directory, `${segmentName(first)}.ids`);
}
