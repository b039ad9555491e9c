import type { Collector, ComponentContext, ProcessorFactory } from '../component.ts';
import type { AgentConfig, Configured, PipelineConfig } from '../config/model.ts';
import type { ChainBuilder } from '../delivery/chain.ts';
import type { RouteOptions, Stage } from '../delivery/routes.ts';
import type { Entry } from '../journal/journal.ts';
import type { LogRecordProcessor } from '../otel.ts';
import { batchProcessor } from '../processors/batch-processor.ts';
import type { LogRecord } from '../record/log-record.ts';

/** Gives each component its context. */
export type ContextOf = (kind: 'receiver' | 'processor' | 'exporter' | 'extension', id: string) => ComponentContext;

/** Looks at what passes one processor, without touching it. */
export interface Probe {
  /** Id of the processor. */
  readonly processor: string;
  /** Only where it stands last on a way: in the pipeline whose exporters are meant, not in one before it. */
  readonly last?: boolean;
  /** Records that reach it together. They change right afterwards: what is to be known of them is taken down at once. */
  before(records: readonly LogRecord[]): void;
  /** A record that it forwards. */
  after(record: LogRecord): void;
}

/**
 * The ways to a pipeline's exporters, ready to be built. The one with the most processors comes last, to serve receivers that
 * have left the configuration: nothing of theirs is to be sent that some pipeline on the way should have changed.
 */
export function routesOf(
  config: Pick<AgentConfig, 'processors'>,
  { routes }: Pick<PipelineConfig, 'routes'>,
  contextOf: ContextOf,
  probe?: Probe,
): RouteOptions[] {
  return routes
    .toSorted((a, b) => a.processors.length - b.processors.length)
    .map(({ receivers, processors }) => {
      const [first, ...stages] = stagesOf(config, processors, contextOf, probe);
      return { sources: receivers, processors: (first as Stage).processors, stages };
    });
}

/** The chain up to the first collector, and one for each collector with what follows it. */
function stagesOf(
  config: Pick<AgentConfig, 'processors'>,
  processors: readonly string[],
  contextOf: ContextOf,
  probe?: Probe,
): Stage[] {
  const stages: { links: Link[]; collect?: () => Collector }[] = [{ links: [] }];
  for (const [index, id] of processors.entries()) {
    const { factory, config: settings } = processorOf(config, id);
    const { collect } = factory;
    const isProbed = probe?.processor === id && (!probe.last || processors.lastIndexOf(id) === index);
    const create = () => collect?.(settings, contextOf('processor', id)) as Collector;
    if (collect) stages.push({ links: [], collect: isProbed ? () => probedCollector(create(), probe) : create });
    else stages.at(-1)?.links.push({ id, ...(isProbed && { probe }) });
  }
  return stages.map(({ links, collect }) => ({
    ...(collect && { collect }),
    processors: chainBuilder(config, links, contextOf),
  }));
}

/** A processor of a chain, and who looks at it. */
interface Link {
  readonly id: string;
  readonly probe?: Probe;
}

function processorOf({ processors }: Pick<AgentConfig, 'processors'>, id: string): Configured<ProcessorFactory> {
  const found = processors.get(id);
  if (!found) throw new Error(`BUG: ${id} is not configured`);
  return found;
}

/** Processors in order, each created with what follows it. */
function chainBuilder(
  config: Pick<AgentConfig, 'processors'>,
  links: readonly Link[],
  contextOf: ContextOf,
): ChainBuilder {
  return (last) =>
    links.reduceRight((next, { id, probe }) => {
      const { factory, config: settings } = processorOf(config, id);
      const create = (following: LogRecordProcessor) => factory.create(settings, contextOf('processor', id), following);
      return probe ? probedProcessor(create, next, probe) : create(next);
    }, last);
}

function probedProcessor(
  create: (next: LogRecordProcessor) => LogRecordProcessor,
  next: LogRecordProcessor,
  probe: Probe,
): LogRecordProcessor {
  const after = batchProcessor(next, (records) => {
    for (const record of records) probe.after(record);
    return records;
  });
  return batchProcessor(create(after), (records) => {
    probe.before(records);
    return records;
  });
}

function probedCollector(collector: Collector, probe: Probe): Collector {
  return {
    forMs: collector.forMs,
    join(records) {
      probe.before(records);
      const joined = collector.join(records);
      for (const { record } of joined) probe.after(record);
      return joined;
    },
  };
}

/**
 * Makes a pipeline's processors and lets go of them: whether that works is known before anything depends on it.
 * @throws what a processor's `create` throws
 */
export async function tryChain(build: ChainBuilder): Promise<void> {
  const nothing = () => Promise.resolve();
  await build({ onEmit() {}, forceFlush: nothing, shutdown: nothing }).shutdown();
}

/**
 * From an entry to its records, by the receiver that took it. Entries of a receiver that has left the configuration are
 * decoded by its type, with defaults.
 */
export function entryDecoder(config: AgentConfig, version: string): (entry: Entry) => LogRecord[] {
  return decodingBySource((source) => {
    const configured = config.receivers.get(source);
    if (configured) return configured.factory.decoder(configured.config, { version });
    const type = source.split('/')[0];
    const factory = config.factories.find((candidate) => candidate.kind === 'receiver' && candidate.type === type);
    if (factory?.kind !== 'receiver')
      throw new Error(`no receiver of the type "${type}" is in this build; its entries wait`);
    return factory.decoder(undefined, { version });
  });
}

/** @param create called once for each source, that is id of a receiver */
export function decodingBySource(
  create: (source: string) => (entry: Entry) => LogRecord[],
): (entry: Entry) => LogRecord[] {
  const decoders = new Map<string, (entry: Entry) => LogRecord[]>();
  return (entry) => {
    let decode = decoders.get(entry.source);
    if (!decode) {
      decode = create(entry.source);
      decoders.set(entry.source, decode);
    }
    return decode(entry);
  };
}
