import type { LogRecordProcessor } from '../otel.ts';

/**
 * Puts a processor written for the OTel JS SDK into a chain. Such a processor knows no `next`: it changes the record, or
 * looks at it, and the record goes on after its `onEmit`. It cannot withhold records.
 */
export function chainSdkProcessor(processor: LogRecordProcessor, next: LogRecordProcessor): LogRecordProcessor {
  return {
    onEmit(record, context) {
      processor.onEmit(record, context);
      next.onEmit(record, context);
    },
    async forceFlush() {
      await processor.forceFlush();
      await next.forceFlush();
    },
    async shutdown() {
      await processor.shutdown();
      await next.shutdown();
    },
  };
}
