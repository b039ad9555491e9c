import { z } from 'zod';
import { sendingQueue } from '../../config/blocks/delivery.ts';

const VERBOSITIES = ['basic', 'normal', 'detailed'] as const;
/** As the Collector counts them; it takes the number too. */
const LEVELS: Readonly<Record<number, string>> = { [-1]: 'none', 0: 'basic', 1: 'normal', 2: 'detailed' };

export const config = z.strictObject({
  verbosity: z
    .union([z.string(), z.number()])
    .transform((given, context) => {
      const level = typeof given === 'number' ? LEVELS[given] : given.toLowerCase();
      const known = VERBOSITIES.find((one) => one === level);
      if (known) return known;
      const shown = JSON.stringify(level === 'none' ? 'None' : (level ?? String(given)));
      context.addIssue({ code: 'custom', message: `verbosity level ${shown} is not supported` });
      return z.NEVER;
    })
    .pipe(z.enum(VERBOSITIES))
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
