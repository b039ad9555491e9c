import { z } from 'zod';
import { withoutEffect } from '../../config/blocks/accepted.ts';
import { recordRules, retryOnFailure, sendingQueue, statusOutcomes } from '../../config/blocks/delivery.ts';
import { httpClient } from '../../config/blocks/http.ts';
import { size } from '../../config/blocks/scalars.ts';

const otherSignal = (signal: string) => withoutEffect(z.string().optional(), `this agent sends no ${signal}.`);

export const config = z.strictObject({
  endpoint: z.string().optional().describe('Base URL of the backend; /v1/logs is added.'),
  logs_endpoint: z.string().optional().describe('Whole URL for logs, used as it is; wins over `endpoint`.'),
  traces_endpoint: otherSignal('traces'),
  metrics_endpoint: otherSignal('metrics'),
  profiles_endpoint: otherSignal('profiles'),
  encoding: z
    .enum(['proto', 'json'], {
      error: ({ input }) => (typeof input === 'string' ? `invalid encoding type: ${input}` : undefined),
    })
    .default('proto')
    .describe('OTLP as protobuf or as JSON.'),
  max_request_bytes: size('4MiB').describe(
    'A request of several records stays below this many bytes, uncompressed. A larger record is sent alone.',
  ),
  ...recordRules,
  outcomes: statusOutcomes,
  ...httpClient({ timeout: '30s', compression: 'gzip' }),
  sending_queue: sendingQueue.prefault({}).describe('How records become requests.'),
  retry_on_failure: retryOnFailure.prefault({}).describe('What follows trouble that passes.'),
});

export type OtlpHttpConfig = z.output<typeof config>;
