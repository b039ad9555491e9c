import { setMaxListeners } from 'node:events';
import { type Clock, delay } from '../clock.ts';
import type { Component, Exporter, Extension, Receiver, ReceiverContext, ReceiverFactory } from '../component.ts';
import type { AgentConfig, Configured } from '../config/model.ts';
import { ByteBudget } from '../delivery/budget.ts';
import { Delivery } from '../delivery/delivery.ts';
import { factory as fileStorage } from '../extensions/file_storage/index.ts';
import { type Journal, JournalError, type NewEntry } from '../journal/journal.ts';
import { IntakeCounts } from '../telemetry/intake.ts';
import type { Log } from '../telemetry/log.ts';
import type { AgentStatus } from '../telemetry/status.ts';
import { type ContextOf, chainBuilder, entryDecoder } from './components.ts';
import { within } from './deadline.ts';
import { Orphans } from './orphans.ts';
import { degradedReasons, doorReasons, figures } from './status.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Bytes of the entries that all deliveries together keep decoded; decoded they take some times as much. */
const DECODED_BYTES = 16 * 1024 * 1024;
const FIGURES_INTERVAL_MS = 60_000;
/** Ids that are remembered where no receiver says how many. */
const DEDUP = { windowMs: 24 * 3600_000, maxIds: 1_000_000 };
/** A component that ignores the deadline is left behind after this. */
const GRACE_MS = 1000;

interface Named<T> {
  readonly id: string;
  readonly instance: T;
}

