import type { BatchProcessor } from '../component.ts';
import type { LogRecordProcessor } from '../otel.ts';
import type { LogRecord } from '../record/log-record.ts';

/**
 * A processor that works on all records of an entry at once: `work` gives those that go on, changed or not, in order. What
 * it throws makes a dead letter of the entry.
 */
export function batchProcessor(
  next: LogRecordProcessor,
  work: (records: readonly LogRecord[]) => readonly LogRecord[],
): BatchProcessor {
  return {
    onEmit(record, context) {
      emitBatch(next, work([record as LogRecord]), context);
    },
    onBatch(records, context) {
      emitBatch(next, work(records), context);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

/** Hands records on: together to a processor that takes them so, one by one to others. */
export function emitBatch(
  to: LogRecordProcessor | BatchProcessor,
  records: readonly LogRecord[],
  context?: Parameters<LogRecordProcessor['onEmit']>[1],
): void {
  if (records.length === 0) return;
  if ('onBatch' in to) to.onBatch(records, context);
  else for (const record of records) to.onEmit(record, context);
}
