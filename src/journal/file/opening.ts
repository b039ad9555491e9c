/**
 * Opening: from what lies on disk, whatever happened to it, to a journal that may be read and written.
 *
 * - What a killed process wrote may be in the page cache only, so the last segment and the directory are synced before
 *   anything of them is believed.
 * - What follows the last whole append in the last segment is cut off: it was never answered for.
 * - That segment is not written to again. A former owner that is not quite dead may still do so: nothing of it counts.
 * - Finished segments are not read where their `.ids` files are there.
 * - A file that is not ours, or newer than this program, stops the opening in words, and nothing is overwritten.
 *
 * Who only looks (`access: 'look'`) gets the same picture and changes no byte: nothing is synced, cut or made again.
 */
import { join } from 'node:path';
import type { Log } from '../../telemetry/log.ts';
import { JournalError, type Position } from '../journal.ts';
import { type DedupLimits, ID_BYTES, type RecentIds } from '../recent-ids.ts';
import type { Births } from './births.ts';
import { MAX_POSITION } from './frame.ts';
import { discard, type FileSystem } from './fs.ts';
import { type IdsFile, isAbout, readIds, readSummary, writeIdsFile } from './ids-file.ts';
import { type Rebuilt, rebuild } from './rebuild.ts';
import {
  decodeHead,
  idsPath,
  logPath,
  SEGMENT_HEAD_BYTES,
  type Segment,
  type SegmentHead,
  type Segments,
  segmentName,
} from './segment.ts';
import { takeOver } from './take-over.ts';

export interface OpeningOptions {
  readonly access: 'own' | 'look';
  readonly fs: FileSystem;
  /** Where segments are; exists. */
  readonly directory: string;
  /** Filled here. */
  readonly segments: Segments;
  /** Filled here; absent where nobody asks for duplicates. */
  readonly ids?: RecentIds;
  readonly dedup: DedupLimits;
  readonly now: number;
  readonly log: Log;
}

export interface Opened {
  readonly births: Births;
  /** Segments that are gone while their `.ids` files are still there, oldest first. */
  readonly orphans: readonly Segment[];
  /** The first position that nothing on disk knows of. */
  readonly next: Position;
  readonly notes: readonly string[];
}

export async function openSegments(options: OpeningOptions): Promise<Opened> {
  const { fs, directory, segments } = options;
  const notes: string[] = [];
  const found = await listFiles(options, notes);
  const heads: SegmentHead[] = [];
  for (const first of found.logs) heads.push(await readHead(fs, directory, first));

  // What is known without reading: files of ids, of segments that are there and of such that are gone.
  const sources: IdSource[] = [];
  const orphans: Segment[] = [];
  for (const first of found.ids) {
    if (found.logs.includes(first)) continue;
    const path = idsPath(directory, first);
    const summary = await readSummary(fs, path);
    if (summary) {
      orphans.push(summary.segment);
      sources.push({ segment: summary.segment, count: summary.idCount, read: () => readIds(fs, path) });
    } else notes.push(`${path} is damaged: duplicates of what was in that deleted segment are not recognised.`);
  }
  let next = 1;
  for (const [index, head] of heads.entries()) {
    const following = heads[index + 1];
    const summary = await readSummary(fs, idsPath(directory, head.first));
    const known = summary && isAbout(summary.segment, head) ? summary : undefined;
    sources.push(
      following
        ? await openFinished(options, head, following.first, known)
        : await openLast(options, head, known, notes),
    );
    next = Math.max(next, known?.segment.end ?? 1);
  }

  sources.sort((a, b) => a.segment.first - b.segment.first);
  for (const { segment } of sources) if (!orphans.includes(segment)) segments.push(segment);
  await loadIds(options, sources, notes);
  return {
    births: segments.all.findLast(({ births }) => births !== undefined)?.births ?? new Map(),
    orphans,
    next: Math.max(next, ...sources.map(({ segment }) => segment.end)),
    notes,
  };
}

/** A segment, and how to get at the ids in it. */
interface IdSource {
  readonly segment: Segment;
  readonly count: number;
  read(): Promise<Buffer | undefined>;
}

async function listFiles({ access, fs, directory }: OpeningOptions, notes: string[]) {
  const logs: Position[] = [];
  const ids: Position[] = [];
  for (const name of (await fs.list(directory)).sort()) {
    const path = join(directory, name);
    const [, first, kind] = /^(\d{16})\.(log|ids)$/.exec(name) ?? [];
    if (first && Number(first) >= 1 && Number(first) <= MAX_POSITION) (kind === 'log' ? logs : ids).push(Number(first));
    // Drafts that a crash left: under this name nothing was ever answered for.
    else if (/^\d{16}\.(log|ids)\.new$/.test(name)) {
      if (access === 'own') await discard(fs, path);
    } else if (/\.(log|ids)$/.test(name)) throw foreignName(path);
    else notes.push(`${path} is not a file of the journal; it was left alone.`);
  }
  return { logs, ids };
}

