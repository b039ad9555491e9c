/**
 * Overwriting frames where they lie. A frame of the log, durable before the first byte is overwritten, names them all: what
 * a crash leaves half done is done again at the next opening, and nothing of it is reported as lost. The frame that takes the
 * place of another one is as long, so the rest of the segment is read as before.
 */
import type { Clock } from '../../../clock.ts';
import type { LetterKey } from '../../dead-letters.ts';
import type { Entry } from '../../journal.ts';
import { skippingBadBlocks } from '../bad-blocks.ts';
import type { FileSystem } from '../fs.ts';
import { scan } from '../scan.ts';
import { logPath, SEGMENT_HEAD_BYTES } from '../segment.ts';
import { changeOf, eraseDrafts, erasedFrame, type FramePlace, letterOf, positionsDrafts } from './frames.ts';
import type { LetterIndex, LetterSegment } from './letter-index.ts';
import type { LetterLog } from './letter-log.ts';
import { withFile } from './loading.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface EraserOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly letters: LetterLog;
  readonly index: LetterIndex;
  readonly clock: Clock;
}

export class Eraser {
  readonly #options: EraserOptions;
  /** Frames that the log says are overwritten, and are not: it failed, or the process died, before it was done. */
  #unfinished: readonly FramePlace[];

  constructor(options: EraserOptions, unfinished: readonly FramePlace[]) {
    this.#options = options;
    this.#unfinished = unfinished;
  }

  /** As `DeadLetters.erase`: every frame with such an entry, also of letters that were replaced, removed or copied since. */
  async erase(matches: (entry: Entry) => boolean): Promise<number> {
    const { letters, index, clock } = this.#options;
    const places: FramePlace[] = [];
    const keys: LetterKey[] = [];
    for (const segment of letters.segments) {
      const found = await this.#find(segment, matches);
      const offsets = new Set(found.map(({ offset }) => offset));
      places.push(...found);
      if (found.length > 0) keys.push(...index.within(segment).filter(({ offset }) => offsets.has(offset)));
    }
    if (places.length > 0) {
      const now = clock.now();
      await letters.append([...positionsDrafts('remove', keys, now), ...eraseDrafts(places, now)], 'notes');
      for (const key of keys) index.remove(key);
      this.#unfinished = [...this.#unfinished, ...places];
    }
    await this.finish();
    for (const segment of letters.segments.slice(0, -1)) await this.#cutExcess(segment);
    return keys.length;
  }

  /** Overwrites what is left to be, durably. @throws errors of the volume */
  async finish(): Promise<void> {
    const { fs, directory, letters } = this.#options;
    for (const segment of letters.segments) {
      const { first, salt } = segment;
      const places = this.#unfinished.filter((place) => place.first === first);
      if (places.length === 0) continue;
      await withFile(fs, logPath(directory, first), 'update', async (file) => {
        for (const place of places) await file.write(erasedFrame(place, salt), place.offset);
        try {
          await file.sync();
        } catch (error) {
          await letters.distrust(segment, error);
          throw error;
        }
      });
      this.#unfinished = this.#unfinished.filter((place) => place.first !== first);
    }
    // Those of segments that were deleted meanwhile.
    this.#unfinished = [];
  }

  async #find(segment: LetterSegment, matches: (entry: Entry) => boolean): Promise<FramePlace[]> {
    const { fs, directory } = this.#options;
    const { first, salt, bytes: limit, end } = segment;
    const path = logPath(directory, first);
    const found: FramePlace[] = [];
    await withFile(fs, path, 'read', (file) =>
      scan({
        file: skippingBadBlocks(file),
        salt,
        from: { offset: SEGMENT_HEAD_BYTES, position: first },
        limit,
        end,
        chunkBytes: CHUNK_BYTES,
        keep: true,
        frame: (frame) => {
          const { change } = changeOf(frame, path);
          if (change.type === 'letter' && matches(letterOf(frame, change.head.delivery).entry)) {
            found.push({ first, offset: frame.offset, bytes: frame.bytes, number: frame.position });
          }
          return true;
        },
        lost: () => {},
      }),
    );
    return found;
  }

  /** What lies beyond the end of a finished segment counts for nothing, and may be a letter that was refused. */
  async #cutExcess({ first, bytes }: LetterSegment): Promise<void> {
    const { fs, directory } = this.#options;
    await withFile(fs, logPath(directory, first), 'update', async (file) => {
      if ((await file.size()) <= bytes) return;
      await file.truncate(bytes);
      await file.sync();
    });
  }
}
