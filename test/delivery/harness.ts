import assert from 'node:assert/strict';
import type { RecordRules, RetryPolicy, SendingPolicy } from '../../src/component.ts';
import { NO_RULES } from '../../src/config/blocks/delivery.ts';
import { ByteBudget } from '../../src/delivery/budget.ts';
import type { ChainBuilder } from '../../src/delivery/chain.ts';
import { Delivery, type Replay } from '../../src/delivery/delivery.ts';
import type { Offload } from '../../src/delivery/offload.ts';
import type { RouteOptions } from '../../src/delivery/routes.ts';
import type { SharedResults } from '../../src/delivery/shared-results.ts';
import type { DeadLetter, LetterInfo } from '../../src/journal/dead-letters.ts';
import type { AppendResult, Cursor, Entry, Journal, Position } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { type LogRecordProcessor, type ReadWriteLogRecord, resourceFromAttributes } from '../../src/otel.ts';
import { hrTimeFromMillis, LogRecord } from '../../src/record/log-record.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { DeliveryStatus } from '../../src/telemetry/status.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { ScriptedExporter } from './backend.ts';
import { Life, type Survivors } from './life.ts';

const resource = resourceFromAttributes({});
const scope = { name: 'test' };

export const NAME = 'logs scripted';
export const numbered = (count: number, prefix = 'n') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

export function decode({ body, receivedAt }: Entry): LogRecord[] {
  const hrTime = hrTimeFromMillis(receivedAt);
  return [
    new LogRecord({
      ...{ hrTime, hrTimeObserved: hrTime, resource, instrumentationScope: scope },
      body: Buffer.from(body).toString(),
    }),
  ];
}

export const retryPolicy: RetryPolicy = {
  enabled: true,
  initialIntervalMs: 5000,
  randomizationFactor: 0,
  multiplier: 1.5,
  maxIntervalMs: 30_000,
  maxElapsedMs: 0,
  probeIntervalMs: 15_000,
};

export const policy: SendingPolicy = {
  maxInFlight: 10,
  minRecords: 1,
  minBytes: Number.MAX_SAFE_INTEGER,
  maxRecords: 10,
  maxBytes: 1_000_000,
  flushTimeoutMs: 200,
  attemptLimitMs: 60_000,
  retry: retryPolicy,
  rules: NO_RULES,
};

/** A chain of one processor. */
export const processor =
  (onEmit: (record: LogRecord, forward: (record: LogRecord) => void) => void): ChainBuilder =>
  (next: LogRecordProcessor) => ({
    ...next,
    onEmit: (record: ReadWriteLogRecord) => onEmit(record as LogRecord, (one) => next.onEmit(one)),
  });

export interface HarnessOptions {
  readonly policy: Partial<Omit<SendingPolicy, 'retry' | 'rules'>>;
  readonly retry: Partial<RetryPolicy>;
  readonly rules: Partial<RecordRules>;
  readonly processors: ChainBuilder;
  /** Instead of `sources` and `processors`. */
  readonly routes: readonly RouteOptions[];
  readonly sources: readonly string[];
  readonly random: () => number;
  readonly clock: FakeClock;
  readonly journal: Journal;
  readonly decode: (entry: Entry) => LogRecord[];
  readonly replay: Replay;
  readonly shared: SharedResults;
  readonly offload: Offload;
  /** Called while the delivery stops. */
  readonly onStop: () => void;
  readonly exporter: ScriptedExporter;
  /** Of the cursor. */
  readonly name: string;
  readonly start: Position;
  readonly died: Cursor['died'];
  readonly letters: { maxAgeMs: number; maxBytes: number };
  /** Ends the journal as the process ends, and opens it anew. */
  readonly reopen: (journal: Journal, how: 'killed' | 'closed') => Promise<Journal>;
}

/** One delivery on a journal, with a backend that is told what to answer. */
export class Harness {
  readonly options: Partial<HarnessOptions>;
  readonly clock: FakeClock;
  readonly journal: Journal;
  readonly exporter: ScriptedExporter;
  readonly delivery: Delivery;
  readonly life: Life;
  /** Records that were appended for this delivery: what `accepted` must say. */
  readonly appended: { count: number };

