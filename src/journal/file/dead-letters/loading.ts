/**
 * From what lies on disk, whatever happened to it, to letters. Every frame is read once, in order.
 *
 * - To go on writing: what a killed process wrote may be in the page cache only, and after a sync that failed it stays there. So the
 *   last segment is written again, unless it was closed in order, and synced with the directory before anybody is told of it. What follows
 *   the last whole group in it is cut off: it was never answered for. Nothing is added to it any more.
 * - To read alone, also beside the process that writes: nothing is changed, what is not whole at the end is passed over, and
 *   where a segment vanishes meanwhile it all begins anew.
 * - A file that is not ours, or newer than this program, is refused in words.
 */
import { join } from 'node:path';
import type { Log } from '../../../telemetry/log.ts';
import { JournalError, type Range } from '../../journal.ts';
import { skippingBadBlocks } from '../bad-blocks.ts';
import { MAX_POSITION } from '../frame.ts';
import { discard, type File, type FileSystem, isMissing } from '../fs.ts';
import { scan } from '../scan.ts';
import { decodeHead, logPath, SEGMENT_HEAD_BYTES, type SegmentHead, segmentName } from '../segment.ts';
import { takeOver } from '../take-over.ts';
import { type Change, changeOf, type FramePlace } from './frames.ts';
import { LetterIndex, type LetterSegment, type Place } from './letter-index.ts';

const CHUNK_BYTES = 1024 * 1024;
/** How often a reader begins anew because segments vanish under it. */
const ATTEMPTS = 10;

export interface Loaded {
  readonly segments: readonly LetterSegment[];
  readonly index: LetterIndex;
  readonly notes: readonly string[];
  /** Frames that are to be overwritten and are not yet. */
  readonly unerased: readonly FramePlace[];
}

export interface LoadingOptions {
  readonly fs: FileSystem;
  readonly directory: string;
}

/** For the one process that writes. @throws {JournalError} and other errors of the volume. */
export async function loadToWrite(options: LoadingOptions & { log: Log }): Promise<Loaded> {
  const { fs, directory, log } = options;
  const { firsts, drafts, strangers } = await listFiles(options);
  // Under this name nothing was ever answered for.
  for (const draft of drafts) await discard(fs, draft);
  const loading = new Loading(options, strangers);
  await loading.read(firsts);
  const tail = loading.segments.at(-1);
  if (tail) {
    const path = logPath(directory, tail.first);
    const { isClosed } = loading;
    const onCut = (bytes: number) =>
      log.debug('The dead letters cut off what was not completely written', { file: path, bytes });
    await withFile(fs, path, 'update', (file) => takeOver(file, { bytes: tail.bytes, isClosed, onCut }));
    await fs.syncDirectory(directory);
  }
  return loading.result();
}

