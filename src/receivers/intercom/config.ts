import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { httpServer } from '../../config/blocks/http.ts';
import { duration, secret, size } from '../../config/blocks/scalars.ts';
import { isLoopback } from '../../net/server.ts';
import { parseCidr } from '../../net/server-address.ts';
import { checkHttpServer } from '../../net/server-check.ts';
import { severityLevels, TOPIC_PATTERN } from './severity.ts';
import { servedPaths } from './urls.ts';

/** Names go to backends and into keys: text without control characters. */
const name = z
  .string()
  .min(1, 'must not be empty')
  .max(128, 'at most 128 characters')
  .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters');

const cidrs = z
  .array(
    z.string().refine((text) => parseCidr(text) !== undefined, {
      message: 'expected an address or a network such as 10.0.0.0/8 or 2001:db8::/32',
    }),
  )
  .default([]);

const severityLevel = z.enum(severityLevels);

const integration = z
  .strictObject({
    name: name.describe('Identity of the integration; its URL and its deduplication hang on it.'),
    client_secret: secret()
      .optional()
      .describe("The Intercom app's client secret (Developer Hub, Basic information), not an API key or access token."),
    client_secrets: z
      .array(secret())
      .min(1, 'at least one secret')
      .optional()
      .describe('Several, while the secret is being changed: any of them is taken.'),
    signature: z
      .enum(['required', 'none'])
      .default('required')
      .describe('`none` takes events from anyone who knows the URL; then there is no secret.'),
    application_name: name.describe('Application name in Coralogix, `service.namespace` elsewhere.'),
    subsystem_name: name
      .optional()
      .describe("Subsystem name in Coralogix, `service.name` elsewhere. Without it the integration's name."),
    workspaces: z
      .record(z.string(), z.strictObject({ application_name: name.optional(), subsystem_name: name.optional() }))
      .default({})
      .describe(
        'Other names for the events of single workspaces, by `app_id`. One Intercom app serves all that installed it.',
      ),
    path: z
      .string()
      .max(256, 'at most 256 characters')
      .regex(
        /^(\/(?!\.\.?(?:\/|$))[A-Za-z0-9._~-]+)+$/,
        'expected a path such as /hooks/support: letters, digits and . _ ~ -',
      )
      .optional()
      .describe('Path of the URL, instead of an unguessable one.'),
  })
  .superRefine((value, context) => {
    const one = value.client_secret !== undefined;
    const several = value.client_secrets !== undefined;
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (one && several) issue('client_secrets', 'give client_secret or client_secrets, not both');
    if (value.signature === 'none' && (one || several)) {
      issue('signature', 'there is a secret, so signatures can be checked: remove signature: none, or the secret');
    }
    if (value.signature === 'required' && !one && !several) {
      issue('client_secret', "is missing: the app's client secret, or signature: none to take events from anyone");
    }
  });

export const config = z
  .strictObject({
    ...httpServer({ endpoint: 'localhost:8080', maxRequestBodySize: '5MiB', idleTimeout: '75s' }),
    max_open_bytes: size('64MiB').describe(
      'Bytes of all bodies in memory together; beyond it requests wait up to 3s unread and are then answered 429.',
    ),
    public_url: z
      .string()
      .refine(isPublicUrl, 'expected a URL such as https://hooks.example.com, maybe with a path')
      .optional()
      .describe('Where Intercom reaches this door; for printing the URLs. A path may be stripped by the proxy or not.'),
    integrations: z.array(integration).min(1, 'at least one integration').describe('One for each Intercom app.'),
    url_key: secret()
      .refine((key) => key.reveal().length >= 16, 'at least 16 characters, for example from: openssl rand -base64 32')
      .meta({ format: 'secret' })
      .optional()
      .describe(
        'Key of the unguessable URLs. Without it one is made and kept in the data directory; replicas share one.',
      ),
    dedup: z
      .strictObject({
        window: duration('24h').describe('How long ids are remembered.'),
        max_ids: z.number().int().min(0).default(1_000_000).describe('How many are remembered at most.'),
      })
      .prefault({})
      .describe('A notification whose id is remembered is answered 200 and not stored again.'),
    trusted_proxies: cidrs.describe('Peers whose X-Forwarded-For is believed.'),
    allow_from: cidrs.describe('Clients that may post; empty: all. Intercom publishes its own addresses.'),
    shutdown_delay: duration('5s').describe(
      'How long the door goes on after a stop signal, so that load balancers notice.',
    ),
    severity: z
      .union([
        severityLevel,
        z.record(z.string().regex(TOPIC_PATTERN, 'expected a topic, or the beginning of one and *'), severityLevel),
      ])
      .optional()
      .describe(
        'One severity for everything, or severities by topic (`content_stat.*` for all that begin so); the first match wins.',
      ),
  })
  .superRefine((value, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (value.max_open_bytes < value.max_request_body_size) {
      issue(['max_open_bytes'], 'is smaller than max_request_body_size: such a body could never be taken');
    }
    const names = new Map<string, number>();
    const paths = new Map<string, number>();
    for (const [index, { name, path }] of value.integrations.entries()) {
      const twin = names.get(name);
      if (twin !== undefined) issue(['integrations', index, 'name'], `is already that of integrations[${twin}]`);
      names.set(name, index);
      if (path === undefined) continue;
      for (const served of servedPaths(path, value.public_url)) {
        const rival = paths.get(served);
        if (rival !== undefined)
          issue(['integrations', index, 'path'], `${served} is also served for integrations[${rival}]`);
        paths.set(served, index);
      }
    }
  });

export type IntercomConfig = z.output<typeof config>;
export type IntegrationConfig = IntercomConfig['integrations'][number];

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname } = new URL(text);
  const plainPath = /^(\/[A-Za-z0-9._~-]+)*\/?$/.test(pathname) && !/[?#]/.test(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && plainPath;
}

/** What the schema can't say. */
export function check(config: IntercomConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = checkHttpServer(config);
  const warn = (path: (string | number)[], message: string, suggestion?: string) =>
    remarks.push({ severity: 'warning', path, message, suggestion });

  if (config.auth) {
    const message =
      'Intercom sends no credentials but its signature: without a proxy in front that adds them, all events are refused';
    warn(['auth'], message, 'remove it, and leave the proof to client_secret');
  }
  if (config.public_url?.startsWith('http:')) {
    warn(['public_url'], 'Intercom posts to HTTPS only', config.public_url.replace(/^http:/, 'https:'));
  }
  for (const [
    index,
    { client_secret: one, client_secrets: several = [], signature },
  ] of config.integrations.entries()) {
    const at = ['integrations', index];
    const secrets = [
      { path: [...at, 'client_secret'], secret: one },
      ...several.map((secret, i) => ({ path: [...at, 'client_secrets', i], secret })),
    ];
    for (const { path, secret } of secrets) {
      const text = secret?.reveal() ?? '';
      if (text !== text.trim()) warn(path, 'begins or ends with white space, which counts: signatures may never match');
    }
    if (signature === 'none' && !isLoopback(config.endpoint) && config.allow_from.length === 0) {
      warn(
        [...at, 'signature'],
        'anyone who learns the URL can store events',
        'give the client_secret, or limit allow_from',
      );
    }
  }
  return remarks;
}
