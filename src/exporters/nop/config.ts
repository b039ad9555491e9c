import { z } from 'zod';

export const config = z.strictObject({});

export type NopConfig = z.output<typeof config>;
