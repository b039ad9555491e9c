/** Reads every frame of one segment, and compares its file of ids with it. */
import { join } from 'node:path';
import type { Position, Range } from '../../journal.ts';
import { skippingBadBlocks } from '../bad-blocks.ts';
import { type Births, decodeBirths } from '../births.ts';
import { BIRTHS, bodyOf, ENTRY, metadataOf } from '../frame.ts';
import { type File, isMissing } from '../fs.ts';
import { type IdsFile, isAbout, readIds, readSummary } from '../ids-file.ts';
import { type Place, scan } from '../scan.ts';
import { SEGMENT_HEAD_BYTES, type SegmentHead } from '../segment.ts';
import type { Examined } from './examined.ts';
import { type Finding, mebibytes } from './finding.ts';
import { IdComparison } from './ids.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface LogFacts {
  segments: number;
  entries: number;
  bytes: number;
  first: Position;
  /** The first position that no intact entry and no file of ids knows of. */
  next: Position;
  births: Births;
}

/** What a scan saw. */
interface Seen {
  entries: number;
  erased: number;
  readonly records: Map<string, number>;
  readonly lost: Range[];
  births: Births | undefined;
  /** Behind the last append that is whole. */
  place: Place;
}

/** Yields what it finds and adds it to `facts`. `following`: where the next segment begins. */
export async function* checkSegment(
  options: Examined,
  name: string,
  head: SegmentHead,
  following: Position | undefined,
  facts: LogFacts,
): AsyncGenerator<Finding> {
  const { fs, directory, isRunning } = options;
  const file = `journal/${name}`;
  const idsFile = file.replace(/log$/, 'ids');
  const idsPath = join(directory, idsFile);
  let opened: File;
  try {
    opened = await fs.open(join(directory, file), 'read');
  } catch (error) {
    yield isMissing(error)
      ? { severity: 'ok', file, message: 'it was deleted meanwhile' }
      : { severity: 'error', file, message: String(error) };
    return;
  }
  try {
    const summary = await readSummary(fs, idsPath).catch(() => undefined);
    const known = summary && isAbout(summary.segment, head) ? summary : undefined;
    const ids = known && (await readIds(fs, idsPath).catch(() => undefined));
    const size = await opened.size();
    const comparison = new IdComparison(ids);
    const seen = await look(skippingBadBlocks(opened), head, following, size, comparison);
    facts.segments++;
    facts.entries += seen.entries;
    facts.bytes += size;
    facts.births = seen.births ?? facts.births;
    facts.next = Math.max(facts.next, seen.place.position, known?.segment.end ?? 1);

    const erased = seen.erased > 0 ? `, ${seen.erased} of them erased` : '';
    yield { severity: 'ok', file, message: `${seen.entries} entries${erased}, ${mebibytes(size)}` };
    for (const [from, to] of seen.lost) {
      yield {
        severity: 'error',
        file,
        message: from === to ? `position ${from} is damaged: lost` : `positions ${from} to ${to} are damaged: lost`,
        advice: 'Deliveries that have not settled them count them as lost and go on.',
      };
    }
    if (seen.births === undefined) {
      yield {
        severity: 'warning',
        file,
        message: 'it has no intact list of the deliveries',
        advice: 'Others have one.',
      };
    }
    if (following === undefined) yield* checkTail(opened, file, seen.place.offset, size, isRunning);
    const agreement = {
      file: idsFile,
      summary,
      known,
      ids,
      different: comparison.different,
      seen,
      following,
      isRunning,
    };
    const finding = compareIds(agreement);
    if (finding) yield finding;
  } finally {
    await opened.close();
  }
}

