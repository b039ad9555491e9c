/** What a configuration makes of records, without a journal, without exporters, and without anything being sent. */
import type { Clock } from '../clock.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import { Routes } from '../delivery/routes.ts';
import type { Entry } from '../journal/journal.ts';
import { noAuthenticators } from '../net/auth.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import { entryDecoder, type Probe, routesOf } from './components.ts';

export interface RehearsalOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  readonly probe?: Probe;
}

/** Records as they come in together: of one entry of a receiver. */
export interface Rehearsed {
  /** Id of the receiver: it decides which way they take. */
  readonly source: string;
  /** Made anew at each call: processors change them. */
  records(): LogRecord[];
}

export interface RehearsalResult {
  /** What an exporter would get, in order, and the indexes of the inputs that it was made of. */
  readonly sent: readonly { readonly record: LogRecord; readonly of: readonly number[] }[];
  /** Inputs on which a processor failed: they would become dead letters. */
  readonly failed: readonly { readonly index: number; readonly error: Error }[];
}

/** The processors of one pipeline, and of those that connectors put before it, on the way to its exporters. */
export class Rehearsal {
  readonly #routes: Routes;

  /** @throws {Error} what a processor's `create` throws */
  constructor(pipeline: Pick<PipelineConfig, 'routes'>, options: RehearsalOptions) {
    const { config, log, clock, random, version, probe } = options;
    const context = (kind: string, id: string) => ({
      ...{ id, log: log.with({ [kind]: id }), clock, random, version, authenticators: noAuthenticators },
      ...(config.directory !== undefined && { configDirectory: config.directory }),
    });
    this.#routes = new Routes(routesOf(config, pipeline, context, probe), () => {
      log.error('BUG: a processor forwarded a record after its onEmit had returned.');
    });
  }

  /** As one batch: what is joined over time is joined of all of them. */
  run(inputs: readonly Rehearsed[]): RehearsalResult {
    const failed: { index: number; error: Error }[] = [];
    const records: LogRecord[] = [];
    const origins: number[] = [];
    for (const [index, { source, records: make }] of inputs.entries()) {
      try {
        for (const record of this.#routes.run({ source } as Entry, make)) {
          records.push(record);
          origins.push(index);
        }
      } catch (error) {
        failed.push({ index, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    const sent = this.#routes.join(records).map(({ record, of }) => ({
      record,
      of: [...new Set(of.map((index) => origins[index] as number))],
    }));
    return { sent, failed };
  }

  /** How long a delivery collects records before they are joined; 0: nothing is. */
  get collectMs(): number {
    return this.#routes.collectMs;
  }

  async shutdown(): Promise<void> {
    await this.#routes.shutdown();
  }
}

export interface StoredBody {
  /** Id of the receiver. */
  readonly receiver: string;
  /** Default: the first one. */
  readonly integration?: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/**
 * The records of a body, as if a receiver had taken it.
 * @throws {RangeError} in words, where the receiver can't say what it would store, or has no such integration
 */
export function rehearsedBody(
  { config, version }: Pick<RehearsalOptions, 'config' | 'version'>,
  body: Uint8Array,
  { receiver, integration, receivedAt }: StoredBody,
): Rehearsed {
  const configured = config.receivers.get(receiver);
  const { entryOf } = configured?.factory ?? {};
  if (!configured || !entryOf) throw new RangeError(`the receiver "${receiver}" takes no notifications`);
  const entry = entryOf(configured.config, body, { receiver, receivedAt, ...(integration && { integration }) });
  const decode = entryDecoder(config, version);
  return { source: receiver, records: () => decode({ ...entry, position: 1 }) };
}
