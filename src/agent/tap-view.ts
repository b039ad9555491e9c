import type { Clock } from '../clock.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import type { Sighting } from '../control/taps.ts';
import type { Entry } from '../journal/journal.ts';
import { copyRecord, type LogRecord } from '../record/log-record.ts';
import { encodeLogsRequestJson } from '../record/otlp/json.ts';
import { silentLog } from '../telemetry/log.ts';
import { entryDecoder } from './components.ts';
import { sourcesOf } from './plan.ts';
import { Rehearsal, type RehearsalResult } from './rehearsal.ts';

export interface TapViewOptions {
  readonly config: AgentConfig;
  readonly pipeline: PipelineConfig;
  /** Id of a processor of this pipeline; absent: what leaves the pipeline is looked at. */
  readonly at: string | undefined;
  readonly topicOf: (entry: Entry) => string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What was looked at. `elsewhere`: entries that did not reach the processor. */
export interface Seen {
  readonly sightings: readonly Sighting[];
  readonly elsewhere: number;
}

/** What reached the processor together, and what it forwarded of it. */
interface Passage {
  readonly before: unknown[];
  readonly after: unknown[];
}

/**
 * One pipeline as a tap sees it: through processors of its own, made from the same configuration, so that those of the
 * deliveries are not touched. They say nothing in the log, for the deliveries' have said it.
 */
export class TapView {
  /** For how long entries are to be put together before they are looked at, in ms; 0: each is looked at alone. */
  readonly joinsOverMs: number;
  readonly #options: TapViewOptions;
  readonly #sources: ReadonlySet<string>;
  readonly #decode: (entry: Entry) => LogRecord[];
  readonly #rehearsal: Rehearsal;
  #passages: Passage[] = [];

  /** @throws {Error} what a processor's `create` throws */
  constructor(options: TapViewOptions) {
    const { config, pipeline, at, version, clock, random } = options;
    this.#options = options;
    this.#sources = new Set(sourcesOf(pipeline));
    this.#decode = entryDecoder(config, version);
    const probe = at !== undefined && {
      processor: at,
      last: true,
      before: (records: readonly LogRecord[]) => void this.#passages.push({ before: records.map(shown), after: [] }),
      after: (record: LogRecord) => void this.#passages.at(-1)?.after.push(shown(record)),
    };
    this.#rehearsal = new Rehearsal(pipeline, {
      ...{ config, version, log: silentLog, clock, random },
      ...(probe && { probe }),
    });
    this.joinsOverMs = joinsBefore(config, pipeline, at) ? this.#rehearsal.collectMs : 0;
  }

  get pipeline(): string {
    return this.#options.pipeline.id;
  }

  /** Whether entries of this receiver come into the pipeline. */
  takes(source: string): boolean {
    return this.#sources.has(source);
  }

  /** Never throws. @param entries one, or those that were put together */
  look(entries: readonly Entry[]): Seen {
    this.#passages = [];
    const inputs = entries.map((entry) => ({ source: entry.source, records: () => this.#decode(entry) }));
    try {
      const result = this.#rehearsal.run(inputs);
      return this.#options.at === undefined ? this.#leaving(entries, result) : this.#passing(entries, result);
    } catch (error) {
      // While records were joined, or behind that: it is the same for all of them.
      return this.#failedTogether(entries, error instanceof Error ? error.message : String(error));
    }
  }

  /** What would be seen of an entry that must not be run. */
  refused(entry: Entry, message: string): Sighting {
    return this.#failure(entry, message);
  }

  shutdown(): Promise<void> {
    return this.#rehearsal.shutdown();
  }

  #passing(entries: readonly Entry[], { failed }: RehearsalResult): Seen {
    const lone = entries.length === 1 ? entries[0] : undefined;
    const passages = this.#passages;
    if (!lone) {
      const failures = failed.map(({ index, error }) => this.#failure(entries[index], error.message));
      return {
        sightings: [...passages.map((passage) => this.#sighting(undefined, passage)), ...failures],
        elsewhere: 0,
      };
    }
    const error = failed[0]?.error;
    if (error) return this.#failedTogether(entries, error.message);
    return {
      sightings: passages.map((passage) => this.#sighting(lone, passage)),
      elsewhere: passages.length > 0 ? 0 : 1,
    };
  }

  /** Whatever passed last is what failed, or what had gone by when it did. */
  #failedTogether(entries: readonly Entry[], message: string): Seen {
    const lone = entries.length === 1 ? entries[0] : undefined;
    const last = this.#passages.at(-1);
    const earlier = this.#passages.slice(0, -1).map((passage) => this.#sighting(lone, passage));
    if (!last) return { sightings: [this.#failure(lone, message)], elsewhere: 0 };
    const where = last.after.length > 0 ? 'behind' : 'at';
    return { sightings: [...earlier, this.#sighting(lone, { ...last, error: { where, message } })], elsewhere: 0 };
  }

  #leaving(entries: readonly Entry[], { sent, failed }: RehearsalResult): Seen {
    const failures = failed.map(({ index, error }) => this.#failure(entries[index], error.message));
    const lone = entries.length === 1 ? entries[0] : undefined;
    if (lone) {
      const after = sent.map(({ record }) => shown(record));
      return { sightings: failures.length > 0 ? failures : [this.#sighting(lone, { after })], elsewhere: 0 };
    }
    const used = new Set([...sent.flatMap(({ of }) => of), ...failed.map(({ index }) => index)]);
    const sightings = [
      ...sent.map(({ record, of }) =>
        this.#sighting(of.length === 1 ? entries[of[0] as number] : undefined, { after: [shown(record)] }),
      ),
      ...entries.filter((_, index) => !used.has(index)).map((entry) => this.#sighting(entry, {})),
      ...failures,
    ];
    return { sightings, elsewhere: 0 };
  }

  #failure(entry: Entry | undefined, message: string): Sighting {
    const where = this.#options.at === undefined ? 'pipeline' : 'before';
    return this.#sighting(entry, { error: { where, message } });
  }

  #sighting(
    entry: Entry | undefined,
    {
      before = [],
      after = [],
      error = null,
    }: Partial<Pick<Sighting, 'after' | 'error'>> & { before?: readonly unknown[] },
  ): Sighting {
    const { at, pipeline, topicOf } = this.#options;
    return {
      pipeline: pipeline.id,
      at: at ?? null,
      position: entry?.position ?? null,
      topic: (entry && topicOf(entry)) ?? null,
      received_at: entry ? new Date(entry.receivedAt).toISOString() : null,
      before: at === undefined ? null : before,
      after,
      dropped: after.length === 0 && error === null,
      error,
    };
  }
}

/** True where records of several entries may have been joined when they reach the processor, or leave it. */
function joinsBefore({ processors }: AgentConfig, { routes }: PipelineConfig, at: string | undefined): boolean {
  return routes.some((route) => {
    const upTo = at === undefined ? route.processors : route.processors.slice(0, route.processors.lastIndexOf(at) + 1);
    return upTo.some((id) => processors.get(id)?.factory.collect !== undefined);
  });
}

/** As it is now: processors change it right afterwards. The bytes of a record are kept with it, so those of a copy are made. */
function shown(record: LogRecord): unknown {
  return JSON.parse(encodeLogsRequestJson([copyRecord(record)]).toString());
}
