import { z } from 'zod';
import { signedDuration, uint32 } from '../../config/blocks/scalars.ts';

export const config = z
  .strictObject({
    timeout: signedDuration('200ms').describe('Accepted; see sending_queue::batch::flush_timeout of the exporters.'),
    send_batch_size: uint32(8192).describe('Records. Accepted; see sending_queue::batch::min_size of the exporters.'),
    send_batch_max_size: uint32(0).describe(
      'Records, 0 for no limit. Accepted; see sending_queue::batch::max_size of the exporters.',
    ),
    metadata_keys: z.array(z.string()).default([]).describe('Accepted for Collector files; has no effect.'),
    metadata_cardinality_limit: uint32(1000).describe('Accepted for Collector files; has no effect.'),
  })
  .superRefine((settings, context) => {
    const { send_batch_size: size, send_batch_max_size: maximum, metadata_keys: keys, timeout } = settings;
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (maximum > 0 && maximum < size)
      refuse('send_batch_max_size', 'send_batch_max_size must be greater or equal to send_batch_size');
    const lower = keys.map((key) => key.toLowerCase());
    const twice = lower.find((key, index) => lower.indexOf(key) < index);
    if (twice !== undefined)
      refuse('metadata_keys', `duplicate entry in metadata_keys: ${JSON.stringify(twice)} (case-insensitive)`);
    if (timeout < 0) refuse('timeout', 'timeout must be greater or equal to 0');
  });

export type BatchConfig = z.output<typeof config>;
