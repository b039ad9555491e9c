import { z } from 'zod';
import type { ConfigRemark, RecordRules, SendingPolicy } from '../../component.ts';
import { isBad, parseId } from '../ids.ts';
import { withoutEffect } from './accepted.ts';
import { duration, enabledSwitch, size } from './scalars.ts';

/** Of these `requests` is none for batches, which `checkQueue` says. */
const SIZERS = ['requests', 'items', 'bytes'] as const;
type Sizer = (typeof SIZERS)[number];
const sizer = z.enum(SIZERS, {
  error: ({ input }) =>
    typeof input === 'string' ? `invalid sizer: ${JSON.stringify(input)}; there are ${SIZERS.join(', ')}` : undefined,
});

const batch = z.strictObject({
  enabled: enabledSwitch().describe('false: what is there is sent at once.'),
  flush_timeout: duration('200ms').describe('A batch goes out this long after its first record.'),
  min_size: z.number().int().default(8192).describe('A batch goes out as soon as it has this many.'),
  max_size: z
    .number()
    .int()
    .default(0)
    .describe('At most this many in a request; 0 is no limit but that of bytes. Not below `min_size`.'),
  sizer: sizer
    .optional()
    .describe(
      'Unit of `min_size` and `max_size`: items or bytes. Absent: that of the queue where it is written, else items.',
    ),
  partition: withoutEffect(
    z
      .strictObject({
        metadata_keys: withoutEffect(z.array(z.string()).default([]), 'nothing is kept of the headers of requests.'),
      })
      .optional(),
    'entries have no client metadata to part them by.',
  ),
});

const queue = z.strictObject({
  enabled: withoutEffect(enabledSwitch(), 'the journal is always the queue.'),
  num_consumers: z.number().int().default(10).describe('Requests in flight at most; never more than 256.'),
  queue_size: withoutEffect(z.number().int().default(1000), 'the journal has the room of its volume.'),
  sizer: withoutEffect(sizer.optional(), 'unit of `queue_size`, and of batches that name none; requests when absent.'),
  block_on_overflow: withoutEffect(z.boolean().default(false), 'nothing overflows.'),
  wait_for_result: withoutEffect(z.boolean().default(false), 'the door answers when the journal has the event.'),
  storage: withoutEffect(
    z
      .string()
      .superRefine((id, context) => {
        const parsed = parseId(id);
        if (isBad(parsed)) context.addIssue({ code: 'custom', message: parsed.problem });
      })
      .optional(),
    'the journal is always durable, and the same for all.',
  ),
  // null is the block with its defaults: then the queue's sizer does not count for it.
  batch: batch.nullish().describe('How records are put together into requests.'),
});

/**
 * `sending_queue` as the Collector writes it. The journal is the queue, so the keys that size it are accepted and change
 * nothing; those that shape requests count. What the schema takes and the Collector does not is said by `checkQueue`.
 */
export const sendingQueue = queue.transform(({ sizer: ofQueue, batch: block, ...rest }, context) => {
  const { sizer: own, ...settings } = block ?? batch.parse({});
  const ofBatch: Sizer = own ?? (block && ofQueue) ?? 'items';
  const result = { ...rest, sizer: ofQueue ?? ('requests' as Sizer), batch: { ...settings, sizer: ofBatch } };
  // Here, because of batches that nobody wrote the Collector has none.
  const isChecked = block !== undefined && rest.enabled && settings.enabled && ofBatch === result.sizer;
  if (isChecked && settings.min_size > rest.queue_size) {
    const message = '`min_size` must be less than or equal to `queue_size`';
    context.addIssue({ code: 'custom', path: ['batch', 'min_size'], message });
  }
  return result;
});

