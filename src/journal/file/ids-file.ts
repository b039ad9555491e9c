/**
 * The file `journal/<first position>.ids`: what a finished segment holds, so that opening a journal reads no bodies, and the
 * ids in it, which are needed until the window of deduplication has passed, even when the segment is gone. It is derived:
 * one that is missing or damaged is made again from its segment.
 *
 *    0  8 bytes  magic
 *    8  u16      version of the format
 *   12  u32      length of the summary in bytes
 *   16  u32      number of ids
 *   20  u32      CRC-32 of the summary
 *   24  u32      CRC-32 of the ids
 *   28  u32      CRC-32 of bytes 0..28
 *   32           summary: JSON
 *                ids, ascending by position, 32 bytes each (recent-ids.ts)
 */
import { crc32 } from 'node:zlib';
import { JournalError, type Position } from '../journal.ts';
import { ID_BYTES } from '../recent-ids.ts';
import { type FileSystem, readWhole, replaceWhole } from './fs.ts';
import { newerFormat, Segment, type SegmentHead } from './segment.ts';

const HEAD_BYTES = 32;
const MAGIC = Buffer.from('IOAIDS\r\n', 'latin1');
const VERSION = 1;

interface SummaryJson {
  first: Position;
  end: Position;
  seed: number;
  marker: number;
  bornAt: number;
  newestAt: number;
  bytes: number;
  records: [source: string, records: number][];
  /** The third is missing in older files, and null for what was read from such. */
  index: [offset: number, position: Position, newestBefore?: number | null][];
  births?: [name: string, position: Position][];
}

/** Resolves with the size of the file once it is durable. */
export async function writeIdsFile(fs: FileSystem, path: string, segment: Segment, ids: Buffer): Promise<number> {
  const summary = Buffer.from(JSON.stringify(summaryOf(segment)));
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt16LE(VERSION, 8);
  head.writeUInt32LE(summary.length, 12);
  head.writeUInt32LE(ids.length / ID_BYTES, 16);
  head.writeUInt32LE(crc32(summary), 20);
  head.writeUInt32LE(crc32(ids), 24);
  head.writeUInt32LE(crc32(head.subarray(0, 28)), 28);
  const bytes = Buffer.concat([head, summary, ids]);
  await replaceWhole(fs, path, bytes);
  return bytes.length;
}

export interface IdsFile {
  /** The segment as it was when it was finished; its file may be gone. */
  readonly segment: Segment;
  readonly idCount: number;
}

/**
 * The first part of the file only, however many ids follow. Undefined when there is no file or it is damaged.
 * @throws {JournalError} `failed` for a newer format, and for a file with this name that never was one of ours.
 */
export async function readSummary(fs: FileSystem, path: string): Promise<IdsFile | undefined> {
  const file = await fs.open(path, 'read').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    if ((await file.read(head, 0)) < HEAD_BYTES) return undefined;
    if (!head.subarray(0, 8).equals(MAGIC)) throw foreign(path);
    if (head.readUInt32LE(28) !== crc32(head.subarray(0, 28))) return undefined;
    if (head.readUInt16LE(8) > VERSION) throw newerFormat(path, head.readUInt16LE(8), VERSION);
    const bytes = await file.size();
    const idCount = head.readUInt32LE(16);
    const summary = Buffer.alloc(head.readUInt32LE(12));
    if (bytes !== HEAD_BYTES + summary.length + idCount * ID_BYTES) return undefined;
    await file.read(summary, HEAD_BYTES);
    if (head.readUInt32LE(20) !== crc32(summary)) return undefined;
    const segment = segmentOf(JSON.parse(summary.toString()));
    segment.idsBytes = bytes;
    return { segment, idCount };
  } finally {
    await file.close();
  }
}

/** Undefined when the ids are damaged. The file is one that `readSummary` took. */
export async function readIds(fs: FileSystem, path: string): Promise<Buffer | undefined> {
  const bytes = await readWhole(fs, path);
  if (bytes === undefined || bytes.length < HEAD_BYTES) return undefined;
  const ids = bytes.subarray(HEAD_BYTES + bytes.readUInt32LE(12));
  return crc32(ids) === bytes.readUInt32LE(24) ? ids : undefined;
}

/** Whether a summary is about the segment with this head. */
export function isAbout(segment: Segment, head: SegmentHead): boolean {
  const { salt, first } = segment;
  return first === head.first && salt.seed === head.salt.seed && salt.marker === head.salt.marker;
}

function summaryOf(segment: Segment): SummaryJson {
  const { first, end, salt, bornAt, newestAt, bytes } = segment;
  return {
    first,
    end,
    seed: salt.seed,
    marker: salt.marker,
    bornAt,
    newestAt,
    bytes,
    records: [...segment.records],
    index: segment.index.map(({ offset, position, newestBefore }) => [offset, position, newestBefore]),
    births: segment.births && [...segment.births],
  };
}

function segmentOf(json: SummaryJson): Segment {
  const { first, bornAt, seed, marker } = json;
  const index = json.index.map(([offset, position, newestBefore]) => ({
    offset,
    position,
    newestBefore: newestBefore ?? Number.POSITIVE_INFINITY,
  }));
  const segment = new Segment({ first, bornAt, salt: { seed, marker } }, { records: new Map(json.records), index });
  segment.end = json.end;
  segment.bytes = json.bytes;
  segment.newestAt = json.newestAt;
  segment.births = json.births && new Map(json.births);
  return segment;
}

function foreign(path: string): JournalError {
  return new JournalError(
    'failed',
    `${path} is not a file of this journal. Nothing was changed. Move it elsewhere; the agent makes its own file of ids again.`,
  );
}
