import { z } from 'zod';
import { sendingQueue } from '../../config/blocks/delivery.ts';
import { level } from '../../config/blocks/scalars.ts';

export const config = z.strictObject({
  verbosity: level(['basic', 'normal', 'detailed'], { first: 0, error: 'verbosity level %s is not supported' })
    .prefault('basic')
    .describe('basic: a line per batch; normal: a line per record; detailed: everything, on many lines. In any case.'),
  sampling_initial: z
    .number()
    .int()
    .default(2)
    .describe('Batches printed at the start of each second; below 0 all are.'),
  sampling_thereafter: z
    .number()
    .int()
    .default(1)
    .describe('After those, every so many-th batch of the second is printed: 1 is all, 0 and less is none.'),
  use_internal_logger: z
    .boolean()
    .default(true)
    .describe("true: the line per batch is one of the agent's log, the records follow it on stderr."),
  output_paths: z
    .array(z.string().min(1))
    .optional()
    .describe('Where to print when `use_internal_logger` is false: stdout (when there is none), stderr or files.'),
  sending_queue: sendingQueue.prefault({}).describe('How records become batches.'),
});

export type DebugConfig = z.output<typeof config>;
