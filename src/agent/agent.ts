import { setMaxListeners } from 'node:events';
import { type Clock, delay } from '../clock.ts';
import type {
  Component,
  Exporter,
  Extension,
  ExtensionFactory,
  Receiver,
  ReceiverContext,
  ReceiverFactory,
} from '../component.ts';
import type { AgentConfig, Configured } from '../config/model.ts';
import { AuditLog } from '../control/audit.ts';
import { storageOf } from '../control/data-directory.ts';
import { type EntryFacts, entryFacts } from '../control/entry-facts.ts';
import { ControlServer } from '../control/server.ts';
import { isFull, type Journal, type NewEntry } from '../journal/journal.ts';
import { Alarms } from '../telemetry/alarms.ts';
import { IntakeCounts } from '../telemetry/intake.ts';
import type { Log } from '../telemetry/log.ts';
import { ownResource } from '../telemetry/resource.ts';
import type { AgentStatus } from '../telemetry/status.ts';
import { RunningAuthenticators } from './authenticators.ts';
import type { ContextOf } from './components.ts';
import { within } from './deadline.ts';
import { Deliveries } from './deliveries.ts';
import { currentMetrics } from './metrics.ts';
import { MetricsServer } from './metrics-server.ts';
import { AgentOperations } from './operations.ts';
import { Orphans } from './orphans.ts';
import { periodicMetrics } from './periodic-metrics.ts';
import { Room } from './room.ts';
import { figures, type StatusParts, statusOf, watched } from './status.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
}

