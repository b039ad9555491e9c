import type { DeadLetters, LetterKey } from '../journal/dead-letters.ts';
import type { Position, Range } from '../journal/journal.ts';
import type { Mode } from './condition.ts';
import type { Ledger } from './ledger.ts';
import type { History } from './regions.ts';

/** A dead letter that is to be sent again. */
export interface Recalled {
  readonly position: Position;
  readonly records: number;
  /** Attempts since it was recalled, and what is remembered of them. */
  readonly attempts: number;
  readonly history?: History;
  /** The last attempt may have reached the backend; undefined before the first: then the letter itself tells. */
  readonly ambiguous?: boolean;
}

export interface RecallOptions {
  /** Name of the delivery's cursor. */
  readonly delivery: string;
  readonly letters: DeadLetters;
  readonly ledger: Ledger;
  /** Ranges that were on their way when the process died. */
  readonly uncertain: readonly Range[];
  /** It is settled, or its entry is pending itself: its letter is about to be removed. */
  isObsolete(position: Position): boolean;
}

/**
 * The dead letters of one delivery that are to be sent again, in the order in which they were asked for. Trouble with them
 * makes them wait, and nothing else.
 */
export class Recall {
  readonly #options: RecallOptions;
  readonly #waiting = new Map<Position, Recalled>();
  #taken: Recalled | undefined;
  /** Failures in a row, and why they wait, for people. */
  #failures = 0;
  #trouble: { mode: Mode; reason: string } | null = null;
  /** Monotonic. */
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: RecallOptions) {
    this.#options = options;
  }

  get empty(): boolean {
    return this.#waiting.size === 0 && this.#taken === undefined;
  }
  get isUnderWay(): boolean {
    return this.#taken !== undefined;
  }
  get failures(): number {
    return this.#failures;
  }
  get trouble(): { readonly mode: Mode; readonly reason: string } | null {
    return this.#waiting.size > 0 ? this.#trouble : null;
  }
  /** Positions of those that may have reached the backend. */
  get uncertain(): Position[] {
    const all = this.#taken ? [...this.#waiting.values(), this.#taken] : [...this.#waiting.values()];
    return all.filter(({ ambiguous }) => ambiguous).map(({ position }) => position);
  }

  key(position: Position): LetterKey {
    return { delivery: this.#options.delivery, position };
  }

  /** Takes up what the store has marked. */
  refresh(): void {
    const { delivery: own, letters, uncertain, isObsolete } = this.#options;
    for (const { delivery, position, retrying, records } of letters.list()) {
      const isKnown = this.#waiting.has(position) || this.#taken?.position === position;
      if (delivery !== own || !retrying || isKnown || isObsolete(position)) continue;
      const ambiguous = uncertain.some(([from, to]) => position >= from && position <= to) || undefined;
      this.#waiting.set(position, { position, records, attempts: 0, ambiguous });
    }
    this.#tell();
  }

  /** One may be taken: one at a time is under way. */
  isReady(now: number): boolean {
    return this.nextIn(now, 0) === 0;
  }

  /** Milliseconds until one may be taken; undefined when there is none, or one is under way. */
  nextIn(now: number, atLeastMs: number): number | undefined {
    if (this.#waiting.size === 0 || this.#taken) return undefined;
    return Math.max(0, this.#pausedUntil - now, atLeastMs);
  }

  /** @param position of the one that is wanted; absent: the next one */
  take(position?: Position): Recalled | undefined {
    const [first] = this.#waiting.values();
    const wanted = position === undefined ? first : this.#waiting.get(position);
    if (!wanted) return undefined;
    this.#waiting.delete(wanted.position);
    this.#taken = wanted;
    return wanted;
  }

  /** The one that was taken waits again, behind the others; none is taken before `until` (monotonic). */
  putBack(changes: Partial<Recalled>, trouble?: { mode: Mode; reason: string; until: number }): void {
    const taken = this.#taken;
    this.#taken = undefined;
    if (taken) this.#waiting.set(taken.position, { ...taken, ...changes });
    if (!trouble) return;
    this.#failures++;
    this.#trouble = trouble;
    this.#pausedUntil = trouble.until;
  }

  /** The one that was taken is settled in the ledger. No other one is taken before `done`. */
  settled(): void {
    if (this.#taken) this.#taken = { ...this.#taken, records: 0, ambiguous: false };
    this.#tell();
  }

  /** The one that was taken is settled and gone, or a dead letter as before. */
  done(): void {
    this.#taken = undefined;
    this.#failures = 0;
    this.#trouble = null;
    this.#tell();
  }

  #tell(): void {
    let records = this.#taken?.records ?? 0;
    for (const waiting of this.#waiting.values()) records += waiting.records;
    this.#options.ledger.recall(records);
  }
}
