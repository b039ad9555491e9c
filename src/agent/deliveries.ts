import { aborted, type Clock, delay } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import type { EntryFacts } from '../control/entry-facts.ts';
import { ByteBudget } from '../delivery/budget.ts';
import { Delivery, type DeliveryOptions } from '../delivery/delivery.ts';
import { SharedResults } from '../delivery/shared-results.ts';
import type { Cursor, Entry, Journal, NewEntry, Position } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { type ContextOf, entryDecoder, routesOf, tryChain } from './components.ts';
import { within } from './deadline.ts';
import { LentCursor } from './lent-cursor.ts';
import { Offloading } from './offload/offloading.ts';
import { deliveriesOf, type Plan, type PlannedDelivery, sourcesOf } from './plan.ts';
import { RunningReplays } from './replays.ts';

/** Bytes of the entries that all deliveries together have on their way; encoded and compressed they take some times as much. */
const DECODED_BYTES = 3 * 1024 * 1024;
/** A delivery whose exporter ignores the deadline is left behind after this. */
const GRACE_MS = 1000;
/** Until a delivery that could not begin is begun again. */
const AGAIN_MS = 5000;

/** What deliveries are made of. A reload replaces it as a whole. */
export interface Setup {
  readonly config: AgentConfig;
  /** Started. */
  readonly exporters: ReadonlyMap<string, Exporter>;
  readonly contextOf: ContextOf;
}

export interface DeliveriesOptions {
  readonly setup: Setup;
  readonly version: string;
  readonly journal: Journal;
  readonly facts: EntryFacts;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Under load, processing gets a thread of its own. The components are those of this build. */
  readonly offload: boolean;
}

/** A delivery of the configuration. */
export interface Live {
  /** Of its cursor. */
  readonly name: string;
  readonly pipeline: PipelineConfig;
  readonly exporter: string;
  readonly policy: SendingPolicy;
  /** The journal's. */
  readonly cursor: Cursor;
  readonly lent: LentCursor;
  readonly shared?: SharedResults;
  readonly delivery: Delivery;
}

/** Every delivery of the running configuration, and the replays beside them. */
export class Deliveries {
  readonly replays: RunningReplays;
  readonly #options: DeliveriesOptions;
  readonly #budget = new ByteBudget(DECODED_BYTES);
  readonly #offloading: Offloading | undefined;
  #setup: Setup;
  #decode: (entry: Entry) => LogRecord[];
  #live: Live[] = [];
  /** Of the deliveries that began with this configuration, by pipeline. */
  #shared = new Map<string, SharedResults>();
  /** Opened for deliveries that a reload is about to add. */
  readonly #opened = new Map<string, { cursor: Cursor; isNew: boolean }>();
  /** They answer for receivers that a reload is about to add. */
  readonly #widened: Live[] = [];

  constructor(options: DeliveriesOptions) {
    const { setup, version, journal, facts, clock, log, offload } = options;
    this.#options = options;
    this.#offloading = offload ? new Offloading({ config: setup.config, version, clock, log }) : undefined;
    this.#setup = setup;
    this.#decode = entryDecoder(setup.config, version);
    this.replays = new RunningReplays({
      ...{ journal, facts, clock, log },
      live: ({ pipeline, exporter }) =>
        this.#live.find((one) => one.pipeline.id === pipeline && one.exporter === exporter),
      partsOf: (live, cursor) => this.#parts(live, cursor, live.policy),
    });
  }

  get live(): readonly Live[] {
    return this.#live;
  }

