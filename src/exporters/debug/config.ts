import { z } from 'zod';
import { sendingQueue } from '../../config/blocks/delivery.ts';

export const config = z.strictObject({
  verbosity: z
    .enum(['basic', 'normal', 'detailed'], {
      error: (issue) => `verbosity level ${JSON.stringify(issue.input)} is not supported`,
    })
    .default('basic')
    .describe('basic: a line per batch; normal: a line per record; detailed: everything, on many lines.'),
  sampling_initial: z.number().int().min(0).default(2).describe('Batches printed at the start of each second.'),
  sampling_thereafter: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe('After those, every so many-th batch of the second is printed: 1 is all, 0 is none.'),
  use_internal_logger: z
    .boolean()
    .default(true)
    .describe("true: the line per batch is one of the agent's log, the records follow it on stderr."),
  output_paths: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Where to print when `use_internal_logger` is false: stdout (default), stderr or files.'),
  sending_queue: sendingQueue.prefault({}).describe('How records become batches.'),
});

export type DebugConfig = z.output<typeof config>;
