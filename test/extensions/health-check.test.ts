import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ExtensionContext } from '../../src/component.ts';
import { healthBody } from '../../src/extensions/health_check/health-check.ts';
import { factory } from '../../src/extensions/health_check/index.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import type { LogFields } from '../../src/telemetry/log.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { AgentStatus } from '../../src/telemetry/status.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { agentStatus, delivery } from '../telemetry/status-samples.ts';

const clock = new FakeClock();
const running: AgentStatus = agentStatus({
  startedAt: clock.now() - 90_500,
  accepted: 7,
  duplicates: 1,
  refused: { signature: 2 },
});

async function page(t: { after(task: () => Promise<void>): void }, status: () => AgentStatus, block: object = {}) {
  let address = '';
  const info = (message: string, fields?: LogFields) => {
    if (/listens/.test(message)) address = `http://${fields?.address}:${fields?.port}`;
  };
  const context: ExtensionContext = {
    id: 'health_check',
    log: { ...silentLog, info },
    clock,
    random: Math.random,
    version: '0',
    authenticators: noAuthenticators,
    status,
  };
  const extension = factory.create(factory.config.parse({ endpoint: '127.0.0.1:0', ...block }), context);
  await extension.start();
  t.after(() => extension.shutdown(AbortSignal.timeout(1000)));
  return address;
}

it('the status code speaks of the door only: 503 while starting, draining and stopping, else 200, whatever the deliveries do', async (t) => {
  let status = running;
  const address = await page(t, () => status);
  const codeOf = async (changes: Partial<AgentStatus>) => {
    status = { ...running, ...changes };
    return (await fetch(address)).status;
  };
  assert.equal(await codeOf({}), 200);
  assert.equal(await codeOf({ degraded: ['a delivery is held'] }), 200);
  assert.equal(await codeOf({ journal: { ...running.journal, full: true } }), 200);
  for (const phase of ['starting', 'draining', 'stopping', 'stopped'] as const)
    assert.equal(await codeOf({ phase }), 503);
});

it('the body says what was accepted and refused, and why a person should look', async (t) => {
  const address = await page(t, () => ({ ...running, degraded: ['it is held'] }));
  const response = await fetch(address);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const { status, uptime, degraded, reasons, accepted, refused } = (await response.json()) as Record<string, unknown>;
  assert.deepEqual(
    { status, uptime, degraded, reasons, accepted, refused },
    {
      status: 'Server available',
      uptime: '90s',
      degraded: true,
      reasons: ['it is held'],
      accepted: 7,
      refused: { signature: 2 },
    },
  );
});

it('HEAD is answered, other paths are 404, and another path may be chosen', async (t) => {
  const address = await page(t, () => running, { path: '/healthz' });
  assert.equal((await fetch(`${address}/healthz`, { method: 'HEAD' })).status, 200);
  assert.equal((await fetch(`${address}/healthz?verbose`)).status, 200);
  assert.equal((await fetch(`${address}/`)).status, 404);
  assert.equal((await fetch(`${address}/healthz`, { method: 'POST', body: 'x' })).status, 404);
});

it('the body has the ledger, what is left of the room, dead letters and replays', () => {
  const journal = { bytes: 60, max_bytes: 100, full: false, hours_left: 4.5, slowest: 'logs nop', notes: ['on tmpfs'] };
  const dead_letters = { letters: 3, bytes: 30, max_bytes: 40, full: false, expired: 2 };
  const deliveries = [delivery({ delivered: 5, last_rejection: 'two were too old' })];
  const replays = [{ ...delivery(), id: 'r1', request: 'from yesterday' }];
  const body = healthBody({ ...running, journal, dead_letters, deliveries, replays }, clock.now());
  assert.deepEqual(
    { journal: body.journal, dead_letters: body.dead_letters, deliveries: body.deliveries, replays: body.replays },
    { journal, dead_letters, deliveries, replays },
  );
  assert.ok(!('omitted' in body));
});

it('the body is bounded, however many deliveries, replays and reasons there are, and trouble comes first', () => {
  const long = 'x'.repeat(100_000);
  const many = Array.from({ length: 5000 }, (_, index) =>
    delivery({ exporter: `e${index}`, state: index === 4999 ? 'held' : 'running', reason: long, last_rejection: long }),
  );
  const body = healthBody(
    {
      ...running,
      journal: { ...running.journal, notes: Array.from({ length: 100 }, () => long) },
      deliveries: many,
      replays: many.map((one, index) => ({ ...one, id: `r${index}`, request: long })),
      degraded: many.map(({ exporter }) => `${exporter} ${long}`),
    },
    clock.now(),
  );
  assert.ok(JSON.stringify(body).length < 300_000, `${JSON.stringify(body).length}`);
  assert.equal(body.degraded, true);
  assert.deepEqual(
    body.deliveries.slice(0, 3).map(({ exporter }) => exporter),
    ['e4999', 'e0', 'e1'],
  );
  assert.deepEqual('omitted' in body && body.omitted, { reasons: 4950, notes: 50, deliveries: 4950, replays: 4950 });
});

it('answers with the texts of response_body where there are some', async (t) => {
  let status = running;
  const address = await page(t, () => status, { response_body: { healthy: 'fine', unhealthy: 'no' } });
  const answer = async () => {
    const response = await fetch(address);
    return [response.status, response.headers.get('content-type'), await response.text()];
  };
  assert.deepEqual(await answer(), [200, 'text/plain; charset=utf-8', 'fine']);
  status = { ...running, phase: 'draining' };
  assert.deepEqual(await answer(), [503, 'text/plain; charset=utf-8', 'no']);
});

it('refuses the second version of the Collector, which is another extension here', () => {
  const errors = (block: object) =>
    factory
      .check?.(factory.config.parse(block))
      .flatMap(({ severity, message }) => (severity === 'error' ? message : []));
  assert.match(errors({ http: { endpoint: 'localhost:1' } })?.join() ?? '', /v2 healthcheck configuration/);
  assert.match(errors({ use_v2: true })?.join() ?? '', /must specify at least one protocol/);
  assert.deepEqual(errors({ use_v2: false, http: null, grpc: null, component_health: {}, response_body: null }), []);
});
