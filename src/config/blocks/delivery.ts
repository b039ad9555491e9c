import { z } from 'zod';
import type { ConfigRemark, SendingPolicy } from '../../component.ts';
import { duration } from './scalars.ts';

/**
 * `sending_queue` as the Collector writes it. The journal is the queue, so the keys that size it are accepted and change
 * nothing; those that shape requests count.
 */
export const sendingQueue = z.strictObject({
  enabled: z.boolean().default(true).describe('Accepted; the journal is always the queue.'),
  num_consumers: z.number().int().min(1).max(256).default(10).describe('Requests in flight at most.'),
  queue_size: z.number().int().min(1).optional().describe('Accepted; the journal has the room of its volume.'),
  sizer: z.enum(['requests', 'items', 'bytes']).default('requests').describe('Accepted; unit of `queue_size`.'),
  block_on_overflow: z.boolean().optional().describe('Accepted; nothing overflows.'),
  wait_for_result: z.boolean().optional().describe('Accepted; the door answers when the journal has the event.'),
  storage: z.string().optional().describe('Accepted; the journal is always durable.'),
  batch: z
    .strictObject({
      flush_timeout: duration('200ms').describe('A batch goes out this long after its first record.'),
      min_size: z.number().int().min(0).default(8192).describe('A batch goes out as soon as it has this many.'),
      max_size: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('At most this many in a request; 0 is no limit but that of bytes.'),
      sizer: z.enum(['items', 'bytes']).default('items').describe('Unit of `min_size` and `max_size`.'),
    })
    .prefault({})
    .describe('How records are put together into requests.'),
});

/** `retry_on_failure` as the Collector writes it, except that it never gives up unless told so. */
export const retryOnFailure = z.strictObject({
  enabled: z.boolean().default(true).describe('false: one attempt, then the delivery holds.'),
  initial_interval: duration('5s').describe('Wait after the first failure.'),
  randomization_factor: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Each wait is spread by this share in both directions.'),
  multiplier: z.number().min(1).default(1.5).describe('Growth of the wait from failure to failure.'),
  max_interval: duration('30s').describe('Longest wait.'),
  probe_interval: duration('15s').describe(
    'How often a held delivery tries again. Not in the Collector, which drops instead.',
  ),
  max_elapsed_time: duration('0').describe('0, the only value so far: for ever. Nothing is dropped.'),
});

/** What the schemas of the two blocks can't say: for an exporter's `check`. */
export function checkDelivery({
  retry_on_failure: retry,
}: {
  retry_on_failure: z.output<typeof retryOnFailure>;
}): ConfigRemark[] {
  if (retry.max_elapsed_time === 0) return [];
  const message = 'has no effect: this agent never gives up';
  return [
    {
      severity: 'warning',
      path: ['retry_on_failure', 'max_elapsed_time'],
      message,
      suggestion: 'remove it, or write 0',
    },
  ];
}

/** Joins the two blocks and the exporter's own byte limit to what the delivery works with. */
export function sendingPolicy(
  queue: z.output<typeof sendingQueue>,
  retry: z.output<typeof retryOnFailure>,
  limits: { maxBytes: number },
): SendingPolicy {
  const { batch } = queue;
  const inBytes = batch.sizer === 'bytes';
  return {
    maxInFlight: queue.num_consumers,
    minRecords: inBytes ? Number.MAX_SAFE_INTEGER : Math.max(1, batch.min_size),
    minBytes: inBytes ? batch.min_size : Number.MAX_SAFE_INTEGER,
    maxRecords: inBytes || batch.max_size === 0 ? Number.MAX_SAFE_INTEGER : batch.max_size,
    maxBytes: inBytes && batch.max_size > 0 ? Math.min(batch.max_size, limits.maxBytes) : limits.maxBytes,
    flushTimeoutMs: batch.flush_timeout,
    retry: {
      enabled: retry.enabled,
      initialIntervalMs: retry.initial_interval,
      randomizationFactor: retry.randomization_factor,
      multiplier: retry.multiplier,
      maxIntervalMs: retry.max_interval,
      probeIntervalMs: retry.probe_interval,
    },
  };
}
