import type { Clock } from '../clock.ts';
import type { RetryPolicy } from '../component.ts';
import type { Outcome } from '../exporters/outcome.ts';
import type { Cause, DeadLetter } from '../journal/dead-letters.ts';
import type { Position } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import { describe } from './attempt.ts';
import type { Burial } from './burial.ts';
import type { Condition } from './condition.ts';
import type { Fit } from './fitness.ts';
import { causeOf, judge, mayBlameIts } from './judge.ts';
import type { Ledger } from './ledger.ts';
import { Lot } from './lot.ts';
import type { Progress } from './progress.ts';
import type { Recall, Recalled } from './recall.ts';

export interface ResendingOptions {
  readonly recall: Recall;
  readonly burial: Burial;
  readonly progress: Progress;
  readonly ledger: Ledger;
  readonly condition: Condition;
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Aborted when the agent stops. */
  readonly signal: AbortSignal;
  /** From the entry of a letter to what would be sent of it now. Never throws. */
  process(letter: DeadLetter): Fit;
  /** The progress of the delivery is durable. */
  flush(): Promise<void>;
  /** One request. The caller ends the lot. */
  attempt(lot: Lot): Promise<Outcome>;
}

/**
 * Sends dead letters again, each alone, through the processors as they are now. What is refused again, or fails while
 * others pass, is a dead letter as before, with the new reason; other trouble is waited out, by the letters alone.
 */
export class Resending {
  readonly #options: ResendingOptions;

  constructor(options: ResendingOptions) {
    this.#options = options;
  }

  /**
   * Removes the letters that are settled already; before that is done no other one is sent.
   * @throws {JournalError} when their store can't change
   */
  async clear(): Promise<void> {
    const { progress, burial, recall } = this.#options;
    await burial.clearStale();
    if (progress.redeemed.length === 0) return;
    await burial.remove(progress.redeemed.map((position) => recall.key(position)));
    progress.forgetRedeemed();
  }

  /** The process died while it was at this letter: it is a dead letter again, and a person may look. */
  async convict(position: Position): Promise<void> {
    const { recall, burial } = this.#options;
    if (!recall.take(position)) return;
    const letter = await burial.read(recall.key(position));
    const cause = {
      kind: 'crash',
      summary: 'the process died while it processed this entry to send it again',
    } as const;
    // Where that can't be written it is left alone until the next start.
    if (letter) await burial.bury([{ entry: letter.entry, records: [], cause }], letter.attempts).catch(() => {});
    recall.done();
  }

  /** Resolves when the request is under way, and calls `ended` when the letter is settled or waits again. Never rejects. */
  async send(recalled: Recalled, ended: () => void): Promise<void> {
    const { burial, recall, process, clock, policy } = this.#options;
    try {
      await this.clear();
    } catch (error) {
      const reason = `dead letters can't be removed: ${error instanceof Error ? error.message : String(error)}`;
      recall.putBack({}, { mode: 'held', reason, until: clock.monotonic() + policy.probeIntervalMs });
      return ended();
    }
    const letter = await burial.read(recall.key(recalled.position));
    if (!letter) {
      recall.done();
      return ended();
    }
    const { records, bytes, cause } = process(letter);
    void this.#send(letter, recalled, { records, bytes, cause }).then(ended);
  }

