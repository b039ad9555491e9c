import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ExtensionContext } from '../../src/component.ts';
import { factory } from '../../src/extensions/health_check/index.ts';
import type { LogFields } from '../../src/telemetry/log.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { AgentStatus } from '../../src/telemetry/status.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock();
const running: AgentStatus = {
  phase: 'running',
  version: '1.2.3',
  startedAt: clock.now() - 90_500,
  accepted: 7,
  duplicates: 1,
  refused: { signature: 2 },
  journal: { bytes: 10, max_bytes: 100, full: false, notes: [] },
  deliveries: [],
  degraded: [],
};

async function page(t: { after(task: () => Promise<void>): void }, status: () => AgentStatus, path = '/') {
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
    status,
  };
  const extension = factory.create(factory.config.parse({ endpoint: '127.0.0.1:0', path }), context);
  await extension.start();
  t.after(() => extension.shutdown(AbortSignal.timeout(1000)));
  return address;
}

it('the status code speaks of the door only: 503 while starting and stopping, else 200, whatever the deliveries do', async (t) => {
  let status = running;
  const address = await page(t, () => status);
  const codeOf = async (changes: Partial<AgentStatus>) => {
    status = { ...running, ...changes };
    return (await fetch(address)).status;
  };
  assert.equal(await codeOf({}), 200);
  assert.equal(await codeOf({ degraded: ['a delivery is held'] }), 200);
  assert.equal(await codeOf({ journal: { ...running.journal, full: true } }), 200);
  for (const phase of ['starting', 'stopping', 'stopped'] as const) assert.equal(await codeOf({ phase }), 503);
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
  const address = await page(t, () => running, '/healthz');
  assert.equal((await fetch(`${address}/healthz`, { method: 'HEAD' })).status, 200);
  assert.equal((await fetch(`${address}/healthz?verbose`)).status, 200);
  assert.equal((await fetch(`${address}/`)).status, 404);
  assert.equal((await fetch(`${address}/healthz`, { method: 'POST', body: 'x' })).status, 404);
});