const LOOK_INTERVAL_MS = 5000;
const FIGURES_INTERVAL_MS = 60_000;
/** Ids that are remembered where no receiver says how many. */
const DEDUP = { windowMs: 24 * 3600_000, maxIds: 1_000_000 };
/** From the drain to the end of open requests. */
const DOOR_MS = 5000;
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
  readonly #intake: IntakeCounts;
  readonly #alarms: Alarms;
  readonly #facts: EntryFacts;
  readonly #authenticators: RunningAuthenticators;
  readonly #extensions: Named<Extension>[] = [];
  readonly #exporters = new Map<string, Exporter>();
  readonly #receivers: Named<Receiver>[] = [];
  /** Doors for people and machines that look after the agent. */
  readonly #desks: Named<Component>[] = [];
  #journal: Journal | undefined;
  #deliveries: Deliveries | undefined;
  #orphans: Orphans | undefined;
  #room: Room | undefined;
  #dataDirectory = '';
  #phase: AgentStatus['phase'] = 'starting';
  readonly #timers: { cancel(): void }[] = [];
  readonly #lost = withResolvers<Error>();
  #drained: Promise<void> | undefined;
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { config, clock, log } = options;
    this.#startedAt = clock.now();
    this.#facts = entryFacts(config.factories);
    this.#authenticators = new RunningAuthenticators(config.factories);
    this.#intake = new IntakeCounts(config.receivers.keys());
    this.#alarms = new Alarms({ clock, log });
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
    return statusOf(this.#statusParts());
  }

  #statusParts(): StatusParts {
    const journal = this.#journal;
    return {
      phase: this.#phase,
      version: this.#options.version,
      startedAt: this.#startedAt,
      intake: this.#intake,
      journal: journal?.status(),
      cursors: journal?.cursors() ?? [],
      deadLetters: journal?.deadLetters.status(),
      deliveries: [...(this.#deliveries?.statuses() ?? []), ...(this.#orphans?.statuses() ?? [])],
      replays: this.#deliveries?.replays() ?? [],
      hoursLeft: this.#alarms.hoursLeft,
    };
  }

  /**
   * Closes the doors and goes on delivering. Resolves when nothing is taken any more: Intercom finds nobody, and tries once
   * more after a minute. There is no way back but a restart.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    if (this.#phase !== 'running') return;
    this.#phase = 'draining';
    this.#options.log.info('Draining: the doors are closed, what is pending is sent.');
    for (const { instance } of this.#receivers) instance.beginShutdown?.();
    const cut = new AbortController();
    const timer = this.#options.clock.schedule(DOOR_MS, () => cut.abort());
    await Promise.all(this.#receivers.map(({ instance }) => instance.shutdown(cut.signal)));
    timer.cancel();
  }

  async #start(): Promise<void> {
    const { log, version } = this.#options;
    const steps = [
      () => this.#startExtensions(),
      () => this.#openJournal(),
      () => this.#startExporters(),
      () => this.#startDeliveries(),
      () => this.#startDesks(),
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
    void this.#deliveries?.resumeReplays();
    log.info('Everything is ready. Begin receiving and delivering.', { version, data: this.#dataDirectory });
    this.#every(LOOK_INTERVAL_MS, () => this.#alarms.look(watched(this.#statusParts())));
    this.#every(FIGURES_INTERVAL_MS, () => this.#logFigures('Figures.'));
  }

  readonly #contextOf: ContextOf = (kind, id) => {
    const { log, clock, random, version } = this.#options;
    const authenticators = this.#authenticators;
    return { id, log: log.with({ [kind]: id }), clock, random, version, authenticators };
  };

  async #startExtensions(): Promise<void> {
    const { config } = this.#options;
    const listed = config.service.extensions.map((id) => configuredAs(config.extensions, id));
    // Authenticators need nobody, and other extensions may need them.
    const last = (extension: Configured<ExtensionFactory>) => Number(extension.factory.authenticates === undefined);
    for (const { id, factory, config: settings } of listed.toSorted((a, b) => last(a) - last(b))) {
      const instance = factory.create(settings, { ...this.#contextOf('extension', id), status: () => this.status() });
      this.#extensions.push({ id, instance });
      this.#authenticators.add(id, instance);
      await started('extension', id, instance);
    }
  }

  async #openJournal(): Promise<void> {
    const { config, log, clock } = this.#options;
    const { id, factory, config: settings } = storageOf(config);
    const storage =
      this.#extensions.find((extension) => extension.id === id)?.instance ??
      (factory as ExtensionFactory).create(settings, {
        ...this.#contextOf('extension', id),
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
    const orphans = this.#orphans as Orphans;
    const deliveries = new Deliveries({
      ...{ config, version, journal, exporters: this.#exporters, contextOf: this.#contextOf, facts: this.#facts },
      ...{ clock, random, log },
    });
    this.#deliveries = deliveries;
    this.#room = new Room({ journal, deliveries, orphans, clock, log });
    await deliveries.start();
    await orphans.start();
  }

  async #startDesks(): Promise<void> {
    const { config, log, clock, random, version } = this.#options;
    const journal = this.#journal as Journal;
    const directory = this.#dataDirectory;
    const operations = new AgentOperations({
      journal,
      deliveries: this.#deliveries as Deliveries,
      orphans: this.#orphans as Orphans,
      facts: this.#facts,
      ...{ clock, random },
      status: () => this.status(),
      drain: () => this.drain(),
    });
    const resource = ownResource(config.service.telemetry.resource, version);
    const families = () => currentMetrics(this.status(), journal, resource);
    const audit = new AuditLog({ directory, clock, log });
    const desks: Named<Component>[] = [
      { id: 'commands', instance: new ControlServer({ operations, directory, audit, version, log, clock }) },
      {
        id: 'metrics',
        instance: new MetricsServer({
          readers: config.service.telemetry.metrics.readers,
          ...{ clock, log, families },
        }),
      },
      {
        id: 'metrics over OTLP',
        instance: periodicMetrics(config.service.telemetry.metrics.periodic, {
          ...{ resource, version, clock, log, families },
          startedAt: this.#startedAt,
        }),
      },
    ];
    for (const desk of desks) {
      this.#desks.push(desk);
      await started('service', desk.id, desk.instance);
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
      refused: (reason) => this.#intake.refuse(id, reason),
    };
    return factory.create(config, context);
  }

  async #accept(entries: readonly NewEntry[]) {
    const results = await (this.#journal as Journal).append(entries).catch((error: unknown) => {
      if (isFull(error)) void this.#room?.make();
      throw error;
    });
    this.#room?.stored();
    for (const [index, result] of results.entries()) {
      const entry = entries[index] as NewEntry;
      if (result.kind === 'duplicate') {
        this.#intake.duplicate(entry.source, entry.records);
        continue;
      }
      this.#intake.accept(entry.source, entry.records);
      this.#deliveries?.arrived(result.position, entry);
      this.#orphans?.arrived(result.position, entry);
    }
    return results;
  }

  #every(intervalMs: number, work: () => void): void {
    const index = this.#timers.length;
    const again = () => {
      this.#timers[index] = this.#options.clock.schedule(intervalMs, () => {
        work();
        again();
      });
    };
    again();
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
    for (const timer of this.#timers) timer.cancel();
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
    const deliveries = this.#deliveries?.stopping(deadline) ?? [];
    await Promise.all(deliveries.map(({ id, work }) => stop('delivery', id, work)));
    await Promise.all([...this.#exporters].map(([id, exporter]) => stop('exporter', id, exporter.shutdown(deadline))));
    for (const { id, instance } of this.#desks.toReversed()) await stop('service', id, instance.shutdown(deadline));
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
