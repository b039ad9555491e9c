import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { z } from 'zod';
import { Agent } from '../../src/agent/agent.ts';
import { systemClock } from '../../src/clock.ts';
import type { ProcessorFactory } from '../../src/component.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { freePort, temporaryDirectory } from '../support/agent-process.ts';

/** Withholds records of one topic. */
const dropTopic: ProcessorFactory<{ topic: string }> = {
  kind: 'processor',
  type: 'drop_topic',
  stability: 'alpha',
  summary: 'Drops a topic.',
  config: z.strictObject({ topic: z.string() }),
  create: ({ topic }, _context, next) => ({
    onEmit: (record) => record.attributes['intercom.topic'] !== topic && next.onEmit(record),
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  }),
};

it('what an upstream pipeline drops is filtered in each delivery behind it, and in no other; a restart changes no count', async (t) => {
  const directory = await temporaryDirectory(t);
  const [one, two] = [await freePort(), await freePort()];
  const door = (port: number) =>
    `{ endpoint: '127.0.0.1:${port}', shutdown_delay: 0s, integrations: [{ name: a, application_name: a, signature: none, path: /a }] }`;
  const yaml = `
receivers: { intercom: ${door(one)}, intercom/two: ${door(two)} }
processors: { drop_topic/a: { topic: a }, drop_topic/b: { topic: b } }
exporters: { nop: , nop/all: }
connectors: { forward: , forward/two: }
extensions: { file_storage: { directory: ${JSON.stringify(join(directory, 'data'))} } }
service:
  extensions: [file_storage]
  telemetry: { metrics: { level: none } }
  pipelines:
    logs/one: { receivers: [intercom], processors: [drop_topic/a], exporters: [forward, nop/all] }
    logs/two: { receivers: [intercom/two], exporters: [forward/two] }
    logs/left: { receivers: [forward, forward/two], exporters: [nop] }
    logs/right: { receivers: [forward], processors: [drop_topic/b], exporters: [nop] }
`;
  const { config, diagnostics } = await loadConfig({
    sources: [`yaml:${yaml}`],
    factories: [...factories, dropTopic],
    environment: {},
    readFile: () => Promise.reject(new Error('none')),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  const run = async (work: () => Promise<void>) => {
    const agent = new Agent({ config, version: '0', log: silentLog, clock: systemClock, random: Math.random });
    await agent.start();
    await work();
    await agent.shutdown({ deadline: AbortSignal.timeout(10_000), delayed: false });
    return agent.status().deliveries.map(({ pipeline, exporter, accepted, delivered, filtered, pending }) => {
      assert.equal(accepted, delivered + filtered + pending);
      return `${pipeline} ${exporter}: ${delivered} delivered, ${filtered} filtered, ${pending} pending`;
    });
  };
  const post = async (port: number, id: string, topic: string) => {
    const body = JSON.stringify({ type: 'notification_event', id, topic });
    assert.equal((await fetch(`http://127.0.0.1:${port}/a`, { method: 'POST', body })).status, 200);
  };
  const wanted = [
    'logs/one nop/all: 2 delivered, 1 filtered, 0 pending',
    'logs/left nop: 3 delivered, 1 filtered, 0 pending',
    'logs/right nop: 1 delivered, 2 filtered, 0 pending',
  ];
  const before = await run(async () => {
    for (const topic of ['a', 'b', 'c']) await post(one, `n${topic}`, topic);
    await post(two, 'other', 'a');
  });
  assert.deepEqual(before, wanted);
  assert.deepEqual(await run(async () => {}), wanted);
});
