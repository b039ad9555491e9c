import { z } from 'zod';

export const config = z.strictObject({
  color: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('auto: in colour on a terminal, plain in a pipe; NO_COLOR counts.'),
  body: z.boolean().default(true).describe('Print the body too. It holds what customers wrote.'),
  max_lines: z
    .number()
    .int()
    .min(1)
    .default(24)
    .describe('Lines of attributes, and of the body, that are shown of each record.'),
  output: z.enum(['stdout', 'stderr']).default('stdout').describe('Where to print.'),
});

export type TerminalConfig = z.output<typeof config>;
