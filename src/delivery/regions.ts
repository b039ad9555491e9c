import type { CursorState, Position, Range } from '../journal/journal.ts';

/**
 * What a delivery has still to send: the unsettled stretches of the journal, in order of position. The last one has no
 * end: it is the tail, where new entries arrive. Taken stretches (in flight) are in no region.
 */
export interface Region {
  readonly from: Position;
  /** Inclusive; Infinity for the tail. */
  readonly to: Position;
  /** Attempts that failed. */
  readonly attempts: number;
  /** Monotonic time before which it is not tried again. */
  readonly notBefore: number;
  /** The last attempt may have reached the backend: the next one repeats records. */
  readonly ambiguous: boolean;
  /** Half of a batch that was refused: it may well be taken. */
  readonly half?: boolean;
  /** Entries that were refused one by one: they are tried one by one. */
  readonly lone?: boolean;
  /** Why just this stretch is not taken (by the backend, or by a processor), while others are. */
  readonly refused?: string;
  /** Receipt of its oldest entry, milliseconds since the epoch, where known. */
  readonly oldest?: number;
}

/** The regions that a saved state leaves: the gaps between what is settled, and the tail. */
export function regionsOf(state: CursorState): Region[] {
  const regions: Region[] = [];
  let from = state.cursor;
  for (const [start, end] of state.settled) {
    if (start > from) regions.push(untried(from, start - 1));
    from = Math.max(from, end + 1);
  }
  regions.push(untried(from, Number.POSITIVE_INFINITY));
  return regions;
}

export function untried(from: Position, to: Position): Region {
  return { from, to, attempts: 0, notBefore: Number.NEGATIVE_INFINITY, ambiguous: false };
}

/** Keeps the list in order of position. Lone refused entries that touch become one stretch, so that the list stays short. */
export function insertRegion(regions: Region[], region: Region): void {
  const found = regions.findIndex(({ from }) => from > region.from);
  const index = found < 0 ? regions.length : found;
  const before = regions[index - 1];
  if (before?.lone && region.lone && before.to + 1 === region.from) {
    regions[index - 1] = { ...before, to: region.to, notBefore: Math.max(before.notBefore, region.notBefore) };
  } else regions.splice(index, 0, region);
}

/** The two halves of a refused stretch, to be tried at once: one of them is without the record that is to blame. */
export function halves({ from, to, oldest }: Region): [Region, Region] {
  const middle = Math.floor((from + to) / 2);
  const half = (start: Position, end: Position): Region => ({ ...untried(start, end), half: true, oldest });
  return [half(from, middle), half(middle + 1, to)];
}

/**
 * Adds a settled range to a state: the cursor moves over everything that is settled without a gap, ranges that touch
 * join. Counts are replaced as a whole, so that they always belong to this cursor.
 */
export function settle(state: CursorState, range: Range, counts: CursorState['counts']): CursorState {
  const ranges = [...state.settled, range].sort((a, b) => a[0] - b[0]);
  let cursor = state.cursor;
  const settled: Range[] = [];
  for (const [from, to] of ranges) {
    const last = settled.at(-1);
    if (from <= cursor) cursor = Math.max(cursor, to + 1);
    else if (last && from <= last[1] + 1) settled[settled.length - 1] = [last[0], Math.max(last[1], to)];
    else settled.push([from, to]);
  }
  return { cursor, settled, counts };
}
