/**
 * The segments, and the one that is written to: appends durably, begins the next one, keeps the reserve. Calls never
 * overlap.
 *
 * The file goes on in zeros behind its last frame: the reserve. A letter goes into it where the volume has no room to extend
 * it, all but its last part, which is for notes: removals, marks and the like. Zeros are written before the
 * frames that need them, so a full volume refuses a letter before anything of it is on disk.
 *
 * - Full volume, and no reserve left: refused, and nothing was written. A new segment that gets no whole reserve is not begun
 *   while the old one can be used: it grows beyond its size instead.
 * - A failed write or sync: the file is never synced again and believed. The next segment begins at the first number that is
 *   not durable, and what lies beyond does not count.
 */
import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../telemetry/log.ts';
import { isFull, JournalError } from '../../journal.ts';
import { ENTRY, encodeFrame } from '../frame.ts';
import { discard, type File, type FileSystem, isOutOfSpace } from '../fs.ts';
import { messageOf, refused } from '../refused.ts';
import { encodeHead, logPath, SEGMENT_HEAD_BYTES } from '../segment.ts';
import { closedDraft, type Draft, inGroup } from './frames.ts';
import type { LetterSegment, Place } from './letter-index.ts';

/** Zeros that only notes may use: some 50,000 removals. */
export const NOTES_RESERVE_BYTES = 256 * 1024;
/** Zeros for letters, as long as the volume has space. Extending the file makes twice as many. */
const LETTERS_RESERVE_BYTES = 1024 * 1024;

export interface LetterLogOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly segmentBytes: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** @throws {JournalError} `closed` when the directory has another owner now. */
  assertOwner(): Promise<void>;
}

export class LetterLog {
  readonly #options: LetterLogOptions;
  readonly #segments: LetterSegment[];
  readonly #lettersReserve: number;
  /** The last segment's. Undefined when that may not be written to: another begins before the next append. */
  #file: File | undefined;
  /** Up to here the file has bytes, zeros at the end. */
  #allocated = 0;

  /** `segments`: what is on disk, finished. */
  constructor(options: LetterLogOptions, segments: readonly LetterSegment[]) {
    this.#options = options;
    this.#segments = [...segments];
    this.#lettersReserve = Math.min(LETTERS_RESERVE_BYTES, Math.max(64 * 1024, Math.floor(options.segmentBytes / 4)));
  }

  /** Oldest first; the last one is written to. */
  get segments(): readonly LetterSegment[] {
    return this.#segments;
  }
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Letters can be put although the volume is full. */
  get hasReserve(): boolean {
    const end = this.#last?.bytes ?? 0;
    return this.#file !== undefined && this.#allocated >= end + this.#lettersReserve + NOTES_RESERVE_BYTES;
  }

