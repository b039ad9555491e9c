import type { Clock } from '../clock.ts';
import type { CauseKind, DeadLetter, DeadLetters, LetterKey } from '../journal/dead-letters.ts';
import type { Position } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import { encodeLogsRequestJson } from '../record/otlp/json.ts';
import type { Log } from '../telemetry/log.ts';
import type { Unsent } from './lot.ts';
import type { Region } from './regions.ts';
import { Seldom } from './seldom.ts';

const UNSENT: ReadonlySet<CauseKind> = new Set(['journal_full', 'skipped']);

/** Puts what will never be taken into the dead letters. */
export class Burial {
  readonly #delivery: string;
  readonly #letters: DeadLetters;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #telling: Seldom;
  #trouble: string | null = null;
  /** Positions of letters that `removeStale` could not remove. */
  readonly #stale = new Set<Position>();

  constructor(options: { delivery: string; letters: DeadLetters; clock: Clock; log: Log }) {
    this.#delivery = options.delivery;
    this.#letters = options.letters;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#telling = new Seldom(options.clock);
  }

  /**
   * Resolves when all of them are durable. Rejects when they can't be kept, with the reason for people: then they are still
   * pending.
   */
  async bury(unsent: readonly Unsent[], attempts: number): Promise<void> {
    try {
      await this.#letters.put(unsent.map((one) => this.#letterOf(one, attempts)));
      this.#trouble = null;
      for (const { entry } of unsent) this.#stale.delete(entry.position);
      this.#tell(unsent);
    } catch (error) {
      const why = `dead letters can't be kept: ${error instanceof Error ? error.message : String(error)}`;
      if (this.#trouble !== why) this.#log.error('Records that no backend takes stay pending.', { reason: why });
      this.#trouble = why;
      throw new Error(why, { cause: error });
    }
  }

  /** undefined where there is none, or it can't be read: that is told. */
  async read(key: LetterKey): Promise<DeadLetter | undefined> {
    try {
      const letter = await this.#letters.get(key);
      if (!letter) this.#log.warn('A dead letter that was to be sent again is not there.', { position: key.position });
      return letter;
    } catch (error) {
      this.#log.error('A dead letter can not be read.', { position: key.position, error: String(error) });
      return undefined;
    }
  }

  remove(keys: readonly LetterKey[]): Promise<void> {
    return this.#letters.remove(keys);
  }

  /** Letters of entries that are pending again, because the state that settled them was lost: those are tried again. */
  async removeStale(pending: readonly Region[]): Promise<void> {
    for (const { delivery, position } of this.#letters.list()) {
      const isPending = pending.some(({ from, to }) => position >= from && position <= to);
      if (delivery === this.#delivery && isPending) this.#stale.add(position);
    }
    await this.clearStale();
  }

  /** A letter that is still to be removed: it is nobody's any more. */
  isStale(position: Position): boolean {
    return this.#stale.has(position);
  }

  /** Removes those that could not be removed before. */
  async clearStale(): Promise<void> {
    if (this.#stale.size === 0) return;
    await this.#letters.remove([...this.#stale].map((position) => ({ delivery: this.#delivery, position })));
    this.#stale.clear();
  }

  #letterOf({ entry, records, cause }: Unsent, attempts: number): DeadLetter {
    return {
      delivery: this.#delivery,
      position: entry.position,
      entry,
      // Nothing is wrong with those that were given up unsent, and room is what they lack.
      ...(records.length > 0 && !UNSENT.has(cause.kind) && { sent: this.#encode(records) }),
      cause,
      at: this.#clock.now(),
      attempts,
    };
  }

  /** A letter without it is better than none. */
  #encode(records: readonly LogRecord[]): Uint8Array | undefined {
    try {
      return encodeLogsRequestJson(records);
    } catch (error) {
      this.#log.error('BUG: a record can not be written as JSON.', { error: error instanceof Error ? error.name : '' });
      return undefined;
    }
  }

  #tell(unsent: readonly Unsent[]): void {
    const letters = this.#telling.due(unsent.length);
    const [first] = unsent;
    if (!first || letters === 0) return;
    const fields = { letters, kind: first.cause.kind, reason: first.cause.summary };
    this.#log.error('Records became dead letters: see `dead-letters list`.', fields);
  }
}