function compareIds(found: {
  file: string;
  summary: IdsFile | undefined;
  /** The summary, where it is about the segment. */
  known: IdsFile | undefined;
  ids: Buffer | undefined;
  different: number;
  seen: Seen;
  following: Position | undefined;
  isRunning: boolean;
}): Finding | undefined {
  const { file, summary, known, ids, different, seen, following, isRunning } = found;
  const advice = 'Delete it: the next start makes it again.';
  if (known === undefined) {
    // Of the last segment it is there after an orderly stop only.
    if (following === undefined && summary === undefined) return undefined;
    const message = summary ? 'it is about another segment' : 'it is missing or damaged';
    return { severity: isRunning ? 'ok' : 'warning', file, message: `${message}; the next start makes it again` };
  }
  if (ids === undefined) return { severity: 'warning', file, message: 'its ids are damaged', advice };
  if (different > 0 || !agrees(known.segment, seen, following)) {
    return { severity: 'warning', file, message: 'it does not agree with its segment', advice };
  }
  return { severity: 'ok', file, message: `${known.idCount} ids, as in its segment` };
}

async function look(
  file: File,
  head: SegmentHead,
  following: Position | undefined,
  limit: number,
  ids: IdComparison,
): Promise<Seen> {
  const from = { offset: SEGMENT_HEAD_BYTES, position: head.first };
  const seen: Seen = {
    entries: 0,
    erased: 0,
    records: new Map(),
    lost: [],
    births: undefined,
    place: from,
  };
  // What is behind the last whole append of the last segment was never answered for, and is no damage.
  let open: { source: string; records: number; erased: boolean }[] = [];
  let gaps: Range[] = [];
  const settle = (place: Place) => {
    for (const { source, records, erased } of open) {
      seen.entries++;
      if (erased) seen.erased++;
      seen.records.set(source, (seen.records.get(source) ?? 0) + records);
    }
    open = [];
    seen.lost.push(...gaps);
    gaps = [];
    seen.place = place;
  };
  const end = following ?? Number.POSITIVE_INFINITY;
  const stopped = await scan({
    file,
    salt: head.salt,
    from,
    limit,
    end,
    chunkBytes: CHUNK_BYTES,
    keep: false,
    frame: (frame) => {
      if (frame.kind === ENTRY) {
        const { source, dedupKey } = metadataOf(frame);
        open.push({ source, records: frame.records, erased: frame.erased });
        ids.entry(frame, dedupKey);
        if (frame.more) return true;
        settle({ offset: frame.offset + frame.bytes, position: frame.position + 1 });
      } else {
        if (frame.kind === BIRTHS) seen.births = decodeBirths(bodyOf(frame));
        settle({ offset: frame.offset + frame.bytes, position: frame.position });
      }
      return true;
    },
    lost: (first, last) => gaps.push([first, last]),
  });
  if (following !== undefined) settle(stopped);
  return seen;
}

/** What is behind the last whole append of the segment that was written to. */
async function* checkTail(
  opened: File,
  file: string,
  offset: number,
  size: number,
  isRunning: boolean,
): AsyncGenerator<Finding> {
  if (size <= offset) return;
  const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - offset));
  for (let at = offset; at < size; at += chunk.length) {
    const bytes = chunk.subarray(0, await opened.read(chunk.subarray(0, Math.min(chunk.length, size - at)), at));
    if (bytes.every((byte) => byte === 0)) continue;
    yield isRunning
      ? { severity: 'ok', file, message: 'at its end an append is being written' }
      : {
          severity: 'warning',
          file,
          message: `${size - offset} bytes at its end are no whole append: a process ended, or the power went, while it wrote`,
          advice: 'Nothing of it was answered for. The next start cuts it off.',
        };
    return;
  }
  yield { severity: 'ok', file, message: `${mebibytes(size - offset)} of zeros at its end, written ahead` };
}

function agrees(
  summary: { end: Position; records: ReadonlyMap<string, number> },
  seen: Seen,
  following: Position | undefined,
): boolean {
  // Where something is damaged nobody can tell.
  if (seen.lost.length > 0) return true;
  if (summary.end !== (following ?? seen.place.position)) return following !== undefined && summary.end < following;
  if (summary.records.size !== seen.records.size) return false;
  return [...summary.records].every(([source, records]) => seen.records.get(source) === records);
}
