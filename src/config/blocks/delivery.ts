import { z } from 'zod';
import type { ConfigRemark, RecordRules, SendingPolicy } from '../../component.ts';
import { duration, size } from './scalars.ts';

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
      enabled: z.boolean().default(true).describe('false: what is there is sent at once.'),
      flush_timeout: duration('200ms').describe('A batch goes out this long after its first record.'),
      min_size: z.number().int().min(0).default(8192).describe('A batch goes out as soon as it has this many.'),
      max_size: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('At most this many in a request; 0 is no limit but that of bytes.'),
      sizer: z.enum(['items', 'bytes']).default('items').describe('Unit of `min_size` and `max_size`.'),
      partition: z
        .strictObject({ metadata_keys: z.array(z.string()).default([]).describe('Accepted.') })
        .optional()
        .describe('Accepted; entries have no client metadata to part them by.'),
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
  max_elapsed_time: duration('0').describe(
    'What has failed for so long becomes dead letters, where the Collector drops; 0 (its default is 300s): it is tried for ever.',
  ),
});

/** Keys of every exporter: what is done about records that its backend would not take, and about a full disk. */
export const recordRules = {
  max_record_bytes: size('0').describe('A larger record, uncompressed, is not sent as it is; 0: no limit of ours.'),
  oversized: z
    .enum(['dead_letter', 'truncate_body'])
    .default('dead_letter')
    .describe(
      'What becomes of a record over `max_record_bytes`. truncate_body: the largest part of its body is cut short, as text, and `log.body.truncated` says so.',
    ),
  max_age: duration('0').describe(
    'A record whose time is further back when it is to be sent is too old; 0: none is. Judged at each attempt.',
  ),
  too_old: z
    .enum(['restamp', 'dead_letter'])
    .default('restamp')
    .describe('What becomes of it. restamp: it gets the present time, and `log.original_time` keeps its own.'),
  when_full: z
    .enum(['refuse', 'dead_letter_oldest'])
    .default('refuse')
    .describe(
      'When the journal is full because this exporter lags behind: Intercom is answered 429, or its oldest entries become dead letters.',
    ),
  start_at: z
    .enum(['end', 'beginning'])
    .default('end')
    .describe(
      'Where an exporter begins that is new: with what arrives, or with the oldest entry that the journal has.',
    ),
};

/** Rules where an exporter has none of these keys. */
export const NO_RULES: RecordRules = {
  maxRecordBytes: Number.POSITIVE_INFINITY,
  oversized: 'dead_letter',
  maxAgeMs: Number.POSITIVE_INFINITY,
  tooOld: 'restamp',
  whenFull: 'refuse',
  startAt: 'end',
};

const recordRulesSchema = z.object(recordRules);

export function rulesOf(settings: z.output<typeof recordRulesSchema>): RecordRules {
  return {
    maxRecordBytes: settings.max_record_bytes || Number.POSITIVE_INFINITY,
    oversized: settings.oversized,
    maxAgeMs: settings.max_age || Number.POSITIVE_INFINITY,
    tooOld: settings.too_old,
    whenFull: settings.when_full,
    startAt: settings.start_at,
  };
}

/** `outcomes`: what the statuses of a backend mean, where it is not as usual. */
export const statusOutcomes = z
  .record(
    z.string().regex(/^[345](?:\d\d|xx)$/, 'expected a status from 300 to 599, or 3xx, 4xx, 5xx'),
    z.enum(['delivered', 'retry', 'hold', 'split', 'reject']),
  )
  .default({})
  .describe(
    'What a status of this backend means, where it is not what docs/delivery.md says: `{409: delivered, 5xx: hold}`. delivered, retry, hold (keep, and probe), split (too large), reject (this record will never be taken).',
  );

/** What the schemas of the blocks can't say: for an exporter's `check`. */
export function checkDelivery({
  retry_on_failure: retry,
}: {
  retry_on_failure: z.output<typeof retryOnFailure>;
}): ConfigRemark[] {
  const { max_elapsed_time: elapsed, initial_interval, max_interval } = retry;
  const at = (message: string, severity: ConfigRemark['severity'], suggestion?: string): ConfigRemark => ({
    ...{ severity, path: ['retry_on_failure', 'max_elapsed_time'], message },
    ...(suggestion && { suggestion }),
  });
  if (elapsed === 0) return [];
  if (elapsed < initial_interval) return [at("'max_elapsed_time' must not be less than 'initial_interval'", 'error')];
  if (elapsed < max_interval) return [at("'max_elapsed_time' must not be less than 'max_interval'", 'error')];
  const message = 'an outage that is longer makes dead letters of what was tried, where the Collector would drop it';
  return [at(message, 'warning', 'write 0 to wait out every outage')];
}

/** For exporters whose time limit is switched off. */
const LONGEST_ATTEMPT_MS = 600_000;
const ATTEMPT_GRACE_MS = 30_000;

/** Joins the blocks and the exporter's own byte limit to what the delivery works with. */
export function sendingPolicy(
  queue: z.output<typeof sendingQueue>,
  retry: z.output<typeof retryOnFailure>,
  limits: { maxBytes: number; timeoutMs: number; rules?: RecordRules },
): SendingPolicy {
  const { batch } = queue;
  const inBytes = batch.sizer === 'bytes';
  return {
    maxInFlight: queue.num_consumers,
    minRecords: !batch.enabled ? 1 : inBytes ? Number.MAX_SAFE_INTEGER : Math.max(1, batch.min_size),
    minBytes: inBytes ? batch.min_size : Number.MAX_SAFE_INTEGER,
    maxRecords: inBytes || batch.max_size === 0 ? Number.MAX_SAFE_INTEGER : batch.max_size,
    maxBytes: inBytes && batch.max_size > 0 ? Math.min(batch.max_size, limits.maxBytes) : limits.maxBytes,
    attemptLimitMs: (limits.timeoutMs || LONGEST_ATTEMPT_MS) + ATTEMPT_GRACE_MS,
    flushTimeoutMs: batch.flush_timeout,
    retry: {
      enabled: retry.enabled,
      initialIntervalMs: retry.initial_interval,
      randomizationFactor: retry.randomization_factor,
      multiplier: retry.multiplier,
      maxIntervalMs: retry.max_interval,
      maxElapsedMs: retry.max_elapsed_time,
      probeIntervalMs: retry.probe_interval,
    },
    rules: limits.rules ?? NO_RULES,
  };
}
