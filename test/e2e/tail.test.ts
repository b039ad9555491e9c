/** `tail` as people run it, on an agent in another process that has work to do. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Sighting } from '../../src/control/taps.ts';
import {
  cli,
  command,
  executable,
  healthy,
  notification,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { imbalance } from '../support/commands.ts';
import { Loader } from '../support/loader.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { exporter } from '../support/sink-exporter.ts';

const CARD = '4111 1111 1111 1111';

const textOf = (number: number) =>
  notification(`n-${number}`, {
    data: {
      type: 'notification_event_data',
      item: { type: 'conversation', id: '1', source: { body: `my card: ${CARD}` } },
    },
  });

async function underLoad(t: TestContext, rate: number) {
  const sink = await OtlpSink.start();
  t.after(() => sink.close());
  const directory = await temporaryDirectory(t);
  const agent = await startAgent({
    directory,
    exporters: exporter('otlp_http', sink),
    use: ['otlp_http'],
    processors: {
      yaml: `  redaction: { allow_all_keys: true, blocked_values: ['4[0-9]{3}( [0-9]{4}){3}'] }\n`,
      use: ['redaction'],
    },
  });
  t.after(() => void agent.child.kill('SIGKILL'));
  const loader = new Loader({ random: Math.random, textOf });
  t.after(() => loader.stop());
  loader.start(agent.origin, { connections: 8, rate });
  return { sink, agent, loader, data: join(directory, 'data') };
}

/** `tail` in a process of its own. */
function tailing(t: TestContext, data: string, ...args: string[]) {
  const child = spawn(process.execPath, [executable, 'tail', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  const begun = new Promise<void>((resolve) => {
    child.stderr.on('data', () => stderr.includes('Ctrl-C ends it') && resolve());
  });
  return { child, closed, begun };
}

const bodyOf = (data: unknown) => JSON.stringify(data);

describe('tail', () => {
  it('shows before and after a processor under load; every record still arrives once, and the ledger balances', async (t) => {
    const { sink, agent, loader, data } = await underLoad(t, 400);
    const stuck = tailing(t, data, '--json', '--rate', '1000');
    await stuck.begun;
    // Nobody reads what it prints.
    const killed = tailing(t, data, '--at', 'redaction');
    killed.child.stdout.resume();
    await killed.begun;
    for (let round = 0; round < 3; round++) {
      const args = ['tail', '--data', data, '--at', 'redaction', '--json', '--limit', '40'];
      const { code, stdout, stderr } = await (round === 0 ? cli : command)(args);
      assert.equal(code, 0, stderr);
      const seen = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Sighting);
      assert.equal(seen.length, 40);
      for (const { at, before, after, dropped, error, topic } of seen) {
        assert.deepEqual([at, dropped, error, topic], ['redaction', false, null, 'conversation.user.replied']);
        assert.match(bodyOf(before), /my card: 4111 1111 1111 1111/);
        assert.match(bodyOf(after), /my card: \*\*\*\*"/);
        assert.ok(!bodyOf(after).includes(CARD));
      }
      assert.match(stderr, /Watching redaction in logs\. Ctrl-C ends it\.\n(?:.*\n)*40 records shown/);
      const { deliveries } = await healthy(agent, () => true);
      for (const delivery of deliveries) assert.equal(imbalance(delivery), undefined);
    }
    killed.child.kill('SIGKILL');
    await killed.closed;
    const { stdout } = await command(['tap', '--data', data, '--at', 'redaction', '--limit', '1']);
    assert.match(
      stdout,
      /conversation\.user\.replied {2}#\d+ {2}logs {2}1 difference\n {2}~ body\.intercom\.data\.item\.source\.body\n {6}- "my card: 4111 1111 1111 1111"\n {6}\+ "my card: \*{4}"\n/,
    );
    await loader.stop();
    await loader.sendWaiting(agent.origin);
    stuck.child.kill('SIGINT');
    assert.equal((await once(stuck.child, 'exit'))[0], 0, 'it ends though nobody reads');
    await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0));
    assert.deepEqual(loader.wrong, []);
    const arrived = sink.records.map(({ attributes }) => String(attributes['log.record.uid']));
    const expected = Array.from({ length: loader.sent }, (_, number) => number)
      .filter((number) => loader.isAcknowledged(number))
      .map((number) => `n-${number}`);
    assert.ok(expected.length > 100);
    assert.deepEqual(arrived.sort(), expected.sort());
    const { deliveries } = await healthy(agent, () => true);
    assert.deepEqual(
      deliveries.map(({ delivered, dead_lettered, ambiguous }) => [delivered, dead_lettered, ambiguous]),
      [[expected.length, 0, 0]],
    );
  });

  it('ends with a summary at Ctrl-C, when nobody reads any more, and when the agent stops', async (t) => {
    const { agent, loader, data } = await underLoad(t, 50);
    const interrupted = tailing(t, data);
    interrupted.child.stdout.resume();
    await once(interrupted.child.stdout, 'data');
    interrupted.child.kill('SIGINT');
    const first = await interrupted.closed;
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /\d+ records? shown/);

    const piped = tailing(t, data, '--json');
    await once(piped.child.stdout, 'data');
    piped.child.stdout.destroy();
    assert.equal((await piped.closed).code, 0);

    const last = tailing(t, data, '--topic', 'ticket.*');
    last.child.stdout.resume();
    await last.begun;
    await loader.stop();
    await agent.kill('SIGTERM');
    const ended = await last.closed;
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /The agent is stopping\.\n0 records shown\n$/);

    const nobody = await command(['tail', '--data', data]);
    assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
    assert.match(nobody.stderr, /no agent runs in .*: there is nothing live to watch/);
  });

  it('tells that the agent was killed', async (t) => {
    const { agent, data } = await underLoad(t, 10);
    const tail = tailing(t, data, '--topic', 'ticket.*');
    await tail.begun;
    await agent.kill('SIGKILL');
    const { code, stderr } = await tail.closed;
    assert.equal(code, 1);
    assert.match(stderr, /The agent ended, or closed the connection\./);
  });
});
