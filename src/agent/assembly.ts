import type { Clock } from '../clock.ts';
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
import type { Doors } from '../net/doors.ts';
import type { Log } from '../telemetry/log.ts';
import type { MetricFamily } from '../telemetry/metrics/model.ts';
import { type OwnResource, ownResource } from '../telemetry/resource.ts';
import type { AgentStatus, RefusalReason } from '../telemetry/status.ts';
import { RunningAuthenticators } from './authenticators.ts';
import type { ContextOf } from './components.ts';
import { MetricsServer } from './metrics-server.ts';
import { periodicMetrics } from './periodic-metrics.ts';
import type { Plan } from './plan.ts';

/** What the components of every configuration of one agent share. */
export interface Surroundings {
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  readonly doors: Doors;
  /** Of the journal. */
  readonly dataDirectory: string;
  readonly status: () => AgentStatus;
  readonly accept: ReceiverContext['accept'];
  readonly refused: (receiver: string, reason: RefusalReason) => void;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly families: (resource: OwnResource) => readonly MetricFamily[];
}

export type PartKind = 'extension' | 'exporter' | 'receiver' | 'service';

/** A component that runs. */
export interface Part<Instance extends Component = Component> {
  readonly kind: PartKind;
  readonly id: string;
  readonly instance: Instance;
}

/**
 * The running components of one configuration, but for the storage and the deliveries. Those that a reload leaves alone are
 * in the assembly before and in the one that follows: the same objects. So no component may hold the assembly that made it,
 * for that one holds all that was made with it, and a kept component would keep the components of every reload since.
 */
export class Assembly {
  readonly config: AgentConfig;
  readonly contextOf: ContextOf;
  readonly #around: Surroundings;
  readonly #authenticators: RunningAuthenticators;
  readonly #extensions = new Map<string, Extension>();
  readonly #exporters = new Map<string, Exporter>();
  readonly #receivers = new Map<string, Receiver>();
  /** The agent's own metrics: the page, and reports. */
  #metrics: readonly Part[] | undefined;
  /** In the order in which this assembly made them. */
  readonly #made: Part[] = [];

