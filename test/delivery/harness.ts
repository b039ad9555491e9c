import type { Batch, Exporter, SendingPolicy } from '../../src/component.ts';
import { ByteBudget } from '../../src/delivery/budget.ts';
import type { ChainBuilder } from '../../src/delivery/chain.ts';
import { Delivery } from '../../src/delivery/delivery.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import type { AppendResult, Cursor, Entry, Journal } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

const resource = resourceFromAttributes({});
const scope = { name: 'test' };

export const text = (record: LogRecord): string => record.body as string;

export function decode(entry: Entry): LogRecord[] {
  const body = Buffer.from(entry.body).toString();
  return [new LogRecord({ hrTime: [0, 0], hrTimeObserved: [0, 0], body, resource, instrumentationScope: scope })];
}

export const policy: SendingPolicy = {
  maxInFlight: 10,
  minRecords: 1,
  minBytes: Number.MAX_SAFE_INTEGER,
  maxRecords: 10,
  maxBytes: 1_000_000,
  flushTimeoutMs: 200,
  retry: {
    enabled: true,
    initialIntervalMs: 5000,
    randomizationFactor: 0,
    multiplier: 1.5,
    maxIntervalMs: 30_000,
    probeIntervalMs: 15_000,
  },
};

export const delivered: Outcome = { kind: 'delivered' };
export const retry = (more: { afterMs?: number; ambiguous?: boolean } = {}): Outcome => ({
  kind: 'retry',
  reason: { summary: '503 Service Unavailable' },
  ambiguous: false,
  ...more,
});
export const hold: Outcome = { kind: 'hold', reason: { summary: '401 Unauthorized', advice: 'check the key' } };
export const reject: Outcome = { kind: 'reject', reason: { summary: '400 Bad Request' } };

/** A backend that answers as it is told; `sent` is what reached it, request by request. */
export class ScriptedExporter implements Exporter {
  readonly sent: string[][] = [];
  answer: (texts: string[], signal: AbortSignal) => Outcome | Promise<Outcome> = () => delivered;
  inFlight = 0;
  mostInFlight = 0;
  start = () => Promise.resolve();
  shutdown = () => Promise.resolve();
  weigh = (record: LogRecord) => text(record).length;
  async send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const texts = batch.records.map(text);
    this.sent.push(texts);
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      return await this.answer(texts, signal);
    } finally {
      this.inFlight--;
    }
  }
  get texts(): string[] {
    return this.sent.flat();
  }
}

export interface Harness {
  readonly clock: FakeClock;
  readonly journal: Journal;
  readonly exporter: ScriptedExporter;
  readonly delivery: Delivery;
  append(...texts: string[]): Promise<void>;
  /** Stops this delivery and starts another on the same journal, as after a restart. */
  again(options?: Partial<HarnessOptions>): Promise<Harness>;
  stop(): Promise<void>;
}

interface HarnessOptions {
  readonly policy: Partial<SendingPolicy>;
  readonly processors: ChainBuilder;
  readonly sources: readonly string[];
  readonly random: () => number;
  readonly clock: FakeClock;
}

export async function harness(options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const clock = options.clock ?? new FakeClock();
  const journal = await openMemoryJournal({ dedup: { windowMs: 3600_000, maxIds: 1000 }, clock });
  return begin(options, clock, journal, await journal.openCursor('logs scripted'), new ScriptedExporter());
}

async function begin(
  options: Partial<HarnessOptions>,
  clock: FakeClock,
  journal: Journal,
  cursor: Cursor,
  exporter: ScriptedExporter,
): Promise<Harness> {
  const delivery = new Delivery({
    pipeline: 'logs',
    exporterId: 'scripted',
    sources: options.sources ?? ['in'],
    journal,
    cursor,
    decode,
    processors: options.processors ?? ((next) => next),
    exporter,
    policy: { ...policy, ...options.policy },
    budget: new ByteBudget(1_000_000),
    clock,
    random: options.random ?? (() => 0.5),
    log: silentLog,
  });
  await delivery.start();
  await settle();
  const cut = () => delivery.shutdown(AbortSignal.abort());
  return {
    clock,
    journal,
    exporter,
    delivery,
    async append(...texts) {
      for (const { position } of await appendFrom(journal, 'in', ...texts)) delivery.arrived(position, 1, clock.now());
      await settle();
    },
    async again(changes = {}) {
      await cut();
      return begin({ ...options, ...changes }, clock, journal, cursor, exporter);
    },
    stop: cut,
  };
}

/** Lets the delivery work until nothing has been sent for a while: large lots are filled over many turns of the event loop. */
export async function quiet(exporter: ScriptedExporter): Promise<void> {
  for (let idle = 0, sent = -1; idle < 20; idle = exporter.sent.length === sent ? idle + 1 : 0) {
    sent = exporter.sent.length;
    await settle();
  }
}

export async function appendFrom(journal: Journal, source: string, ...texts: string[]): Promise<AppendResult[]> {
  return journal.append(
    texts.map((body) => ({ source, receivedAt: 0, records: 1, metadata: {}, body: Buffer.from(body) })),
  );
}
