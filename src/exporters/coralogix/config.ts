import { z } from 'zod';
import { withoutEffect } from '../../config/blocks/accepted.ts';
import { clientAuthBlock } from '../../config/blocks/auth.ts';
import { recordRules, retryOnFailure, sendingQueue, statusOutcomes } from '../../config/blocks/delivery.ts';
import { httpClient } from '../../config/blocks/http.ts';
import { duration, size } from '../../config/blocks/scalars.ts';
import { clientTls } from '../../config/blocks/tls.ts';
import { Secret } from '../../config/secret.ts';
import { judgeDomain } from './domain.ts';

/** As the Collector says it, whether the key is absent or empty (a variable that is not set). */
const missing = (key: string) => `\`${key}\` not specified, please fix the configuration`;

function required(key: string) {
  return z
    .string({ error: (issue) => (issue.input === undefined || issue.input === null ? missing(key) : undefined) })
    .min(1, missing(key));
}

const client = httpClient({ timeout: '30s', compression: 'gzip' });
const grpcOnly = withoutEffect(z.unknown().optional(), 'it is a matter of gRPC.');

/** The Collector's gRPC client block as far as it means something over HTTP. Absent keys are taken from elsewhere. */
const transport = {
  timeout: duration('30s').unwrap().optional().meta({ format: 'duration' }).describe('Time for one attempt.'),
  compression: client.compression.unwrap().optional().describe('gzip when absent.'),
  headers: client.headers.unwrap().optional().describe('More headers; values are kept secret.'),
  tls: clientTls.optional().describe('TLS towards Coralogix.'),
  proxy_url: z.string().optional().describe('HTTP proxy.'),
  auth: clientAuthBlock().describe('An authenticator; its header wins over that of `private_key`.'),
  accept_encoding: grpcOnly,
  authority: grpcOnly,
  balancer_name: grpcOnly,
  keepalive: grpcOnly,
  read_buffer_size: grpcOnly,
  user_agent: grpcOnly,
  wait_for_ready: grpcOnly,
  write_buffer_size: grpcOnly,
};

const signal = z.strictObject({ endpoint: z.string().optional(), ...transport });
const otherSignal = (name: string) =>
  withoutEffect(z.record(z.string(), z.unknown()).optional(), `this agent sends no ${name}.`);

export const config = z.strictObject({
  domain: z
    .string()
    .superRefine((value, context) => {
      const verdict = value === '' ? undefined : judgeDomain(value);
      if (verdict?.kind !== 'wrong') return;
      const { message, suggestion } = verdict;
      context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} ${message}`, params: { suggestion } });
    })
    .optional()
    .describe('Domain of your Coralogix region, such as eu2.coralogix.com.'),
  private_link: z.boolean().default(false).describe('Go through AWS PrivateLink: ingress.private.<domain>.'),
  domain_settings: z.strictObject(transport).optional().describe('Settings of the connection.'),
  logs: signal.optional().describe('For logs only; wins over `domain` and `domain_settings`, key by key.'),
  traces: otherSignal('traces'),
  metrics: otherSignal('metrics'),
  profiles: otherSignal('profiles'),
  protocol: z
    .enum(['grpc', 'http'], { error: () => 'protocol must be grpc or http' })
    .optional()
    .describe('Always http; grpc is accepted with a warning.'),
  private_key: required('private_key')
    .transform((value) => new Secret(value))
    .meta({ format: 'secret' })
    .describe('Send-Your-Data API key.'),
  application_name: required('application_name').describe('Application of records that bring none.'),
  subsystem_name: z.string().default('').describe('Subsystem of records that bring none.'),
  application_name_attributes: z
    .array(z.string())
    .default(['cx.application.name'])
    .describe("Resource attributes that give the application; the first that isn't empty wins."),
  subsystem_name_attributes: z
    .array(z.string())
    .default(['cx.subsystem.name'])
    .describe("Resource attributes that give the subsystem; the first that isn't empty wins."),
  timeout: duration('30s').describe('Time for one attempt, from the look-up of the name to the end of the answer.'),
  max_request_bytes: size('2MB').describe(
    'A request of several records stays below this many bytes, uncompressed; Coralogix recommends 2 MB. A larger record goes alone, up to 10 MB.',
  ),
  ...recordRules,
  max_record_bytes: size('10MB').describe(
    'A larger record, uncompressed, is not sent as it is; 10 MB is the most that Coralogix takes in a request.',
  ),
  max_age: duration('23h').describe(
    'A record whose time is further back when it is to be sent is too old: Coralogix takes the last 24 hours. 0: none is. Judged at each attempt.',
  ),
  outcomes: statusOutcomes,
  rate_limiter: z
    .strictObject({
      enabled: z.boolean().optional(),
      threshold: z.number().int().optional(),
      duration: duration('1m').unwrap().optional().meta({ format: 'duration' }),
    })
    .optional()
    .describe('Discards nothing: where the Collector would, the delivery holds.'),
  sending_queue: sendingQueue.prefault({}).describe('How records become requests.'),
  retry_on_failure: retryOnFailure.prefault({}).describe('What follows trouble that passes.'),
});

export type CoralogixConfig = z.output<typeof config>;
