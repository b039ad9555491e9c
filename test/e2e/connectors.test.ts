import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { healthy, notification, post, startAgent, temporaryDirectory } from '../support/agent-process.ts';
import { imbalance, ledger } from '../support/commands.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { exporter, uidsOf } from '../support/sink-exporter.ts';

const insert = (key: string) => `{ actions: [{ key: ${key}, value: yes, action: insert }] }`;

describe('pipelines that a connector joins', () => {
  it('give each backend what its ways let through; the ledger balances, and a crash moves no cursor', async (t) => {
    const [a, b] = [await OtlpSink.start(), await OtlpSink.start()];
    t.after(() => Promise.all([a.close(), b.close()]));
    b.answerWith({ status: 503 });
    const directory = await temporaryDirectory(t);
    const settings = {
      directory,
      use: [],
      processors: {
        yaml: `  attributes/in: ${insert('in')}\n  attributes/a: ${insert('a')}\n  attributes/b: ${insert('b')}\n`,
        use: [],
      },
      exporters: exporter('otlp_http/a', a) + exporter('otlp_http/b', b),
      joined: {
        connectors: '  forward:\n',
        pipelines: `    logs/in: { receivers: [intercom], processors: [attributes/in], exporters: [forward] }
    logs/a: { receivers: [forward], processors: [attributes/a], exporters: [otlp_http/a] }
    logs/b: { receivers: [forward, intercom], processors: [attributes/b], exporters: [otlp_http/b] }`,
      },
    };
    const ids = ['notif_1', 'notif_2', 'notif_3'];
    let agent = await startAgent(settings);
    t.after(() => void agent.child.kill('SIGKILL'));
    for (const id of ids) assert.equal(await post(agent.origin, notification(id)), 200);
    const before = await healthy(agent, ({ deliveries }) =>
      deliveries.some(({ exporter: id, delivered }) => id === 'otlp_http/a' && delivered === 3),
    );
    assert.deepEqual(
      before.deliveries.map(({ pipeline, pending }) => [pipeline, pending]),
      [
        ['logs/a', 0],
        ['logs/b', 3],
      ],
    );
    assert.deepEqual(before.deliveries.map(imbalance), [undefined, undefined]);

    await agent.kill('SIGKILL');
    b.answerWith({ status: 200 });
    agent = await startAgent(settings);
    const after = await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0));
    assert.deepEqual(after.deliveries.map(imbalance), [undefined, undefined]);
    await agent.kill('SIGTERM');

    const lines = await ledger(join(directory, 'data'));
    assert.deepEqual(lines.map(imbalance), [undefined, undefined]);
    assert.deepEqual(
      lines.map(({ pipeline, accepted, delivered }) => [pipeline, accepted, delivered]),
      [
        ['logs/a', 3, 3],
        ['logs/b', 3, 3],
      ],
    );
    assert.deepEqual([...new Set(uidsOf(a))], ids);
    assert.equal(a.records.length, 3 + (lines[0]?.ambiguous ?? 0));
    const ways = (sink: OtlpSink) => [
      ...new Set(sink.records.map(({ attributes }) => ['in', 'a', 'b'].filter((key) => key in attributes).join('+'))),
    ];
    assert.deepEqual(ways(a), ['in+a']);
    // Directly, and through the other pipeline.
    assert.deepEqual(ways(b).sort(), ['b', 'in+b']);
    assert.deepEqual([...new Set(uidsOf(b))], ids);
  });
});
