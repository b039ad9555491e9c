import type { Clock } from '../clock.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import { didYouMean } from '../config/suggest.ts';
import type { EntryFacts } from '../control/entry-facts.ts';
import { OperationError } from '../control/operations.ts';
import type { TapLine, TapRequest } from '../control/taps.ts';
import { instantOf } from '../control/times.ts';
import type { Journal } from '../journal/journal.ts';
import { Tap } from './tap.ts';
import { TapView } from './tap-view.ts';

export interface TapsOptions {
  readonly journal: Journal;
  readonly facts: Pick<EntryFacts, 'topicOf'>;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The running one. */
  config(): AgentConfig;
  readonly stopping: AbortSignal;
}

/** At once; more are refused. */
const MAX_TAPS = 4;

/** Everybody who looks at live records. */
export class Taps {
  readonly #options: TapsOptions;
  readonly #open = new Set<Tap>();
  /** With those that are about to begin. */
  #count = 0;

  constructor(options: TapsOptions) {
    this.#options = options;
  }

  /** As `Operations.tap`. @throws {OperationError} for what there is not, and when too many look already */
  async *open(request: TapRequest, gone: AbortSignal): AsyncGenerator<TapLine> {
    if (this.#count >= MAX_TAPS) throw new OperationError(`${MAX_TAPS} others are watching already; try again later.`);
    this.#count++;
    try {
      const tap = await this.#tap(request, gone);
      this.#open.add(tap);
      try {
        yield* tap.lines();
      } finally {
        this.#open.delete(tap);
      }
    } finally {
      this.#count--;
    }
  }

  /** The configuration is another one. */
  reloaded(): void {
    for (const tap of this.#open) tap.wake();
  }

  async #tap(request: TapRequest, gone: AbortSignal): Promise<Tap> {
    const { journal, facts, clock, config, stopping } = this.#options;
    const since = instantOf('from', request.from);
    const from = since === undefined ? journal.status().next : await journal.seek(since);
    const deadly = journal.deadLetters.list().filter(({ kind }) => kind === 'crash');
    return new Tap({
      ...{ request, journal, from, clock, config, stopping, gone },
      topicOf: facts.topicOf,
      deadly: new Set(deadly.map(({ position }) => position)),
      views: (current) => this.#views(current, request),
    });
  }

  /** @throws {OperationError} */
  #views(config: AgentConfig, request: TapRequest): TapView[] {
    const { facts, version, clock, random } = this.#options;
    const at = request.at === undefined ? undefined : canonical(config, request.at);
    return pipelinesFor(config, request, at).map((pipeline) => {
      try {
        return new TapView({ config, pipeline, at, topicOf: facts.topicOf, version, clock, random });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new OperationError(`The processors of ${pipeline.id} could not be made once more: ${reason}`);
      }
    });
  }
}

/** With the name of its type that the configuration has it under. */
function canonical({ factories }: AgentConfig, id: string): string {
  const [type = '', ...name] = id.split('/');
  const factory = factories.find((one) => one.kind === 'processor' && one.aliases?.includes(type));
  return [factory?.type ?? type, ...name].join('/');
}

function pipelinesFor(
  { service: { pipelines } }: AgentConfig,
  { pipeline: wanted }: TapRequest,
  at: string | undefined,
): readonly PipelineConfig[] {
  const named = wanted === undefined ? pipelines : pipelines.filter(({ id }) => id === wanted);
  if (named.length === 0 && wanted !== undefined) {
    throw unknown(
      'pipeline',
      wanted,
      pipelines.map(({ id }) => id),
    );
  }
  if (at === undefined) return wanted === undefined ? named.filter(({ exporters }) => exporters.length > 0) : named;
  const found = named.filter(({ processors }) => processors.includes(at));
  if (found.length > 0) return found;
  const where = wanted === undefined ? '' : ` in ${wanted}`;
  throw unknown('processor', at, [...new Set(named.flatMap(({ processors }) => processors))], where);
}

function unknown(kind: string, name: string, known: readonly string[], where = ''): OperationError {
  const hint = didYouMean(name, known);
  const there = known.length > 0 ? `There are: ${known.join(', ')}.` : 'There is none at all.';
  return new OperationError(
    `The running configuration uses no ${kind} ${JSON.stringify(name)}${where}${hint ? `: ${hint}` : '.'} ${there}`,
  );
}
