import type { Clock } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import { deliveryName } from '../control/delivery-names.ts';
import type { EntryFacts } from '../control/entry-facts.ts';
import {
  parseReplayName,
  type ReplayName,
  type ReplayPlan,
  readReplayMemo,
  replayTest,
} from '../control/replay-request.ts';
import { countIn } from '../control/replays.ts';
import { ByteBudget } from '../delivery/budget.ts';
import { Delivery, type DeliveryOptions } from '../delivery/delivery.ts';
import type { Cursor, Entry, Journal, NewEntry, Position } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { DeliveryStatus, ReplayStatus } from '../telemetry/status.ts';
import { type ContextOf, entryDecoder, routesOf } from './components.ts';

/** Bytes of the entries that all deliveries together keep decoded; decoded they take some times as much. */
const DECODED_BYTES = 8 * 1024 * 1024;

const REMEMBERED_REPLAYS = 10;

export interface DeliveriesOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly journal: Journal;
  readonly exporters: ReadonlyMap<string, Exporter>;
  readonly contextOf: ContextOf;
  readonly facts: EntryFacts;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** A delivery of the configuration. */
export interface Live {
  /** Of its cursor. */
  readonly name: string;
  readonly pipeline: PipelineConfig;
  /** Ids of the receivers from which a way leads to it. */
  readonly sources: ReadonlySet<string>;
  readonly exporter: string;
  readonly policy: SendingPolicy;
  readonly cursor: Cursor;
  readonly delivery: Delivery;
}

interface RunningReplay extends ReplayName {
  readonly name: string;
  readonly plan: ReplayPlan;
  readonly delivery: Delivery;
}

