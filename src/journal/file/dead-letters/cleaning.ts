/**
 * Making room, the oldest segment first: letters in it that count are copied to the end of the log, and then it is deleted.
 *
 * Removals, marks and renames speak of letters before them only, so one of them is never gone while a letter that it speaks of
 * is there: nothing comes back. For the same reason a deletion is durable before the next one begins. A letter that a crash
 * leaves twice, at its old place and as a copy, is one letter: the later frame counts, and says all that is known by then.
 */
import type { Log } from '../../../telemetry/log.ts';
import { skippingBadBlocks } from '../bad-blocks.ts';
import { discard, type FileSystem } from '../fs.ts';
import { logPath, SEGMENT_HEAD_BYTES } from '../segment.ts';
import { copyOf, type Draft } from './frames.ts';
import type { Kept, LetterIndex, LetterSegment } from './letter-index.ts';
import type { LetterLog } from './letter-log.ts';
import { withFile } from './loading.ts';
import { readFrame } from './reading.ts';

/** Copied in one step, or one letter: others wait so long. */
const STEP_BYTES = 1024 * 1024;

export interface CleanerOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly letters: LetterLog;
  readonly index: LetterIndex;
  readonly segmentBytes: number;
  readonly log: Log;
  /** A segment is gone. */
  deleted(): void;
}

/** A segment that is being copied. */
interface Copying {
  readonly segment: LetterSegment;
  /** What was in it when that began, in order. */
  readonly letters: readonly Kept[];
  next: number;
}

export class Cleaner {
  readonly #options: CleanerOptions;
  #copying: Copying | undefined;
  /** A deletion may still be undone by a loss of power. */
  #isDeletionOpen = false;

  constructor(options: CleanerOptions) {
    this.#options = options;
  }

  /** Bytes that copying every letter to the end of the log would free. */
  get garbage(): number {
    const finished = this.#options.letters.segments.slice(0, -1);
    return finished.reduce((sum, { bytes, live }) => sum + bytes - SEGMENT_HEAD_BYTES - live, 0);
  }

  /** The oldest segment has no letter left. */
  get isOldestEmpty(): boolean {
    const [oldest, ...others] = this.#options.letters.segments;
    return oldest !== undefined && others.length > 0 && oldest.live === 0;
  }

  /** Half of the store is garbage, or it has come to be in many small files. */
  get isWorthIt(): boolean {
    const { letters, segmentBytes } = this.#options;
    const { bytes, segments } = letters;
    return this.isOldestEmpty || this.garbage > bytes / 2 || segments.length > 16 + (2 * bytes) / segmentBytes;
  }

  /**
   * Copies a part of the oldest segment, or deletes it when no letter is left in it. Resolves with the bytes copied; undefined
   * where there is nothing to be done. @throws {JournalError} and other errors of the volume: the next step goes on there.
   */
  async step(): Promise<number | undefined> {
    const { letters, index } = this.#options;
    const [oldest, ...others] = letters.segments;
    if (oldest === undefined || others.length === 0) return undefined;
    if (oldest.live === 0) {
      await this.#delete(oldest);
      return 0;
    }
    if (this.#copying?.segment !== oldest) this.#copying = { segment: oldest, letters: index.within(oldest), next: 0 };
    return this.#copy(this.#copying);
  }

  async #copy(copying: Copying): Promise<number> {
    const { fs, directory, letters, index, log } = this.#options;
    const { segment } = copying;
    const path = logPath(directory, segment.first);
    const chunk: { readonly letter: Kept; readonly draft: Draft }[] = [];
    let bytes = 0;
    let next = copying.next;
    await withFile(fs, path, 'read', async (opened) => {
      const file = skippingBadBlocks(opened);
      for (; next < copying.letters.length && bytes < STEP_BYTES; next++) {
        const letter = copying.letters[next] as Kept;
        // Removed, replaced or renamed onto meanwhile.
        if (index.find(letter) !== letter || letter.segment !== segment) continue;
        const frame = await readFrame(file, letter);
        if (frame) {
          const draft = copyOf(frame, letter);
          chunk.push({ letter, draft });
          bytes += draft.bytes;
        } else {
          const { delivery, position } = letter;
          log.error('A dead letter is damaged on disk and is given up', { file: path, delivery, position });
          index.remove(letter);
        }
      }
    });
    if (chunk.length > 0) {
      const places = await letters.append(
        chunk.map(({ draft }) => draft),
        'letters',
      );
      for (const [at, place] of places.entries()) index.move((chunk[at] as { letter: Kept }).letter, place);
    }
    copying.next = next;
    if (next === copying.letters.length && segment.live > 0) {
      throw new Error(`BUG: ${path} has ${segment.live} bytes of letters that nobody knows`);
    }
    return bytes;
  }

  async #delete(segment: LetterSegment): Promise<void> {
    const { fs, directory, letters, deleted } = this.#options;
    if (this.#isDeletionOpen) await fs.syncDirectory(directory);
    this.#isDeletionOpen = false;
    await discard(fs, logPath(directory, segment.first));
    this.#isDeletionOpen = true;
    letters.shift();
    this.#copying = undefined;
    deleted();
    await fs.syncDirectory(directory);
    this.#isDeletionOpen = false;
  }
}
