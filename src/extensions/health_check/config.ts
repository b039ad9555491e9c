import { z } from 'zod';
import { httpServer } from '../../config/blocks/http.ts';

export const config = z.strictObject({
  ...httpServer({ endpoint: 'localhost:13133', maxRequestBodySize: '0' }),
  path: z
    .string()
    .startsWith('/', 'must start with /')
    .default('/')
    .describe('Path that is answered; every other one is 404.'),
});

export type HealthCheckConfig = z.output<typeof config>;