  async #send(letter: DeadLetter, recalled: Recalled, { records, bytes, cause }: Fit): Promise<void> {
    if (cause) return this.#return(letter, cause, { attempted: false, records });
    if (records.length === 0) return this.#redeem(letter, 'filtered');
    const ambiguous = recalled.ambiguous ?? mayHaveArrived(letter);
    const lot = new Lot({ from: 1, letter: letter.position, ambiguous });
    for (const record of records) lot.records.push(record);
    lot.bytes = bytes;
    lot.carried = letter.entry.records;
    lot.rawBytes = letter.entry.body.length;
    const outcome = await this.#options.attempt(lot);
    this.#options.progress.end(lot);
    await this.#conclude(letter, recalled, lot, outcome);
  }

  async #conclude(letter: DeadLetter, recalled: Recalled, lot: Lot, outcome: Outcome): Promise<void> {
    const { condition, recall, policy, clock, random, signal } = this.#options;
    const ambiguous = outcome.kind === 'retry' && outcome.ambiguous;
    if (outcome.kind === 'delivered')
      return this.#redeem(letter, (outcome.rejected ?? 0) > 0 ? 'rejected_by_backend' : 'delivered');
    if (signal.aborted) return recall.putBack({ ambiguous });
    const { records, ordinal } = lot;
    const summary = describe(outcome.reason);
    if (outcome.kind === 'reject' || outcome.kind === 'split') {
      const kind = outcome.kind === 'split' ? 'too_large' : 'rejected';
      return this.#return(letter, causeOf(kind, summary, outcome.reason), { records });
    }
    const now = clock.monotonic();
    const verdict = judge({
      ...{ outcome, ordinal, policy, random, now, region: recalled, entries: 1 },
      ...{ accepted: condition.accepted, refusals: 0, failures: recall.failures + 1, refusing: false },
      ...{ isSteady: condition.isSteady, keepsNothing: false },
    });
    if (verdict.kind === 'bury') return this.#return(letter, verdict.cause, { records, ambiguous });
    if (verdict.kind !== 'again') throw new Error('BUG: a lone record was judged like a batch');
    const { history, pauseMs, refusal } = verdict;
    if (refusal) return this.#return(letter, causeOf('rejected', summary, outcome.reason), { records });
    if (outcome.kind === 'retry' && policy.enabled && history.besides > 0 && mayBlameIts(outcome)) {
      const cause = causeOf('gave_up', `it failed while others passed: ${summary}`, outcome.reason);
      return this.#return(letter, cause, { records, ambiguous });
    }
    const mode = verdict.mode ?? 'retrying';
    const changes = { history, ambiguous, attempts: recalled.attempts + 1 };
    recall.putBack(changes, { mode, reason: summary, until: now + pauseMs });
  }

  /** It is settled: first in the ledger, then it goes. A crash in between leaves a note of it (`redeemed`). */
  async #redeem({ position, entry }: DeadLetter, how: 'delivered' | 'filtered' | 'rejected_by_backend'): Promise<void> {
    const { ledger, progress, recall, log, flush } = this.#options;
    ledger.redeemed(entry.records, how);
    recall.settled();
    progress.redeem(position);
    try {
      await flush();
      await this.clear();
    } catch (error) {
      log.warn('A dead letter that was sent can not be removed yet.', { position, error: String(error) });
    }
    recall.done();
  }

  async #return(
    { entry, attempts }: DeadLetter,
    cause: Cause,
    given: { records: readonly LogRecord[]; attempted?: boolean; ambiguous?: boolean },
  ): Promise<void> {
    const { records, attempted = true, ambiguous } = given;
    const { burial, recall, clock, policy } = this.#options;
    // Discarded or erased meanwhile: it must not come back.
    if (!(await burial.read(recall.key(entry.position)))) return recall.done();
    try {
      await burial.bury([{ entry, records, cause }], attempts + (attempted ? 1 : 0));
      recall.done();
    } catch (error) {
      // In its store it is still one that is to be sent again, and so it is.
      const reason = error instanceof Error ? error.message : String(error);
      const changes = attempted ? { ambiguous: ambiguous ?? false } : {};
      recall.putBack(changes, { mode: 'held', reason, until: clock.monotonic() + policy.probeIntervalMs });
    }
  }
}

/** What became of it in its last request is not known. A refusal is an answer; the rest may have been a timeout. */
function mayHaveArrived({ attempts, cause }: DeadLetter): boolean {
  const isAnswer = cause.kind === 'rejected' || (cause.kind === 'too_large' && cause.status !== undefined);
  return attempts > 0 && !isAnswer;
}
