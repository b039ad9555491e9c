import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { Outcome } from '../exporters/outcome.ts';
import type { Cursor, Entry, Journal, Position, SourceSpan } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { attempt, describe } from './attempt.ts';
import { Backlog } from './backlog.ts';
import { backoff } from './backoff.ts';
import type { ByteBudget } from './budget.ts';
import { Chain, type ChainBuilder } from './chain.ts';
import { Condition } from './condition.ts';
import { Ledger } from './ledger.ts';
import { Lot } from './lot.ts';
import { LotReader, ProcessingError } from './lot-reader.ts';
import { halves, type Region, settle } from './regions.ts';
import { carries, responsibility } from './responsibility.ts';

export interface DeliveryOptions {
  readonly pipeline: string;
  /** Id of the exporter. */
  readonly exporterId: string;
  /** Ids of the pipeline's receivers. */
  readonly sources: readonly string[];
  readonly journal: Journal;
  readonly cursor: Cursor;
  /** The entry's records before any processor. Never throws. */
  decode(entry: Entry): LogRecord[];
  readonly processors: ChainBuilder;
  readonly exporter: Exporter;
  readonly policy: SendingPolicy;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** A backend that says "again, at once" is not asked in a loop. */
const SHORTEST_PAUSE_MS = 100;

/**
 * The loop of one pipeline × exporter: takes a stretch of the journal, sends it, and settles it or puts it back.
 *
 * It is always in one of these modes:
 *
 * - **running**: up to `policy.maxInFlight` requests are under way, each settling by itself, in whatever order.
 * - **retrying**: the last answer was trouble that passes. What failed went back to its place; nothing of it is kept in
 *   memory. One request at a time is tried, after a growing wait; the first that succeeds leads back to running.
 * - **held**: a person must act (or the backend refuses whatever it gets). As retrying, with a fixed wait, and loud.
 *
 * A request that was under way when the mode changed still counts: its success leads back to running. So an occasional
 * failure among successes costs only its own stretch a wait.
 *
 * A stretch that the backend refuses (`reject`, `split`) is halved, again and again, one request at a time, until the entry
 * that is to blame is alone; its companions are delivered. That one, or one that a processor throws at, is put aside and
 * tried again now and then, while others pass; the delivery shows as held, for nothing is dropped. Two lone refusals with
 * nothing accepted in between make the backend the problem: it is **held**, nothing is halved any more, and every second
 * probe is a stretch that it has not seen.
 *
 * Order is not promised: stretches overtake each other.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #log: Log;
  readonly #chain: Chain;
  readonly #reader: LotReader;
  readonly #backlog: Backlog;
  readonly #spans: readonly SourceSpan[];
  readonly #inFlight = new Set<Lot>();
  readonly #aborts = new AbortController();
  readonly #condition: Condition;
  readonly #ledger: Ledger;
  /** Receipt of the oldest entry that was not read yet, as far as known. */
  #unreadSince: number | undefined;
  #stopping = false;
  #wake: () => void = () => {};
  #loop: Promise<void> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    // One for each request in flight, and one for each that its client makes of it.
    setMaxListeners(0, this.#aborts.signal);
    this.#log = options.log.with({ pipeline: options.pipeline, exporter: options.exporterId });
    this.#condition = new Condition(options.clock, this.#log, () => ({ pending: this.#ledger.pending }));
    this.#chain = new Chain(options.processors, () => {
      this.#log.error('BUG: a processor forwarded a record after its onEmit had returned; it was counted as filtered.');
    });
    this.#backlog = new Backlog(options.cursor.state);
    const { cursor, journal, sources } = options;
    const { next } = journal.status();
    this.#spans = responsibility(cursor.state.sources, sources, {
      birth: cursor.birth,
      next,
      cursor: cursor.state.cursor,
    });
    this.#ledger = new Ledger(options.cursor.state.counts);
    this.#reader = new LotReader({
      journal: options.journal,
      carries: (source, position) => carries(this.#spans, source, position),
      process: (entry) => this.#chain.run(options.decode(entry)),
      weigh: (record) => options.exporter.weigh(record),
      policy: options.policy,
    });
  }

  /** Counts what is pending and begins. The exporter has been started. */
  async start(): Promise<void> {
    const { cursor } = this.#options;
    await this.#recount();
    cursor.save({ ...cursor.state, sources: this.#spans });
    await cursor.flush();
    const { pending } = this.#ledger;
    if (pending > 0) this.#log.info('Pending from before.', { pending });
    this.#loop = this.#run();
  }

  /** The agent tells each stored entry of a receiver of this pipeline, for the ledger. */
  arrived(position: Position, records: number, receivedAt: number): void {
    if (this.#ledger.arrived(position, records)) this.#unreadSince ??= receivedAt;
  }

  /**
   * Sends what is pending while all goes well, waits for what is in flight, and saves the cursor. When `deadline` aborts,
   * requests under way are cut: their records stay pending, and are sent again after the next start.
   */
  async shutdown(deadline: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#wake();
    const cut = () => {
      this.#aborts.abort();
      this.#wake();
    };
    if (deadline.aborted) cut();
    else deadline.addEventListener('abort', cut, { once: true });
    await this.#loop;
    await this.#chain.shutdown();
    const { cursor } = this.#options;
    // Repeats are counted when they are sent, and nothing may have settled since.
    cursor.save({ ...cursor.state, counts: this.#ledger.snapshot(), sources: this.#spans });
    await cursor.flush();
  }

  status(): DeliveryStatus {
    const { pipeline, exporterId } = this.#options;
    const { mode, running } = this.#condition;
    const aside = this.#backlog.asideReason;
    return {
      pipeline,
      exporter: exporterId,
      state: this.#stopping ? 'stopped' : running && aside !== null ? 'held' : mode,
      reason: this.#condition.reason ?? aside,
      ...this.#ledger.figures(),
      oldest_pending_seconds: this.#oldestPendingSeconds(),
    };
  }

  #oldestPendingSeconds(): number {
    const unread = this.#unreadSince ?? Number.POSITIVE_INFINITY;
    const oldest = Math.min(unread, this.#backlog.oldest, ...[...this.#inFlight].map((lot) => lot.oldest));
    if (this.#ledger.pending === 0 || !Number.isFinite(oldest)) return 0;
    return Math.max(0, Math.round((this.#options.clock.now() - oldest) / 100) / 10);
  }

  async #run(): Promise<void> {
    for (;;) {
      const now = this.#options.clock.monotonic();
      if (this.#finished(now)) return;
      const region = this.#pick(now);
      if (region) await this.#take(region);
      else await this.#idle(now);
    }
  }

  #finished(now: number): boolean {
    if (!this.#stopping || this.#inFlight.size > 0) return false;
    return !this.#condition.running || this.#aborts.signal.aborted || this.#eligible(now).length === 0;
  }

  /** The next stretch to send, if one may be sent now. */
  #pick(now: number): Region | undefined {
    if (!this.#mayBegin(now)) return undefined;
    return this.#condition.mode === 'held' ? this.#backlog.probe(now, this.#condition) : this.#eligible(now)[0];
  }

  #eligible(now: number): Region[] {
    return this.#backlog.eligible(now, { refusals: this.#condition.refusals, inFlight: [...this.#inFlight] });
  }

  #mayBegin(now: number): boolean {
    if (this.#aborts.signal.aborted) return false;
    const idle = this.#inFlight.size === 0;
    if (!this.#condition.running) return idle && this.#condition.waitMs(now) === 0 && !this.#stopping;
    const most = this.#backlog.isSplitting ? 1 : this.#options.policy.maxInFlight;
    return this.#inFlight.size < most && (idle || this.#options.budget.hasRoom);
  }

  /** Waits until something may have changed: a request ended, a wait is over, entries arrived, the agent stops. */
  async #idle(now: number): Promise<void> {
    const { journal, clock } = this.#options;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    if (!this.#condition.running) this.#reader.forget();
    const wait = this.#backlog.nextIn(now, this.#condition.waitMs(now));
    const timer = wait === undefined ? undefined : clock.schedule(wait, () => this.#wake());
    if (this.#backlog.tailRead && !this.#stopping) {
      await journal.wait(this.#backlog.tail, woken.signal);
      if (!woken.signal.aborted) this.#backlog.tailRead = false;
    } else {
      await aborted(woken.signal);
    }
    timer?.cancel();
  }

  async #take(region: Region): Promise<void> {
    this.#backlog.take(region);
    const lot = new Lot(region.from);
    lot.refusedBefore = region.refused !== undefined;
    try {
      await this.#fill(lot, region);
    } catch (error) {
      if (error instanceof ProcessingError) this.#keepBack(region, error);
      else this.#unreadable(region, error);
      return;
    }
    if (lot.to < region.to) this.#backlog.put({ ...region, from: lot.to + 1, oldest: undefined });
    if (lot.empty) return;
    if (region.ambiguous) this.#ledger.repeated(lot.records.length);
    if (lot.records.length > 0) this.#send(lot, region);
    else {
      this.#settle(lot, 0);
      // It was the journal that could not be read, and it can be read again.
      if (this.#inFlight.size === 0 && !this.#backlog.hasFailed) this.#condition.resume();
    }
  }

  /** Storage that can't be read is trouble of this machine; it passes or not without our doing. */
  #unreadable(region: Region, error: unknown): void {
    this.#backlog.put(region);
    const why = error instanceof Error ? error.message : String(error);
    this.#condition.pause('held', `reading the journal failed: ${why}`, this.#options.policy.retry.probeIntervalMs);
  }

  /** A processor threw at one entry: only that one stays behind. It says nothing of the backend. */
  #keepBack(region: Region, { position, message }: ProcessingError): void {
    const { clock, policy } = this.#options;
    const { probeIntervalMs } = policy.retry;
    if (!region.refused)
      this.#log.error('An entry is kept back. It is tried again; others go on.', {
        reason: message,
        next_try_seconds: probeIntervalMs / 1000,
      });
    const notBefore = clock.monotonic() + probeIntervalMs;
    this.#backlog.put({
      ...region,
      to: position,
      attempts: region.attempts + 1,
      notBefore,
      half: false,
      lone: true,
      refused: message,
    });
    if (position < region.to) this.#backlog.put({ ...region, from: position + 1, oldest: undefined });
  }

  async #fill(lot: Lot, region: Region): Promise<void> {
    const { policy, clock, journal } = this.#options;
    let deadline: number | undefined;
    for (;;) {
      const end = await this.#reader.fill(lot, region.lone ? region.from : region.to);
      if (end === 'full') return;
      this.#backlog.tailRead = true;
      this.#unreadSince = undefined;
      if (lot.records.length === 0 || lot.isReady(policy) || this.#stopping) return;
      deadline ??= clock.monotonic() + policy.flushTimeoutMs;
      const left = deadline - clock.monotonic();
      if (left <= 0) return;
      const woken = new AbortController();
      const timer = clock.schedule(left, () => woken.abort());
      this.#wake = () => this.#stopping && woken.abort();
      await journal.wait(lot.to + lot.missing(policy), woken.signal);
      timer.cancel();
      if (!woken.signal.aborted) this.#backlog.tailRead = false;
    }
  }

  #send(lot: Lot, region: Region): void {
    this.#inFlight.add(lot);
    this.#options.budget.take(lot.rawBytes);
    void attempt(this.#options.exporter, lot.records, this.#aborts.signal).then((outcome) => {
      this.#inFlight.delete(lot);
      this.#options.budget.give(lot.rawBytes);
      this.#conclude(lot, region, outcome);
      this.#wake();
    });
  }

  #conclude(lot: Lot, region: Region, outcome: Outcome): void {
    if (outcome.kind === 'delivered') {
      this.#condition.accepted();
      const { rejected = 0, message } = outcome;
      if (rejected > 0) this.#log.warn('The backend rejected records in a partial success.', { rejected, message });
      this.#settle(lot, rejected);
      return;
    }
    const { policy, clock, random } = this.#options;
    const { enabled, probeIntervalMs } = policy.retry;
    const attempts = region.attempts + 1;
    const waits = outcome.kind === 'retry' && enabled;
    const pauseMs = waits
      ? Math.max(SHORTEST_PAUSE_MS, outcome.afterMs ?? backoff(policy.retry, attempts, random))
      : probeIntervalMs;
    const why = describe(outcome.reason);
    const refused = outcome.kind === 'reject' || outcome.kind === 'split';
    const failed: Region = {
      from: lot.from,
      to: lot.to,
      attempts,
      notBefore: clock.monotonic() + pauseMs,
      ambiguous: outcome.kind === 'retry' && outcome.ambiguous,
      oldest: lot.oldest,
      ...(refused && { refused: why, lone: lot.entries === 1 }),
    };
    if (refused && lot.entries > 1 && !this.#condition.refusing) {
      if (!region.half)
        this.#log.warn('A batch was refused. It is sent in halves, to find what is to blame.', {
          reason: why,
          records: lot.records.length,
        });
      for (const half of halves(failed)) this.#backlog.put(half);
      return;
    }
    this.#backlog.put(failed);
    if (this.#aborts.signal.aborted) return;
    if (refused) this.#condition.refused(why, pauseMs);
    else this.#condition.pause(waits ? 'retrying' : 'held', why, pauseMs);
  }

  #settle(lot: Lot, rejected: number): void {
    const { cursor } = this.#options;
    this.#ledger.settled(lot, rejected);
    cursor.save({ ...settle(cursor.state, lot.range, this.#ledger.snapshot()), sources: this.#spans });
    if (lot.lost === 0) return;
    void this.#recount().catch((error: unknown) =>
      this.#log.warn('Counting what is pending failed.', { error: String(error) }),
    );
  }

  #recount(): Promise<void> {
    return this.#ledger.recount(this.#options.journal, [...this.#backlog.regions, ...this.#inFlight], this.#spans);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
