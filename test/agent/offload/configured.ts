import assert from 'node:assert/strict';
import { entryDecoder, routesOf } from '../../../src/agent/components.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { AgentConfig } from '../../../src/config/model.ts';
import { Routes } from '../../../src/delivery/routes.ts';
import type { Entry } from '../../../src/journal/journal.ts';
import { noAuthenticators } from '../../../src/net/auth.ts';
import type { LogRecord } from '../../../src/record/log-record.ts';
import { factories } from '../../../src/registry.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const VERSION = '1.2.3';

/** As a configuration names what stands in the environment. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of the configuration language
export const REFERENCES = { secret: '${env:SECRET}', key: '${env:KEY}' };
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

export interface Blocks {
  readonly processors: Readonly<Record<string, unknown>>;
  readonly pipelines: Readonly<
    Record<string, { readonly processors: readonly string[]; readonly exporters?: readonly string[] }>
  >;
}

export async function configured({ processors, pipelines }: Blocks): Promise<AgentConfig> {
  const receivers = {
    intercom: { integrations: [{ name: 'a', client_secret: REFERENCES.secret, application_name: 'app' }] },
  };
  const exporters = {
    'otlp_http/a': { endpoint: 'http://localhost:1' },
    'otlp_http/b': { endpoint: 'http://localhost:2' },
  };
  const whole = Object.entries(pipelines).map(([id, given]) => [
    id,
    { receivers: ['intercom'], exporters: ['otlp_http/a'], ...given },
  ]);
  const text = JSON.stringify({ receivers, processors, exporters, service: { pipelines: Object.fromEntries(whole) } });
  const { config, diagnostics } = await loadConfig({
    sources: ['agent.yaml'],
    environment: { SECRET: 'secret', KEY: '0123456789abcdef0123456789abcdef' },
    factories,
    readFile: () => Promise.resolve(text),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  return config;
}

/** As the deliveries' own routes make them. */
export function madeHere(config: AgentConfig, pipeline: string, entries: readonly Entry[]): LogRecord[] {
  const found = config.service.pipelines.find(({ id }) => id === pipeline);
  assert.ok(found);
  const context = (_: string, id: string) => ({
    ...{ id, version: VERSION, log: silentLog, clock: new FakeClock(), random: Math.random },
    authenticators: noAuthenticators,
  });
  const routes = new Routes(routesOf(config, found, context), () => assert.fail('a stray record'));
  const decode = entryDecoder(config, VERSION);
  return entries.flatMap((entry) => routes.run(entry, decode));
}

export function entriesOf(notifications: readonly object[]): Entry[] {
  return notifications.map((notification, index) => ({
    position: index + 1,
    source: 'intercom',
    receivedAt: 1_767_225_600_000 + index,
    records: 1,
    metadata: { integration: 'a', application_name: 'app', subsystem_name: 'a', kind: 'notification' },
    body: Buffer.from(JSON.stringify(notification)),
  }));
}

export const notification = (id: string, item: object = {}) => ({
  ...{ type: 'notification_event', app_id: 'abc', topic: 'conversation.user.created', id, created_at: 1_767_225_000 },
  data: { type: 'notification_event_data', item: { type: 'conversation', id: '7', ...item } },
});