  /**
   * Resolves when the frames are durable, with their places. They count together or not at all.
   * @throws {JournalError} and then nothing of them counts.
   */
  async append(drafts: readonly Draft[], use: 'letters' | 'notes'): Promise<Place[]> {
    const group = drafts.map(inGroup);
    const bytes = group.reduce((sum, draft) => sum + draft.bytes, 0);
    const file = await this.#makeReady(bytes, use);
    const segment = this.#last as LetterSegment;
    const { buffer, places } = encode(group, bytes, segment);
    try {
      await file.write(buffer, segment.bytes);
    } catch (error) {
      // Where overwriting takes space as well (copy on write).
      if (isOutOfSpace(error) && (await this.#cutBack(file, segment))) throw this.#refused(error, 'writing', segment);
      throw await this.#abandoned(segment, error, 'writing');
    }
    try {
      await file.sync();
    } catch (error) {
      throw await this.#abandoned(segment, error, 'syncing');
    }
    segment.bytes += bytes;
    segment.end += places.length;
    return places;
  }

  /** Makes what is missing of the reserve, as far as there is space. @throws {JournalError} when the volume fails otherwise. */
  async replenish(): Promise<void> {
    try {
      await this.#makeReady(0, 'notes');
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** A sync of this segment's file failed elsewhere. */
  async distrust(segment: LetterSegment, error: unknown): Promise<void> {
    if (segment === this.#last && this.#file) await this.#abandoned(segment, error, 'syncing');
  }

  /** The oldest segment is gone. */
  shift(): void {
    this.#segments.shift();
  }

  /** Says that it was closed, so that damage at its end is told from a torn write, and cuts the zeros off. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    const last = this.#last;
    if (this.#file && last && last.end > last.first) {
      // What lies there is durable all the same.
      await this.append([closedDraft(clock.now())], 'notes').catch(() => {});
    }
    await this.#letGo();
  }

  /** Lets go of the file and leaves it as it is. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  get #last(): LetterSegment | undefined {
    return this.#segments.at(-1);
  }

  get #opened(): File {
    if (this.#file === undefined) throw new Error('BUG: a segment of dead letters is written to that is not open');
    return this.#file;
  }

  /** Resolves with the file that has room for so many bytes, all of it zeros. */
  async #makeReady(bytes: number, use: 'letters' | 'notes'): Promise<File> {
    const last = this.#last;
    if (this.#file === undefined || last === undefined) await this.#begin('what there is');
    else if (use === 'letters' && last.end > last.first && last.bytes + bytes > this.#options.segmentBytes) {
      try {
        await this.#begin('the whole reserve');
      } catch (error) {
        const isLost = error instanceof JournalError && error.code === 'closed';
        if (isLost || this.#file === undefined) throw error;
      }
    }
    await this.#extend(bytes);
    const segment = this.#last as LetterSegment;
    const kept = use === 'letters' ? NOTES_RESERVE_BYTES : 0;
    if (segment.bytes + bytes + kept > this.#allocated) {
      await this.#giveBack(segment);
      const path = logPath(this.#options.directory, segment.first);
      throw new JournalError(
        'full',
        `the volume has no space for ${bytes} more bytes of dead letters in ${path}, and its reserve is used up: make room on it`,
      );
    }
    return this.#opened;
  }

  /** Writes zeros where the reserve behind the next `bytes` is too short. Fewer where there is no space for all of them. */
  async #extend(bytes: number): Promise<void> {
    const file = this.#opened;
    const segment = this.#last as LetterSegment;
    const needed = segment.bytes + bytes + this.#lettersReserve + NOTES_RESERVE_BYTES;
    if (this.#allocated >= needed) return;
    try {
      this.#allocated = await this.#fill(file, this.#allocated, needed + this.#lettersReserve);
    } catch (error) {
      throw await this.#abandoned(segment, error, 'extending');
    }
  }

  /** Resolves with the size that the file has then. */
  async #fill(file: File, from: number, to: number): Promise<number> {
    try {
      await file.write(Buffer.alloc(to - from), from);
      return to;
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
      return Math.max(from, await file.size());
    }
  }

  /** What was taken for a letter that did not fit after all. */
  async #giveBack(segment: LetterSegment): Promise<void> {
    const enough = segment.bytes + 2 * this.#lettersReserve + NOTES_RESERVE_BYTES;
    if (this.#allocated <= enough) return;
    await this.#file?.truncate(enough).then(
      () => {
        this.#allocated = enough;
      },
      () => {},
    );
  }

  /**
   * Begins a segment at the next number and finishes the one before.
   * @throws {JournalError} and then the numbers are as before. `full` also where the reserve was wanted whole and is not.
   */
  async #begin(wanted: 'the whole reserve' | 'what there is'): Promise<void> {
    const { fs, directory, random, clock, assertOwner } = this.#options;
    await assertOwner();
    const first = this.#last?.end ?? 1;
    const salt = { seed: Math.floor(random() * 2 ** 32), marker: 1 + Math.floor(random() * (2 ** 32 - 1)) };
    const head = encodeHead({ first, salt, bornAt: Math.max(0, Math.floor(clock.now())) });
    const path = logPath(directory, first);
    const draft = `${path}.new`;
    const wholeBytes = SEGMENT_HEAD_BYTES + 2 * this.#lettersReserve + NOTES_RESERVE_BYTES;
    let file: File | undefined;
    let allocated = 0;
    let isNamed = false;
    try {
      // Under its name a segment has a whole head from the first moment, whatever happens.
      file = await fs.open(draft, 'create');
      await file.write(head, 0);
      allocated = await this.#fill(file, SEGMENT_HEAD_BYTES, wholeBytes);
      if (allocated < wholeBytes && wanted === 'the whole reserve') throw noReserve(path);
      await file.sync();
      isNamed = true;
      await fs.rename(draft, path);
      await fs.syncDirectory(directory);
    } catch (error) {
      await file?.close().catch(() => {});
      await discard(fs, draft).catch(() => {});
      // The new segment may be there now, and then the one before ends: nothing more may go into that.
      if (isNamed) await this.#letGo();
      throw refused(error, `beginning ${path}`);
    }
    await this.#letGo();
    // One without frames, which a failed write or an opening left, is replaced.
    if (this.#last?.first === first) this.#segments.pop();
    this.#segments.push({ first, salt, end: first, bytes: SEGMENT_HEAD_BYTES, live: 0 });
    this.#file = file;
    this.#allocated = allocated;
  }

  /** False where the file cannot be cut. */
  async #cutBack(file: File, segment: LetterSegment): Promise<boolean> {
    try {
      await file.truncate(segment.bytes);
      // What is refused must not be there after a loss of power either.
      await file.sync();
    } catch {
      return false;
    }
    this.#allocated = segment.bytes;
    return true;
  }

  /** Gives the file up, tries to begin the next segment at once, and returns what the append rejects with. */
  async #abandoned(segment: LetterSegment, error: unknown, doing: string): Promise<JournalError> {
    this.#options.log.error('The dead letters give a segment up and begin a new one', {
      file: logPath(this.#options.directory, segment.first),
      while: doing,
      error: messageOf(error),
    });
    await this.#letGo();
    try {
      await this.#begin('what there is');
    } catch {
      // The next append tries again.
    }
    return this.#refused(error, doing, segment);
  }

  /** Cuts the last segment's file where its durable frames end, and closes it: nothing is written to it any more. */
  async #letGo(): Promise<void> {
    const file = this.#file;
    const last = this.#last;
    this.#file = undefined;
    this.#allocated = 0;
    if (file === undefined || last === undefined) return;
    // A file that cannot be cut is longer than it need be: what lies beyond does not count.
    await file.truncate(last.bytes).catch(() => {});
    await file.close().catch(() => {});
  }

  #refused(error: unknown, doing: string, segment: LetterSegment): JournalError {
    return refused(error, `${doing} ${logPath(this.#options.directory, segment.first)}`);
  }
}

function encode(group: readonly Draft[], bytes: number, segment: LetterSegment) {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  const places: Place[] = [];
  let at = 0;
  for (const [index, draft] of group.entries()) {
    const offset = segment.bytes + at;
    const content = { ...draft, position: segment.end + index, kind: ENTRY, more: index < group.length - 1 };
    const length = encodeFrame(buffer, at, offset, segment.salt, content);
    if (length !== draft.bytes) throw new Error(`BUG: a frame of ${draft.bytes} bytes took ${length}`);
    places.push({ segment, offset, bytes: length });
    at += length;
  }
  return { buffer, places };
}

function noReserve(path: string): JournalError {
  return new JournalError('full', `beginning ${path}: the volume has no space for it and its reserve`);
}
