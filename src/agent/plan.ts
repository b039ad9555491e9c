/** What a new configuration changes: compared and planned before anything is touched. */
import type { AnyFactory } from '../component.ts';
import { Catalog } from '../config/catalog.ts';
import type { AgentConfig, Configured, PipelineConfig } from '../config/model.ts';
import { isSame } from '../config/same.ts';
import { storageOf } from '../control/data-directory.ts';
import { deliveryName } from '../control/delivery-names.ts';

export type Change = 'kept' | 'added' | 'changed' | 'removed';
export type Kind = AnyFactory['kind'];

export interface ComponentChange {
  readonly kind: Kind;
  readonly id: string;
  readonly change: Change;
}

/** One pipeline × exporter. */
export interface PlannedDelivery {
  /** Of its cursor. */
  readonly name: string;
  readonly pipeline: PipelineConfig;
  readonly exporter: string;
}

export interface Plan {
  /** Those that run: what a configuration names and nothing uses is none. */
  readonly components: readonly ComponentChange[];
  /** `changed`: it sends something else, or elsewhere, and is begun anew on its cursor. */
  readonly deliveries: readonly (PlannedDelivery & { readonly change: Change })[];
  /** The receivers of some pipeline are others now. */
  readonly receiversMoved: boolean;
  /** The journal would be another one, or have other limits. */
  readonly storage: boolean;
  /** How long, or how many, ids are remembered. */
  readonly dedup: boolean;
  /** The agent's own log lines go elsewhere, or are others. */
  readonly logs: boolean;
  /** Metrics are served elsewhere. */
  readonly metrics: boolean;
}

export function planReload(before: AgentConfig, after: AgentConfig): Plan {
  const components = componentChanges(before, after);
  const changeOf = (kind: Kind, id: string) =>
    components.find((one) => one.kind === kind && one.id === id)?.change ?? 'removed';
  const old = new Map(deliveriesOf(before).map((delivery) => [delivery.name, delivery]));
  const now = deliveriesOf(after).map((delivery) => {
    const former = old.get(delivery.name);
    const { pipeline, exporter } = delivery;
    const isKept =
      former &&
      changeOf('exporter', exporter) === 'kept' &&
      isSameWay(former.pipeline.routes, pipeline.routes) &&
      pipeline.routes.every(({ processors }) => processors.every((id) => changeOf('processor', id) === 'kept'));
    return { ...delivery, change: !former ? 'added' : isKept ? 'kept' : 'changed' } as const;
  });
  const names = new Set(now.map(({ name }) => name));
  const removed = [...old.values()]
    .filter(({ name }) => !names.has(name))
    .map((delivery) => ({ ...delivery, change: 'removed' }) as const);
  return {
    components,
    deliveries: [...now, ...removed],
    receiversMoved: now.some(({ name, pipeline }) => {
      const former = old.get(name)?.pipeline;
      return former !== undefined && !isSame(sourcesOf(former).sort(), sourcesOf(pipeline).sort());
    }),
    storage: !isSameComponent(storageOf(before), storageOf(after)),
    dedup: !isSame(dedupOf(before), dedupOf(after)),
    logs: !isSame(logsOf(before), logsOf(after)),
    metrics: !isSame(metricsOf(before), metricsOf(after)),
  };
}

function logsOf({ service: { telemetry } }: AgentConfig): unknown {
  return [telemetry.logs, telemetry.resource];
}

/** Where a reader stands in the file means nothing, but whether it does. */
function metricsOf({ service: { telemetry } }: AgentConfig): unknown {
  const { readers, periodic } = telemetry.metrics;
  const pages = readers.map(({ endpoint, path }) => [endpoint, path !== undefined]);
  return [pages, periodic.map(({ path, ...reader }) => reader), telemetry.resource];
}

/** Nothing is to be done. */
export function changesNothing({ components, deliveries, receiversMoved, ...rest }: Plan): boolean {
  const isKept = ({ change }: { change: Change }) => change === 'kept';
  const { storage, logs, metrics } = rest;
  return components.every(isKept) && deliveries.every(isKept) && !(receiversMoved || storage || logs || metrics);
}

