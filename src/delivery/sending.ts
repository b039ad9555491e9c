import type { Clock } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { Outcome } from '../exporters/outcome.ts';
import type { Log } from '../telemetry/log.ts';
import { attempt } from './attempt.ts';
import type { Backlog } from './backlog.ts';
import type { ByteBudget } from './budget.ts';
import type { Condition } from './condition.ts';
import { isCountedAsRefused, judge, type Verdict } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { Lot } from './lot.ts';
import type { Pace } from './pace.ts';
import type { Progress } from './progress.ts';
import { halves, type Region, untried } from './regions.ts';
import { Seldom } from './seldom.ts';

export interface SendingParts {
  readonly exporter: Exporter;
  readonly policy: SendingPolicy;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly condition: Condition;
  readonly backlog: Backlog;
  readonly progress: Progress;
  readonly ledger: Ledger;
  readonly pace: Pace;
  /** What is refused is counted and kept by nobody: a replay. */
  readonly keepsNothing: boolean;
  /** Requests are cut when it aborts. */
  readonly signal: AbortSignal;
  settle(lot: Lot, rejected: number): void;
}

/** Requests of one delivery, and what their answers lead to. */
export class Sending {
  readonly #parts: SendingParts;
  readonly #halvings: Seldom;
  /** Records of requests that failed. */
  failed = 0;

  constructor(parts: SendingParts) {
    this.#parts = parts;
    this.#halvings = new Seldom(parts.clock);
  }

  /**
   * One request with the lot's records. Resolves with its outcome; never rejects. The lot is in flight until the caller, who
   * knows what becomes of it, ends it.
   * @param begun called when the exporter has begun
   */
  async attempt(lot: Lot, begun?: () => void): Promise<Outcome> {
    const { exporter, budget, clock, policy, condition, ledger, progress } = this.#parts;
    lot.ordinal = ++condition.begun;
    if (lot.ambiguous) ledger.repeated(lot.carried);
    budget.take(lot.rawBytes);
    this.#parts.pace.sent(lot.size, clock.monotonic());
    await progress.begin(lot);
    const limits = { signal: this.#parts.signal, clock, limitMs: policy.attemptLimitMs, begun };
    const outcome = await attempt(exporter, lot.records, limits);
    budget.give(lot.rawBytes);
    if (outcome.kind === 'delivered') {
      condition.accept(lot.ordinal);
      this.#parts.backlog.secondLook(condition.accepted);
    } else this.failed += lot.size;
    return outcome;
  }

  /** Sends a stretch of the journal and does what its answer demands. Calls `ended` then. */
  send(lot: Lot, region: Region, ended: () => void): void {
    // Encoded they are in the request that is under way.
    const begun = this.#parts.exporter.encoding ? () => lot.letGo() : undefined;
    void this.attempt(lot, begun).then((outcome) => {
      this.#parts.progress.end(lot);
      this.#conclude(lot, region, outcome);
      ended();
    });
  }

  #conclude(lot: Lot, region: Region, outcome: Outcome): void {
    const { policy, clock, random, condition, signal, backlog } = this.#parts;
    const { accepted, refusals, refusing } = condition;
    const { from, to, entries, ordinal, oldest } = lot;
    if (signal.aborted && outcome.kind !== 'delivered') {
      // It says nothing: the agent stops.
      backlog.put({ ...region, from, to, oldest, ambiguous: outcome.kind === 'retry' && outcome.ambiguous });
      return;
    }
    const failed = outcome.kind === 'retry' || outcome.kind === 'hold';
    if (failed) condition.failed(ordinal);
    if (region.attempts === 0) condition.firstTried(!failed);
    const verdict = judge({
      ...{ outcome, region, entries, ordinal, accepted, refusals, refusing, random },
      failures: condition.failures,
      isSteady: condition.isSteady,
      policy: policy.retry,
      keepsNothing: this.#parts.keepsNothing,
      now: clock.monotonic(),
    });
    const attempts = region.attempts + 1;
    const fresh = { ...untried(from, to), oldest };
    switch (verdict.kind) {
      case 'delivered':
        this.#delivered(lot, verdict);
        break;
      case 'halve': {
        const { refused, history, ambiguous, why } = verdict;
        if (backlog.isFull) {
          // It would be put aside in more pieces than can be remembered.
          const notBefore = clock.monotonic() + policy.retry.probeIntervalMs;
          backlog.put({ ...fresh, attempts, notBefore, ambiguous, history, refused: why });
          break;
        }
        if (!region.half) this.#tellHalving(verdict, lot);
        for (const half of halves({ ...fresh, half: refused, history, ambiguous }, lot.middle)) backlog.put(half);
        break;
      }
      case 'bury': {
        const { cause, ambiguous } = verdict;
        if (cause.kind !== 'gave_up') condition.refusals++;
        backlog.put({ ...fresh, attempts, ambiguous, sentence: { kind: 'letter', cause } });
        break;
      }
      case 'again':
        this.#again(lot, region, verdict);
    }
  }

  #delivered(lot: Lot, { rejected, message }: Verdict & { kind: 'delivered' }): void {
    if (rejected > 0) {
      this.#parts.log.warn('The backend rejected records in a partial success.', { rejected, message });
      this.#parts.progress.note('last_rejection', message || 'without a word');
    }
    this.#parts.settle(lot, rejected);
  }

  #tellHalving({ why }: Verdict & { kind: 'halve' }, lot: Lot): void {
    const batches = this.#halvings.due(1);
    if (batches === 0) return;
    this.#parts.log.warn('A batch was refused. It is sent in halves, to find what is to blame.', {
      reason: why,
      records: lot.size,
      ...(batches > 1 && { batches }),
    });
  }

  #again(lot: Lot, region: Region, verdict: Verdict & { kind: 'again' }): void {
    const { condition, clock, backlog, log } = this.#parts;
    const { history, pauseMs, why, mode, newSoon, refusing, refusal, ambiguous } = verdict;
    const isLone = refusal === true && lot.entries === 1;
    backlog.put({
      ...{ from: lot.from, to: lot.to, oldest: lot.oldest, ambiguous, history },
      attempts: region.attempts + 1,
      notBefore: clock.monotonic() + pauseMs,
      ...(isLone && { lone: true }),
      ...((refusal || !mode) && { refused: why }),
    });
    if (isLone && !isCountedAsRefused(region, condition.accepted)) condition.refusals++;
    if (refusing) condition.refuse(why, pauseMs, newSoon);
    else if (mode) condition.pause(mode, why, pauseMs, newSoon);
    else if (!region.refused) {
      const fields = { reason: why, records: lot.size, next_try_seconds: pauseMs / 1000 };
      log.warn('Records are put aside and tried again; others go on.', fields);
    }
  }
}
