import type { Clock } from '../clock.ts';
import type { SendingPolicy } from '../component.ts';
import type { Journal, Position } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { Backlog } from './backlog.ts';
import type { Bell } from './bell.ts';
import type { Burial } from './burial.ts';
import type { Condition } from './condition.ts';
import type { Ledger, Stretch } from './ledger.ts';
import { Lot } from './lot.ts';
import type { LotReader } from './lot-reader.ts';
import type { PostMortem } from './post-mortem.ts';
import type { Processing } from './processing.ts';
import type { Progress } from './progress.ts';
import { halves, type Region } from './regions.ts';
import type { Sending } from './sending.ts';

export interface TakingParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly policy: SendingPolicy;
  readonly log: Log;
  readonly backlog: Backlog;
  readonly bell: Bell;
  readonly burial: Burial;
  readonly condition: Condition;
  readonly ledger: Ledger;
  readonly postMortem: PostMortem;
  readonly progress: Progress;
  readonly reader: LotReader;
  readonly processing: Pick<Processing, 'collectMs' | 'join' | 'weigh' | 'causeOf'>;
  readonly sending: Sending;
  /** What is refused is counted and kept by nobody: a replay. */
  readonly keepsNothing: boolean;
  /** Records that are pending in a stretch of the journal. */
  count(stretch: Stretch): Promise<number>;
  /** True when the agent stops: then nothing more is waited for. */
  isStopping(): boolean;
}

/**
 * After so many rounds of failures the backend is shown one entry at a time: more would only be more to repeat, and one that
 * passes shows that it is the batches, or what is in them. Not where that has made many pieces already.
 */
const ROUNDS_OF_LARGE_PROBES = 3;
const MANY_PIECES = 64;
/** While a batch fills, so many entries are taken at once: all of them at its end would keep the doors waiting. */
const STRIDE = 32;

/** Takes stretches off the backlog: fills a lot with what is there, and has it sent, buried, or settled at once. */
export class Taking {
  readonly #parts: TakingParts;
  #burying: Promise<void> | undefined;
  /** What lies below was read. */
  #readBelow: Position = 0;
  /** Receipt of the oldest entry that was not read yet, as far as known. */
  #unreadSince: number | undefined;
  #filling: Lot | undefined;

  constructor(parts: TakingParts) {
    this.#parts = parts;
  }

  /** Dead letters are being written. */
  get isBurying(): boolean {
    return this.#burying !== undefined;
  }

