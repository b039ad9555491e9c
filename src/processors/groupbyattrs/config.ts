import { z } from 'zod';

export const config = z.strictObject({
  keys: z
    .array(z.string())
    .default([])
    .describe(
      'Attributes of records that become attributes of their resource. Empty: records of equal resources are only put together.',
    ),
});

export type GroupByAttrsConfig = z.output<typeof config>;
