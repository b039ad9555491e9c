/** How connectors join pipelines: what is wrong with it, and the routes that come of it. Pure, for use at load time. */
import { quote } from './diagnostics.ts';
import type { PipelineConfig, Route } from './model.ts';

/** A pipeline as it is written, before its routes are known. */
export type Junction = Omit<PipelineConfig, 'routes'>;

/** What is wrong, and the reference to a connector at which it shows. */
export interface GraphProblem {
  readonly pipeline: string;
  readonly connector: string;
  /** How the pipeline uses the connector. */
  readonly as: 'receiver' | 'exporter';
  readonly message: string;
  readonly suggestion: string;
}

/** Ways to one pipeline. They multiply with each pair of pipelines that lie side by side: 256 need eight of these in a row. */
const MAX_ROUTES = 256;

/**
 * The pipelines with their routes, in the same order; undefined where there are problems, which are appended to `problems`.
 * Every reference must be good.
 */
export function joined(pipelines: readonly Junction[], problems: GraphProblem[]): PipelineConfig[] | undefined {
  const before = problems.length;
  problems.push(...oneSided(pipelines));
  const feeders = feedersIn(pipelines);
  const { order, cyclic } = sorted(pipelines, feeders);
  if (cyclic.length > 0) problems.push(cycleIn(cyclic));
  if (problems.length > before) return undefined;
  const routes = new Map<string, Route[]>();
  for (const pipeline of order) {
    const found = routesTo(pipeline, feeders(pipeline), routes);
    if (found.length > MAX_ROUTES) {
      problems.push({
        pipeline: pipeline.id,
        connector: pipeline.receivesFrom[0] as string,
        as: 'receiver',
        message: `more than ${MAX_ROUTES} ways lead from receivers to pipeline ${quote(pipeline.id)}: an event would be sent as often`,
        suggestion: 'let one pipeline feed it, not several that are fed by the same one',
      });
      return undefined;
    }
    routes.set(pipeline.id, found);
  }
  return pipelines.map((pipeline) => ({ ...pipeline, routes: routes.get(pipeline.id) as Route[] }));
}

type Feeders = (pipeline: Junction) => readonly Junction[];

/** Pipelines that feed one, once for each connector between them. */
function feedersIn(pipelines: readonly Junction[]): Feeders {
  const into = new Map<string, Junction[]>();
  for (const pipeline of pipelines) {
    for (const connector of pipeline.sendsTo) into.set(connector, [...(into.get(connector) ?? []), pipeline]);
  }
  const found = new Map(
    pipelines.map((pipeline) => [pipeline, pipeline.receivesFrom.flatMap((connector) => into.get(connector) ?? [])]),
  );
  return (pipeline) => found.get(pipeline) ?? [];
}

function routesTo(
  { id, receivers, processors }: Junction,
  from: readonly Junction[],
  known: ReadonlyMap<string, readonly Route[]>,
): Route[] {
  const own = receivers.length > 0 ? [{ receivers, pipelines: [id], processors }] : [];
  const through = from.flatMap((feeder) =>
    (known.get(feeder.id) as readonly Route[]).map((route) => ({
      receivers: route.receivers,
      pipelines: [...route.pipelines, id],
      processors: [...route.processors, ...processors],
    })),
  );
  return [...own, ...through];
}

/** Connectors that lead nowhere, or to which nothing leads. */
function oneSided(pipelines: readonly Junction[]): GraphProblem[] {
  const connectors = new Set(pipelines.flatMap(({ receivesFrom, sendsTo }) => [...sendsTo, ...receivesFrom]));
  return [...connectors].flatMap((connector): GraphProblem[] => {
    const asExporter = pipelines.filter(({ sendsTo }) => sendsTo.includes(connector)).map(({ id }) => id);
    const asReceiver = pipelines.filter(({ receivesFrom }) => receivesFrom.includes(connector)).map(({ id }) => id);
    if (asExporter.length > 0 && asReceiver.length > 0) return [];
    const [as, other, ids] =
      asExporter.length > 0
        ? (['exporter', 'receiver', asExporter] as const)
        : (['receiver', 'exporter', asReceiver] as const);
    const message = `connector ${quote(connector)} used as ${as} in [${ids.join(' ')}] pipeline but not used in any supported ${other} pipeline`;
    const suggestion = `name it under ${other}s of another pipeline as well, or remove it here`;
    return [{ pipeline: ids[0] as string, connector, as, message, suggestion }];
  });
}

/** Upstream first. `cyclic`: what stands in a cycle, or behind one. */
function sorted(pipelines: readonly Junction[], feeders: Feeders): { order: Junction[]; cyclic: Junction[] } {
  const order: Junction[] = [];
  const placed = new Set<Junction>();
  for (let open = [...pipelines]; ; ) {
    const ready = open.filter((pipeline) => feeders(pipeline).every((feeder) => placed.has(feeder)));
    for (const pipeline of ready) placed.add(pipeline);
    order.push(...ready);
    open = open.filter((pipeline) => !placed.has(pipeline));
    if (ready.length === 0) return { order, cyclic: open };
  }
}

/** Each of `cyclic` is fed by another of them, so whoever goes upstream comes round. Told as the Collector tells it. */
function cycleIn(cyclic: readonly Junction[]): GraphProblem {
  const steps: { readonly pipeline: Junction; readonly connector: string }[] = [];
  const seen = new Map<string, number>();
  let pipeline = cyclic[0] as Junction;
  for (;;) {
    const { receivesFrom }: Junction = pipeline;
    const feeder = cyclic.find(({ sendsTo }) => sendsTo.some((id) => receivesFrom.includes(id)));
    const connector = receivesFrom.find((id) => feeder?.sendsTo.includes(id));
    if (!feeder || connector === undefined) throw new Error('BUG: a pipeline in a cycle that nothing feeds');
    steps.push({ pipeline, connector });
    if (seen.has(connector)) break;
    seen.set(connector, steps.length);
    pipeline = feeder;
  }
  const last = steps.at(-1) as (typeof steps)[number];
  const cycle = steps.slice(seen.get(last.connector)).reverse();
  const told = cycle.flatMap(({ pipeline: { id, processors }, connector }) => [
    `connector ${quote(connector)} (logs to logs)`,
    ...processors.map((processor) => `processor ${quote(processor)} in pipeline ${quote(id)}`),
  ]);
  return {
    pipeline: last.pipeline.id,
    connector: last.connector,
    as: 'receiver',
    message: `cycle detected: ${[...told, told[0]].join(' -> ')}`,
    suggestion: 'take the connector out of one of these pipelines',
  };
}
