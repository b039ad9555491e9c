import type { Clock } from '../clock.ts';
import type { Joined, RecordRules } from '../component.ts';
import type { Cause } from '../journal/dead-letters.ts';
import type { Entry } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import { type Fit, fitAsItIs, makeFit } from './fitness.ts';
import type { Routes } from './routes.ts';
import type { SharedResults } from './shared-results.ts';

export interface ProcessingOptions {
  decode(entry: Entry): LogRecord[];
  readonly routes: Routes;
  readonly rules: RecordRules;
  weigh(record: LogRecord): number;
  readonly clock: Clock;
  readonly replay?: { mark(record: LogRecord): void };
  readonly shared?: SharedResults;
}

/** Longest message of an error that a dead letter keeps. */
const MAX_MESSAGE = 64 * 1024;

/** From an entry to what would be sent of it now. */
export class Processing {
  readonly #options: ProcessingOptions;

  constructor(options: ProcessingOptions) {
    this.#options = options;
  }

  /** Never throws: what can't be processed has a cause why. */
  run(entry: Entry): Fit {
    const { decode, routes, replay } = this.#options;
    try {
      if (replay) {
        const records = routes.run(entry, decode);
        for (const record of records) replay.mark(record);
        return makeFit(records, this.#options);
      }
      return makeFit(this.#shared(entry) ?? routes.run(entry, decode), this.#options);
    } catch (error) {
      return { records: [], bytes: 0, cause: thrown(error) };
    }
  }

  /** What was made elsewhere, where it can be sent as it is. */
  accept(records: readonly LogRecord[]): Fit | undefined {
    return fitAsItIs(records, this.#options);
  }

  /** What a delivery beside this one may have made of it, or will find made. Undefined: nothing is shared. */
  #shared(entry: Entry): readonly LogRecord[] | undefined {
    const { decode, routes, shared } = this.#options;
    // What collects has to know the records as its own.
    if (!shared || routes.collectMs > 0) return undefined;
    const known = shared.get(entry.position);
    if (known) return known;
    const records = routes.run(entry, decode);
    shared.put(entry.position, records, entry.body.length);
    return records;
  }

  /** The same for an entry that is sent alone: what collects gets nothing else. */
  lone(entry: Entry): Fit {
    const fit = this.run(entry);
    if (fit.cause || fit.records.length === 0) return fit;
    try {
      const records = this.join(fit.records).map(({ record }) => record);
      return { records, bytes: this.weigh(records) };
    } catch (error) {
      return { records: [], bytes: 0, cause: thrown(error) };
    }
  }

  /** How long records are collected; 0: they are not. */
  get collectMs(): number {
    return this.#options.routes.collectMs;
  }

  /** @throws whatever a processor throws, see `causeOf` */
  join(records: readonly LogRecord[]): Joined[] {
    return this.#options.routes.join(records);
  }

  weigh(records: readonly LogRecord[]): number {
    return records.reduce((sum, record) => sum + this.#options.weigh(record), 0);
  }

  causeOf(error: unknown): Cause {
    return thrown(error);
  }

  shutdown(): Promise<void> {
    return this.#options.routes.shutdown();
  }
}

/** What was thrown may be anything. What it says may have been taken from the customer's text: it is kept, and not told. */
function thrown(error: unknown): Cause {
  if (!(error instanceof Error)) return { kind: 'processing', summary: `a processor threw no error: ${typeof error}` };
  const [name, message] = [error.name, error.message].map((text: unknown) => (typeof text === 'string' ? text : ''));
  return {
    kind: 'processing',
    summary: `a processor threw: ${name}`,
    ...(message && { body: message.slice(0, MAX_MESSAGE) }),
  };
}