/** Every delivery of the running configuration, and the replays beside them. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #budget = new ByteBudget(DECODED_BYTES);
  readonly #decode: (entry: Entry) => LogRecord[];
  readonly #live: Live[] = [];
  readonly #replays = new Map<string, RunningReplay>();
  /** The last ones that ended, for the ledger. */
  readonly #ended: ReplayStatus[] = [];
  /** Replays that ended and are being cleared away. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#decode = entryDecoder(options.config, options.version);
  }

  get live(): readonly Live[] {
    return this.#live;
  }

  /** Opens the cursors and begins. Exporters have been started. */
  async start(): Promise<void> {
    const { config, journal } = this.#options;
    for (const pipeline of config.service.pipelines) {
      for (const exporter of pipeline.exporters) {
        const name = deliveryName(pipeline.id, exporter);
        const policy = this.#policyOf(exporter);
        const cursor = await journal.openCursor(name, { start: policy.rules.startAt });
        const delivery = new Delivery(this.#parts(pipeline, exporter, cursor, policy));
        await delivery.start();
        const sources = new Set(sourcesOf(pipeline));
        this.#live.push({ name, pipeline, sources, exporter, policy, cursor, delivery });
      }
    }
  }

  /** Takes up the replays that the journal knows. Called once the doors are open: counting what they send takes its time. */
  async resumeReplays(): Promise<void> {
    const { journal, log } = this.#options;
    for (const { name, open } of journal.cursors()) {
      if (open || !parseReplayName(name)) continue;
      await this.startReplay(name).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.error('A replay could not be taken up. It waits for the next start.', { name, reason });
      });
    }
  }

  /** Takes up a replay whose cursor is in the journal. One whose exporter or pipeline is gone waits like an orphan. */
  async startReplay(name: string): Promise<void> {
    const { journal, log } = this.#options;
    const parts = parseReplayName(name);
    const live =
      parts && this.#live.find((one) => one.pipeline.id === parts.pipeline && one.exporter === parts.exporter);
    if (!parts || !live) return;
    const cursor = await journal.openCursor(name);
    const plan = readReplayMemo(cursor.state);
    if (!plan) {
      await journal.closeCursor(name);
      await journal.forget(name);
      return;
    }
    const spans = cursor.state.sources ?? [];
    const delivery = new Delivery({
      ...this.#parts(live.pipeline, live.exporter, cursor, {
        ...live.policy,
        maxInFlight: 1,
        // A second's worth at once.
        maxRecords: Math.min(live.policy.maxRecords, Math.max(1, Math.floor(plan.rate))),
      }),
      sources: [...new Set(spans.map(({ source }) => source))],
      log: log.with({ replay: parts.id }),
      replay: {
        end: plan.to,
        selects: replayTest(plan, this.#options.facts.topicOf),
        count: (range) => countIn(journal, range, spans, plan, this.#options.facts),
        mark: (record) => record.setAttribute('intercom.replay.id', parts.id),
        rate: plan.rate,
        finished: () => this.#finished(parts.id),
      },
    });
    this.#replays.set(parts.id, { ...parts, name, plan, delivery });
    log.info('A replay begins.', { replay: parts.id, exporter: parts.exporter, request: plan.asked });
    await delivery.start();
  }

  /** Ends a replay before its time. False where there is none. */
  async cancelReplay(id: string): Promise<boolean> {
    const replay = this.#replays.get(id);
    if (!replay) return false;
    this.#replays.delete(id);
    await this.#clearAway(replay, 'cancelled');
    return true;
  }

  /** An entry was stored. */
  arrived(position: Position, { source, records, receivedAt }: NewEntry): void {
    for (const { sources, delivery } of this.#live)
      if (sources.has(source)) delivery.arrived(position, records, receivedAt);
  }

  statuses(): DeliveryStatus[] {
    return this.#live.map(({ delivery }) => delivery.status());
  }

  replays(): ReplayStatus[] {
    return [...this.#ended, ...[...this.#replays.values()].map(statusOf)];
  }

  /** Each piece of stopping, for the agent to await with a deadline. */
  stopping(deadline: AbortSignal): { id: string; work: Promise<unknown> }[] {
    return [
      ...this.#live.map(({ name, delivery }) => ({ id: name, work: delivery.shutdown(deadline) })),
      ...[...this.#replays.values()].map(({ name, delivery }) => ({
        id: name,
        work: delivery.shutdown(AbortSignal.abort()),
      })),
      ...[...this.#ending].map((work) => ({ id: 'replay', work })),
    ];
  }

  #finished(id: string): void {
    const replay = this.#replays.get(id);
    if (!replay) return;
    this.#replays.delete(id);
    const work = this.#clearAway(replay, 'done').catch((error: unknown) =>
      this.#options.log.warn('A replay that is done could not be cleared away.', { replay: id, error: String(error) }),
    );
    this.#ending.add(work);
    void work.then(() => this.#ending.delete(work));
  }

  async #clearAway(replay: RunningReplay, how: 'done' | 'cancelled'): Promise<void> {
    const { journal, log } = this.#options;
    const { id, name, delivery } = replay;
    await delivery.shutdown(AbortSignal.abort());
    const status = statusOf(replay);
    const { delivered, rejected_by_backend, filtered, lost, pending } = status;
    this.#ended.push({ ...status, state: 'stopped', reason: how });
    if (this.#ended.length > REMEMBERED_REPLAYS) this.#ended.shift();
    await journal.closeCursor(name);
    await journal.forget(name);
    log.info('A replay ended.', { replay: id, how, delivered, rejected_by_backend, filtered, lost, pending });
  }

  #policyOf(exporter: string): SendingPolicy {
    const configured = this.#options.config.exporters.get(exporter);
    if (!configured) throw new Error(`BUG: ${exporter} is not configured`);
    return configured.factory.policy(configured.config);
  }

  #parts(pipeline: PipelineConfig, exporterId: string, cursor: Cursor, policy: SendingPolicy): DeliveryOptions {
    const { config, contextOf, journal, exporters, clock, random, log } = this.#options;
    return {
      pipeline: pipeline.id,
      exporterId,
      sources: sourcesOf(pipeline),
      journal,
      cursor,
      decode: this.#decode,
      routes: routesOf(config, pipeline, contextOf),
      exporter: exporters.get(exporterId) as Exporter,
      policy,
      budget: this.#budget,
      clock,
      random,
      log,
    };
  }
}

function sourcesOf({ routes }: PipelineConfig): string[] {
  return [...new Set(routes.flatMap(({ receivers }) => receivers))];
}

function statusOf({ id, plan, delivery }: RunningReplay): ReplayStatus {
  return { id, request: plan.asked, ...delivery.status() };
}
