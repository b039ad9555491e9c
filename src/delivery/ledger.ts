import type { Journal, Position, SourceSpan } from '../journal/journal.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
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

const NO_COUNTS: Counts = {
  delivered: 0,
  rejected_by_backend: 0,
  filtered: 0,
  dead_lettered: 0,
  lost: 0,
  ambiguous: 0,
};

/** A stretch of positions, the last one included. */
export interface Stretch {
  readonly from: Position;
  readonly to: Position;
}

/**
 * The arithmetic of one delivery: `accepted = delivered + rejected_by_backend + filtered + dead_lettered + lost + pending`,
 * in records as they entered. What is settled comes from the saved state, what is pending is counted in the journal at the
 * start and kept up to date from there.
 */
export class Ledger {
  readonly #counts: Counts;
  #pending = 0;
  /** Entries below it are in `#pending` whether `arrived` has told them or not. */
  #countedBelow: Position = 0;

  constructor(saved: Readonly<Record<string, number>>) {
    this.#counts = { ...NO_COUNTS, ...saved };
  }

  get pending(): number {
    // An entry may settle before its arrival was told.
    return Math.max(0, this.#pending);
  }

  /** What is saved with the cursor. */
  snapshot(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  /** The figures of the status. */
  figures(): Pick<DeliveryStatus, 'accepted' | 'pending' | keyof Counts> {
    const { delivered, rejected_by_backend, filtered, dead_lettered, lost } = this.#counts;
    const settled = delivered + rejected_by_backend + filtered + dead_lettered + lost;
    return { accepted: settled + this.pending, ...this.#counts, pending: this.pending };
  }

  /** False for what is counted already. */
  arrived(position: Position, records: number): boolean {
    if (position < this.#countedBelow) return false;
    this.#pending += records;
    return true;
  }

  /** @param rejected by the backend in a partial success; a processor may have split records, so it can be more than entered */
  settled(lot: Lot, rejected: number): void {
    const refused = Math.min(rejected, lot.carried);
    this.#counts.delivered += lot.carried - refused;
    this.#counts.rejected_by_backend += refused;
    this.#counts.filtered += lot.filtered;
    this.#counts.lost += lot.lost;
    this.#pending -= lot.carried + lot.filtered;
  }

  /** Records are sent again that the backend may have. */
  repeated(records: number): void {
    this.#counts.ambiguous += records;
  }

  /**
   * Counts what is pending in the journal itself, while the delivery goes on: at the start, and when entries were found
   * damaged, for how many records those held nobody knows.
   * @param open everything that is not settled
   */
  async recount(journal: Journal, open: readonly Stretch[], spans: readonly SourceSpan[]): Promise<void> {
    const { next } = journal.status();
    this.#countedBelow = next;
    const before = this.#pending;
    let found = 0;
    for (const { from, to } of open) {
      for (const { source, since, before: end } of spans) {
        const range = { from: Math.max(from, since), to: Math.min(to + 1, end ?? next, next) };
        if (range.from < range.to) found += await journal.tally(range, [source]);
      }
    }
    // What has arrived and settled meanwhile changes the count that was begun with.
    this.#pending = found + (this.#pending - before);
  }
}
