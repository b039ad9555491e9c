import { setMaxListeners } from 'node:events';
import type { Clock, Timer } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { Outcome } from '../exporters/outcome.ts';
import type { Cursor, Entry, Journal, Position, SourceSpan } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { attempt, describe } from './attempt.ts';
import { backoff } from './backoff.ts';
import type { ByteBudget } from './budget.ts';
import { Chain, type ChainBuilder } from './chain.ts';
import { Condition } from './condition.ts';
import { type Counts, countSettled, NO_COUNTS, settledRecords } from './counts.ts';
import { Lot } from './lot.ts';
import { LotReader, ProcessingError } from './lot-reader.ts';
import { halves, insertRegion, type Region, regionsOf, settle } from './regions.ts';
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

/**
 * With so many stretches waiting for another attempt nothing new is begun: what a delivery remembers, and its slot on disk,
 * stay small.
 */
const MAX_REGIONS = 500;
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
  readonly #regions: Region[];
  readonly #spans: readonly SourceSpan[];
  readonly #inFlight = new Set<Lot>();
  readonly #aborts = new AbortController();
  readonly #condition: Condition;
  readonly #counts: Counts;
  #probes = 0;
  #pending = 0;
  /** Entries below it are in `#pending` whether `arrived` has told them or not. */
  #countedBelow: Position = 0;
  /** Receipt of the oldest entry that was not read yet, as far as known. */
  #unreadSince: number | undefined;
  /** The tail was read to its end, and nothing has arrived since. */
  #tailRead = false;
  #stopping = false;
  #wake: () => void = () => {};
  #loop: Promise<void> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    // One for each request in flight, and one for each that its client makes of it.
    setMaxListeners(0, this.#aborts.signal);
    this.#log = options.log.with({ pipeline: options.pipeline, exporter: options.exporterId });
    this.#condition = new Condition(options.clock, this.#log, () => ({ pending: Math.max(0, this.#pending) }));
    this.#chain = new Chain(options.processors, () => {
      this.#log.error('BUG: a processor forwarded a record after its onEmit had returned; it was counted as filtered.');
    });
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
    const { cursor } = this.#options;
    await this.#recount();
    cursor.save({ ...cursor.state, sources: this.#spans });
    await cursor.flush();
    if (this.#pending > 0) this.#log.info('Pending from before.', { pending: this.#pending });
    this.#loop = this.#run();
  }

  /** The agent tells each stored entry of a receiver of this pipeline, for the ledger. */
  arrived(position: Position, records: number, receivedAt: number): void {
    if (position < this.#countedBelow) return;
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
    const { mode, running } = this.#condition;
    const pending = Math.max(0, this.#pending);
    const aside = this.#regions.filter((region) => region.refused);
    const oldest = Math.min(
      this.#unreadSince ?? Number.POSITIVE_INFINITY,
      ...[...this.#inFlight].map((lot) => lot.oldest),
      ...this.#regions.map((region) => region.oldest ?? Number.POSITIVE_INFINITY),
    );
    return {
      pipeline,
      exporter: exporterId,
      state: this.#stopping ? 'stopped' : running && aside.length > 0 ? 'held' : mode,
      reason: this.#condition.reason ?? this.#asideReason(aside),
      accepted: settledRecords(this.#counts) + pending,
      ...this.#counts,
      pending,
      oldest_pending_seconds:
        pending > 0 && Number.isFinite(oldest) ? Math.max(0, Math.round((clock.now() - oldest) / 100) / 10) : 0,
    };
  }

  #asideReason(aside: readonly Region[]): string | null {
    const why = aside[0]?.refused ?? null;
    return this.#regions.length > MAX_REGIONS
      ? `${why} (${aside.length} batches are put aside; nothing new is begun)`
      : why;
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
    return !this.#condition.running || this.#aborts.signal.aborted || this.#eligible().length === 0;
  }

  /** The next stretch to send, if one may be sent now. */
  #pick(): Region | undefined {
    if (!this.#mayBegin()) return undefined;
    if (this.#condition.mode !== 'held') return this.#eligible()[0];
    const due = this.#due();
    // One body that a firewall dislikes must not keep the rest waiting: probe what has waited longest, and in turn with it
    // what a backend that refuses everything has not seen yet.
    const tried = due.filter(({ attempts }) => attempts > 0).sort((a, b) => a.notBefore - b.notBefore)[0];
    const untried = due.find(({ attempts }) => attempts === 0);
    const turn = this.#condition.refusing && this.#probes++ % 2 === 1;
    return (turn ? untried : tried) ?? tried ?? untried;
  }

  #mayBegin(): boolean {
    if (this.#aborts.signal.aborted) return false;
    const idle = this.#inFlight.size === 0;
    if (!this.#condition.running) return idle && this.#condition.waitMs === 0 && !this.#stopping;
    const splitting = this.#regions.some(({ half }) => half);
    const most = splitting ? 1 : this.#options.policy.maxInFlight;
    return this.#inFlight.size < most && (idle || this.#options.budget.hasRoom);
  }

  /**
   * Beside others, what was refused is tried one at a time, and only after something was accepted; else it would make a
   * good backend look like one that refuses everything.
   */
  #eligible(): Region[] {
    const due = this.#due();
    const others = due.filter(({ refused }) => !refused);
    const probing = [...this.#inFlight].some(({ refusedBefore }) => refusedBefore);
    const alone = others.length === 0 && this.#inFlight.size === 0;
    return alone || (this.#condition.refusals === 0 && !probing) ? due : others;
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
    if (!this.#condition.running) this.#reader.forget();
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
    const waits = this.#regions
      .map(({ notBefore }) => Math.max(notBefore - now, this.#condition.waitMs))
      .filter((wait) => wait > 0);
    return waits.length > 0 ? clock.schedule(Math.min(...waits), () => this.#wake()) : undefined;
  }

  async #take(region: Region): Promise<void> {
    this.#regions.splice(this.#regions.indexOf(region), 1);
    const lot = new Lot(region.from);
    lot.refusedBefore = region.refused !== undefined;
    try {
      await this.#fill(lot, region);
    } catch (error) {
      if (error instanceof ProcessingError) this.#keepBack(region, error);
      else this.#unreadable(region, error);
      return;
    }
    if (lot.to < region.to) insertRegion(this.#regions, { ...region, from: lot.to + 1, oldest: undefined });
    if (lot.empty) return;
    if (region.ambiguous) this.#counts.ambiguous += lot.records.length;
    if (lot.records.length > 0) this.#send(lot, region);
    else {
      this.#settle(lot, 0);
      // It was the journal that could not be read, and it can be read again.
      if (this.#inFlight.size === 0 && !this.#regions.some(({ attempts }) => attempts > 0)) this.#condition.resume();
    }
  }

  /** Storage that can't be read is trouble of this machine; it passes or not without our doing. */
  #unreadable(region: Region, error: unknown): void {
    insertRegion(this.#regions, region);
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
    insertRegion(this.#regions, {
      ...region,
      to: position,
      attempts: region.attempts + 1,
      notBefore,
      half: false,
      lone: true,
      refused: message,
    });
    if (position < region.to) insertRegion(this.#regions, { ...region, from: position + 1, oldest: undefined });
  }

  async #fill(lot: Lot, region: Region): Promise<void> {
    const { policy, clock, journal } = this.#options;
    let deadline: number | undefined;
    for (;;) {
      const end = await this.#reader.fill(lot, region.lone ? region.from : region.to);
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
      for (const half of halves(failed)) insertRegion(this.#regions, half);
      return;
    }
    insertRegion(this.#regions, failed);
    if (this.#aborts.signal.aborted) return;
    if (refused) this.#condition.refused(why, pauseMs);
    else this.#condition.pause(waits ? 'retrying' : 'held', why, pauseMs);
  }

  #settle(lot: Lot, rejected: number): void {
    countSettled(this.#counts, lot, rejected);
    this.#pending -= lot.carried + lot.filtered;
    const { cursor } = this.#options;
    cursor.save({ ...settle(cursor.state, lot.range, { ...this.#counts }), sources: this.#spans });
    // How many records a damaged stretch held is known to nobody but the count of all that is left.
    if (lot.lost > 0)
      void this.#recount().catch((error: unknown) =>
        this.#log.warn('Counting what is pending failed.', { error: String(error) }),
      );
  }

  /** Counts what is pending in the journal itself, while the delivery goes on. */
  async #recount(): Promise<void> {
    const { journal } = this.#options;
    const { next } = journal.status();
    this.#countedBelow = next;
    const open = [...this.#regions, ...this.#inFlight].map(({ from, to }) => ({ from, to }));
    const before = this.#pending;
    let found = 0;
    for (const { from, to } of open) {
      for (const { source, since, before: end } of this.#spans) {
        const range = { from: Math.max(from, since), to: Math.min(to + 1, end ?? next, next) };
        if (range.from < range.to) found += await journal.tally(range, [source]);
      }
    }
    // What has arrived and settled since changes the count that was begun with.
    this.#pending = found + (this.#pending - before);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
