import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Ledger, Letter, LetterDetails, ReplayAnswer } from '../../src/control/operations.ts';
import {
  cli,
  command,
  healthy,
  notification,
  post,
  type RunningAgent,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { OtlpSink, type SinkAnswer, type SinkRequest } from '../support/otlp-sink.ts';
import { exporter, uidsOf } from '../support/sink-exporter.ts';

/** Commands that were a process once: of the others it is asked what they do. */
const started = new Set<string>();

async function scene(t: TestContext, more = '') {
  const script: { answer: (request: SinkRequest) => SinkAnswer } = { answer: () => ({}) };
  const sink = await OtlpSink.start({ answer: (request) => script.answer(request) });
  const directory = await temporaryDirectory(t);
  t.after(() => sink.close());
  const settings = { directory, exporters: exporter('otlp_http', sink, more), use: ['otlp_http'] };
  const agent = await startAgent(settings);
  t.after(() => void agent.child.kill('SIGKILL'));
  const data = join(directory, 'data');
  const ask = async <Answer>(...args: string[]): Promise<Answer> => {
    const [name = ''] = args;
    const { code, stdout, stderr } = await (started.has(name) ? command : cli)([...args, '--data', data]);
    started.add(name);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return (args.includes('--json') ? JSON.parse(stdout) : stdout) as Answer;
  };
  return { sink, script, directory, settings, agent, data, ask };
}

const settled = (agent: RunningAgent) =>
  healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0));

async function postAll(agent: RunningAgent, ids: readonly string[], more = {}) {
  for (const id of ids) assert.equal(await post(agent.origin, notification(id, more)), 200);
}

function assertBalanced({ deliveries, replays }: Ledger): void {
  for (const one of [...deliveries, ...replays]) {
    const { delivered, rejected_by_backend, filtered, dead_lettered, lost, expired, pending } = one;
    const sum = delivered + rejected_by_backend + filtered + dead_lettered + lost + expired + pending;
    assert.equal(one.accepted, sum, JSON.stringify(one));
  }
}

