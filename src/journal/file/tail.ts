/**
 * The segment that is written to: begins it, appends durably, replaces it by the next. Calls never overlap: the writer
 * makes one after the other.
 *
 * - Full volume: what was written of the failed append is cut off; the segment goes on and the next append tries again.
 *   Settled segments make room, the last one too when all of it is settled: so a journal without a backlog is never stuck.
 * - Any other failure, a failed sync above all: the kernel may have dropped pages and called them clean, so the file is
 *   never synced and believed again. The next segment begins at the first position that is not durable.
 */
import type { Clock } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { DurationCounter } from '../durations.ts';
import { isFull, type JournalError, type Position } from '../journal.ts';
import { type Births, encodeBirths } from './births.ts';
import { BIRTHS, encodeFrame, frameBytes, type Salt } from './frame.ts';
import { type File, type FileSystem, isMissing, isOutOfSpace } from './fs.ts';
import { messageOf, refused } from './refused.ts';
import { encodeHead, logPath, SEGMENT_HEAD_BYTES, Segment, type Segments } from './segment.ts';

/** Zeros are written ahead in steps of this size, or of a 16th of a small segment. */
const PREALLOCATED_BYTES = 1024 * 1024;
/** A buffer that grew beyond this for one large group is not kept. */
const KEPT_BUFFER_BYTES = 8 * 1024 * 1024;

export interface TailOptions {
  readonly fs: FileSystem;
  /** Where segments are. */
  readonly directory: string;
  readonly segments: Segments;
  readonly segmentBytes: number;
  readonly segmentMaxAgeMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  births(): Births;
  /** @throws {JournalError} `closed` when the directory has another owner now. */
  assertOwner(): Promise<void>;
  /** Deletes the oldest segment that nobody needs any more; false when there is none. */
  reclaim(): Promise<boolean>;
  /**
   * Deletes the only segment if nobody needs it any more, once `letGo` has closed its file. Another begins at its end, with the
   * next append.
   */
  reclaimLast(letGo: () => Promise<void>): Promise<boolean>;
  /** A segment has got its final form. */
  finished(segment: Segment): void;
}

/** Writes the frames of an append for this place and returns how many bytes they take. */
export type Encode = (target: Buffer, salt: Salt, offset: number) => number;

