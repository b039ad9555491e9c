import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Agent } from '../../src/agent/agent.ts';
import { within } from '../../src/agent/deadline.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { freePort, temporaryDirectory } from '../support/agent-process.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

async function agentOf(directory: string, { door = '127.0.0.1:0', clock = systemClock as Clock } = {}) {
  const yaml = `
receivers: { intercom: { endpoint: '${door}', shutdown_delay: 0s, integrations: [{ name: a, application_name: a, signature: none, path: /a }] } }
exporters: { nop: }
extensions: { health_check: { endpoint: '127.0.0.1:0' }, file_storage: { directory: ${JSON.stringify(join(directory, 'data'))} } }
service: { extensions: [health_check, file_storage], pipelines: { logs: { receivers: [intercom], exporters: [nop] } } }
`;
  const { config, diagnostics } = await loadConfig({
    sources: [`yaml:${yaml}`],
    factories,
    environment: {},
    readFile: () => Promise.reject(new Error('none')),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  return new Agent({ config, version: '0', log: silentLog, clock, random: Math.random });
}

const stop = { deadline: AbortSignal.timeout(10_000), delayed: false };

describe('an agent', () => {
  it('starts, says what it is doing, and stops more than once', async (t) => {
    const agent = await agentOf(await temporaryDirectory(t));
    assert.equal(agent.status().phase, 'starting');
    await agent.start();
    const { phase, degraded, deliveries } = agent.status();
    assert.deepEqual([phase, degraded, deliveries.length], ['running', [], 1]);
    await Promise.all([agent.shutdown(stop), agent.shutdown(stop)]);
    assert.equal(agent.status().phase, 'stopped');
  });

  it('that cannot open its door stops what it had started: the directory is free again', async (t) => {
    const directory = await temporaryDirectory(t);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const agent = await agentOf(directory, { door: `127.0.0.1:${port}` });
    await assert.rejects(agent.start(), /failed to start "intercom" receiver: .*another process listens there/);
    const next = await agentOf(directory);
    await next.start();
    await next.shutdown(stop);
  });

  it('that is stopped while it starts does not come up', async (t) => {
    const directory = await temporaryDirectory(t);
    const agent = await agentOf(directory);
    const starting = agent.start();
    await Promise.all([agent.shutdown(stop), assert.rejects(starting, /stopped while it started/)]);
    const next = await agentOf(directory);
    await next.start();
    await next.shutdown(stop);
  });

  it('refuses two storages, with their place', async () => {
    const yaml = `
receivers: { intercom: { integrations: [{ name: a, application_name: a, signature: none }] } }
exporters: { nop: }
extensions: { file_storage: , file_storage/2: }
service: { extensions: [file_storage, file_storage/2], pipelines: { logs: { receivers: [intercom], exporters: [nop] } } }
`;
    const { config, diagnostics } = await loadConfig({
      sources: [`yaml:${yaml}`],
      factories,
      environment: {},
      readFile: () => Promise.reject(new Error('none')),
    });
    assert.equal(config, undefined);
    assert.match(
      diagnostics.map(({ message }) => message).join(),
      /file_storage and file_storage\/2 are both a storage/,
    );
  });

  it('whose directory gets another owner says so, and is told to whoever runs it', async (t) => {
    const directory = await temporaryDirectory(t);
    const clock = new FakeClock();
    const agent = await agentOf(directory, { clock });
    await agent.start();
    t.after(() => agent.shutdown(stop));
    await rm(join(directory, 'data/owner'));
    await clock.advance(6000);
    let reason: Error | undefined;
    void agent.lost.then((error) => {
      reason = error;
    });
    while (!reason) await clock.advance(1000);
    assert.match(String(reason), /owner file is gone/);
    assert.match(agent.status().degraded.join(), /nothing can be stored.*owner file is gone/);
  });
});

describe('an exporter that leaves the configuration', () => {
  it('keeps its place for a while, which is told, and is given up after it', async (t) => {
    const directory = await temporaryDirectory(t);
    const port = await freePort();
    const yaml = (exporters: string) => `
receivers: { intercom: { endpoint: '127.0.0.1:${port}', shutdown_delay: 0s, integrations: [{ name: a, application_name: a, signature: none, path: /a }] } }
exporters: { ${exporters}: }
extensions: { file_storage: { directory: ${JSON.stringify(join(directory, 'data'))}, orphan_max_age: 1h } }
service: { extensions: [file_storage], pipelines: { logs: { receivers: [intercom], exporters: [${exporters}] } } }
`;
    let now = Date.UTC(2026, 0, 1);
    const clock = { ...systemClock, now: () => now };
    const run = async (exporter: string, post = false) => {
      const { config } = await loadConfig({
        sources: [`yaml:${yaml(exporter)}`],
        factories,
        environment: {},
        readFile: () => Promise.reject(new Error('none')),
      });
      assert.ok(config);
      const told: string[] = [];
      const tell = (message: string) => void told.push(message);
      const log = { ...silentLog, warn: tell, error: tell, with: () => silentLog };
      const agent = new Agent({ config, version: '0', log, clock, random: Math.random });
      await agent.start();
      if (post) await fetch(`http://127.0.0.1:${port}/a`, { method: 'POST', body: '{}' });
      const { deliveries, degraded } = agent.status();
      const orphan = deliveries.find(({ state }) => state === 'orphaned');
      await agent.shutdown(stop);
      return { degraded, orphan, told: told.filter((message) => /configuration/.test(message)) };
    };
    assert.deepEqual(await run('nop/old'), { degraded: [], orphan: undefined, told: [] });
    const left = await run('nop/new', true);
    assert.match(
      left.degraded.join(),
      /delivery logs to nop\/old is orphaned: no longer configured; its entries are kept until 2026-01-01T01:00/,
    );
    assert.match(left.told.join(), /kept for a while/);
    assert.deepEqual([left.orphan?.accepted, left.orphan?.pending, left.orphan?.expired], [1, 1, 0]);
    now += 3599_000;
    assert.equal((await run('nop/new')).degraded.length, 1);
    now += 2000;
    const gone = await run('nop/new');
    assert.deepEqual(gone.degraded, []);
    assert.match(gone.told.join(), /given up/);
    assert.deepEqual([gone.orphan?.accepted, gone.orphan?.pending, gone.orphan?.expired], [1, 0, 1]);
    assert.deepEqual((await run('nop/new')).told, []);
  });
});

describe('a component that ignores the deadline', () => {
  it('is waited for until shortly after it, and reported', async () => {
    const clock = new FakeClock();
    const deadline = new AbortController();
    const troubles: string[] = [];
    let done = false;
    const work = within(new Promise(() => {}), {
      deadline: deadline.signal,
      clock,
      graceMs: 1000,
      report: (error) => troubles.push(String(error)),
    }).then(() => {
      done = true;
    });
    await clock.advance(60_000);
    assert.equal(done, false);
    deadline.abort();
    await clock.advance(999);
    assert.equal(done, false);
    await clock.advance(1);
    await work;
    assert.match(troubles.join(), /did not stop/);
  });
  it('costs nothing when it does what it should', async () => {
    const clock = new FakeClock();
    await within(Promise.reject(new Error('broke')), {
      deadline: new AbortController().signal,
      clock,
      graceMs: 1,
      report: (error) => assert.match(String(error), /broke/),
    });
    await settle();
    assert.equal(clock.pending, 0);
  });
});
