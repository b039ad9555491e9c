/** Component types that exist only in tests, with schemas as real ones have them. Nothing of them can be created. */
import { z } from 'zod';
import type {
  AnyFactory,
  ConfigRemark,
  ConnectorFactory,
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
} from '../../src/component.ts';
import { retryOnFailure, sendingPolicy, sendingQueue } from '../../src/config/blocks/delivery.ts';
import { httpClient, httpServer } from '../../src/config/blocks/http.ts';
import { endpoint, secret, size } from '../../src/config/blocks/scalars.ts';

const workspace = z.strictObject({
  application_name: z.string().optional().describe('Application of this workspace.'),
  subsystem_name: z.string().optional().describe('Subsystem of this workspace.'),
});

const integration = z.strictObject({
  name: z.string().min(1, 'must not be empty').describe('Name of the integration.'),
  client_secret: z
    .union([secret(), z.array(secret())])
    .optional()
    .describe('Client secret of the app, or several.'),
  client_secrets: z.array(secret()).optional().describe('Client secrets, while one is rotated.'),
  signature: z.literal('none').optional().describe('Said in so many words.'),
  application_name: z.string().optional().describe('Application name.'),
  workspaces: z.record(z.string(), workspace).default({}).describe('Names by workspace.'),
});

const hooksConfig = z.strictObject({
  ...httpServer({ endpoint: 'localhost:8080', maxRequestBodySize: '5MiB' }),
  public_url: z.url().optional().describe('What is reached from outside.'),
  url_key: secret().optional().describe('Key of the URLs.'),
  integrations: z.array(integration).min(1).describe('One for each app.'),
});

const hooks: ReceiverFactory<z.output<typeof hooksConfig>> = {
  kind: 'receiver',
  type: 'hooks',
  aliases: ['old_hooks'],
  stability: 'beta',
  summary: 'Takes webhooks.',
  config: hooksConfig,
  check(config) {
    return config.integrations.flatMap((one, index): ConfigRemark[] => {
      const named = one.client_secret ?? one.client_secrets ?? one.signature;
      if (named !== undefined) return [];
      return [
        {
          severity: 'error',
          path: ['integrations', index],
          message: `the integration ${JSON.stringify(one.name)} has no client_secret`,
          suggestion: "copy it from the app's page",
        },
      ];
    });
  },
  create: never,
  decoder: never,
};

const vaultConfig = z.strictObject({
  ...httpClient({ timeout: '30s', compression: 'gzip' }),
  endpoint: z.url().describe('Where records go.'),
  private_key: secret().describe('Key to send data with.'),
  application_name: z.string().default('default').describe('Application name.'),
  sending_queue: sendingQueue.prefault({}).describe('How requests are formed.'),
  retry_on_failure: retryOnFailure.prefault({}).describe('How it tries again.'),
});

const vault: ExporterFactory<z.output<typeof vaultConfig>> = {
  kind: 'exporter',
  type: 'vault',
  aliases: ['vaulthttp'],
  stability: 'beta',
  summary: 'Sends records.',
  config: vaultConfig,
  check(config) {
    if (!config.endpoint.startsWith('http:')) return [];
    return [
      {
        severity: 'warning',
        path: ['endpoint'],
        message: `${config.endpoint} sends ${config.private_key.reveal()} in the clear`,
        suggestion: 'use https',
      },
    ];
  },
  policy: (config) => sendingPolicy(config.sending_queue, config.retry_on_failure, { maxBytes: 1e6, timeoutMs: 0 }),
  create: never,
};

const print: ExporterFactory = {
  kind: 'exporter',
  type: 'print',
  stability: 'stable',
  summary: 'Prints records.',
  config: z.strictObject({
    verbosity: z.enum(['basic', 'normal', 'detailed']).default('basic').describe('How much.'),
  }),
  policy: () => sendingPolicy(sendingQueue.parse({}), retryOnFailure.parse({}), { maxBytes: 1e6, timeoutMs: 0 }),
  create: never,
};

const stamp: ProcessorFactory = {
  kind: 'processor',
  type: 'stamp',
  stability: 'alpha',
  summary: 'Writes attributes.',
  config: z.strictObject({
    attributes: z.record(z.string(), z.string()).default({}).describe('Texts by key.'),
    value: z.unknown().optional().describe('Anything.'),
    ratio: z.number().min(0).max(1).optional().describe('A share.'),
    flags: z.array(z.string()).default([]).describe('Texts.'),
    strict: z.boolean().default(false).describe('Yes or no.'),
  }),
  create: never,
};

const joint: ConnectorFactory = {
  kind: 'connector',
  type: 'joint',
  aliases: ['old_joint'],
  stability: 'beta',
  summary: 'Joins pipelines.',
  config: z.strictObject({}),
};

const probe: ExtensionFactory = {
  kind: 'extension',
  type: 'probe',
  stability: 'beta',
  summary: 'Answers probes.',
  config: z.strictObject({
    endpoint: endpoint('localhost:13133').describe('Where it listens.'),
    limit: size('1MiB').describe('Largest answer.'),
  }),
  create: never,
};

function never(): never {
  throw new Error('BUG: a component of the tests cannot be created');
}

export const factories: readonly AnyFactory[] = [hooks, vault, print, stamp, joint, probe];
