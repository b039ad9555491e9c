/** What a segment holds, from its frames: for the one that was being written to, and where a file of ids is missing. */
import type { Position, Range } from '../journal.ts';
import { digestOf, encodeId, ID_BYTES } from '../recent-ids.ts';
import { decodeBirths } from './births.ts';
import { BIRTHS, bodyOf, ENTRY, type Frame, metadataOf, storedAtOf } from './frame.ts';
import type { File } from './fs.ts';
import { scan } from './scan.ts';
import { SEGMENT_HEAD_BYTES, Segment, type SegmentHead } from './segment.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface Rebuilt {
  readonly segment: Segment;
  /** As `RecentIds.load` takes them: those within the window. */
  readonly ids: Buffer;
  /** Damage between intact frames. */
  readonly lost: readonly Range[];
}

/**
 * Reads every frame once. A finished segment goes to `end`, where the next one begins. The last one (`end` is Infinity) goes
 * to the end of the last append that is whole: what follows was never answered for.
 */
export async function rebuild(
  { dedup, now }: { readonly dedup: { readonly windowMs: number }; readonly now: number },
  file: File,
  head: SegmentHead,
  end: Position,
): Promise<Rebuilt> {
  const segment = new Segment(head);
  const ids: Buffer[] = [];
  const lost: Range[] = [];
  /** Entries of an append whose last frame has not come yet. */
  const open: Frame[] = [];
  let gaps: Range[] = [];

  const take = (frame: Frame) => {
    const { source, dedupKey } = metadataOf(frame);
    const storedAt = storedAtOf(frame);
    segment.end = frame.position;
    segment.note({ offset: frame.offset, source, records: frame.records, storedAt });
    if (dedupKey !== undefined && now - storedAt < dedup.windowMs) {
      const id = Buffer.alloc(ID_BYTES);
      encodeId(id, 0, { digest: digestOf(dedupKey), position: frame.position, storedAt });
      ids.push(id);
    }
  };

  await scan({
    file,
    salt: head.salt,
    from: { offset: SEGMENT_HEAD_BYTES, position: head.first },
    limit: await file.size(),
    end,
    chunkBytes: CHUNK_BYTES,
    keep: false,
    frame: (frame) => {
      if (frame.kind === ENTRY && frame.more) {
        open.push({ ...frame, payload: Buffer.from(frame.payload) });
        return true;
      }
      for (const earlier of open.splice(0)) take(earlier);
      if (frame.kind === ENTRY) take(frame);
      else if (frame.kind === BIRTHS) segment.births = decodeBirths(bodyOf(frame));
      lost.push(...gaps);
      gaps = [];
      segment.bytes = frame.offset + frame.bytes;
      segment.end = Math.max(segment.end, frame.position);
      return true;
    },
    lost: (from, to) => gaps.push([from, to]),
  });
  // In a finished segment the next one says where it ends; in the last one the frames do.
  if (end !== Number.POSITIVE_INFINITY) {
    for (const frame of open) take(frame);
    segment.bytes = await file.size();
    segment.end = end;
  }
  return { segment, ids: Buffer.concat(ids), lost };
}
