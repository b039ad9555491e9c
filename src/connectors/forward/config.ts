import { z } from 'zod';

export const config = z.strictObject({});

export type ForwardConfig = z.output<typeof config>;
