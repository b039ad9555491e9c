/**
 * Reading: finds the place of a position, then goes on from there. A reader that goes on where it stopped starts at a
 * remembered offset; any other scans at most the distance between two remembered places of a segment.
 */
import { type Entry, JournalError, type Position, type Range, type ReadLimits, type ReadResult } from '../journal.ts';
import { bodyOf, ENTRY, type Frame, metadataBytesOf, receivedAtOf, storedAtOf } from './frame.ts';
import { type File, type FileSystem, isMissing } from './fs.ts';
import { Origins } from './metadata.ts';
import { type Place, scan } from './scan.ts';
import type { Segment, Segments } from './segment.ts';
import { SegmentFiles } from './segment-files.ts';

const MIN_CHUNK_BYTES = 64 * 1024;
const MAX_CHUNK_BYTES = 1024 * 1024;
/** Readers whose place is remembered. */
const REMEMBERED_PLACES = 64;

/** Its methods throw a JournalError `failed` when the volume does not give what is on it. */
export class Reader {
  readonly #directory: string;
  readonly #segments: Segments;
  readonly #files: SegmentFiles;
  readonly #origins = new Origins();
  /** By the position where a read ended; oldest first. */
  readonly #places = new Map<Position, { segment: Segment; offset: number }>();

  constructor(fs: FileSystem, directory: string, segments: Segments) {
    this.#directory = directory;
    this.#segments = segments;
    this.#files = new SegmentFiles(fs, directory);
  }

  /** As `Journal.read`. */
  async read(from: Position, limits: ReadLimits): Promise<ReadResult> {
    const entries: Entry[] = [];
    const lost: Range[] = [];
    let bytes = 0;
    // What is durable now: the read does not chase a tail that moves on.
    const end = Math.min(this.#segments.next, (limits.to ?? Number.MAX_SAFE_INTEGER) + 1);
    const take = (frame: Frame): boolean => {
      if (frame.kind !== ENTRY) return true;
      const body = bodyOf(frame);
      if (entries.length >= limits.maxEntries || (entries.length > 0 && bytes + body.length > limits.maxBytes))
        return false;
      bytes += body.length;
      entries.push(entryOf(frame, body, this.#origins));
      return true;
    };
    const next = await this.#walk(from, end, {
      chunkBytes: (segment) => chunkFor(segment, limits),
      keep: true,
      frame: take,
      lost: (first, last) => addRange(lost, first, last),
    });
    return { entries, next, lost };
  }

  /** As `Journal.tally`. */
  async tally(from: Position, to: Position, sources: ReadonlySet<string>): Promise<number> {
    let records = 0;
    const end = Math.min(to, this.#segments.next);
    for (let position = Math.max(from, this.#segments.first); position < end; ) {
      const segment = this.#segments.find(position);
      if (segment === undefined) break;
      const stop = Math.min(end, segment.end);
      if (position === segment.first && stop === segment.end) {
        for (const [source, count] of segment.records) if (sources.has(source)) records += count;
      } else {
        await this.#walk(position, stop, {
          chunkBytes: () => MAX_CHUNK_BYTES,
          keep: false,
          frame: (frame) => {
            if (frame.kind === ENTRY && sources.has(this.#origins.of(metadataBytesOf(frame)).source))
              records += frame.records;
            return true;
          },
          lost: () => {},
        });
      }
      position = stop;
    }
    return records;
  }

  /** As `Journal.seek`. Exact whatever the clock did: what is skipped is known to hold nothing that late. */
  async seek(time: number): Promise<Position> {
    for (const segment of this.#segments.all) {
      if (segment.newestAt < time) continue;
      let found: Position | undefined;
      const start = segment.placeBeforeTime(time);
      await this.#scan(segment, start, start.position, segment.end, {
        chunkBytes: () => MAX_CHUNK_BYTES,
        keep: false,
        frame: (frame) => {
          if (frame.kind === ENTRY && storedAtOf(frame) >= time) found = frame.position;
          return found === undefined;
        },
        lost: () => {},
      });
      if (found !== undefined) return found;
    }
    return this.#segments.next;
  }

  /** A segment was deleted. */
  forget(segment: Segment): void {
    this.#files.forget(segment);
    for (const [position, place] of this.#places) if (place.segment === segment) this.#places.delete(position);
  }

  close(): void {
    this.#files.close();
  }

  /** Resolves with the position where it stopped. */
  async #walk(from: Position, end: Position, visit: Visit): Promise<Position> {
    let position = from;
    while (position < end) {
      const segment = this.#segments.find(position);
      if (segment === undefined) {
        // Deleted: the oldest that is left begins later.
        const first = Math.min(end, this.#segments.first);
        visit.lost(position, first - 1);
        position = first;
        continue;
      }
      const stop = Math.min(end, segment.end);
      const start = this.#placeOf(position, segment);
      const place = await this.#scan(segment, start, position, stop, visit);
      if (place === undefined) continue;
      position = place.position;
      this.#remember(position, segment, place.offset);
      if (position < stop) return position;
    }
    return position;
  }

  /** Undefined when the segment was deleted meanwhile. */
  async #scan(segment: Segment, start: Place, from: Position, end: Position, visit: Visit): Promise<Place | undefined> {
    let file: File;
    try {
      file = await this.#files.acquire(segment);
    } catch (error) {
      if (isMissing(error) && !this.#segments.all.includes(segment)) return undefined;
      throw this.#failure(error);
    }
    try {
      return await scan({
        file,
        salt: segment.salt,
        from: start,
        limit: segment.bytes,
        end,
        chunkBytes: visit.chunkBytes(segment),
        keep: visit.keep,
        frame: (frame) => (frame.kind === ENTRY && frame.position < from ? true : visit.frame(frame)),
        lost: (first, last) => {
          if (last >= from) visit.lost(Math.max(first, from), last);
        },
      });
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#files.release(segment);
    }
  }

  #failure(error: unknown): JournalError {
    return new JournalError('failed', `reading the journal in ${this.#directory}: ${String(error)}`, { cause: error });
  }

  #placeOf(position: Position, segment: Segment): Place {
    const remembered = this.#places.get(position);
    if (remembered?.segment === segment) return { offset: remembered.offset, position };
    return segment.placeBefore(position);
  }

