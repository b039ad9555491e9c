import { setMaxListeners } from 'node:events';
import { aborted, type Clock } from '../clock.ts';
import type { Component } from '../component.ts';
import type { AgentConfig, TelemetryConfig } from '../config/model.ts';
import { AuditLog } from '../control/audit.ts';
import { storageOf } from '../control/data-directory.ts';
import { type EntryFacts, entryFacts } from '../control/entry-facts.ts';
import { ControlServer } from '../control/server.ts';
import { isFull, type Journal, type NewEntry } from '../journal/journal.ts';
import { Doors } from '../net/doors.ts';
import { Alarms } from '../telemetry/alarms.ts';
import { IntakeCounts } from '../telemetry/intake.ts';
import type { Log } from '../telemetry/log.ts';
import type { OwnResource } from '../telemetry/resource.ts';
import type { AgentStatus } from '../telemetry/status.ts';
import { Assembly, type Part, started } from './assembly.ts';
import { Deliveries } from './deliveries.ts';
import { currentMetrics } from './metrics.ts';
import { AgentOperations } from './operations.ts';
import { Orphans } from './orphans.ts';
import { changesNothing, dedupOf, type Plan } from './plan.ts';
import { reload } from './reload.ts';
import { type ReadConfiguration, Reloads } from './reloads.ts';
import { Room } from './room.ts';
import { figures, type StatusParts, statusOf, watched } from './status.ts';
import { Stopper, stopInOrder } from './stopping.ts';
import { Taps } from './taps.ts';
import { Ticks } from './ticks.ts';

export interface AgentOptions {
  /** With which it starts. */
  readonly config: AgentConfig;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  /** Under load, processing gets a thread of its own: for components of this build alone. Default: false. */
  readonly offload?: boolean;
  /** A reload has changed what is to become of the agent's own log lines. */
  onTelemetry?(telemetry: TelemetryConfig): void;
}

const LOOK_INTERVAL_MS = 5000;
const FIGURES_INTERVAL_MS = 60_000;
/** From the drain to the end of open requests. */
const DOOR_MS = 5000;

/** What exists once the journal is open. */
interface Opened {
  readonly journal: Journal;
  readonly dataDirectory: string;
  readonly orphans: Orphans;
  readonly deliveries: Deliveries;
  readonly room: Room;
  readonly taps: Taps;
}

