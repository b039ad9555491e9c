import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type Clock, delay } from '../clock.ts';
import type { AgentConfig } from '../config/model.ts';
import { patternTest } from '../control/pattern.ts';
import type { TapLine, TapRequest } from '../control/taps.ts';
import type { Entry, Journal, Position } from '../journal/journal.ts';
import { TapPace } from './tap-pace.ts';
import type { TapView } from './tap-view.ts';

export interface TapOptions {
  readonly request: TapRequest;
  readonly journal: Pick<Journal, 'read' | 'wait' | 'status'>;
  /** Where it begins. */
  readonly from: Position;
  /** Positions that must not be run again. */
  readonly deadly: ReadonlySet<Position>;
  readonly topicOf: (entry: Entry) => string | undefined;
  readonly clock: Clock;
  /** The running configuration: another object after a reload. */
  config(): AgentConfig;
  /** @throws {Error} in words, where there is nothing to look at in this configuration */
  views(config: AgentConfig): TapView[];
  readonly stopping: AbortSignal;
  readonly gone: AbortSignal;
}

/** Read at a time. */
const CHUNK = { maxEntries: 64, maxBytes: 256 * 1024 };
/** A record counts for one more with each of these, so that a second's worth of large ones is no load either. */
const BYTES_FOR_ONE = 64 * 1024;
/** Entries behind the tail at which it goes there, where it could keep up but for a filter that lets little through. */
const FAR_BEHIND = 4096;
/** The same where it shows as much as it may: a second's worth, or this many. */
const NEAR_BEHIND = 16;
/** Who takes longer for a line reads slowly. */
const SLOW_MS = 1000;
/** Put together at most, for processors that join records over time. */
const JOINED = { entries: 500, bytes: 2 * 1024 * 1024 };
/** Between two reports of what was passed over. */
const REPORT_MS = 1000;
const LONGEST_PAUSE_MS = 50;

const DEADLY =
  'the process died at this entry (it is a dead letter of the kind "crash"): it is not run for the sake of a look';

/** Entries that a view wants to see together. */
interface Gathering {
  readonly view: TapView;
  entries: Entry[];
  bytes: number;
  /** Monotonic, ms. */
  due: number;
}

/**
 * Reads the journal beside the deliveries and shows what processors make of it. It has no cursor and holds nothing up: who
 * falls behind goes to the tail, and says how much that was. While nothing comes it waits like a delivery, at no cost.
 */
export class Tap {
  readonly #options: TapOptions;
  readonly #pace: TapPace;
  readonly #isWanted: (entry: Entry) => boolean;
  /** What lay there at the beginning is not skipped. */
  readonly #floor: Position;
  #at: Position;
  #config: AgentConfig;
  #gatherings: Gathering[];
  #alarm = new AbortController();
  /** It showed as much as it may, or is read slowly. */
  #isShort = false;
  #counts = { skipped: 0, lost: 0, elsewhere: 0 };
  #reported = { skipped: 0, lost: 0, elsewhere: 0 };
  #reportedAt = 0;

  /** @throws {Error} as `TapOptions.views` */
  constructor(options: TapOptions) {
    const { request, journal, from, clock, topicOf } = options;
    this.#options = options;
    this.#pace = new TapPace(request.rate, clock);
    const isTopic = request.topic === undefined ? undefined : patternTest(request.topic);
    this.#isWanted = (entry) => {
      if (entry.erased || !this.#gatherings.some(({ view }) => view.takes(entry.source))) return false;
      const topic = isTopic && topicOf(entry);
      return !isTopic || (topic !== undefined && isTopic(topic));
    };
    this.#at = from;
    this.#floor = journal.status().next;
    this.#config = options.config();
    this.#gatherings = gatheringsOf(options.views(this.#config));
  }

  /** The configuration is another one. */
  wake(): void {
    this.#alarm.abort();
  }

  /** Once. Its end lets go of everything. */
  async *lines(): AsyncGenerator<TapLine> {
    const { gone, stopping } = this.#options;
    const wake = () => this.wake();
    for (const signal of [gone, stopping]) signal.addEventListener('abort', wake, { once: true });
    try {
      const joins = this.#gatherings.map(({ view }) => view.joinsOverMs);
      yield { kind: 'begun', pipelines: this.#pipelines, joins_over_ms: Math.max(...joins) };
      while (!gone.aborted) {
        if (stopping.aborted) return yield* this.#end('The agent is stopping.');
        const change = await this.#follow();
        if (change) yield change;
        if (change?.kind === 'ended') return;
        yield* this.#step();
      }
    } finally {
      for (const signal of [gone, stopping]) signal.removeEventListener('abort', wake);
      await this.#letGo();
    }
  }

  get #pipelines(): string[] {
    return this.#gatherings.map(({ view }) => view.pipeline);
  }

