import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Agent } from '../../src/agent/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { notification } from '../receivers/intercom/door-harness.ts';
import { freePort, temporaryDirectory } from '../support/agent-process.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { until } from '../support/raw-client.ts';

describe('an agent with authenticators', () => {
  it('shows its token to the backend, and asks callers of its door and of its health page for theirs', async (t) => {
    const directory = await temporaryDirectory(t);
    const sink = await OtlpSink.start();
    t.after(() => sink.close());
    const [door, health] = [await freePort(), await freePort()];
    const yaml = `
receivers:
  intercom:
    endpoint: '127.0.0.1:${door}'
    shutdown_delay: 0s
    auth: { authenticator: basic_auth/door }
    integrations: [{ name: a, application_name: a, signature: none, path: /a }]
exporters:
  otlp_http: { endpoint: '${sink.url}', auth: { authenticator: bearertokenauth }, sending_queue: { batch: { flush_timeout: 1ms } } }
  coralogix:
    { private_key: '\${env:TOKEN}', application_name: a, logs: { endpoint: '${sink.url}', auth: { authenticator: bearertokenauth } } }
extensions:
  health_check: { endpoint: '127.0.0.1:${health}', auth: { authenticator: bearertokenauth } }
  file_storage: { directory: ${JSON.stringify(join(directory, 'data'))} }
  bearertokenauth: { token: '\${env:TOKEN}', header: X-Token, scheme: '' }
  basicauth/door: { htpasswd: { inline: '\${env:USERS}' } }
service:
  extensions: [health_check, file_storage, bearertokenauth, basicauth/door]
  telemetry: { metrics: { level: none } }
  pipelines: { logs: { receivers: [intercom], exporters: [otlp_http, coralogix] } }
`;
    const { config, diagnostics } = await loadConfig({
      sources: ['agent.yaml'],
      factories,
      environment: { TOKEN: 'the-token', USERS: 'me:my-password' },
      readFile: async () => yaml,
    });
    if (!config) throw new Error(formatDiagnostics(diagnostics, { color: false }));
    const agent = new Agent({ config, version: '0', log: silentLog, clock: systemClock, random: Math.random });
    await agent.start();
    t.after(() => agent.shutdown({ deadline: AbortSignal.abort(), delayed: false }));

    const post = (authorization?: string) =>
      fetch(`http://127.0.0.1:${door}/a`, {
        method: 'POST',
        body: notification(),
        headers: authorization ? { authorization } : {},
      });
    const refused = await post();
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    assert.equal((await post(`Basic ${btoa('me:other')}`)).status, 401);
    assert.equal((await post(`Basic ${btoa('me:my-password')}`)).status, 200);
    assert.equal(agent.status().refused.unauthorized, 2);

    await until(() => sink.requests.length === 2);
    for (const { headers } of sink.requests) assert.equal(headers['x-token'], 'the-token');
    const bearers = sink.requests.map(({ headers }) => headers.authorization ?? '');
    assert.deepEqual(bearers.sort(), ['', 'Bearer the-token'], 'coralogix still sends its key');

    const page = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${health}/`, { headers });
    assert.equal((await page({})).status, 401);
    assert.equal((await page({ 'x-token': 'the-token' })).status, 200);
  });
});