/**
 * A running configuration: starts its components in order (extensions, journal, exporters, deliveries, doors last), stops them
 * in the opposite one, and goes over to another configuration on the way (reload.ts).
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #startedAt: number;
  readonly #intake: IntakeCounts;
  readonly #alarms: Alarms;
  readonly #facts: EntryFacts;
  readonly #doors: Doors;
  readonly #reloads: Reloads;
  readonly #ticks: Ticks;
  readonly #stopper: Stopper;
  #assembly: Assembly;
  /** It outlives every reload. */
  #storage: Part | undefined;
  #opened: Partial<Opened> = {};
  #control: Component | undefined;
  #phase: AgentStatus['phase'] = 'starting';
  readonly #stopping = new AbortController();
  /** There is no more time to stop in. */
  readonly #cut = new AbortController();
  readonly #lost = withResolvers<Error>();
  #resuming: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { config, clock, log } = options;
    this.#startedAt = clock.now();
    this.#facts = entryFacts(config.factories);
    this.#intake = new IntakeCounts(config.receivers.keys());
    this.#alarms = new Alarms({ clock, log });
    this.#ticks = new Ticks(clock);
    this.#stopper = new Stopper({ clock, log });
    this.#doors = new Doors((error) =>
      log.error('A door could not be renewed; the old one stays.', { error: error.message }),
    );
    this.#reloads = new Reloads({ clock, log, stopping: this.#stopping.signal, reload: (next) => this.#reload(next) });
    this.#assembly = new Assembly(config, this.#surroundings());
    for (const { signal } of [this.#stopping, this.#cut]) setMaxListeners(0, signal);
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
    this.#stopping.abort();
    const { deadline } = options;
    if (deadline.aborted) this.#cut.abort();
    deadline.addEventListener('abort', () => this.#cut.abort(), { once: true });
    await this.#starting?.catch(() => {});
    await Promise.race([this.#reloads.idle, aborted(this.#cut.signal)]);
    await this.#stop(options);
  }

  /** Resolves, with the reason, when the agent can't go on and must be shut down: its data directory has another owner. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  /** Exporters that write files open them anew (after a log rotation). */
  async reopen(): Promise<void> {
    for (const [id, exporter] of this.#assembly.exporters) {
      await exporter
        .reopen?.()
        .catch((error: unknown) => this.#stopper.trouble('exporter', id, 'reopening failed', error));
    }
  }

  /**
   * Goes over to the configuration that `read` gives. Nothing is refused or lost meanwhile, and what does not change goes on
   * untouched; on any failure the present one stays, which is logged and in the status. One at a time: what is asked for
   * during a reload is one more after it. Resolves when it is done, well or not; never rejects.
   */
  reload(read: ReadConfiguration): Promise<void> {
    return this.#reloads.ask(read);
  }

  status(): AgentStatus {
    return statusOf(this.#statusParts());
  }

  #statusParts(): StatusParts {
    const { journal, deliveries, orphans } = this.#opened;
    return {
      phase: this.#phase,
      version: this.#options.version,
      startedAt: this.#startedAt,
      intake: this.#intake,
      journal: journal?.status(),
      cursors: journal?.cursors() ?? [],
      deadLetters: journal?.deadLetters.status(),
      deliveries: [...(deliveries?.statuses() ?? []), ...(orphans?.statuses() ?? [])],
      replays: deliveries?.replays.statuses() ?? [],
      reloads: this.#reloads.figures,
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
    await this.#reloads.idle;
    this.#options.log.info('Draining: the doors are closed, what is pending is sent.');
    const { receivers } = this.#assembly;
    for (const { instance } of receivers) instance.beginShutdown?.();
    const cut = new AbortController();
    const timer = this.#options.clock.schedule(DOOR_MS, () => cut.abort());
    await Promise.all(receivers.map(({ instance }) => instance.shutdown(cut.signal)));
    timer.cancel();
  }

  async #start(): Promise<void> {
    const { log, version } = this.#options;
    const steps = [
      () => this.#assembly.startExtensions(),
      () => this.#openJournal(),
      () => this.#assembly.startExporters(),
      () => this.#startDeliveries(),
      () => this.#startControl(),
      () => this.#assembly.startMetrics(),
      () => this.#assembly.startReceivers(),
    ];
    try {
      for (const step of steps) {
        if (this.#stopping.signal.aborted) throw new Error('the agent was stopped while it started');
        await step();
      }
    } catch (error) {
      await this.#stop({ deadline: AbortSignal.abort(), delayed: false });
      throw error;
    }
    if (this.#stopping.signal.aborted) return;
    this.#phase = 'running';
    this.#resuming = this.#opened.deliveries?.replays.resume();
    log.info('Everything is ready. Begin receiving and delivering.', { version, data: this.#opened.dataDirectory });
    this.#ticks.every(LOOK_INTERVAL_MS, () => this.#alarms.look(watched(this.#statusParts())));
    this.#ticks.every(FIGURES_INTERVAL_MS, () => this.#logFigures('Figures.'));
  }

  #surroundings() {
    const { version, log, clock, random } = this.#options;
    const opened = () => this.#opened;
    return {
      ...{ version, log, clock, random },
      doors: this.#doors,
      get dataDirectory() {
        return opened().dataDirectory ?? '';
      },
      status: () => this.status(),
      accept: (entries: readonly NewEntry[]) => this.#accept(entries),
      refused: (receiver: string, reason: Parameters<IntakeCounts['refuse']>[1]) =>
        this.#intake.refuse(receiver, reason),
      startedAt: this.#startedAt,
      families: (resource: OwnResource) => currentMetrics(this.status(), this.#opened.journal, resource),
    };
  }

  async #openJournal(): Promise<void> {
    const { config, log, clock } = this.#options;
    const { id, factory, config: settings } = storageOf(config);
    const context = { ...this.#assembly.contextOf('extension', id), status: () => this.status() };
    const instance = factory.create(settings, context);
    this.#storage = { kind: 'extension', id, instance };
    await started(this.#storage);
    const opened = await instance.openJournal?.({ dedup: dedupOf(config), log, clock, onLost: this.#lost.resolve });
    if (!opened) throw new Error('BUG: no storage');
    const { journal, dataDirectory } = opened;
    const orphans = new Orphans({ journal, maxAgeMs: opened.orphanMaxAgeMs, clock, log });
    this.#opened = { journal, dataDirectory, orphans };
    for (const note of journal.status().notes) log.warn('Journal.', { note, data: dataDirectory });
  }

  async #startDeliveries(): Promise<void> {
    const { log, clock, random, version, offload = false } = this.#options;
    const { journal, orphans } = this.#opened as Opened;
    const { config, exporters, contextOf } = this.#assembly;
    const setup = { config, exporters, contextOf };
    const deliveries = new Deliveries({
      ...{ setup, version, journal, facts: this.#facts },
      ...{ clock, random, log, offload },
    });
    const room = new Room({ journal, deliveries, orphans, clock, log });
    const taps = new Taps({
      ...{ journal, facts: this.#facts, version, clock, random, stopping: this.#stopping.signal },
      config: () => this.#assembly.config,
    });
    this.#opened = { ...this.#opened, deliveries, room, taps };
    await deliveries.start();
    await orphans.start();
  }

  async #startControl(): Promise<void> {
    const { log, clock, random, version } = this.#options;
    const { journal, deliveries, orphans, taps, dataDirectory: directory } = this.#opened as Opened;
    const operations = new AgentOperations({
      ...{ journal, deliveries, orphans, taps, facts: this.#facts, clock, random },
      status: () => this.status(),
      drain: () => this.drain(),
    });
    const audit = new AuditLog({ directory, clock, log });
    const instance = new ControlServer({ operations, directory, audit, version, log, clock });
    this.#control = instance;
    await started({ kind: 'service', id: 'commands', instance });
  }

  /** @throws {Error} for people, where everything is as before */
  async #reload(config: AgentConfig): Promise<void> {
    if (this.#phase === 'draining')
      throw new Error('the agent was drained: its doors are closed until it is restarted');
    if (this.#phase !== 'running') throw new Error('the agent is not running');
    const { clock, log } = this.#options;
    await this.#resuming;
    const { deliveries, orphans, taps } = this.#opened as Opened;
    const plan = await reload(this.#assembly, config, {
      ...{ deliveries, orphans, doors: this.#doors, intake: this.#intake, clock, log },
      stopping: this.#stopping.signal,
      cut: this.#cut.signal,
      assembly: (next: AgentConfig, plan: Plan) =>
        new Assembly(next, this.#surroundings(), { assembly: this.#assembly, plan }),
      adopt: (assembly) => {
        this.#assembly = assembly;
        taps.reloaded();
      },
      onTelemetry: (telemetry) => this.#options.onTelemetry?.(telemetry),
      stop: (part, deadline) => this.#stopper.part(part, deadline),
    });
    if (changesNothing(plan)) log.info('The configuration has not changed. Everything goes on as it was.');
  }

  async #accept(entries: readonly NewEntry[]) {
    const { journal, deliveries, orphans, room } = this.#opened as Opened;
    const results = await journal.append(entries).catch((error: unknown) => {
      if (isFull(error)) void room.make();
      throw error;
    });
    room.stored();
    for (const [index, result] of results.entries()) {
      const entry = entries[index] as NewEntry;
      if (result.kind === 'duplicate') {
        this.#intake.duplicate(entry.source, entry.records);
        continue;
      }
      this.#intake.accept(entry.source, entry.records);
      deliveries.arrived(result.position, entry);
      orphans.arrived(result.position, entry);
    }
    return results;
  }

  #logFigures(message: string): void {
    for (const line of figures(this.status())) this.#options.log.info(message, line);
  }

  #stop(options: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    this.#stopped ??= this.#stopAll(options);
    return this.#stopped;
  }

  async #stopAll(options: { deadline: AbortSignal; delayed: boolean }): Promise<void> {
    // Every component listens to it.
    setMaxListeners(0, options.deadline);
    this.#phase = 'stopping';
    this.#ticks.stop();
    const { journal, deliveries, orphans } = this.#opened;
    orphans?.stop();
    await stopInOrder(
      {
        ...{ assembly: this.#assembly, stopper: this.#stopper, clock: this.#options.clock, log: this.#options.log },
        ...{ deliveries, journal, control: this.#control, storage: this.#storage },
        beforeJournal: () => this.#logFigures('Stopped.'),
      },
      options,
    );
    this.#phase = 'stopped';
  }
}

/** Promise.withResolvers, which Node 20 has not got. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
