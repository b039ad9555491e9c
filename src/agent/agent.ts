import { type Clock, delay } from '../clock.ts';
import type { Component, Exporter, Extension, Receiver, ReceiverContext, ReceiverFactory } from '../component.ts';
import type { AgentConfig, Configured } from '../config/model.ts';
import { ByteBudget } from '../delivery/budget.ts';
import { Delivery } from '../delivery/delivery.ts';
import { factory as fileStorage } from '../extensions/file_storage/index.ts';
import type { Journal, NewEntry } from '../journal/journal.ts';
import { IntakeCounts } from '../telemetry/intake.ts';
import type { Log } from '../telemetry/log.ts';
import type { AgentStatus } from '../telemetry/status.ts';
import { type ContextOf, chainBuilder, entryDecoder } from './components.ts';
import { within } from './deadline.ts';
import { Orphans } from './orphans.ts';
import { degradedReasons, figures } from './status.ts';

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
  #shutdown: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Resolves when every door listens. When something fails, what was started is stopped again and the error thrown. */
  async start(): Promise<void> {
    const { log, version } = this.#options;
    try {
      await this.#startExtensions();
      await this.#openJournal();
      await this.#startDeliveries();
      await this.#orphans?.start();
      await this.#startReceivers();
    } catch (error) {
      await this.shutdown({ deadline: AbortSignal.abort(), delayed: false });
      throw error;
    }
    this.#phase = 'running';
    log.info('Everything is ready. Begin receiving and delivering.', { version, data: this.#dataDirectory });
    this.#scheduleFigures();
  }

  /**
   * Readiness turns 503 at once; the doors go on for their `shutdown_delay` (`delayed`), open requests finish, what is in
   * flight settles. Whatever is not done when `deadline` aborts is cut: it stays in the journal.
   */
  shutdown(options: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    this.#shutdown ??= this.#stop(options);
    return this.#shutdown;
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

  readonly #contextOf: ContextOf = (kind, id) => {
    const { log, clock, random, version } = this.#options;
    return { id, log: log.with({ [kind]: id }), clock, random, version };
  };

  async #startExtensions(): Promise<void> {
    const { config } = this.#options;
    for (const id of config.service.extensions) {
      const { factory, config: settings } = config.extensions.get(id) as NonNullable<
        ReturnType<typeof config.extensions.get>
      >;
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
    });
    if (!opened) throw new Error('BUG: no storage');
    this.#journal = opened.journal;
    this.#dataDirectory = opened.dataDirectory;
    this.#orphans = new Orphans({ journal: opened.journal, maxAgeMs: opened.orphanMaxAgeMs, clock, log });
    for (const note of opened.journal.status().notes) log.warn('Journal.', { note, data: this.#dataDirectory });
  }

  async #startDeliveries(): Promise<void> {
    const { config, log, clock, random, version } = this.#options;
    const journal = this.#journal as Journal;
    const budget = new ByteBudget(DECODED_BYTES);
    const decode = entryDecoder(config, version);
    for (const pipeline of config.service.pipelines) {
      for (const exporterId of pipeline.exporters) {
        const { factory, config: settings } = config.exporters.get(exporterId) as NonNullable<
          ReturnType<typeof config.exporters.get>
        >;
        let exporter = this.#exporters.get(exporterId);
        if (!exporter) {
          exporter = factory.create(settings, this.#contextOf('exporter', exporterId));
          this.#exporters.set(exporterId, exporter);
          await started('exporter', exporterId, exporter);
        }
        const delivery = new Delivery({
          pipeline: pipeline.id,
          exporterId,
          sources: pipeline.receivers,
          journal,
          cursor: await journal.openCursor(`${pipeline.id} ${exporterId}`),
          decode,
          processors: chainBuilder(config, pipeline, this.#contextOf),
          exporter,
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
    const results = await (this.#journal as Journal).append(entries);
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

  #scheduleFigures(): void {
    this.#figures = this.#options.clock.schedule(FIGURES_INTERVAL_MS, () => {
      const status = this.status();
      this.#options.log.info('Figures.', figures(status));
      for (const reason of status.degraded) this.#options.log.warn('Degraded.', { reason });
      this.#scheduleFigures();
    });
  }

  async #stop({ deadline, delayed }: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    const { clock, log } = this.#options;
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
      log.info('Stopped.', figures(this.status()));
      await stop('journal', this.#dataDirectory, this.#journal.close());
    }
    for (const { id, instance } of this.#extensions.toReversed())
      await stop('extension', id, instance.shutdown(deadline));
  }

  #trouble(kind: string, id: string, what: string, error: unknown): void {
    this.#options.log.error(`A component failed: ${what}.`, {
      [kind]: id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
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