  constructor(
    options: Partial<HarnessOptions>,
    {
      clock,
      exporter,
      life,
      appended,
    }: { clock: FakeClock; exporter: ScriptedExporter; life: Life; appended: { count: number } },
  ) {
    this.options = options;
    this.clock = clock;
    this.exporter = exporter;
    this.life = life;
    this.appended = appended;
    this.journal = life.survivors.journal;
    this.delivery = new Delivery({
      ...{ pipeline: 'logs', exporterId: 'scripted', log: silentLog },
      sources: options.sources ?? ['in'],
      journal: life.journal,
      cursor: life.cursor,
      decode: options.decode ?? decode,
      routes: options.routes ?? [
        { sources: options.sources ?? ['in'], processors: options.processors ?? ((next) => next) },
      ],
      exporter: life.exporter(exporter),
      policy: {
        ...policy,
        ...options.policy,
        retry: { ...retryPolicy, ...options.retry },
        rules: { ...NO_RULES, ...options.rules },
      },
      budget: new ByteBudget(1_000_000),
      clock: life.clock(clock, () => this.balanced()),
      random: options.random ?? (() => 0.5),
      ...(options.replay && { replay: options.replay }),
      ...(options.shared && { shared: options.shared }),
      ...(options.offload && { offload: options.offload }),
    });
  }

  get status(): DeliveryStatus {
    return this.delivery.status();
  }
  get letters(): LetterInfo[] {
    return this.journal.deadLetters.list().filter(({ delivery }) => delivery === this.life.cursor.name);
  }

  append = async (...texts: string[]): Promise<void> => {
    const results = await appendFrom(this.journal, 'in', texts, this.clock.now());
    this.appended.count += texts.length;
    for (const { position } of results) this.delivery.arrived(position, 1, this.clock.now());
    await settle();
  };

  /** Appends as it was taken a while ago. */
  appendOld = async (ageMs: number, ...texts: string[]): Promise<void> => {
    const results = await appendFrom(this.journal, 'in', texts, this.clock.now() - ageMs);
    this.appended.count += texts.length;
    for (const { position } of results) this.delivery.arrived(position, 1, this.clock.now() - ageMs);
    await settle();
  };

  async letterOf(name: string): Promise<DeadLetter> {
    for (const info of this.letters) {
      const letter = await this.journal.deadLetters.get(info);
      if (letter && Buffer.from(letter.entry.body).toString() === name) return letter;
    }
    throw new Error(`no dead letter ${name}; there are ${this.letters.length}`);
  }

  /** Marks dead letters to be sent again, all of them by default. */
  recall = async (...names: string[]): Promise<void> => {
    const keys = names.length > 0 ? await Promise.all(names.map((name) => this.letterOf(name))) : this.letters;
    await this.journal.deadLetters.retry(keys);
    this.delivery.recalled();
    await settle();
  };

  /** The figures that are not zero, balanced against what was appended. */
  counts(): Record<string, number> {
    this.balanced();
    const { accepted: _, oldest_pending_seconds, in_flight, send_failed, ...rest } = this.status;
    return Object.fromEntries(
      Object.entries(rest).filter((pair): pair is [string, number] => typeof pair[1] === 'number' && pair[1] !== 0),
    );
  }

  balanced(): void {
    const { accepted, delivered, rejected_by_backend, filtered, dead_lettered, lost, expired, pending } = this.status;
    const sum = delivered + rejected_by_backend + filtered + dead_lettered + lost + expired + pending;
    assert.deepEqual({ accepted, sum }, { accepted: this.appended.count, sum: this.appended.count });
  }

  /** Time passes; the ledger balances at every timer, before and after what it sets off. */
  advance = async (ms: number): Promise<void> => {
    await this.clock.advance(ms);
    await this.worked();
    this.balanced();
  };