  #remember(position: Position, segment: Segment, offset: number): void {
    this.#places.delete(position);
    this.#places.set(position, { segment, offset });
    if (this.#places.size > REMEMBERED_PLACES) {
      for (const oldest of this.#places.keys()) {
        this.#places.delete(oldest);
        break;
      }
    }
  }
}

interface Visit {
  chunkBytes(segment: Segment): number;
  readonly keep: boolean;
  frame(frame: Frame): boolean;
  lost(from: Position, to: Position): void;
}

/** `body` is what `bodyOf` gives. */
export function entryOf(frame: Frame, body: Buffer, origins: Origins): Entry {
  const { source, metadata } = origins.of(metadataBytesOf(frame));
  const { position, records, erased } = frame;
  const entry = { position, source, receivedAt: receivedAtOf(frame), records, metadata, body };
  return erased ? { ...entry, erased } : entry;
}

/** Enough for what is wanted if entries are as large as the segment's are on average. */
function chunkFor(segment: Segment, { maxEntries, maxBytes }: ReadLimits): number {
  const average = segment.bytes / Math.max(1, segment.end - segment.first);
  const wanted = Math.min(maxBytes, maxEntries * average) + MIN_CHUNK_BYTES;
  return Math.ceil(Math.min(wanted, MAX_CHUNK_BYTES));
}

function addRange(ranges: Range[], from: Position, to: Position): void {
  const last = ranges.at(-1);
  if (last && last[1] + 1 === from) ranges[ranges.length - 1] = [last[0], to];
  else ranges.push([from, to]);
}
