import type { Cause } from '../journal/dead-letters.ts';
import type { CursorState, Position, Range } from '../journal/journal.ts';

/**
 * What a delivery has still to send: the unsettled stretches of the journal, in order of position. The last one of a live
 * delivery has no end: it is the tail, where new entries arrive. Taken stretches (in flight) are in no region.
 */
export interface Region {
  readonly from: Position;
  /** Inclusive; Infinity for the tail. */
  readonly to: Position;
  /** Attempts that failed, of this stretch or of the batch that it was part of. */
  readonly attempts: number;
  /** Monotonic time before which it is not tried again. */
  readonly notBefore: number;
  /** The last attempt may have reached the backend: the next one repeats records. */
  readonly ambiguous: boolean;
  /** Half of a batch that was refused: it may well be taken. */
  readonly half?: boolean;
  /** A single entry that was refused, or an entry that is to be processed alone. */
  readonly lone?: boolean;
  /** Why just this stretch is not taken, while others are; for people. */
  readonly refused?: string;
  /** Why its dead letters could not be kept; for people. */
  readonly unburied?: string;
  /** Receipt of its oldest entry, milliseconds since the epoch, where known. */
  readonly oldest?: number;
  /** What is remembered of its failures; absent before the first. */
  readonly history?: History;
  /** It is not sent any more: its entries become dead letters with this cause, or expire. */
  readonly sentence?: Sentence;
}

/** Ordinals count the requests of a delivery: one that was begun later has a higher one. */
export interface History {
  /** Monotonic time of the first failure. */
  readonly since: number;
  /** The request that failed last; and the first that was refused, while it is being refused. */
  readonly failed: number;
  readonly refused?: number;
  /** Failures since the one before which requests of other records were accepted. */
  readonly besides: number;
}

export type Sentence = { readonly kind: 'letter'; readonly cause: Cause } | { readonly kind: 'expire' };

/** The regions that a saved state leaves: the gaps between what is settled, and the tail, or all up to `end` (excluded). */
export function regionsOf(state: CursorState, end = Number.POSITIVE_INFINITY): Region[] {
  const regions: Region[] = [];
  let from = state.cursor;
  for (const [start, to] of state.settled) {
    if (Math.min(start, end) > from) regions.push(untried(from, Math.min(start, end) - 1));
    from = Math.max(from, to + 1);
  }
  if (from < end) regions.push(untried(from, end - 1));
  return (state.inFlight ?? []).reduce(markAmbiguous, regions);
}

/** Marks what was on its way when the process died: it may have arrived. */
function markAmbiguous(regions: readonly Region[], [from, to]: Range): Region[] {
  return regions.flatMap((region) => {
    const start = Math.max(from, region.from);
    const end = Math.min(to, region.to);
    if (start > end) return [region];
    const parts = [{ ...region, from: start, to: end, ambiguous: true }];
    if (region.from < start) parts.unshift({ ...region, to: start - 1 });
    if (region.to > end) parts.push({ ...region, from: end + 1 });
    return parts;
  });
}

export function untried(from: Position, to: Position): Region {
  return { from, to, attempts: 0, notBefore: Number.NEGATIVE_INFINITY, ambiguous: false };
}

/** Keeps the list in order of position. */
export function insertRegion(regions: Region[], region: Region): void {
  const found = regions.findIndex(({ from }) => from > region.from);
  regions.splice(found < 0 ? regions.length : found, 0, region);
}

/**
 * The two halves of a stretch that failed, one of which is without the record that is to blame.
 * @param middle last position of the first one
 */
export function halves(region: Region, middle: Position): [Region, Region] {
  return [
    { ...region, to: middle },
    { ...region, from: middle + 1 },
  ];
}

/**
 * Adds a settled range to a state: the cursor moves over everything that is settled without a gap, ranges that touch
 * join.
 */
export function settle(state: Pick<CursorState, 'cursor' | 'settled'>, range: Range) {
  let cursor = state.cursor;
  const settled: Range[] = [];
  for (const [from, to] of [...state.settled, range].sort((a, b) => a[0] - b[0])) {
    const last = settled.at(-1);
    if (from <= cursor) cursor = Math.max(cursor, to + 1);
    else if (last && from <= last[1] + 1) settled[settled.length - 1] = [last[0], Math.max(last[1], to)];
    else settled.push([from, to]);
  }
  return { cursor, settled };
}

/** Ranges in order, those that touch joined, and at most `limit` of them: the widest gaps stay. */
export function joined(ranges: readonly Range[], limit: number): Range[] {
  const result: [Position, Position][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  while (result.length > limit) {
    let narrowest = 1;
    for (let index = 2; index < result.length; index++) {
      if (gap(result, index) < gap(result, narrowest)) narrowest = index;
    }
    const [, to] = result[narrowest] as Range;
    (result[narrowest - 1] as [Position, Position])[1] = to;
    result.splice(narrowest, 1);
  }
  return result;
}

const gap = (ranges: readonly Range[], index: number) => (ranges[index]?.[0] ?? 0) - (ranges[index - 1]?.[1] ?? 0);
