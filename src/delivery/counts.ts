import type { Lot } from './lot.ts';

/** What a delivery has settled, in records: stored beside its cursor, so that both are always true to each other. */
export interface Counts {
  delivered: number;
  rejected_by_backend: number;
  filtered: number;
  dead_lettered: number;
  lost: number;
  ambiguous: number;
}

export const NO_COUNTS: Counts = {
  delivered: 0,
  rejected_by_backend: 0,
  filtered: 0,
  dead_lettered: 0,
  lost: 0,
  ambiguous: 0,
};

/** @param rejected by the backend in a partial success; a processor may have split records, so it can be more than entered */
export function countSettled(counts: Counts, lot: Lot, rejected: number): void {
  const refused = Math.min(rejected, lot.carried);
  counts.delivered += lot.carried - refused;
  counts.rejected_by_backend += refused;
  counts.filtered += lot.filtered;
  counts.lost += lot.lost;
}

/** Everything that is settled for good. */
export function settledRecords({ delivered, rejected_by_backend, filtered, dead_lettered, lost }: Counts): number {
  return delivered + rejected_by_backend + filtered + dead_lettered + lost;
}
