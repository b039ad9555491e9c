import type { ReceiverFigures, RefusalReason } from './status.ts';

/** This many wrong signatures in a row, after right ones, are a secret that was changed rather than a stranger. */
const WRONG_IN_A_ROW = 10;

/** Counts at the doors, by receiver, since the start of the process. Records, for a refusal the request. */
export class IntakeCounts {
  readonly #receivers = new Map<string, Counts>();

  /** @param receivers ids that are counted, from 0 on, before anything came; others appear when they count something */
  constructor(receivers: Iterable<string> = []) {
    for (const receiver of receivers) this.#of(receiver);
  }

  /** A receiver is new, or has other settings, or has left: what was wrong with its secret so far says nothing any more. */
  watch(receiver: string): void {
    this.#of(receiver).wrongInARow = 0;
  }

  /** Stored. */
  accept(receiver: string, records: number): void {
    const counts = this.#of(receiver);
    counts.accepted += records;
    counts.wrongInARow = 0;
  }

  /** Answered like a stored one, and not stored: it was there before. */
  duplicate(receiver: string, records: number): void {
    const counts = this.#of(receiver);
    counts.duplicates += records;
    counts.wrongInARow = 0;
  }

  refuse(receiver: string, reason: RefusalReason): void {
    const counts = this.#of(receiver);
    counts.refused.set(reason, (counts.refused.get(reason) ?? 0) + 1);
    if (reason === 'signature') counts.wrongInARow++;
  }

  get accepted(): number {
    return this.#sum(({ accepted }) => accepted);
  }

  get duplicates(): number {
    return this.#sum(({ duplicates }) => duplicates);
  }

  /** By reason, over all receivers. */
  get refused(): Partial<Record<RefusalReason, number>> {
    const total = new Map<RefusalReason, number>();
    for (const { refused } of this.#receivers.values()) {
      for (const [reason, count] of refused) total.set(reason, (total.get(reason) ?? 0) + count);
    }
    return Object.fromEntries(total);
  }

  get receivers(): ReceiverFigures[] {
    return [...this.#receivers].map(([receiver, { accepted, duplicates, refused }]) => ({
      receiver,
      accepted,
      duplicates,
      refused: Object.fromEntries(refused),
    }));
  }

  /**
   * Receivers that probably have a wrong secret: no signature was right so far and at least one was wrong, or many were
   * wrong since the last right one. `wrong` counts those.
   */
  get wrongSecrets(): { receiver: string; wrong: number }[] {
    return [...this.#receivers]
      .filter(([, { accepted, duplicates, wrongInARow }]) => {
        return wrongInARow >= (accepted + duplicates === 0 ? 1 : WRONG_IN_A_ROW);
      })
      .map(([receiver, { wrongInARow }]) => ({ receiver, wrong: wrongInARow }));
  }

  #of(receiver: string): Counts {
    let counts = this.#receivers.get(receiver);
    if (!counts) {
      counts = { accepted: 0, duplicates: 0, refused: new Map(), wrongInARow: 0 };
      this.#receivers.set(receiver, counts);
    }
    return counts;
  }

  #sum(of: (counts: Counts) => number): number {
    return [...this.#receivers.values()].reduce((sum, counts) => sum + of(counts), 0);
  }
}

interface Counts {
  accepted: number;
  duplicates: number;
  readonly refused: Map<RefusalReason, number>;
  /** Requests with a wrong signature since the last that was stored, or was a duplicate. */
  wrongInARow: number;
}