/** For others. A directory that is not there has no letters. @throws {JournalError} and other errors of the volume. */
export async function loadToRead(options: LoadingOptions): Promise<Loaded> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { firsts, strangers } = await listFiles(options);
      const loading = new Loading(options, strangers);
      await loading.read(firsts);
      return loading.result();
    } catch (error) {
      if (!isMissing(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function listFiles({ fs, directory }: LoadingOptions) {
  const firsts: number[] = [];
  const drafts: string[] = [];
  const strangers: string[] = [];
  const names = await fs.list(directory).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names.sort()) {
    const path = join(directory, name);
    const first = Number(/^(\d{16})\.log$/.exec(name)?.[1] ?? 0);
    if (first >= 1 && first <= MAX_POSITION) firsts.push(first);
    else if (/^\d{16}\.log\.new$/.test(name)) drafts.push(path);
    else if (name.endsWith('.log')) throw foreignName(path);
    else strangers.push(`${path} is not a file of the dead letters; it was left alone.`);
  }
  return { firsts, drafts, strangers };
}

interface Found {
  readonly change: Change;
  readonly place: Place;
  readonly number: number;
  readonly more: boolean;
}

class Loading {
  readonly #options: LoadingOptions;
  readonly #notes: string[];
  readonly #index = new LetterIndex();
  /** Damage between intact frames, by path. */
  readonly #lost: { readonly path: string; readonly range: Range }[] = [];
  /** By the number of the frame. */
  readonly #toErase = new Map<number, FramePlace>();
  readonly #erased = new Set<number>();
  readonly segments: LetterSegment[] = [];
  /** What was read last says that the log was closed. */
  isClosed = false;

  constructor(options: LoadingOptions, notes: readonly string[]) {
    this.#options = options;
    this.#notes = [...notes];
  }

  async read(firsts: readonly number[]): Promise<void> {
    const { fs, directory } = this.#options;
    for (const [index, first] of firsts.entries()) {
      const path = logPath(directory, first);
      await withFile(fs, path, 'read', async (file) => {
        const head = await readHead(file, path, first);
        await this.#readSegment(file, path, head, firsts[index + 1] ?? Number.POSITIVE_INFINITY);
      });
    }
  }

  result(): Loaded {
    for (const { path, range } of this.#lost) {
      const lost = this.#missing(range);
      if (lost > 0) {
        this.#notes.push(
          `${path} is damaged: ${lost} of its frames can't be read. A dead letter may be missing, or one that was removed may be back.`,
        );
      }
    }
    const present = new Set(this.segments.map(({ first }) => first));
    const unerased = [...this.#toErase.values()].filter(
      ({ first, number }) => present.has(first) && !this.#erased.has(number),
    );
    return { segments: this.segments, index: this.#index, notes: this.#notes, unerased };
  }

  /** `end`: where the next segment begins; Infinity for the last one. */
  async #readSegment(file: File, path: string, head: SegmentHead, end: number): Promise<void> {
    const { first, salt } = head;
    const segment: LetterSegment = { first, salt, end: first, bytes: SEGMENT_HEAD_BYTES, live: 0 };
    this.segments.push(segment);
    /** What is read and does not count yet: of a group that may not be whole. */
    let open: Found[] = [];
    let gaps: Range[] = [];
    /** What lies before `number` counts: it is durable, since something was written after it. */
    const settle = (number: number) => {
      const isNothing = (open[0]?.number ?? number) >= number && (gaps[0]?.[0] ?? number) >= number;
      if (isNothing) return;
      for (const found of open) {
        if (found.number >= number) break;
        this.#apply(found);
        segment.bytes = found.place.offset + found.place.bytes;
        segment.end = found.number + 1;
      }
      for (const [from, to] of gaps)
        if (from < number) this.#lost.push({ path, range: [from, Math.min(to, number - 1)] });
      open = open.filter((found) => found.number >= number);
      gaps = gaps.filter(([, to]) => to >= number).map(([from, to]) => [Math.max(from, number), to]);
    };

    const stopped = await scan({
      file: skippingBadBlocks(file),
      salt,
      from: { offset: SEGMENT_HEAD_BYTES, position: first },
      limit: await file.size(),
      end,
      chunkBytes: CHUNK_BYTES,
      keep: false,
      frame: (frame) => {
        const { offset, bytes, more, position: number } = frame;
        const { change, index } = changeOf(frame, path);
        settle(number - index);
        open.push({ change, number, more, place: { segment, offset, bytes } });
        if (!more && gaps.length === 0) settle(number + 1);
        return true;
      },
      lost: (from, to) => gaps.push([from, to]),
    });
    // In a finished segment the next one says where it ends; in the last one the frames do.
    if (end !== Number.POSITIVE_INFINITY) {
      settle(end);
      segment.bytes = stopped.offset;
      segment.end = end;
    } else if (open.at(-1)?.more === false) {
      this.#notes.push(
        `${path} ends in a change that is not whole and was left out: a loss of power kept it from being finished, or it is damaged.`,
      );
    }
  }

  #apply({ change, place, number }: Found): void {
    this.isClosed = change.type === 'closed';
    if (change.type === 'erase') for (const erase of change.places) this.#toErase.set(erase.number, erase);
    else if (change.type === 'erased') this.#erased.add(number);
    else this.#index.apply(change, place);
  }

  /** Frames that are to be overwritten are no loss: an erasure was cut short. */
  #missing([from, to]: Range): number {
    let missing = to - from + 1;
    for (const number of this.#toErase.keys()) if (number >= from && number <= to) missing--;
    return missing;
  }
}

async function readHead(file: File, path: string, first: number): Promise<SegmentHead> {
  const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
  const head = decodeHead(bytes.subarray(0, await skippingBadBlocks(file).read(bytes, 0)), path);
  if (head.first === first) return head;
  throw new JournalError(
    'failed',
    `${path} begins at number ${head.first} by its own account: it was renamed. Nothing was changed. ` +
      `Give it back the name ${segmentName(head.first)}.log, or move it elsewhere.`,
  );
}

export async function withFile<T>(
  fs: FileSystem,
  path: string,
  mode: 'read' | 'update',
  use: (file: File) => Promise<T>,
): Promise<T> {
  const file = await fs.open(path, mode);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function foreignName(path: string): JournalError {
  return new JournalError(
    'failed',
    `${path} does not have the name of a file of the dead letters. Nothing was changed. ` +
      'If it is yours, move it elsewhere; if it was renamed, give it back its 16 digits.',
  );
}