  async *#end(reason: string): AsyncGenerator<TapLine> {
    yield* this.#report(0);
    yield { kind: 'ended', reason };
  }

  /** Goes over to the running configuration where that is another one. What was gathered by the old one is not shown. */
  async #follow(): Promise<TapLine | undefined> {
    const config = this.#options.config();
    if (config === this.#config) return undefined;
    this.#config = config;
    await this.#letGo();
    try {
      this.#gatherings = gatheringsOf(this.#options.views(config));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'ended', reason: `The configuration was reloaded. ${reason}` };
    }
    return { kind: 'reloaded', pipelines: this.#pipelines };
  }

  async #letGo(): Promise<void> {
    const views = this.#gatherings.map(({ view }) => view);
    this.#gatherings = [];
    // Code of the user's own may fail at that too.
    await Promise.allSettled(views.map((view) => view.shutdown()));
  }

  /** Shows a little, or waits. */
  async *#step(): AsyncGenerator<TapLine> {
    const { journal, clock } = this.#options;
    yield* this.#gathered();
    const { waitMs } = this.#pace;
    if (waitMs > 0) {
      this.#isShort = true;
      return await this.#rest((signal) => delay(clock, waitMs, signal));
    }
    this.#catchUp();
    yield* this.#report(REPORT_MS);
    if (this.#at >= journal.status().next) {
      yield* this.#report(0);
      return await this.#rest((signal) => journal.wait(this.#at, signal));
    }
    yield* this.#read();
  }

  async *#read(): AsyncGenerator<TapLine> {
    const { journal, clock, gone, stopping } = this.#options;
    // But for the time that the reader took.
    let begun = clock.monotonic();
    const { entries, next, lost } = await journal.read(this.#at, CHUNK);
    for (const entry of entries) {
      if (gone.aborted || stopping.aborted || this.#options.config() !== this.#config || this.#isBehind) return;
      if (this.#isWanted(entry)) {
        if (this.#pace.waitMs > 0) {
          this.#at = entry.position;
          return;
        }
        this.#pace.take(1 + Math.floor(entry.body.length / BYTES_FOR_ONE));
        this.#at = entry.position + 1;
        const asked = clock.monotonic();
        yield* this.#show(entry);
        const answered = clock.monotonic();
        if (answered - asked > SLOW_MS) this.#isShort = true;
        begun += answered - asked;
        await yieldToOthers();
      }
      this.#at = entry.position + 1;
    }
    for (const [from, to] of lost) this.#counts.lost += to - from + 1;
    this.#at = Math.max(this.#at, next);
    // Who searches through all that there is leaves the others half of the time.
    const pauseMs = Math.min(LONGEST_PAUSE_MS, clock.monotonic() - begun);
    if (pauseMs >= 1) await delay(clock, pauseMs, gone);
    else await yieldToOthers();
  }

  async *#show(entry: Entry): AsyncGenerator<TapLine> {
    for (const gathering of this.#gatherings) {
      const { view } = gathering;
      if (!view.takes(entry.source)) continue;
      if (this.#options.deadly.has(entry.position)) yield { kind: 'seen', sighting: view.refused(entry, DEADLY) };
      else if (view.joinsOverMs > 0) this.#gather(gathering, entry);
      else yield* this.#look(view, [entry]);
    }
  }

  *#look(view: TapView, entries: readonly Entry[]): Generator<TapLine> {
    const { sightings, elsewhere } = view.look(entries);
    this.#counts.elsewhere += elsewhere;
    for (const sighting of sightings) yield { kind: 'seen', sighting };
  }

  #gather(gathering: Gathering, entry: Entry): void {
    if (gathering.entries.length === 0) {
      gathering.due = this.#options.clock.monotonic() + gathering.view.joinsOverMs;
    }
    gathering.entries.push(entry);
    gathering.bytes += entry.body.length;
  }

  /** What has been gathered for long enough, or is enough. */
  *#gathered(): Generator<TapLine> {
    const now = this.#options.clock.monotonic();
    for (const gathering of this.#gatherings) {
      const { entries, bytes, due, view } = gathering;
      if (entries.length === 0) continue;
      if (now < due && entries.length < JOINED.entries && bytes < JOINED.bytes) continue;
      gathering.entries = [];
      gathering.bytes = 0;
      yield* this.#look(view, entries);
    }
  }

  get #lag(): number {
    return this.#at < this.#floor ? 0 : this.#options.journal.status().next - this.#at;
  }

  get #isBehind(): boolean {
    return this.#lag > (this.#isShort ? Math.max(NEAR_BEHIND, this.#options.request.rate) : FAR_BEHIND);
  }

  /** To the newest that may be shown. */
  #catchUp(): void {
    if (this.#isBehind) {
      const skipped = this.#lag - Math.max(1, this.#pace.left);
      this.#counts.skipped += skipped;
      this.#at += skipped;
    }
    this.#isShort = false;
  }

  /** @param afterMs since the last report at the earliest */
  *#report(afterMs: number): Generator<TapLine> {
    const { skipped, lost, elsewhere } = this.#counts;
    const now = this.#options.clock.monotonic();
    const isNew =
      skipped > this.#reported.skipped || lost > this.#reported.lost || elsewhere > this.#reported.elsewhere;
    if (!isNew || now - this.#reportedAt < afterMs) return;
    this.#reported = { ...this.#counts };
    this.#reportedAt = now;
    yield { kind: 'passed', skipped, lost, elsewhere };
  }

  /** Waits, at most until something gathered is due, or until something wakes it. */
  async #rest(wait: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const alarm = this.#alarm;
    const dues = this.#gatherings.filter(({ entries }) => entries.length > 0).map(({ due }) => due);
    const timer =
      dues.length > 0
        ? clock.schedule(Math.max(0, Math.min(...dues) - clock.monotonic()), () => alarm.abort())
        : undefined;
    if (!alarm.signal.aborted) await wait(alarm.signal);
    timer?.cancel();
    this.#alarm = new AbortController();
  }
}

function gatheringsOf(views: readonly TapView[]): Gathering[] {
  return views.map((view) => ({ view, entries: [], bytes: 0, due: 0 }));
}