/** For a log line: ids, with their kind. */
export function idsOf({ components }: Pick<Plan, 'components'>, change: Change): string[] {
  return components.filter((one) => one.change === change).map(({ kind, id }) => `${kind} ${id}`);
}

export function deliveriesOf({ service }: Pick<AgentConfig, 'service'>): PlannedDelivery[] {
  return service.pipelines.flatMap((pipeline) =>
    pipeline.exporters.map((exporter) => ({ name: deliveryName(pipeline.id, exporter), pipeline, exporter })),
  );
}

/** Ids of the receivers from which a way leads to a pipeline's exporters, each once. */
export function sourcesOf({ routes }: Pick<PipelineConfig, 'routes'>): string[] {
  return [...new Set(routes.flatMap(({ receivers }) => receivers))];
}

/** The receivers of a lone way may change under a delivery; where there are several, they say which one an entry takes. */
function isSameWay(before: PipelineConfig['routes'], after: PipelineConfig['routes']): boolean {
  const told = (routes: PipelineConfig['routes']) =>
    routes.map(({ receivers, processors }) => (routes.length === 1 ? processors : { receivers, processors }));
  return isSame(told(before), told(after));
}

/** The largest that any receiver asks for. */
export function dedupOf({ receivers }: Pick<AgentConfig, 'receivers'>): { windowMs: number; maxIds: number } {
  const wanted = [...receivers.values()].map(({ factory, config }) => factory.dedup?.(config) ?? DEDUP);
  return {
    windowMs: Math.max(...wanted.map(({ windowMs }) => windowMs)),
    maxIds: Math.max(...wanted.map(({ maxIds }) => maxIds)),
  };
}

/** Ids that are remembered where no receiver says how many. */
const DEDUP = { windowMs: 24 * 3600_000, maxIds: 1_000_000 };

type Running = Configured<AnyFactory> & { readonly kind: Kind };

/** The components that run in a configuration, by kind and id. The storage is not one of them: it outlives a reload. */
export function running(config: AgentConfig): Map<string, Running> {
  const { service } = config;
  const used = (part: 'receivers' | 'processors' | 'exporters') => service.pipelines.flatMap((one) => one[part]);
  const sections = [
    ['extension', config.extensions, service.extensions],
    ['receiver', config.receivers, used('receivers')],
    ['processor', config.processors, used('processors')],
    ['exporter', config.exporters, used('exporters')],
  ] as const;
  const found = new Map<string, Running>();
  for (const [kind, section, ids] of sections) {
    for (const id of ids) {
      const component: Configured<AnyFactory> | undefined = section.get(id);
      if (!component) throw new Error(`BUG: ${id} is not configured`);
      if (component.factory.kind !== 'extension' || !component.factory.storage)
        found.set(`${kind} ${id}`, { ...component, kind });
    }
  }
  return found;
}

function componentChanges(before: AgentConfig, after: AgentConfig): ComponentChange[] {
  const [old, now] = [running(before), running(after)];
  const catalog = new Catalog(after.factories);
  const changes = new Map<string, Change>();
  const changeOf = (key: string): Change => {
    const known = changes.get(key);
    if (known) return known;
    const [former, present] = [old.get(key), now.get(key)];
    if (!former) return 'added';
    if (!present) return 'removed';
    const isKept =
      isSameComponent(former, present) &&
      authenticatorsIn(present.config).every(
        (written) => changeOf(`extension ${catalog.canonical('extension', written)}`) === 'kept',
      );
    const change = isKept ? 'kept' : 'changed';
    changes.set(key, change);
    return change;
  };
  return [...new Set([...now.keys(), ...old.keys()])].map((key) => {
    const { kind, id } = (now.get(key) ?? old.get(key)) as Running;
    return { kind, id, change: changeOf(key) };
  });
}

function isSameComponent(a: Configured<AnyFactory>, b: Configured<AnyFactory>): boolean {
  return a.factory === b.factory && isSame(a.config, b.config);
}

/** Names in the `auth` blocks of a component, wherever they are in it. */
function authenticatorsIn(config: unknown): string[] {
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) => {
    if (key === 'auth' && typeof value === 'object' && value !== null && 'authenticator' in value)
      return [String(value.authenticator)];
    return authenticatorsIn(value);
  });
}