  /** Large lots are filled over many turns of the event loop, in which no time passes. */
  worked = async (): Promise<void> => {
    for (let turns = 0, sent = -1; turns < 100; turns++) {
      const { state, pending, in_flight } = this.status;
      if (state !== 'running' || pending === 0 || in_flight > 0) return;
      if (this.exporter.sent.length !== sent) turns = 0;
      sent = this.exporter.sent.length;
      await settle();
    }
  };

  /** Stops this delivery and starts another on the same journal, as after a restart. */
  again = async (changes: Partial<HarnessOptions> = {}): Promise<Harness> => {
    await this.stop();
    this.life.end();
    return this.#next('closed', { died: null, ...changes });
  };

  /** The process dies: nothing of this delivery does anything any more. `lost`: what was not written was still to be written. */
  kill = async (changes: Partial<HarnessOptions> & { lost?: boolean } = {}): Promise<Harness> => {
    this.life.kill(changes.lost ?? true);
    return this.#next('killed', { died: null, ...changes });
  };

  /** At once: what is in flight is cut. */
  stop = async (): Promise<void> => {
    if (this.life.isOver) return;
    const stopped = this.delivery.shutdown(AbortSignal.abort());
    this.options.onStop?.();
    await stopped;
  };

  async #next(how: 'killed' | 'closed', changes: Partial<HarnessOptions>): Promise<Harness> {
    const { clock, exporter, appended } = this;
    const options = { ...this.options, ...changes };
    if (!options.reopen) return begin(options, this.life.survivors, { clock, exporter, appended });
    const journal = await options.reopen(this.journal, how);
    const cursor = await journal.openCursor(options.name ?? NAME);
    const { died } = cursor;
    return begin({ ...options, died }, survivorsOf(journal, cursor, options), { clock, exporter, appended });
  }
}

function survivorsOf(journal: Journal, cursor: Cursor, { reopen }: Partial<HarnessOptions>): Survivors {
  return { journal, cursor, state: cursor.state, mark: null, letterTrouble: undefined, isReal: reopen !== undefined };
}

export async function harness(options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const clock = options.clock ?? new FakeClock();
  const journal =
    options.journal ??
    (await openMemoryJournal({
      ...{ dedup: { windowMs: 3600_000, maxIds: 1000 }, clock },
      ...(options.letters && { deadLetters: options.letters }),
    }));
  const name = options.name ?? NAME;
  const cursor = await journal.openCursor(name, options.start === undefined ? {} : { start: options.start });
  // What is settled stays readable, as it does on disk for a while.
  if (!options.journal) await journal.openCursor('keeper', { start: 'beginning' });
  const parts = { clock, exporter: options.exporter ?? new ScriptedExporter(), appended: { count: 0 } };
  return begin(options, survivorsOf(journal, cursor, options), parts);
}

async function begin(
  options: Partial<HarnessOptions>,
  survivors: Survivors,
  parts: { clock: FakeClock; exporter: ScriptedExporter; appended: { count: number } },
): Promise<Harness> {
  const scene = new Harness(options, { ...parts, life: new Life(survivors, options.died ?? null) });
  await scene.delivery.start();
  await settle();
  return scene;
}

/** Lets the delivery work until nothing has been sent for a while: large lots are filled over many turns of the event loop. */
export async function quiet(exporter: ScriptedExporter): Promise<void> {
  for (let idle = 0, sent = -1; idle < 20; idle = exporter.sent.length === sent ? idle + 1 : 0) {
    sent = exporter.sent.length;
    await settle();
  }
}

/** Waits, in turns of the event loop, for something that happens without any time passing. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    assert.ok(turns < 2000, `not after ${turns} turns: ${condition}`);
    await settle();
  }
}

export async function appendFrom(
  journal: Journal,
  source: string,
  texts: readonly string[],
  receivedAt = 0,
): Promise<AppendResult[]> {
  return journal.append(
    texts.map((body) => ({ source, receivedAt, records: 1, metadata: {}, body: Buffer.from(body) })),
  );
}