/** `retry_on_failure` as the Collector writes it, except that it never gives up unless told so. */
export const retryOnFailure = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false: one attempt, then the delivery holds.'),
    initial_interval: duration('5s').describe('Wait after the first failure.'),
    randomization_factor: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Each wait is spread by this share in both directions.'),
    multiplier: z.number().min(0).default(1.5).describe('Growth of the wait from failure to failure; below 1 is 1.'),
    max_interval: duration('30s').describe('Longest wait.'),
    probe_interval: duration('15s').describe(
      'How often a held delivery tries again. Not in the Collector, which drops instead.',
    ),
    max_elapsed_time: duration('0').describe(
      'What has failed for so long becomes dead letters, where the Collector drops; 0 (its default is 300s): it is tried for ever.',
    ),
  })
  // As in the Collector: it is off then, and what is tried once is held.
  .meta({
    whenEmpty: {
      enabled: false,
      ...{ initial_interval: '0s', randomization_factor: 0, multiplier: 0, max_interval: '0s', max_elapsed_time: '0s' },
    },
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

const MAX_CONSUMERS = 256;

type Queue = z.output<typeof sendingQueue>;

/** What the schemas of the blocks can't say: for an exporter's `check`. */
export function checkDelivery(exporter: {
  sending_queue: Queue;
  retry_on_failure: z.output<typeof retryOnFailure>;
}): ConfigRemark[] {
  return [...checkQueue(exporter.sending_queue), ...checkRetry(exporter.retry_on_failure)];
}

/** As the Collector checks it: nothing of what is switched off. */
export function checkQueue(queue: Queue): ConfigRemark[] {
  if (!queue.enabled) return [];
  const remarks: ConfigRemark[] = [];
  const error = (path: readonly string[], message: string) =>
    remarks.push({ severity: 'error', path: ['sending_queue', ...path], message });
  const { num_consumers: consumers, queue_size: size, batch } = queue;
  if (consumers <= 0) error(['num_consumers'], '`num_consumers` must be positive');
  if (consumers > MAX_CONSUMERS) {
    const message = `at most ${MAX_CONSUMERS} requests are in flight`;
    remarks.push({ severity: 'warning', path: ['sending_queue', 'num_consumers'], message });
  }
  if (size <= 0) error(['queue_size'], '`queue_size` must be positive');
  if (queue.storage !== undefined && queue.wait_for_result) {
    const message = '`wait_for_result` is not supported with a persistent queue configured with `storage`';
    error(['wait_for_result'], message);
  }
  if (!batch.enabled) return remarks;
  if (batch.sizer === 'requests') {
    error(['batch', 'sizer'], '`batch` supports only `items` or `bytes` sizer, found "requests"');
  }
  if (batch.flush_timeout <= 0) error(['batch', 'flush_timeout'], '`flush_timeout` must be positive');
  for (const key of ['min_size', 'max_size'] as const) {
    if (batch[key] < 0) error(['batch', key], `\`${key}\` must be non-negative, found ${batch[key]}`);
  }
  const { min_size: min, max_size: max } = batch;
  if (max > 0 && max < min) {
    error(['batch', 'max_size'], `\`max_size\` (${max}) must be greater or equal to \`min_size\` (${min})`);
  }
  const keys = (batch.partition?.metadata_keys ?? []).map((key) => key.toLowerCase());
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) {
    const message = `duplicate entry in metadata_keys: ${JSON.stringify(twice)} (case-insensitive)`;
    error(['batch', 'partition', 'metadata_keys'], message);
  }
  return remarks;
}

function checkRetry(retry: z.output<typeof retryOnFailure>): ConfigRemark[] {
  const { max_elapsed_time: elapsed, initial_interval, max_interval, multiplier } = retry;
  const at = (key: string, severity: ConfigRemark['severity'], message: string, suggestion?: string): ConfigRemark => ({
    ...{ severity, path: ['retry_on_failure', key], message },
    ...(suggestion && { suggestion }),
  });
  const limit = (severity: ConfigRemark['severity'], message: string, suggestion?: string) =>
    at('max_elapsed_time', severity, message, suggestion);
  const remarks: ConfigRemark[] = [];
  if (multiplier < 1 && retry.enabled) {
    const message = 'waits that become shorter would end in sending without a pause: they stay as they are';
    remarks.push(at('multiplier', 'warning', message, '1'));
  }
  if (elapsed === 0) return remarks;
  if (elapsed < initial_interval) {
    remarks.push(limit('error', "'max_elapsed_time' must not be less than 'initial_interval'"));
  } else if (elapsed < max_interval) {
    remarks.push(limit('error', "'max_elapsed_time' must not be less than 'max_interval'"));
  } else {
    const message = 'an outage that is longer makes dead letters of what was tried, where the Collector would drop it';
    remarks.push(limit('warning', message, 'write 0 to wait out every outage'));
  }
  return remarks;
}

/** For exporters whose time limit is switched off. */
const LONGEST_ATTEMPT_MS = 600_000;
const ATTEMPT_GRACE_MS = 30_000;

/** Joins the blocks and the exporter's own byte limit to what the delivery works with. */
export function sendingPolicy(
  queue: Queue,
  retry: z.output<typeof retryOnFailure>,
  limits: { maxBytes: number; timeoutMs: number; rules?: RecordRules },
): SendingPolicy {
  const { batch } = queue;
  const inBytes = batch.sizer === 'bytes';
  return {
    maxInFlight: Math.min(Math.max(1, queue.num_consumers), MAX_CONSUMERS),
    minRecords: !batch.enabled ? 1 : inBytes ? Number.MAX_SAFE_INTEGER : Math.max(1, batch.min_size),
    minBytes: inBytes ? Math.max(0, batch.min_size) : Number.MAX_SAFE_INTEGER,
    maxRecords: inBytes || batch.max_size <= 0 ? Number.MAX_SAFE_INTEGER : batch.max_size,
    maxBytes: inBytes && batch.max_size > 0 ? Math.min(batch.max_size, limits.maxBytes) : limits.maxBytes,
    attemptLimitMs: (limits.timeoutMs || LONGEST_ATTEMPT_MS) + ATTEMPT_GRACE_MS,
    flushTimeoutMs: batch.flush_timeout,
    retry: {
      enabled: retry.enabled,
      initialIntervalMs: retry.initial_interval,
      randomizationFactor: retry.randomization_factor,
      multiplier: Math.max(1, retry.multiplier),
      maxIntervalMs: retry.max_interval,
      maxElapsedMs: retry.max_elapsed_time,
      probeIntervalMs: retry.probe_interval,
    },
    rules: limits.rules ?? NO_RULES,
  };
}