async function readHead(fs: FileSystem, directory: string, first: Position): Promise<SegmentHead> {
  const path = logPath(directory, first);
  const file = await fs.open(path, 'read');
  try {
    const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
    const head = decodeHead(bytes.subarray(0, await file.read(bytes, 0)), path);
    if (head.first !== first) {
      throw new JournalError(
        'failed',
        `${path} begins at position ${head.first} by its own account: it was renamed. Nothing was changed. ` +
          `Give it back the name ${segmentName(head.first)}.log, or move it elsewhere.`,
      );
    }
    return head;
  } finally {
    await file.close();
  }
}

/** A segment that ends at `end`: from its file of ids, or by reading it. */
async function openFinished(
  options: OpeningOptions,
  head: SegmentHead,
  end: Position,
  known: IdsFile | undefined,
): Promise<IdSource> {
  const { access, fs, directory, log } = options;
  if (known && known.segment.end <= end) return fromIdsFile(options, head, end, known);
  const path = idsPath(directory, head.first);
  const { segment, ids } = await reread(options, head, end);
  if (access === 'look') return { segment, count: 0, read: async () => ids };
  log.info('The journal makes a file of ids again from its segment', { file: path });
  segment.idsBytes = await writeIdsFile(fs, path, segment, ids).catch((error: unknown) => {
    log.warn('The journal could not write a file of ids', { file: path, error: String(error) });
    return 0;
  });
  return { segment, count: ids.length / ID_BYTES, read: async () => ids };
}

/** The segment that was written to: by reading it, unless it is just as it was when the journal was closed. */
async function openLast(
  options: OpeningOptions,
  head: SegmentHead,
  known: IdsFile | undefined,
  notes: string[],
): Promise<IdSource> {
  const { access, fs, directory, log } = options;
  const path = logPath(directory, head.first);
  const file = await fs.open(path, access === 'own' ? 'update' : 'read');
  try {
    if (access === 'own') {
      await file.sync();
      await fs.syncDirectory(directory);
    }
    const size = await file.size();
    if (known?.segment.bytes === size) return fromIdsFile(options, head, Number.POSITIVE_INFINITY, known);
    const { segment, ids, lost } = await rebuild(options, file, head, Number.POSITIVE_INFINITY);
    for (const [from, to] of lost) notes.push(`${path} is damaged: positions ${from} to ${to} are lost.`);
    if (access === 'own') {
      const onCut = (bytes: number) =>
        log.debug('The journal cuts off what was not completely written', { file: path, bytes });
      await takeOver(file, { bytes: segment.bytes, isClosed: false, onCut });
    }
    return { segment, count: ids.length / ID_BYTES, read: async () => ids };
  } finally {
    await file.close();
  }
}

function fromIdsFile(options: OpeningOptions, head: SegmentHead, end: Position, known: IdsFile): IdSource {
  const fromLog = async () => (await reread(options, head, end)).ids;
  const read = async () => (await readIds(options.fs, idsPath(options.directory, head.first))) ?? (await fromLog());
  return { segment: known.segment, count: known.idCount, read };
}

async function reread(options: OpeningOptions, head: SegmentHead, end: Position): Promise<Rebuilt> {
  const file = await options.fs.open(logPath(options.directory, head.first), 'read');
  try {
    return await rebuild(options, file, head, end);
  } finally {
    await file.close();
  }
}

/** Loads the ids that count, oldest first, without reading files of which none would. */
async function loadIds(
  { ids, dedup, now }: OpeningOptions,
  sources: readonly IdSource[],
  notes: string[],
): Promise<void> {
  if (ids === undefined) return;
  const wanted: IdSource[] = [];
  let room = dedup.maxIds;
  for (const source of sources.toReversed()) {
    if (room <= 0) break;
    if (source.count === 0 || now - source.segment.newestAt >= dedup.windowMs) continue;
    wanted.unshift(source);
    room -= source.count;
  }
  ids.expect(wanted.reduce((sum, { count }) => sum + count, 0));
  for (const { segment, read } of wanted) {
    const records = await read();
    if (records) ids.load(records);
    else {
      notes.push(
        `The ids of the deleted segment ${segmentName(segment.first)} are damaged: duplicates of what was in it are not recognised.`,
      );
    }
  }
}

function foreignName(path: string): JournalError {
  return new JournalError(
    'failed',
    `${path} does not have the name of a file of the journal. Nothing was changed. ` +
      'If it is yours, move it elsewhere; if it was renamed, give it back its 16 digits.',
  );
}