/**
 * One running configuration: builds its components, starts them in order (extensions, journal, exporters, deliveries,
 * doors last) and stops them in the opposite one.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #startedAt: number;
  readonly #intake = new IntakeCounts();
  readonly #extensions: Named<Extension>[] = [];
  readonly #exporters = new Map<string, Exporter>();
  readonly #deliveries: { sources: ReadonlySet<string>; delivery: Delivery }[] = [];
  readonly #receivers: Named<Receiver>[] = [];
  #journal: Journal | undefined;
  #orphans: Orphans | undefined;
  #dataDirectory = '';
  #phase: AgentStatus['phase'] = 'starting';
  #figures: { cancel(): void } | undefined;
  readonly #lost = withResolvers<Error>();
  #makingRoom: Promise<void> | undefined;
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /**
   * Resolves when every door listens. When something fails, or `shutdown` is called meanwhile, what was started is stopped
   * again and the promise rejects.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Readiness turns 503 at once; the doors go on for their `shutdown_delay` (`delayed`), open requests finish, what is in
   * flight settles. Whatever is not done when `deadline` aborts is cut: it stays in the journal. Idempotent.
   */
  async shutdown(options: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    this.#phase = 'stopping';
    await this.#starting?.catch(() => {});
    await this.#stop(options);
  }

  /** Resolves, with the reason, when the agent can't go on and must be shut down: its data directory has another owner. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  /** Exporters that write files open them anew (after a log rotation). */
  async reopen(): Promise<void> {
    for (const [id, exporter] of this.#exporters) {
      await exporter.reopen?.().catch((error: unknown) => this.#trouble('exporter', id, 'reopening failed', error));
    }
  }

  status(): AgentStatus {
    const journal = this.#journal?.status();
    const deliveries = this.#deliveries.map(({ delivery }) => delivery.status());
    const { accepted, duplicates, refused } = this.#intake;
    return {
      phase: this.#phase,
      version: this.#options.version,
      startedAt: this.#startedAt,
      accepted,
      duplicates,
      refused,
      journal: {
        bytes: journal?.bytes ?? 0,
        max_bytes: journal?.maxBytes ?? 0,
        full: journal?.full ?? false,
        notes: journal?.notes ?? [],
      },
      deliveries,
      degraded: [...degradedReasons({ accepted, refused, journal, deliveries }), ...(this.#orphans?.reasons ?? [])],
    };
  }

  async #start(): Promise<void> {
    const { log, version } = this.#options;
    const steps = [
      () => this.#startExtensions(),
      () => this.#openJournal(),
      () => this.#startExporters(),
      () => this.#startDeliveries(),
      async () => this.#orphans?.start(),
      () => this.#startReceivers(),
    ];
    try {
      for (const step of steps) {
        if (this.#phase === 'stopping') throw new Error('the agent was stopped while it started');
        await step();
      }
    } catch (error) {
      await this.#stop({ deadline: AbortSignal.abort(), delayed: false });
      throw error;
    }
    if (this.#phase === 'stopping') return;
    this.#phase = 'running';
    log.info('Everything is ready. Begin receiving and delivering.', { version, data: this.#dataDirectory });
    this.#scheduleFigures();
  }

  readonly #contextOf: ContextOf = (kind, id) => {
    const { log, clock, random, version } = this.#options;
    return { id, log: log.with({ [kind]: id }), clock, random, version };
  };

  async #startExtensions(): Promise<void> {
    const { config } = this.#options;
    for (const id of config.service.extensions) {
      const { factory, config: settings } = configuredAs(config.extensions, id);
      const instance = factory.create(settings, { ...this.#contextOf('extension', id), status: () => this.status() });
      this.#extensions.push({ id, instance });
      await started('extension', id, instance);
    }
  }

  async #openJournal(): Promise<void> {
    const { config, log, clock } = this.#options;
    const storages = this.#extensions.filter(({ instance }) => instance.openJournal);
    if (storages.length > 1) {
      throw new Error(
        `service::extensions: ${storages.map(({ id }) => id).join(' and ')} are both a storage; name one, the agent has one journal`,
      );
    }
    const storage =
      storages[0]?.instance ??
      fileStorage.create(fileStorage.config.parse({}), {
        ...this.#contextOf('extension', 'file_storage'),
        status: () => this.status(),
      });
    const dedup = [...config.receivers.values()].map(
      ({ factory, config: settings }) => factory.dedup?.(settings) ?? DEDUP,
    );
    const opened = await storage.openJournal?.({
      dedup: {
        windowMs: Math.max(...dedup.map(({ windowMs }) => windowMs)),
        maxIds: Math.max(...dedup.map(({ maxIds }) => maxIds)),
      },
      log,
      clock,
      onLost: this.#lost.resolve,
    });
    if (!opened) throw new Error('BUG: no storage');
    this.#journal = opened.journal;
    this.#dataDirectory = opened.dataDirectory;
    this.#orphans = new Orphans({ journal: opened.journal, maxAgeMs: opened.orphanMaxAgeMs, clock, log });
    for (const note of opened.journal.status().notes) log.warn('Journal.', { note, data: this.#dataDirectory });
  }

  async #startExporters(): Promise<void> {
    const { config } = this.#options;
    for (const id of new Set(config.service.pipelines.flatMap(({ exporters }) => exporters))) {
      const { factory, config: settings } = configuredAs(config.exporters, id);
      const exporter = factory.create(settings, this.#contextOf('exporter', id));
      this.#exporters.set(id, exporter);
      await started('exporter', id, exporter);
    }
  }

  async #startDeliveries(): Promise<void> {
    const { config, log, clock, random, version } = this.#options;
    const journal = this.#journal as Journal;
    const budget = new ByteBudget(DECODED_BYTES);
    const decode = entryDecoder(config, version);
    for (const pipeline of config.service.pipelines) {
      for (const exporterId of pipeline.exporters) {
        const { factory, config: settings } = configuredAs(config.exporters, exporterId);
        const delivery = new Delivery({
          pipeline: pipeline.id,
          exporterId,
          sources: pipeline.receivers,
          journal,
          cursor: await journal.openCursor(`${pipeline.id} ${exporterId}`),
          decode,
          processors: chainBuilder(config, pipeline, this.#contextOf),
          exporter: this.#exporters.get(exporterId) as Exporter,
          policy: factory.policy(settings),
          budget,
          clock,
          random,
          log,
        });
        await delivery.start();
        this.#deliveries.push({ sources: new Set(pipeline.receivers), delivery });
      }
    }
  }

  async #startReceivers(): Promise<void> {
    const { config } = this.#options;
    const used = new Set(config.service.pipelines.flatMap(({ receivers }) => receivers));
    for (const [id, configured] of config.receivers) {
      if (!used.has(id)) continue;
      const instance = this.#createReceiver(id, configured);
      this.#receivers.push({ id, instance });
      await started('receiver', id, instance);
    }
  }

  #createReceiver(id: string, { factory, config }: Configured<ReceiverFactory>): Receiver {
    const context: ReceiverContext = {
      ...this.#contextOf('receiver', id),
      dataDirectory: this.#dataDirectory,
      accept: (entries) => this.#accept(entries),
      refused: (reason) => this.#intake.refuse(reason),
    };
    return factory.create(config, context);
  }

  async #accept(entries: readonly NewEntry[]) {
    const results = await (this.#journal as Journal).append(entries).catch((error: unknown) => {
      if (error instanceof JournalError && error.code === 'full') this.#makeRoom();
      throw error;
    });
    for (const [index, result] of results.entries()) {
      const { source, records, receivedAt } = entries[index] as NewEntry;
      if (result.kind === 'duplicate') {
        this.#intake.duplicates += records;
        continue;
      }
      this.#intake.accepted += records;
      for (const { sources, delivery } of this.#deliveries)
        if (sources.has(source)) delivery.arrived(result.position, records, receivedAt);
    }
    return results;
  }

  /** One at a time: the requests that come meanwhile are answered 429. */
  #makeRoom(): void {
    this.#makingRoom ??= (this.#orphans?.makeRoom() ?? Promise.resolve(false))
      .catch((error: unknown) => this.#trouble('journal', this.#dataDirectory, 'making room failed', error))
      .then(() => {
        this.#makingRoom = undefined;
      });
  }

  #scheduleFigures(): void {
    this.#figures = this.#options.clock.schedule(FIGURES_INTERVAL_MS, () => {
      this.#logFigures('Figures.');
      const { accepted, refused } = this.#intake;
      for (const reason of doorReasons({ accepted, refused, journal: this.#journal?.status() })) {
        this.#options.log.warn('Degraded.', { reason });
      }
      this.#scheduleFigures();
    });
  }

  #logFigures(message: string): void {
    for (const line of figures(this.status())) this.#options.log.info(message, line);
  }

  #stop(options: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    this.#stopped ??= this.#stopAll(options);
    return this.#stopped;
  }

  async #stopAll({ deadline, delayed }: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    const { clock, log } = this.#options;
    // Every component listens to it.
    setMaxListeners(0, deadline);
    this.#phase = 'stopping';
    this.#figures?.cancel();
    this.#orphans?.stop();
    const stop = (kind: string, id: string, work: Promise<unknown>) =>
      within(work, {
        deadline,
        clock,
        graceMs: GRACE_MS,
        report: (error) => this.#trouble(kind, id, 'stopping failed', error),
      });

    for (const { instance } of this.#receivers) instance.beginShutdown?.();
    const delayMs = Math.max(0, ...this.#receivers.map(({ instance }) => instance.shutdownDelayMs ?? 0));
    if (delayed && delayMs > 0) {
      log.info('Stopping: the doors stay open for a moment, so that load balancers notice.', {
        seconds: delayMs / 1000,
      });
      await delay(clock, delayMs, deadline);
    }
    await Promise.all(this.#receivers.map(({ id, instance }) => stop('receiver', id, instance.shutdown(deadline))));
    await Promise.all(
      this.#deliveries.map(({ delivery }) => stop('delivery', delivery.status().exporter, delivery.shutdown(deadline))),
    );
    await Promise.all([...this.#exporters].map(([id, exporter]) => stop('exporter', id, exporter.shutdown(deadline))));
    if (this.#journal) {
      this.#logFigures('Stopped.');
      await stop('journal', this.#dataDirectory, this.#journal.close());
    }
    for (const { id, instance } of this.#extensions.toReversed())
      await stop('extension', id, instance.shutdown(deadline));
    this.#phase = 'stopped';
  }

  #trouble(kind: string, id: string, what: string, error: unknown): void {
    this.#options.log.error(`A component failed: ${what}.`, {
      [kind]: id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

/** The loader has checked that what is named is configured. */
function configuredAs<T>(section: ReadonlyMap<string, T>, id: string): T {
  const found = section.get(id);
  if (!found) throw new Error(`BUG: ${id} is not configured`);
  return found;
}

/** Promise.withResolvers, which Node 20 has not got. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function started(kind: string, id: string, component: Component): Promise<void> {
  try {
    await component.start();
  } catch (error) {
    throw new Error(`failed to start "${id}" ${kind}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