  /** @param before the assembly that this one follows, and what is kept of it */
  constructor(config: AgentConfig, around: Surroundings, before?: { assembly: Assembly; plan: Plan }) {
    this.config = config;
    this.#around = around;
    this.#authenticators = new RunningAuthenticators(config.factories);
    this.contextOf = contexts(around, this.#authenticators, config.directory);
    if (before) this.#inherit(before.assembly, before.plan);
  }

  get exporters(): ReadonlyMap<string, Exporter> {
    return this.#exporters;
  }

  get receivers(): readonly Part<Receiver>[] {
    return [...this.#receivers].map(([id, instance]) => ({ kind: 'receiver', id, instance }));
  }

  /** Every component, in the order in which they stop, receivers first. */
  get parts(): Part[] {
    const exporters = [...this.#exporters].map(([id, instance]) => ({ kind: 'exporter', id, instance }) as const);
    const extensions = [...this.#extensions].map(([id, instance]) => ({ kind: 'extension', id, instance }) as const);
    return [...this.receivers, ...exporters, ...(this.#metrics ?? []), ...extensions.toReversed()];
  }

  /** Those that the one that follows has not got, in the order in which they stop. */
  leftBy(next: Assembly): Part[] {
    const kept = new Set<Component>(next.parts.map(({ instance }) => instance));
    return this.parts.filter(({ instance }) => !kept.has(instance));
  }

  /** Stops what this assembly made, the last one first: it will not be used. Resolves when that is done. */
  async discard(stop: (part: Part) => Promise<void>): Promise<void> {
    for (const part of this.#made.toReversed()) await stop(part);
  }

  /** Authenticators first: they need nobody, and other extensions may need them. */
  async startExtensions(): Promise<void> {
    const { service, extensions } = this.config;
    const listed = service.extensions
      .map((id) => configuredAs(extensions, id))
      .filter(({ factory }) => !factory.storage);
    const last = (extension: Configured<ExtensionFactory>) => Number(extension.factory.authenticates === undefined);
    for (const { id, factory, config } of listed.toSorted((a, b) => last(a) - last(b))) {
      if (this.#extensions.has(id)) continue;
      const context = { ...this.contextOf('extension', id), status: this.#around.status };
      const instance = create('extension', id, () => factory.create(config, context));
      if (factory.authenticates) this.#authenticators.add(id, instance);
      this.#extensions.set(id, instance);
      await this.#start({ kind: 'extension', id, instance });
    }
  }

  async startExporters(): Promise<void> {
    for (const id of new Set(this.config.service.pipelines.flatMap(({ exporters }) => exporters))) {
      if (this.#exporters.has(id)) continue;
      const { factory, config } = configuredAs(this.config.exporters, id);
      const instance = create('exporter', id, () => factory.create(config, this.contextOf('exporter', id)));
      this.#exporters.set(id, instance);
      await this.#start({ kind: 'exporter', id, instance });
    }
  }

  async startMetrics(): Promise<void> {
    if (this.#metrics) return;
    const { clock, log, doors, version, startedAt, families: familiesOf } = this.#around;
    const { metrics, resource: settings } = this.config.service.telemetry;
    const resource = ownResource(settings, version);
    const families = () => familiesOf(resource);
    const page = new MetricsServer({ readers: metrics.readers, clock, log, doorway: doors.of(METRICS), families });
    const reports = periodicMetrics(metrics.periodic, { resource, version, clock, log, families, startedAt });
    this.#metrics = [page, reports].map((instance) => ({ kind: 'service', id: 'metrics', instance }) as const);
    for (const part of this.#metrics) await this.#start(part);
  }

  async startReceivers(): Promise<void> {
    const used = new Set(this.config.service.pipelines.flatMap(({ receivers }) => receivers));
    for (const [id, configured] of this.config.receivers) {
      if (!used.has(id) || this.#receivers.has(id)) continue;
      const instance = create('receiver', id, () => this.#createReceiver(id, configured));
      this.#receivers.set(id, instance);
      await this.#start({ kind: 'receiver', id, instance });
    }
  }

  #createReceiver(id: string, { factory, config }: Configured<ReceiverFactory>): Receiver {
    const { dataDirectory, accept, refused } = this.#around;
    return factory.create(config, {
      ...this.contextOf('receiver', id),
      dataDirectory,
      accept,
      refused: (reason) => refused(id, reason),
    });
  }

  #inherit(before: Assembly, { components, metrics }: Plan): void {
    for (const { kind, id, change } of components) {
      if (change !== 'kept') continue;
      const extension = kind === 'extension' ? before.#extensions.get(id) : undefined;
      const exporter = kind === 'exporter' ? before.#exporters.get(id) : undefined;
      const receiver = kind === 'receiver' ? before.#receivers.get(id) : undefined;
      if (extension) {
        this.#extensions.set(id, extension);
        if (before.config.extensions.get(id)?.factory.authenticates) this.#authenticators.add(id, extension);
      }
      if (exporter) this.#exporters.set(id, exporter);
      if (receiver) this.#receivers.set(id, receiver);
    }
    if (!metrics) this.#metrics = before.#metrics;
  }

  async #start(part: Part): Promise<void> {
    this.#made.push(part);
    await started(part);
  }
}

/** Apart from the assembly, see there. */
function contexts(
  { log, clock, random, version, doors }: Surroundings,
  authenticators: RunningAuthenticators,
  configDirectory: string | undefined,
): ContextOf {
  return (kind, id) => ({
    ...{ id, log: log.with({ [kind]: id }), clock, random, version, authenticators },
    doorway: doors.of(`${kind} ${id}`),
    ...(configDirectory !== undefined && { configDirectory }),
  });
}

/** Owner of the metrics page's doors. */
export const METRICS = 'service metrics';

/** The loader has checked that what is named is configured. */
function configuredAs<T>(section: ReadonlyMap<string, T>, id: string): T {
  const found = section.get(id);
  if (!found) throw new Error(`BUG: ${id} is not configured`);
  return found;
}

function create<T>(kind: PartKind, id: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`failed to create "${id}" ${kind}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** @throws {Error} that names the component */
export async function started({ kind, id, instance }: Part): Promise<void> {
  try {
    await instance.start();
  } catch (error) {
    throw new Error(`failed to start "${id}" ${kind}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