  /** Opens the cursors and begins. Exporters have been started. */
  async start(): Promise<void> {
    for (const planned of deliveriesOf(this.#setup.config)) {
      const cursor = await this.#open(this.#setup, planned);
      const live = this.#make(planned, cursor, cursor.died);
      await live.delivery.start();
      this.#live.push(live);
    }
  }

  /**
   * The part of a reload that may fail: opens the cursors of deliveries that are added, and lets those that stay answer for
   * new receivers as well, durably. Undone by `cancel`.
   */
  async prepare(setup: Setup, plan: Plan): Promise<void> {
    const { journal } = this.#options;
    for (const planned of plan.deliveries) {
      if (planned.change !== 'added' && planned.change !== 'changed') continue;
      for (const { processors } of routesOf(setup.config, planned.pipeline, setup.contextOf))
        await tryChain(processors);
      if (planned.change === 'changed') continue;
      const isNew = !journal.cursors().some(({ name }) => name === planned.name);
      this.#opened.set(planned.name, { isNew, cursor: await this.#open(setup, planned) });
    }
    for (const { name, pipeline } of plan.deliveries) {
      const live = this.#live.find((one) => one.name === name);
      const before = live ? sourcesOf(live.pipeline) : [];
      const more = sourcesOf(pipeline).filter((id) => !before.includes(id));
      if (!live || more.length === 0) continue;
      this.#widened.push(live);
      await live.delivery.serve([...before, ...more]);
    }
  }

  /** The reload fails: everything is as before. */
  async cancel(): Promise<void> {
    const { journal } = this.#options;
    for (const [name, { isNew }] of this.#opened) {
      await journal.closeCursor(name);
      if (isNew) await journal.forget(name);
    }
    this.#opened.clear();
    for (const { pipeline, delivery } of this.#widened.splice(0)) await delivery.serve(sourcesOf(pipeline));
  }

  /**
   * The other part: deliveries that are not changed go on, those that are end where they are and others go on from there.
   * Resolves when every one has begun; never rejects. They still answer for receivers that leave: see `narrow`.
   * @param deadline what is in flight at a changed or removed one is cut when it aborts: it is sent again
   * @param stopping the agent stops: nothing is tried again
   */
  async change(setup: Setup, plan: Plan, { deadline, stopping }: { deadline: AbortSignal; stopping: AbortSignal }) {
    this.#offloading?.pause();
    this.#setup = setup;
    this.#decode = entryDecoder(setup.config, this.#options.version);
    for (const { shared } of this.#live) shared?.clear();
    this.#shared = new Map();
    await Promise.all(
      plan.deliveries.map(async (planned) => {
        const live = this.#live.find(({ name }) => name === planned.name);
        if (planned.change === 'kept' && live) this.#replace(live, { ...live, pipeline: planned.pipeline });
        if (planned.change === 'removed' && live) await this.#remove(live, deadline);
        if (planned.change === 'changed' && live) {
          await this.#halt(live, deadline);
          await this.#begin(planned, live.cursor, stopping, live);
        }
        const added = this.#opened.get(planned.name);
        if (added) await this.#begin(planned, added.cursor, stopping);
      }),
    );
    this.#opened.clear();
    this.#widened.splice(0);
    this.#offloading?.resume(setup.config);
    const order = plan.deliveries.map(({ name }) => name);
    this.#live.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }

  /** The doors of the receivers that left are closed: nobody answers for them any more. */
  async narrow(): Promise<void> {
    await Promise.all(this.#live.map(({ pipeline, delivery }) => delivery.serve(sourcesOf(pipeline))));
  }

  /** An entry was stored. */
  arrived(position: Position, { source, records, receivedAt }: NewEntry): void {
    this.#offloading?.arrived();
    for (const { delivery } of this.#live)
      if (delivery.answersFor(source, position)) delivery.arrived(position, records, receivedAt);
  }

  statuses(): DeliveryStatus[] {
    return this.#live.map(({ delivery }) => delivery.status());
  }

  /** Each piece of stopping, for the agent to await with a deadline. */
  stopping(deadline: AbortSignal): { id: string; work: Promise<unknown> }[] {
    const live = this.#live.map(({ name, delivery }) => ({ id: name, work: delivery.shutdown(deadline) }));
    // Those that are cut wait for no thread.
    const over = Promise.race([Promise.allSettled(live.map(({ work }) => work)), aborted(deadline)]);
    return [
      ...live,
      ...this.replays.stopping(),
      ...(this.#offloading ? [{ id: 'processing thread', work: over.then(() => this.#offloading?.stop()) }] : []),
    ];
  }

  async #remove(live: Live, deadline: AbortSignal): Promise<void> {
    const { journal, log } = this.#options;
    await this.#halt(live, deadline);
    this.#live = this.#live.filter((one) => one !== live);
    await journal.closeCursor(live.name).catch((error: unknown) => {
      log.error(
        'The place of a delivery that left could not be saved: some of it may be sent again when it comes back.',
        {
          delivery: live.name,
          reason: reasonOf(error),
        },
      );
    });
  }

  /** Nobody writes with its cursor any more when this resolves. Never rejects. */
  async #halt({ name, delivery, lent }: Live, deadline: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    await within(delivery.halt(deadline), {
      ...{ deadline, clock, graceMs: GRACE_MS },
      report: (error) =>
        log.error('A delivery did not stop in an orderly way.', { delivery: name, reason: reasonOf(error) }),
    });
    lent.takeBack();
  }

  /** Begins, and where that fails tries again: never rejects. `live` has it, or has it in the place of `former`, at once. */
  async #begin(planned: PlannedDelivery, cursor: Cursor, stopping: AbortSignal, former?: Live): Promise<void> {
    const { clock, log } = this.#options;
    // A death that is looked into is that of a process, not of a delivery.
    let died = former ? null : cursor.died;
    for (let before = former; ; ) {
      const live = this.#make(planned, cursor, died, former);
      died = null;
      if (before) this.#replace(before, live);
      else this.#live.push(live);
      try {
        return await live.delivery.start();
      } catch (error) {
        log.error('A delivery could not begin. It is tried again.', {
          delivery: planned.name,
          reason: reasonOf(error),
        });
      }
      live.lent.takeBack();
      before = live;
      await delay(clock, AGAIN_MS, stopping);
      if (stopping.aborted) return;
    }
  }

  #replace(former: Live, live: Live): void {
    this.#live = this.#live.map((one) => (one === former ? live : one));
  }

  #open({ config }: Setup, { name, exporter }: PlannedDelivery): Promise<Cursor> {
    return this.#options.journal.openCursor(name, { start: policyOf(config, exporter).rules.startAt });
  }

