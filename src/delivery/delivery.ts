import { aborted } from '../clock.ts';
import type { Position } from '../journal/journal.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { assemble } from './assembly.ts';
import type { DeliveryOptions } from './options.ts';
import type { Recalled } from './recall.ts';
import type { Region, Sentence } from './regions.ts';
import { carries, responsibility } from './responsibility.ts';

export type { DeliveryOptions, Replay } from './options.ts';

/** Where the next request comes from. */
type Work = { readonly region: Region } | { readonly letter: Recalled };

/**
 * The loop of one pipeline × exporter: takes a stretch of the journal, sends it, and settles it or puts it back.
 *
 * It is always in one of these modes:
 *
 * - **running**: up to `policy.maxInFlight` requests are under way, each settling by itself, in whatever order.
 * - **splitting**: running, while a refused batch is being halved: one request at a time, so that each answer says something.
 * - **retrying**: the last answer was trouble that passes. What failed went back to its place; nothing of it is kept in
 *   memory. One request at a time, after a growing wait; the first that succeeds leads back to running.
 * - **held**: a person must act (or the backend refuses whatever it gets). As retrying, with a fixed wait, and loud.
 * - **stopped**: nothing is begun any more; what is under way ends, or is cut at the deadline and stays pending.
 *
 * What an answer leads to is decided in judge.ts and done in sending.ts. A request that was under way when the mode changed
 * still counts: its success leads back to running. What will never be taken becomes a dead letter, in any mode (taking.ts).
 * Dead letters that are sent again (resending.ts) take their turn between the stretches, and change no mode.
 *
 * Order is not promised: stretches overtake each other.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #parts: ReturnType<typeof assemble>;
  #letterIsNext = false;
  #sentenceIsNext = false;
  #stopping = false;
  /** Not even what could be sent at once is begun. */
  #halting = false;
  #loop: Promise<void> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#parts = assemble(options, () => this.#stopping);
  }

  /** Counts what is pending and begins. The exporter has been started. */
  async start(): Promise<void> {
    const { cursor } = this.#options;
    const { taking, resending, burial, backlog, recall, postMortem, progress, ledger, log } = this.#parts;
    await taking.recount();
    try {
      await burial.removeStale(backlog.open);
      await resending.clear();
    } catch (error) {
      log.warn('Dead letters that are settled, or pending again, can not be removed yet.', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
    recall.refresh();
    postMortem.begin(backlog, log);
    if (cursor.died?.position) await resending.convict(cursor.died.position);
    progress.save();
    await cursor.flush();
    const { pending } = ledger.figures();
    if (pending > 0) log.info('Pending from before.', { pending });
    this.#loop = this.#run();
  }

  /** It answers for the entry of this receiver at this place. */
  answersFor(source: string, position: Position): boolean {
    return carries(this.#parts.answering.spans, source, position);
  }

  /**
   * From now on it answers for what these receivers store, and no more for others. Resolves when that is durable: only then
   * may a door open whose entries it has to carry, and only after a door has closed may its receiver be left out.
   */
  async serve(sources: readonly string[]): Promise<void> {
    const { answering, progress } = this.#parts;
    const { cursor, journal } = this.#options;
    const next = journal.status().next;
    // Nothing is forgotten that was settled and whose arrival is still to be told.
    answering.spans = responsibility(answering.spans, sources, { birth: cursor.birth, next, cursor: 0 });
    progress.save();
    await cursor.flush();
  }

  /** The agent tells each stored entry that this delivery answers for, for the ledger. */
  arrived(position: Position, records: number, receivedAt: number): void {
    if (this.#parts.ledger.arrived(position, records)) this.#parts.taking.arrived(position, receivedAt);
  }

  /** Dead letters of this delivery were marked to be sent again. */
  recalled(): void {
    this.#parts.recall.refresh();
    this.#parts.bell.ring();
  }

  /**
   * What is pending below `end` is not sent any more; what is on its way, only if it fails. It becomes dead letters or
   * expires, while the delivery goes on.
   */
  giveUp(end: Position, sentence: Sentence): void {
    this.#parts.backlog.condemn(end, sentence);
    this.#parts.bell.ring();
  }

  /**
   * Sends what is pending while all goes well, waits for what is in flight, and saves the cursor. When `deadline` aborts,
   * requests under way are cut: their records stay pending, and are sent again after the next start.
   */
  shutdown(deadline: AbortSignal): Promise<void> {
    return this.#stop(deadline);
  }

  /** The same without sending anything more: what is in flight ends, and another delivery goes on with the cursor. */
  halt(deadline: AbortSignal): Promise<void> {
    this.#halting = true;
    return this.#stop(deadline);
  }

  async #stop(deadline: AbortSignal): Promise<void> {
    const { bell, aborts, processing, progress } = this.#parts;
    this.#stopping = true;
    bell.ring();
    const cut = () => {
      aborts.abort();
      bell.ring();
    };
    if (deadline.aborted) cut();
    else deadline.addEventListener('abort', cut, { once: true });
    await this.#loop;
    deadline.removeEventListener('abort', cut);
    await processing.shutdown();
    // Repeats are counted when they are sent, and nothing may have settled since.
    progress.save();
    await this.#options.cursor.flush();
  }

  status(): DeliveryStatus {
    const { pipeline, exporterId } = this.#options;
    const { condition, backlog, recall, ledger, progress, sending } = this.#parts;
    const aside = backlog.asideReason;
    const trouble = aside === null ? recall.trouble : { mode: 'held' as const, reason: aside };
    const state = condition.running && trouble ? trouble.mode : condition.mode;
    return {
      pipeline,
      exporter: exporterId,
      state: this.#stopping ? 'stopped' : state,
      reason: (backlog.isFull ? aside : null) ?? condition.reason ?? trouble?.reason ?? null,
      ...ledger.figures(),
      oldest_pending_seconds: this.#oldestPendingSeconds(),
      last_rejection: progress.memo('last_rejection') ?? null,
      in_flight: progress.requests,
      send_failed: sending.failed,
    };
  }

  #oldestPendingSeconds(): number {
    const { progress, taking, backlog, ledger } = this.#parts;
    const oldest = Math.min(taking.oldest, backlog.oldest, ...[...progress.inFlight].map((lot) => lot.oldest));
    if (ledger.pending === 0 || !Number.isFinite(oldest)) return 0;
    return Math.max(0, Math.round((this.#options.clock.now() - oldest) / 100) / 10);
  }

  async #run(): Promise<void> {
    const { taking, resending, bell, backlog } = this.#parts;
    for (;;) {
      const now = this.#options.clock.monotonic();
      if (this.#finished(now)) break;
      const work = this.#pick(now);
      if (!work) await this.#idle(now);
      else if ('region' in work) await taking.take(work.region);
      else await resending.send(work.letter, () => bell.ring());
    }
    if (backlog.empty) this.#options.replay?.finished();
  }

  #finished(now: number): boolean {
    const { progress, recall, backlog, aborts, condition } = this.#parts;
    if (progress.inFlight.size > 0 || recall.isUnderWay) return false;
    if (backlog.empty && recall.empty) return true;
    if (!this.#stopping) return false;
    if (aborts.signal.aborted || this.#halting) return true;
    if (backlog.sentenced(now)) return false;
    return !condition.running || this.#eligible(now).length === 0;
  }

  /** What to do next, if something may be done now. What is sentenced needs no mode; it and the rest take turns. */
  #pick(now: number): Work | undefined {
    const { aborts, taking, backlog } = this.#parts;
    if (aborts.signal.aborted || this.#halting) return undefined;
    const region = taking.isBurying ? undefined : backlog.sentenced(now);
    const sentenced = region && { region };
    this.#sentenceIsNext = !this.#sentenceIsNext;
    return (this.#sentenceIsNext && sentenced) || (this.#mayBegin(now) && this.#toSend(now)) || sentenced;
  }

  #toSend(now: number): Work | undefined {
    const { condition, backlog, recall } = this.#parts;
    const region = condition.running ? this.#eligible(now)[0] : this.#probe(now);
    const turn = condition.running && this.#letterIsNext && !backlog.isSplitting;
    this.#letterIsNext = !this.#letterIsNext;
    const isReady = recall.isReady(now) && !this.#stopping && (turn || !region);
    const letter = isReady ? recall.take() : undefined;
    if (letter) return { letter };
    return region && { region };
  }

  #eligible(now: number): Region[] {
    const { backlog, condition, progress } = this.#parts;
    return backlog.eligible(now, { refusals: condition.refusals, inFlight: [...progress.inFlight] });
  }

  #probe(now: number): Region | undefined {
    const { backlog, condition } = this.#parts;
    const mustBeNew = condition.mustBeNew(now);
    const region = backlog.probe(now, { probes: condition.probes, mustBeNew });
    if (region && !mustBeNew) condition.probes++;
    return region;
  }

  #mayBegin(now: number): boolean {
    const { progress, condition, backlog, postMortem } = this.#parts;
    const { policy, budget } = this.#options;
    const { requests } = progress;
    const idle = requests === 0;
    if (this.#waitMs(now) > 0) return false;
    if (!condition.running) return idle && !this.#stopping;
    const most = backlog.isSplitting || postMortem.isUnderWay ? 1 : policy.maxInFlight;
    return requests < most && (idle || budget.hasRoom);
  }

  /** Milliseconds until a request may begin. */
  #waitMs(now: number): number {
    const { pace, condition, backlog } = this.#parts;
    const trouble = condition.running ? 0 : condition.waitMs(now, backlog.hasNew(now));
    return Math.max(pace.waitMs(now), trouble);
  }

  /** Waits until something may have changed: a request ended, a wait is over, entries arrived, the agent stops. */
  async #idle(now: number): Promise<void> {
    const { bell, condition, reader, backlog, recall } = this.#parts;
    const { journal, clock } = this.#options;
    const woken = bell.listen();
    if (!condition.running) reader.forget();
    const atLeast = this.#waitMs(now);
    const waits = [backlog.nextIn(now, atLeast), recall.nextIn(now, atLeast)].filter(isWait);
    const timer = waits.length > 0 ? clock.schedule(Math.min(...waits), () => woken.abort()) : undefined;
    if (backlog.tailRead && !this.#stopping) {
      await journal.wait(backlog.tail, woken.signal);
      if (!woken.signal.aborted) backlog.tailRead = false;
    } else {
      await aborted(woken.signal);
    }
    timer?.cancel();
  }
}

function isWait(wait: number | undefined): wait is number {
  return wait !== undefined && wait > 0;
}
