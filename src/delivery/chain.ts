import type { LogRecordProcessor } from '../otel.ts';
import type { LogRecord } from '../record/log-record.ts';

/** Creates a pipeline's first processor, given what follows the last one. */
export type ChainBuilder = (next: LogRecordProcessor) => LogRecordProcessor;

/**
 * The processors of a pipeline, run on the records of one entry at a time, so that it is known what became of each
 * entry. Processors are synchronous: what has not come out when `run` returns was filtered.
 */
export class Chain {
  #out: LogRecord[] = [];
  readonly #first: LogRecordProcessor;

  constructor(build: ChainBuilder) {
    this.#first = build({
      onEmit: (record) => {
        this.#out.push(record as LogRecord);
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    });
  }

  /** @throws whatever a processor throws; nothing of this entry came out then. */
  run(records: readonly LogRecord[]): LogRecord[] {
    this.#out = [];
    for (const record of records) this.#first.onEmit(record);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  shutdown(): Promise<void> {
    return this.#first.shutdown();
  }
}