  /** Receipt of the oldest entry that is pending and was never sent, as far as known; Infinity without one. */
  get oldest(): number {
    return Math.min(this.#unreadSince ?? Number.POSITIVE_INFINITY, this.#filling?.oldest ?? Number.POSITIVE_INFINITY);
  }

  arrived(position: Position, receivedAt: number): void {
    if (position >= this.#readBelow) this.#unreadSince ??= receivedAt;
  }

  /** Resolves when what was taken is on its way, or back in its place. Never rejects. */
  async take(region: Region): Promise<void> {
    const { backlog, bell, condition, postMortem, progress, sending } = this.#parts;
    const { from, ambiguous, refused } = region;
    const lot = new Lot({ from, ambiguous, refusedBefore: refused !== undefined, most: this.#most(region) });
    backlog.take(region);
    this.#filling = lot;
    try {
      await this.#fill(lot, region);
      postMortem.passed(lot);
    } catch (error) {
      this.#unreadable(region, error);
      return;
    } finally {
      this.#filling = undefined;
      backlog.release();
    }
    if (lot.to < region.to) backlog.put({ ...region, from: lot.to + 1, oldest: undefined });
    if (lot.empty || !this.#join(lot, region)) return;
    if (lot.unsent.length > 0) {
      // One at a time: what is written waits in memory.
      progress.hold(lot);
      await this.#burying;
      const burying = this.#bury(lot, region).then(() => {
        this.#burying = undefined;
        bell.ring();
      });
      this.#burying = burying;
    } else if (lot.records.length > 0) {
      if (region.attempts === 0) condition.newShown();
      sending.send(lot, region, () => bell.ring());
    } else {
      this.settle(lot, 0);
      // It was the journal that could not be read, and it can be read again.
      if (progress.requests === 0 && !backlog.hasFailed) condition.resume();
    }
  }

  /** False: a processor failed on what was joined, and the stretch is looked at in smaller pieces. */
  #join(lot: Lot, region: Region): boolean {
    const { processing, backlog } = this.#parts;
    if (processing.collectMs === 0 || lot.records.length === 0) return true;
    try {
      const joined = processing.join(lot.records);
      lot.join(joined, processing.weigh(joined.map(({ record }) => record)));
      return true;
    } catch (error) {
      const rest = { ...region, from: lot.from, to: lot.to };
      if (lot.entries > 1) for (const half of halves(rest, lot.middle)) backlog.put(half);
      else backlog.put({ ...rest, sentence: { kind: 'letter', cause: processing.causeOf(error) } });
      return false;
    }
  }

  /** @param rejected records of it that the backend rejected in a partial success */
  settle(lot: Lot, rejected: number): void {
    const { progress, log } = this.#parts;
    progress.settle(lot, rejected);
    if (lot.lost === 0) return;
    log.error('Entries are damaged on disk: they are counted as lost. `doctor --data` looks at every one.', {
      from: lot.from,
      to: lot.to,
      lost: lot.lost,
    });
    void this.recount().catch((error: unknown) =>
      log.warn('Counting what is pending failed.', { error: String(error) }),
    );
  }

  recount(): Promise<void> {
    const { backlog, progress, ledger, journal, count } = this.#parts;
    const inFlight = [...progress.inFlight].filter(({ letter }) => letter === undefined);
    return ledger.recount(journal.status().next, [...backlog.open, ...inFlight], count);
  }

  #most({ attempts, sentence }: Region): number {
    const { backlog, condition } = this.#parts;
    const isCautious = !condition.running && (condition.refusing || condition.failures >= ROUNDS_OF_LARGE_PROBES);
    const mayCut = !sentence && (attempts === 0 || backlog.open.length < MANY_PIECES);
    return isCautious && mayCut ? 1 : Number.POSITIVE_INFINITY;
  }

  async #fill(lot: Lot, region: Region): Promise<void> {
    const { policy, clock, journal, backlog, bell, reader, isStopping } = this.#parts;
    let deadline: number | undefined;
    for (;;) {
      const end = await reader.fill(lot, region);
      this.#readBelow = Math.max(this.#readBelow, lot.to + 1);
      if (end === 'full') return;
      backlog.tailRead = true;
      this.#unreadSince = undefined;
      if (lot.records.length === 0 || lot.isReady(policy) || isStopping()) return;
      deadline ??= clock.monotonic() + policy.flushTimeoutMs;
      const left = deadline - clock.monotonic();
      if (left <= 0) return;
      const woken = bell.listen();
      const timer = clock.schedule(left, () => woken.abort());
      await journal.wait(lot.to + Math.min(lot.missing(policy), STRIDE), woken.signal);
      timer.cancel();
      if (!woken.signal.aborted) backlog.tailRead = false;
    }
  }

  /** Storage that can't be read is trouble of this machine; it passes or not without our doing. */
  #unreadable(region: Region, error: unknown): void {
    const { clock, policy, backlog, condition } = this.#parts;
    const { probeIntervalMs } = policy.retry;
    // What is sentenced does not wait for a mode.
    backlog.put({ ...region, ...(region.sentence && { notBefore: clock.monotonic() + probeIntervalMs }) });
    const why = error instanceof Error ? error.message : String(error);
    condition.pause('held', `reading the journal failed: ${why}`, probeIntervalMs);
  }

  /** The entries become dead letters, and then they are settled. Where that fails they stay pending. Never rejects. */
  async #bury(lot: Lot, region: Region): Promise<void> {
    const { burial, progress, keepsNothing, backlog, clock, policy } = this.#parts;
    try {
      // What may have arrived was attempted at least once, be it by an earlier process.
      if (!keepsNothing) await burial.bury(lot.unsent, Math.max(region.attempts, region.ambiguous ? 1 : 0));
      progress.end(lot);
      if (keepsNothing) lot.refuse();
      this.settle(lot, keepsNothing ? lot.carried : 0);
      // Nothing is deleted before that is durable.
      if (isForRoom(region)) void progress.flush().catch(() => {});
    } catch (error) {
      progress.end(lot);
      const { from, to, oldest } = lot;
      const place = { from, to, oldest };
      if (isForRoom(region)) {
        // Letters that find no room make none: all of it is sent like before, for the backend may work by now.
        backlog.put({ ...region, ...place });
        backlog.pardon('journal_full');
        return;
      }
      const notBefore = clock.monotonic() + policy.retry.probeIntervalMs;
      const unburied = error instanceof Error ? error.message : String(error);
      backlog.put({ ...region, ...place, notBefore, unburied });
    }
  }
}

/** It was given up to make room in the journal. */
function isForRoom({ sentence }: Region): boolean {
  return sentence?.kind === 'letter' && sentence.cause.kind === 'journal_full';
}