  /** @param former what it goes on for: it answers for that one's receivers too, until their doors are closed */
  #make(planned: PlannedDelivery, cursor: Cursor, died: Cursor['died'], former?: Live): Live {
    const { name, pipeline, exporter } = planned;
    const sources = [...new Set([...(former ? sourcesOf(former.pipeline) : []), ...sourcesOf(pipeline)])];
    const lent = new LentCursor(cursor, died);
    const policy = policyOf(this.#setup.config, exporter);
    const parts = this.#parts(planned, lent, policy);
    const delivery = new Delivery({ ...parts, sources });
    const { shared } = parts;
    return { name, pipeline, exporter, policy, cursor, lent, delivery, ...(shared && { shared }) };
  }

  /**
   * Deliveries of one pipeline that began with the same configuration share what its processors make. One that a reload
   * begins anew shares with those that do as well.
   */
  #sharedBy({ id, exporters }: PipelineConfig): { shared?: SharedResults } {
    if (exporters.length < 2) return {};
    const shared = this.#shared.get(id) ?? new SharedResults();
    this.#shared.set(id, shared);
    return { shared };
  }

  #parts({ pipeline, exporter }: PlannedDelivery, cursor: Cursor, policy: SendingPolicy): DeliveryOptions {
    const { journal, clock, random, log } = this.#options;
    const { config, exporters, contextOf } = this.#setup;
    const instance = exporters.get(exporter) as Exporter;
    const offload = this.#offloading?.of(pipeline.id, instance.encoding);
    return {
      pipeline: pipeline.id,
      exporterId: exporter,
      sources: sourcesOf(pipeline),
      journal,
      cursor,
      // A receiver's settings may change under a delivery that does not.
      decode: (entry) => this.#decode(entry),
      routes: routesOf(config, pipeline, contextOf),
      ...this.#sharedBy(pipeline),
      exporter: instance,
      ...(offload && { offload }),
      policy,
      budget: this.#budget,
      clock,
      random,
      log,
    };
  }
}

function policyOf({ exporters }: AgentConfig, exporter: string): SendingPolicy {
  const configured = exporters.get(exporter);
  if (!configured) throw new Error(`BUG: ${exporter} is not configured`);
  return configured.factory.policy(configured.config);
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