export class Tail {
  readonly #options: TailOptions;
  /** The last segment's. Undefined when that may not be written to: another begins before the next append. */
  #file: File | undefined;
  /** Up to here the file has bytes, zeros at the end. */
  #allocated = 0;
  /** When the last segment was begun, monotonic. */
  #begunAt = 0;
  readonly syncs = new DurationCounter();
  #buffer = Buffer.alloc(0);

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the `bytes` that `encode` writes are durable at the end of the last segment, and with their offset.
   * The segment then counts them in `bytes`; its positions are the caller's to note.
   * @throws {JournalError} and then nothing of them counts.
   */
  async append(bytes: number, encode: Encode): Promise<number> {
    for (;;) {
      await this.#makeReady(bytes);
      const segment = this.#options.segments.last;
      const file = this.#file as File;
      const offset = segment.bytes;
      try {
        await this.#write(file, segment, bytes, encode);
      } catch (error) {
        if (await this.#recoverSpace(file, segment, error)) continue;
        throw await this.#abandoned(segment, error, 'writing');
      }
      try {
        await this.#sync(file);
      } catch (error) {
        throw await this.#abandoned(segment, error, 'syncing');
      }
      segment.bytes += bytes;
      return offset;
    }
  }

  /** Begins a new segment where the last one has entries and is old. */
  async roll(): Promise<void> {
    if (this.#isAged()) await this.#next();
  }

  /**
   * Everything that is stored is in segments that end where the next one begins, also for an opening after a loss of power.
   * @throws {JournalError} `full` where there is no room for another segment.
   */
  async seal(): Promise<void> {
    const { segments } = this.#options;
    if (this.#file === undefined || segments.last.end > segments.last.first) await this.#next();
  }

  /** Nothing goes into the last segment any more if its file was taken away: what is written there could not be found again. */
  async verify(): Promise<void> {
    if (this.#file === undefined) return;
    const { fs, segments, log } = this.#options;
    const path = this.#path(segments.last);
    try {
      await (await fs.open(path, 'read')).close();
    } catch (error) {
      if (!isMissing(error)) return;
      log.error('A segment of the journal is gone from its directory. What was in it is lost', { file: path });
      await this.abandon();
    }
  }

  /** Nothing goes into the last segment any more: another begins before the next append. */
  giveUp(): Promise<void> {
    return this.#letGo();
  }

  /**
   * Begins a segment at `first` and finishes the one before.
   * @throws {JournalError} and then the positions are as before.
   */
  async begin(first: Position): Promise<void> {
    const { fs, directory, segments, random, clock } = this.#options;
    await this.#options.assertOwner();
    const salt = { seed: Math.floor(random() * 2 ** 32), marker: 1 + Math.floor(random() * (2 ** 32 - 1)) };
    const head = { first, salt, bornAt: Math.max(0, Math.floor(clock.now())) };
    const births = encodeBirths(this.#options.births());
    const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES + frameBytes(0, births.length));
    encodeHead(head).copy(bytes);
    encodeFrame(bytes, SEGMENT_HEAD_BYTES, SEGMENT_HEAD_BYTES, salt, birthsFrame(births, first, head.bornAt));

    const path = logPath(directory, first);
    const draft = `${path}.new`;
    let file: File | undefined;
    let isNamed = false;
    try {
      // Under its name a segment has a whole head from the first moment, whatever happens.
      file = await fs.open(draft, 'create');
      await file.write(bytes, 0);
      await file.sync();
      isNamed = true;
      await fs.rename(draft, path);
      await fs.syncDirectory(directory);
    } catch (error) {
      await file?.close().catch(() => {});
      await fs.unlink(draft).catch(() => {});
      // The new segment may be there now, and then the one before ends: nothing more may go into that.
      if (isNamed) await this.#letGo();
      throw refused(error, `beginning the segment ${path}`);
    }

    const old = segments.all.at(-1);
    await this.#letGo();
    const segment = new Segment(head);
    segment.bytes = bytes.length;
    segment.births = new Map(this.#options.births());
    segments.push(segment);
    this.#file = file;
    this.#allocated = bytes.length;
    this.#begunAt = clock.monotonic();
    if (old && old.end > old.first && old.idsBytes === 0) this.#options.finished(old);
  }

  /** Cuts the zeros off and finishes the segment. */
  async close(): Promise<void> {
    const { segments, finished } = this.#options;
    if (this.#file === undefined) return;
    await this.#letGo();
    if (segments.next > segments.last.first) finished(segments.last);
  }

  /** Lets go of the file and leaves it as it is. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  async #makeReady(bytes: number): Promise<void> {
    const { segments, segmentBytes } = this.#options;
    const { first, end, bytes: used } = segments.last;
    const isOver = end > first && used + bytes > segmentBytes;
    if (this.#file === undefined || isOver || this.#isAged()) await this.#next();
  }

  async #next(): Promise<void> {
    for (;;) {
      try {
        return await this.begin(this.#options.segments.next);
      } catch (error) {
        if (!isFull(error) || !(await this.#reclaim())) throw error;
      }
    }
  }

  #isAged(): boolean {
    const { segments, segmentMaxAgeMs, clock } = this.#options;
    const { first, end, bornAt } = segments.last;
    // Monotonic as well: a clock that was set back would keep the segment for ever.
    const age = Math.max(clock.now() - bornAt, this.#file === undefined ? 0 : clock.monotonic() - this.#begunAt);
    return end > first && age >= segmentMaxAgeMs;
  }

  async #sync(file: File): Promise<void> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    try {
      await file.sync();
    } finally {
      this.syncs.add((clock.monotonic() - begun) / 1000);
    }
  }

  /** Makes room on the volume; false when there is nothing that may go. */
  async #reclaim(): Promise<boolean> {
    const { reclaim, reclaimLast, assertOwner } = this.#options;
    if (await reclaim()) return true;
    return reclaimLast(async () => {
      await assertOwner();
      await this.#letGo();
    });
  }

  async #write(file: File, segment: Segment, bytes: number, encode: Encode): Promise<void> {
    const { segmentBytes } = this.#options;
    const end = segment.bytes + bytes;
    const step = Math.min(PREALLOCATED_BYTES, Math.floor(segmentBytes / 16));
    const ahead = end > this.#allocated ? Math.max(0, Math.min(step, segmentBytes - end)) : 0;
    if (this.#buffer.length < bytes + ahead) this.#buffer = Buffer.allocUnsafeSlow(bytes + ahead + step);
    const buffer = this.#buffer;
    if (buffer.length > KEPT_BUFFER_BYTES) this.#buffer = Buffer.alloc(0);
    const written = encode(buffer, segment.salt, segment.bytes);
    if (written !== bytes) throw new Error(`BUG: an append of ${bytes} bytes took ${written}`);
    buffer.fill(0, bytes, bytes + ahead);
    await file.write(buffer.subarray(0, bytes + ahead), segment.bytes);
    this.#allocated = Math.max(this.#allocated, end + ahead);
  }

  /** After a write that found no space: true when room was made, else throws `full`, or returns false for other errors. */
  async #recoverSpace(file: File, segment: Segment, error: unknown): Promise<boolean> {
    if (!isOutOfSpace(error)) return false;
    try {
      await file.truncate(segment.bytes);
      // What is refused must not be there after a loss of power either.
      await file.sync();
    } catch {
      return false;
    }
    this.#allocated = segment.bytes;
    if (await this.#reclaim()) return true;
    throw refused(error, `writing ${this.#path(segment)}`);
  }

  /** Gives the file up, tries to begin the next segment at once, and returns what the append rejects with. */
  async #abandoned(segment: Segment, error: unknown, doing: string): Promise<JournalError> {
    this.#options.log.error('The journal gives a segment up and begins a new one', {
      file: this.#path(segment),
      while: doing,
      error: messageOf(error),
    });
    await this.#letGo();
    try {
      await this.begin(segment.end);
    } catch {
      // The next append tries again.
    }
    return refused(error, `${doing} ${this.#path(segment)}`);
  }

  /** Cuts the last segment's file where its durable frames end, and closes it: nothing is written to it any more. */
  async #letGo(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    // A file that cannot be cut is longer than it need be: what lies beyond does not count.
    await file.truncate(this.#options.segments.last.bytes).catch(() => {});
    await file.close().catch(() => {});
  }

  #path(segment: Segment): string {
    return logPath(this.#options.directory, segment.first);
  }
}

export function birthsFrame(births: Buffer, position: Position, storedAt: number) {
  const times = { receivedAt: storedAt, storedAt };
  return { position, kind: BIRTHS, records: 0, more: false, metadata: '', body: births, ...times };
}