describe('a record that the backend refuses', () => {
  it('is a dead letter with the reason, and is delivered by command when the backend is mended', async (t) => {
    const { sink, script, agent, ask } = await scene(t);
    let mended = false;
    script.answer = ({ records }) =>
      !mended && records.some(({ attributes }) => attributes['log.record.uid'] === 'poison')
        ? { status: 400, headers: { 'content-type': 'text/plain' }, body: 'field x is not allowed' }
        : {};
    await postAll(agent, ['a', 'poison', 'b']);
    await settled(agent);
    await postAll(agent, ['c']);
    await settled(agent);

    const [letter, ...others] = await ask<Letter[]>('dead-letters', 'list', '--json');
    assert.deepEqual(others, []);
    assert.ok(letter);
    assert.deepEqual(
      [letter.kind, letter.status, letter.topic, letter.exporter, letter.records],
      ['rejected', 400, 'conversation.user.replied', 'otlp_http', 1],
    );
    const details = await ask<LetterDetails>('dead-letters', 'show', letter.id, '--json');
    assert.equal(details.answer, 'field x is not allowed');
    assert.equal(JSON.parse(details.body).id, 'poison');
    assert.match(JSON.stringify(details.record), /"log\.record\.uid","value":\{"stringValue":"poison"/);

    const before = await ask<Ledger>('ledger', '--json');
    assertBalanced(before);
    const counts = before.deliveries.map(({ accepted, delivered, dead_lettered }) => [
      accepted,
      delivered,
      dead_lettered,
    ]);
    assert.deepEqual(counts, [[4, 3, 1]]);

    mended = true;
    await ask('dead-letters', 'retry', letter.id);
    await healthy(agent, ({ deliveries }) => deliveries[0]?.delivered === 4);
    assert.deepEqual(await ask<Letter[]>('dead-letters', 'list', '--json'), []);
    const after = await ask<Ledger>('ledger', '--json');
    assertBalanced(after);
    assert.equal(after.deliveries[0]?.dead_lettered, 0);
    assert.equal(uidsOf(sink).filter((uid) => uid === 'poison').length > 0, true);
  });
});

describe('replay', () => {
  it('sends again what the journal has of a topic, marked, and is counted apart', async (t) => {
    const { sink, agent, ask } = await scene(t);
    await postAll(agent, ['a', 'b']);
    await postAll(agent, ['x'], { topic: 'contact.created' });
    await settled(agent);
    sink.requests.length = 0;
    const what = ['replay', '--exporter', 'otlp_http', '--topic', 'conversation.*'];
    const dry = await ask<ReplayAnswer[]>(...what, '--dry-run', '--json');
    assert.deepEqual(dry, [{ id: null, pipeline: 'logs', exporter: 'otlp_http', records: 2 }]);
    await ask(...what);
    await agent.logged(/A replay ended/);
    assert.deepEqual(uidsOf(sink), ['a', 'b']);
    for (const { attributes } of sink.records) assert.match(attributes['intercom.replay.id'] as string, /^[0-9a-z]+$/);
    const ledger = await ask<Ledger>('ledger', '--json');
    assertBalanced(ledger);
    assert.deepEqual(
      [ledger.deliveries[0]?.delivered, ledger.replays.map(({ delivered, reason }) => [delivered, reason])],
      [3, [[2, 'done']]],
    );
  });
});

describe('an exporter that was renamed', () => {
  it('gets the backlog of the old id by command, beside a stopped agent', async (t) => {
    const { sink, script, agent, ask, settings } = await scene(t);
    script.answer = () => ({ status: 503 });
    await postAll(agent, ['a', 'b']);
    await agent.kill('SIGINT');
    const stopped = await ask<Ledger>('ledger', '--json');
    assertBalanced(stopped);
    assert.deepEqual([stopped.deliveries[0]?.state, stopped.deliveries[0]?.pending], ['stopped', 2]);
    await ask('deliveries', 'rename', 'logs otlp_http', 'logs otlp_http/new');
    sink.requests.length = 0;
    script.answer = () => ({});
    const next = await startAgent({ ...settings, exporters: exporter('otlp_http/new', sink), use: ['otlp_http/new'] });
    t.after(() => void next.child.kill('SIGKILL'));
    await settled(next);
    assert.deepEqual(uidsOf(sink), ['a', 'b']);
  });
});

describe('drain', () => {
  it('closes the doors, waits until nothing is pending, and says what is left when its time is over', async (t) => {
    const { sink, script, agent, data } = await scene(t);
    script.answer = () => ({ status: 503 });
    await postAll(agent, ['a']);
    const early = await command(['drain', '--timeout', '300ms', '--data', data]);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /1 .*pending|pending.*1/);
    await assert.rejects(post(agent.origin, notification('late')), /ECONNREFUSED|socket hang up/);
    script.answer = () => ({});
    const { code, stderr } = await cli(['drain', '--timeout', '20s', '--data', data]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(uidsOf(sink).at(-1), 'a');
  });
});

describe('erase', () => {
  it('leaves no byte of a person in the data directory, and what others said', async (t) => {
    const { sink, script, agent, ask, data } = await scene(t);
    script.answer = () => ({ status: 503 });
    const item = (email: string) => ({
      data: { type: 'notification_event_data', item: { type: 'contact', id: '5f0c', email } },
    });
    await postAll(agent, ['a'], item('ada@example.com'));
    await postAll(agent, ['b'], item('grace@example.com'));
    await ask('erase', '--contact', 'ada@example.com');
    const bytes = Buffer.concat(
      await Promise.all(
        (await readdir(data, { recursive: true, withFileTypes: true }))
          .filter((file) => file.isFile())
          .map((file) => readFile(join(file.parentPath, file.name))),
      ),
    );
    assert.equal(bytes.includes('ada@example.com'), false);
    assert.equal(bytes.includes('grace@example.com'), true);
    sink.requests.length = 0;
    script.answer = () => ({});
    const { deliveries } = await healthy(agent, (now) => now.deliveries[0]?.pending === 0);
    assert.deepEqual([deliveries[0]?.delivered, deliveries[0]?.filtered], [1, 1]);
    assert.deepEqual(uidsOf(sink), ['b']);
  });
});
