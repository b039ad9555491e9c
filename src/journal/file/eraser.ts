/**
 * Overwrites entries in place on a person's behalf. A frame keeps its length, position and records, so nothing around it
 * changes, and the segment may be read, appended to or deleted meanwhile.
 *
 * A loss of power in the middle can tear a frame that is being overwritten: it is damaged then and costs itself. What cannot be
 * read cannot be searched: damaged entries, and what a failed append left behind the end of a segment, stay as they are
 * until their segment is deleted.
 */
import { type Entry, JournalError } from '../journal.ts';
import { skippingBadBlocks } from './bad-blocks.ts';
import { bodyOf, ENTRY, erasedFrame } from './frame.ts';
import { type File, type FileSystem, isMissing } from './fs.ts';
import { Origins } from './metadata.ts';
import { entryOf } from './reader.ts';
import { scan } from './scan.ts';
import { logPath, SEGMENT_HEAD_BYTES, type Segment, type Segments } from './segment.ts';

/** Looked through at once: others wait so long for the thread. */
const CHUNK_BYTES = 256 * 1024;
/** So many bytes of frames are found before they are overwritten. */
const BATCH_BYTES = 4 * 1024 * 1024;

export interface EraserOptions {
  readonly fs: FileSystem;
  /** Where segments are. */
  readonly directory: string;
  readonly segments: Segments;
  /** Writing or syncing failed: what else was written to this file may be lost as well. */
  spoilt(segment: Segment): Promise<void>;
}

/**
 * Erases what is stored now. Resolves with the number of entries when their bytes are gone durably.
 * @throws {JournalError} `failed`, and then some may be erased: erasing again does the rest.
 */
export async function eraseEntries(options: EraserOptions, matches: (entry: Entry) => boolean): Promise<number> {
  let erased = 0;
  for (const segment of [...options.segments.all]) {
    if (segment.end > segment.first) erased += await eraseIn(options, segment, matches);
  }
  // A segment that was deleted shortly before must not come back with the power.
  await options.fs.syncDirectory(options.directory).catch((error: unknown) => {
    throw failure(options.directory, error);
  });
  return erased;
}

async function eraseIn(
  { fs, directory, segments, spoilt }: EraserOptions,
  segment: Segment,
  matches: (entry: Entry) => boolean,
): Promise<number> {
  const path = logPath(directory, segment.first);
  let file: File;
  try {
    file = await fs.open(path, 'update');
  } catch (error) {
    if (isMissing(error) && !segments.all.includes(segment)) return 0;
    throw failure(path, error);
  }
  try {
    return await overwrite(skippingBadBlocks(file), segment, matches);
  } catch (error) {
    await spoilt(segment);
    throw failure(path, error);
  } finally {
    await file.close().catch(() => {});
  }
}

async function overwrite(file: File, segment: Segment, matches: (entry: Entry) => boolean): Promise<number> {
  const { salt, end, bytes: limit } = segment;
  let place = { offset: SEGMENT_HEAD_BYTES, position: segment.first };
  const origins = new Origins();
  let erased = 0;
  let isChanged = false;
  for (let isDone = false; !isDone; ) {
    const found: { offset: number; bytes: Buffer }[] = [];
    let foundBytes = 0;
    isDone = true;
    place = await scan({
      file,
      salt,
      from: place,
      limit,
      end,
      chunkBytes: CHUNK_BYTES,
      keep: false,
      frame: (frame) => {
        if (frame.kind !== ENTRY) return true;
        isDone = foundBytes < BATCH_BYTES;
        if (!isDone) return false;
        // An earlier erasure may have ended before its sync, or in one that failed: then the page is called clean, and no
        // sync brings it to the disk before it is written again.
        if (!frame.erased && !matches(entryOf(frame, bodyOf(frame), origins))) return true;
        found.push({ offset: frame.offset, bytes: erasedFrame(frame, salt) });
        foundBytes += frame.bytes;
        if (!frame.erased) erased++;
        return true;
      },
      lost: () => {},
    });
    for (const { offset, bytes } of found) await file.write(bytes, offset);
    isChanged ||= found.length > 0;
  }
  if (isChanged) await file.sync();
  return erased;
}

function failure(path: string, error: unknown): JournalError {
  return new JournalError('failed', `erasing in ${path}: ${String(error)}`, { cause: error });
}
