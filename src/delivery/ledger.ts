import type { Position, SourceSpan, StoredJournal } from '../journal/journal.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import type { Lot } from './lot.ts';

/** What a delivery has settled, in records: stored beside its cursor, so that both are always true to each other. */
export interface Counts {
  delivered: number;
  rejected_by_backend: number;
  filtered: number;
  dead_lettered: number;
  lost: number;
  expired: number;
  ambiguous: number;
}

const NO_COUNTS: Counts = {
  delivered: 0,
  rejected_by_backend: 0,
  filtered: 0,
  dead_lettered: 0,
  lost: 0,
  expired: 0,
  ambiguous: 0,
};

/** Positions from `from` up to, excluding, `to`. */
export interface Stretch {
  readonly from: Position;
  readonly to: Position;
}

/** Counts the records of a delivery's receivers in a stretch of the journal. */
export function tallyOf(journal: Pick<StoredJournal, 'tally'>, spans: readonly SourceSpan[]) {
  return async ({ from, to }: Stretch): Promise<number> => {
    let found = 0;
    for (const { source, since, before = to } of spans) {
      const range = { from: Math.max(from, since), to: Math.min(to, before) };
      if (range.from < range.to) found += await journal.tally(range, [source]);
    }
    return found;
  };
}

/**
 * The arithmetic of one delivery:
 * `accepted = delivered + rejected_by_backend + filtered + dead_lettered + lost + expired + pending`, in records as they
 * entered. What is settled comes from the saved state, what is pending is counted in the journal at the start and kept up to
 * date from there. Dead letters that are sent again are pending and no longer dead-lettered: in the figures at once, in the
 * saved counts when they are settled.
 */
export class Ledger {
  readonly #counts: Counts;
  #pending = 0;
  /** What arrived less what was settled, all in all. */
  #moved = 0;
  /** Entries below it are in `#pending` whether `arrived` has told them or not. */
  #countedBelow: Position = 0;
  /** Records of dead letters that are sent again. */
  #recalled = 0;

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
    const { delivered, rejected_by_backend, filtered, lost, expired } = this.#counts;
    const dead_lettered = Math.max(0, this.#counts.dead_lettered - this.#recalled);
    const pending = this.pending + this.#recalled;
    const settled = delivered + rejected_by_backend + filtered + dead_lettered + lost + expired;
    return { accepted: settled + pending, ...this.#counts, dead_lettered, pending };
  }

  /** So many records of dead letters are to be sent again, all in all. */
  recall(records: number): void {
    this.#recalled = records;
  }

  /** A dead letter was sent after all. `filtered`: the present processors let nothing of it through. */
  redeemed(records: number, how: 'delivered' | 'filtered' | 'rejected_by_backend'): void {
    this.#counts.dead_lettered = Math.max(0, this.#counts.dead_lettered - records);
    this.#counts[how] += records;
  }

  /** False for what is counted already. */
  arrived(position: Position, records: number): boolean {
    if (position < this.#countedBelow) return false;
    this.#pending += records;
    this.#moved += records;
    return true;
  }

  /** @param rejected by the backend in a partial success; a processor may have split records, so it can be more than entered */
  settled(lot: Lot, rejected: number): void {
    const refused = Math.min(rejected, lot.carried);
    this.#counts.delivered += lot.carried - refused;
    this.#counts.rejected_by_backend += refused;
    this.#counts.filtered += lot.filtered;
    this.#counts.dead_lettered += lot.buried;
    this.#counts.expired += lot.expired;
    this.#counts.lost += lot.lost;
    this.#pending -= lot.pending;
    this.#moved -= lot.pending;
  }

  /** Records are sent again that the backend may have. */
  repeated(records: number): void {
    this.#counts.ambiguous += records;
  }

  /**
   * Counts what is pending in the journal itself, while the delivery goes on: at the start, and when entries were found
   * damaged, for how many records those held nobody knows.
   * @param next position that the next entry will get
   * @param open everything that is not settled, the last position included
   */
  async recount(next: Position, open: readonly Stretch[], count: (stretch: Stretch) => Promise<number>): Promise<void> {
    this.#countedBelow = next;
    const before = this.#moved;
    let found = 0;
    for (const { from, to } of open) {
      if (from < Math.min(to + 1, next)) found += await count({ from, to: Math.min(to + 1, next) });
    }
    // What has arrived and settled meanwhile changes the count that was begun with.
    this.#pending = found + (this.#moved - before);
  }
}
