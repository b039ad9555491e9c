import type { LogRecordProcessor } from '../otel.ts';
import { emitBatch } from '../processors/batch-processor.ts';
import type { LogRecord } from '../record/log-record.ts';

/** Creates a pipeline's first processor, given what follows the last one. */
export type ChainBuilder = (next: LogRecordProcessor) => LogRecordProcessor;

/**
 * The processors of a pipeline, run on the records of one entry at a time, so that it is known what became of each
 * entry. Processors are synchronous: what has not come out when `run` returns was filtered.
 */
export class Chain {
  /** Undefined while no entry is being processed. */
  #out: LogRecord[] | undefined;
  readonly #first: LogRecordProcessor;

  /** @param onStray told of a record that a processor forwards when its `onEmit` has long returned: it was counted as filtered */
  constructor(build: ChainBuilder, onStray: () => void) {
    this.#first = build({
      onEmit: (record) => {
        if (this.#out) this.#out.push(record as LogRecord);
        else onStray();
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    });
  }

  /** @throws whatever a processor throws; nothing of this entry came out then. */
  run(records: readonly LogRecord[]): LogRecord[] {
    const out: LogRecord[] = [];
    this.#out = out;
    try {
      emitBatch(this.#first, records);
      return out;
    } finally {
      this.#out = undefined;
    }
  }

  shutdown(): Promise<void> {
    return this.#first.shutdown();
  }
}
