import type { Cursor, CursorState, Position, Range, SourceSpan } from '../journal/journal.ts';
import { LinkedSet } from '../linked-set.ts';
import type { Ledger } from './ledger.ts';
import type { Lot } from './lot.ts';
import { joined, type Region, settle } from './regions.ts';

/** So many ranges are saved as on their way; more are joined, and counted a little too generously after a crash. */
const MAX_IN_FLIGHT_RANGES = 256;

export interface ProgressOptions {
  readonly cursor: Cursor;
  readonly ledger: Ledger;
  /** Whose entries it answers for now. */
  spans(): readonly SourceSpan[];
  /** What waits in the backlog; of that, ambiguous stretches are saved. */
  regions(): readonly Region[];
  /** Positions of dead letters that wait to be sent again and may have arrived before. */
  letters(): readonly Position[];
}

/** What a delivery has under way and what it has settled, saved so that cursor and counts never disagree. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #inFlight = new LinkedSet<Lot>();
  #redeemed: readonly Position[];
  #memo: Record<string, string>;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#redeemed = options.cursor.state.redeemed ?? [];
    this.#memo = { ...options.cursor.state.memo };
  }

  get inFlight(): Pick<LinkedSet<Lot>, 'size' | typeof Symbol.iterator> {
    return this.#inFlight;
  }
  /** Requests that are under way. */
  get requests(): number {
    return [...this.#inFlight].filter(({ ordinal }) => ordinal > 0).length;
  }
  /** Dead letters that are settled and still have to be removed. */
  get redeemed(): readonly Position[] {
    return this.#redeemed;
  }
  memo(key: string): string | undefined {
    return this.#memo[key];
  }
  note(key: string, value: string): void {
    this.#memo[key] = value;
  }

  /** Takes a lot that is not sent: it counts as under way for everybody but a crash. */
  hold(lot: Lot): void {
    this.#inFlight.add(lot);
  }

  /** Resolves when it is on record, beyond the death of the process, that the lot is on its way. */
  async begin(lot: Lot): Promise<void> {
    this.#inFlight.add(lot);
    this.save();
    // On a broken disk the records still go; only the count of repeats after a crash suffers.
    await this.#options.cursor.written().catch(() => {});
  }

  end(lot: Lot): void {
    this.#inFlight.delete(lot);
  }

  /** @param rejected records of it that the backend rejected in a partial success */
  settle(lot: Lot, rejected: number): void {
    this.#options.ledger.settled(lot, rejected);
    this.#save(settle(this.#options.cursor.state, lot.range));
  }

  /** Counts were changed for a dead letter that is settled now. */
  redeem(position: Position): void {
    this.#redeemed = [...this.#redeemed, position];
    this.save();
  }
  /** All of them are gone from the store. */
  forgetRedeemed(): void {
    this.#redeemed = [];
    this.save();
  }

  /** Resolves when what was saved last is durable; it is within a second without. */
  flush(): Promise<void> {
    return this.#options.cursor.flush();
  }

  save(): void {
    this.#save(this.#options.cursor.state);
  }

  #save({ cursor, settled }: Pick<CursorState, 'cursor' | 'settled'>): void {
    const { ledger, spans } = this.#options;
    const inFlight = this.#uncertain();
    this.#options.cursor.save({
      cursor,
      settled,
      counts: ledger.snapshot(),
      sources: spans(),
      ...(inFlight.length > 0 && { inFlight }),
      ...(this.#redeemed.length > 0 && { redeemed: this.#redeemed }),
      ...(Object.keys(this.#memo).length > 0 && { memo: this.#memo }),
    });
  }

  /** Where nobody would know, after a crash now, whether the backend has it. */
  #uncertain(): Range[] {
    const sent = [...this.#inFlight]
      .filter(({ ordinal, ambiguous }) => ordinal > 0 || ambiguous)
      .map(({ range, letter }): Range => (letter === undefined ? range : [letter, letter]));
    const waiting = this.#options
      .regions()
      .filter(({ ambiguous, to }) => ambiguous && Number.isFinite(to))
      .map(({ from, to }): Range => [from, to]);
    const letters = this.#options.letters().map((position): Range => [position, position]);
    return joined([...sent, ...waiting, ...letters], MAX_IN_FLIGHT_RANGES);
  }
}
