import type { Clock, Timer } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { Outcome, Reason } from '../exporters/outcome.ts';
import type { Cursor, Entry, Journal, SourceSpan } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { backoff } from './backoff.ts';
import type { ByteBudget } from './budget.ts';
import { Chain, type ChainBuilder } from './chain.ts';
import { Lot } from './lot.ts';
import { LotReader, ProcessingError } from './lot-reader.ts';
import { insertRegion, type Region, regionsOf, settle } from './regions.ts';
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

/** With so many stretches waiting for another attempt, nothing new is begun: what a delivery remembers stays small. */
const MAX_REGIONS = 64;

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
 * A stretch that the backend refuses (`reject`, `split`) or that can't be processed is put aside and probed, while
 * others pass; the delivery shows as held, for nothing is dropped. Two refusals in a row make the backend the problem.
 *
 * Order is not promised: stretches overtake each other.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #log: Log;
  readonly #chain: Chain;
  readonly #reader: LotReader;
  readonly #regions: Region[];
  readonly #spans: readonly SourceSpan[];
  readonly #inFlight = new Set<Lot>();
  readonly #aborts = new AbortController();
  #mode: 'running' | 'retrying' | 'held' = 'running';
  #reason: string | null = null;
  /** Monotonic; while not running, no request starts before it. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Refusals since something was last accepted. */
  #refusals = 0;
  #counts: Counts;
  #pending = 0;
  /** Receipt of the oldest entry that was not read yet, as far as known. */
  #unreadSince: number | undefined;
  /** The tail was read to its end, and nothing has arrived since. */
  #tailRead = false;
  #stopping = false;
  #wake: () => void = () => {};
  #loop: Promise<void> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#log = options.log.with({ pipeline: options.pipeline, exporter: options.exporterId });
    this.#chain = new Chain(options.processors);
    this.#regions = regionsOf(options.cursor.state);
    const { cursor, journal, sources } = options;
    const { next } = journal.status();
    this.#spans = responsibility(cursor.state.sources, sources, {
      birth: cursor.birth,
      next,
      cursor: cursor.state.cursor,
    });
    this.#counts = { ...NO_COUNTS, ...options.cursor.state.counts };
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
    const { journal, cursor } = this.#options;
    const { next } = journal.status();
    for (const region of this.#regions) {
      for (const { source, since, before } of this.#spans) {
        const from = Math.max(region.from, since);
        const to = Math.min(region.to + 1, before ?? next, next);
        if (from < to) this.#pending += await journal.tally({ from, to }, [source]);
      }
    }
    cursor.save({ ...cursor.state, sources: this.#spans });
    await cursor.flush();
    this.#loop = this.#run();
  }

  /** The agent tells each stored entry of a receiver of this pipeline, for the ledger. */
  arrived(records: number, receivedAt: number): void {
    this.#pending += records;
    this.#unreadSince ??= receivedAt;
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
    await this.#options.cursor.flush();
  }

  status(): DeliveryStatus {
    const { pipeline, exporterId, clock } = this.#options;
    const pending = Math.max(0, this.#pending);
    const { delivered, rejected_by_backend, filtered, dead_lettered, lost, ambiguous } = this.#counts;
    const refused = this.#regions.find((region) => region.refused)?.refused;
    const state = this.#stopping ? 'stopped' : this.#mode === 'running' && refused ? 'held' : this.#mode;
    const oldest = Math.min(
      this.#unreadSince ?? Number.POSITIVE_INFINITY,
      ...[...this.#inFlight].map((lot) => lot.oldest),
      ...this.#regions.map((region) => region.oldest ?? Number.POSITIVE_INFINITY),
    );
    return {
      pipeline,
      exporter: exporterId,
      state,
      reason: this.#reason ?? refused ?? null,
      accepted: delivered + rejected_by_backend + filtered + dead_lettered + lost + pending,
      delivered,
      rejected_by_backend,
      filtered,
      dead_lettered,
      lost,
      pending,
      ambiguous,
      oldest_pending_seconds:
        pending > 0 && Number.isFinite(oldest) ? Math.max(0, Math.round((clock.now() - oldest) / 100) / 10) : 0,
    };
  }

  async #run(): Promise<void> {
    while (!this.#finished()) {
      const region = this.#pick();
      if (region) await this.#take(region);
      else await this.#idle();
    }
  }

  #finished(): boolean {
    if (!this.#stopping || this.#inFlight.size > 0) return false;
    return this.#mode !== 'running' || this.#aborts.signal.aborted || this.#due().length === 0;
  }

  /** The next stretch to send, if one may be sent now. */
  #pick(): Region | undefined {
    if (!this.#mayBegin()) return undefined;
    const due = this.#due();
    if (this.#mode !== 'held') return due[0];
    // One body that a firewall dislikes must not keep the rest waiting: probe what has waited longest.
    return due.filter(({ attempts }) => attempts > 0).sort((a, b) => a.notBefore - b.notBefore)[0] ?? due[0];
  }

  #mayBegin(): boolean {
    if (this.#aborts.signal.aborted) return false;
    if (this.#mode !== 'running')
      return this.#inFlight.size === 0 && this.#options.clock.monotonic() >= this.#pausedUntil && !this.#stopping;
    return (
      this.#inFlight.size < this.#options.policy.maxInFlight &&
      (this.#inFlight.size === 0 || this.#options.budget.hasRoom)
    );
  }

  #due(): Region[] {
    const now = this.#options.clock.monotonic();
    return this.#regions.filter((region) => {
      if (region.notBefore > now) return false;
      return Number.isFinite(region.to) || (!this.#tailRead && this.#regions.length <= MAX_REGIONS);
    });
  }

  /** Waits until something may have changed: a request ended, a wait is over, entries arrived, the agent stops. */
  async #idle(): Promise<void> {
    const { journal } = this.#options;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    if (this.#mode !== 'running') this.#reader.forget();
    const timer = this.#alarm();
    const tail = this.#regions.at(-1) as Region;
    if (this.#tailRead && !this.#stopping) {
      await journal.wait(tail.from, woken.signal);
      if (!woken.signal.aborted) this.#tailRead = false;
    } else {
      await aborted(woken.signal);
    }
    timer?.cancel();
  }

  #alarm(): Timer | undefined {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const dues = this.#regions
      .map(({ notBefore }) => Math.max(notBefore, this.#mode === 'running' ? now : this.#pausedUntil))
      .filter((due) => due > now);
    return dues.length > 0 ? clock.schedule(Math.min(...dues) - now, () => this.#wake()) : undefined;
  }

  async #take(region: Region): Promise<void> {
    this.#regions.splice(this.#regions.indexOf(region), 1);
    const lot = new Lot(region.from);
    let refused: ProcessingError | undefined;
    try {
      await this.#fill(lot, region);
    } catch (error) {
      if (!(error instanceof ProcessingError)) {
        // Storage that can't be read is trouble of this machine, and passes or not without our doing.
        insertRegion(this.#regions, region);
        const until = this.#options.clock.monotonic() + this.#options.policy.retry.probeIntervalMs;
        this.#pause(
          'held',
          `reading the journal failed: ${error instanceof Error ? error.message : String(error)}`,
          until,
        );
        return;
      }
      refused = error;
    }
    if (refused) {
      // Only the entry that can't be processed stays behind.
      this.#putAside({ ...region, from: lot.from, to: refused.position }, refused.message);
      lot.to = refused.position;
    }
    if (lot.to < region.to) insertRegion(this.#regions, { ...region, from: lot.to + 1, oldest: undefined });
    if (refused) return;
    // The journal can be read again, and nothing else was the matter.
    if (lot.records.length === 0 && this.#inFlight.size === 0 && !this.#regions.some(({ attempts }) => attempts > 0))
      this.#resume();
    if (lot.empty) return;
    if (region.ambiguous) this.#counts.ambiguous += lot.records.length;
    if (lot.records.length === 0) this.#settle(lot, 0);
    else this.#send(lot, region);
  }

  async #fill(lot: Lot, region: Region): Promise<void> {
    const { policy, clock, journal } = this.#options;
    let deadline: number | undefined;
    for (;;) {
      const end = await this.#reader.fill(lot, region.to);
      if (end === 'full') return;
      this.#tailRead = true;
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
      if (!woken.signal.aborted) this.#tailRead = false;
    }
  }

  #send(lot: Lot, region: Region): void {
    this.#inFlight.add(lot);
    this.#options.budget.take(lot.rawBytes);
    void this.#attempt(lot).then((outcome) => {
      this.#inFlight.delete(lot);
      this.#options.budget.give(lot.rawBytes);
      this.#conclude(lot, region, outcome);
      this.#wake();
    });
  }

  async #attempt(lot: Lot): Promise<Outcome> {
    try {
      return await this.#options.exporter.send({ records: lot.records }, this.#aborts.signal);
    } catch (error) {
      return {
        kind: 'hold',
        reason: { summary: `BUG: the exporter failed: ${error instanceof Error ? error.message : String(error)}` },
      };
    }
  }

  #conclude(lot: Lot, region: Region, outcome: Outcome): void {
    if (outcome.kind === 'delivered') {
      this.#refusals = 0;
      this.#resume();
      if (outcome.rejected) {
        const { rejected, message } = outcome;
        this.#log.warn('The backend rejected records in a partial success.', { rejected, message });
      }
      this.#settle(lot, outcome.rejected ?? 0);
      return;
    }
    const { policy, clock, random } = this.#options;
    const now = clock.monotonic();
    const failed: Region = {
      ...region,
      from: lot.from,
      to: lot.to,
      attempts: region.attempts + 1,
      ambiguous: outcome.kind === 'retry' && outcome.ambiguous,
      oldest: lot.oldest,
    };
    if (outcome.kind === 'reject' || outcome.kind === 'split') {
      this.#putAside(failed, describe(outcome.reason), lot.records.length);
      return;
    }
    const waits = outcome.kind === 'retry' && policy.retry.enabled;
    const pause = waits
      ? (outcome.afterMs ?? backoff(policy.retry, failed.attempts, random))
      : this.#options.policy.retry.probeIntervalMs;
    insertRegion(this.#regions, { ...failed, notBefore: now + pause });
    if (this.#aborts.signal.aborted) return;
    this.#pause(waits ? 'retrying' : 'held', describe(outcome.reason), now + pause);
  }

  /** Nothing of this stretch is taken, by the backend or by a processor: it waits, and is tried again now and then. */
  #putAside(region: Region, why: string, records = 1): void {
    const { clock } = this.#options;
    const notBefore = clock.monotonic() + this.#options.policy.retry.probeIntervalMs;
    insertRegion(this.#regions, { ...region, notBefore, refused: why });
    this.#refusals++;
    if (this.#refusals > 1) this.#pause('held', why, notBefore);
    else
      this.#log.error('A batch was refused. It is kept and tried again; others go on.', {
        reason: why,
        records,
        next_try_seconds: this.#options.policy.retry.probeIntervalMs / 1000,
      });
  }

  #pause(mode: 'retrying' | 'held', reason: string, until: number): void {
    const seconds = Math.round((until - this.#options.clock.monotonic()) / 100) / 10;
    const fields = { reason, pending: Math.max(0, this.#pending), next_try_seconds: seconds };
    const news = this.#mode !== mode || this.#reason !== reason;
    if (mode === 'held') {
      if (news) this.#log.error('Delivery is held: a person must act. Everything is kept.', fields);
      else this.#log.warn('Delivery is still held.', fields);
    } else if (news || this.#inFlight.size === 0) {
      this.#log.warn('Exporting failed. Will retry after the interval.', fields);
    }
    this.#mode = mode;
    this.#reason = reason;
    this.#pausedUntil = until;
  }

  #resume(): void {
    if (this.#mode === 'running') return;
    this.#log.info('Delivery goes on.', { after: this.#mode, pending: Math.max(0, this.#pending) });
    this.#mode = 'running';
    this.#reason = null;
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }

  #settle(lot: Lot, rejected: number): void {
    // A processor may have split records, so the backend can reject more than entered.
    const refused = Math.min(rejected, lot.carried);
    this.#counts.delivered += lot.carried - refused;
    this.#counts.rejected_by_backend += refused;
    this.#counts.filtered += lot.filtered;
    this.#counts.lost += lot.lost;
    this.#pending -= lot.carried + lot.filtered;
    const { cursor } = this.#options;
    cursor.save({ ...settle(cursor.state, lot.range, { ...this.#counts }), sources: this.#spans });
  }
}

const NO_COUNTS = { delivered: 0, rejected_by_backend: 0, filtered: 0, dead_lettered: 0, lost: 0, ambiguous: 0 };
type Counts = { -readonly [K in keyof typeof NO_COUNTS]: number };

function describe(reason: Reason): string {
  return reason.advice ? `${reason.summary}: ${reason.advice}` : reason.summary;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
