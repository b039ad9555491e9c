import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { withoutEffect } from '../../config/blocks/accepted.ts';
import { httpServer } from '../../config/blocks/http.ts';
import { duration } from '../../config/blocks/scalars.ts';
import { checkHttpServer } from '../../net/server-check.ts';

const ONE_PAGE = 'the page has the state of every delivery, and its status speaks of the door.';

/** Of the Collector's second version, which a feature gate switches on there. */
const secondVersion = z.unknown().optional().describe('Refused: use `endpoint` and `path`.');

export const config = z.strictObject({
  ...httpServer({ endpoint: 'localhost:13133', maxRequestBodySize: '0' }),
  path: z
    .string()
    .startsWith('/', 'must start with /')
    .default('/')
    .describe('Path that is answered; every other one is 404.'),
  response_body: z
    .strictObject({
      healthy: z.string().default('').describe('Body of a 200.'),
      unhealthy: z.string().default('').describe('Body of a 503.'),
    })
    .nullish()
    .describe('Texts that are answered instead of the JSON body.'),
  check_collector_pipeline: withoutEffect(
    z
      .strictObject({
        enabled: z.boolean().default(false).describe('Look at the pipelines.'),
        interval: z.string().default('5m').describe('So far back.'),
        exporter_failure_threshold: z.number().int().default(5).describe('Failures.'),
      })
      .optional(),
    ONE_PAGE,
  ),
  component_health: withoutEffect(
    z
      .strictObject({
        include_permanent_errors: z.boolean().default(false).describe('Errors that stay.'),
        include_recoverable_errors: z.boolean().default(false).describe('Errors that pass.'),
        recovery_duration: duration('1m').describe('How long they may take.'),
      })
      .nullish(),
    ONE_PAGE,
  ),
  use_v2: z.boolean().default(false).describe('Only false: there is one page.'),
  http: secondVersion,
  grpc: secondVersion,
});

export type HealthCheckConfig = z.output<typeof config>;

/** What the schema can't say. */
export function check(settings: HealthCheckConfig): ConfigRemark[] {
  const remarks = checkHttpServer(settings);
  const error = (key: string, message: string) =>
    remarks.push({ severity: 'error', path: [key], message, suggestion: 'endpoint and path: the page of this agent' });
  const key = (['http', 'grpc'] as const).find((name) => settings[name] !== undefined && settings[name] !== null);
  if (key) {
    error(
      key,
      'v2 healthcheck configuration (http/grpc fields) detected but feature gate is disabled, and this agent does not have it',
    );
  } else if (settings.use_v2) {
    error('use_v2', 'must specify at least one protocol, and this agent has none of v2');
  }
  return remarks;
}
