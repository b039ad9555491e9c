import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { knownTopics } from '../../src/intercom/topics.ts';
import { temporary } from '../control/fixtures.ts';
import { run, start } from '../support/run.ts';

const CONFIG = `
receivers:
  intercom:
    integrations: [{ name: support, client_secret: '\${env:SEND_TEST_SECRET:-demo-secret}', application_name: a, subsystem_name: s, path: /in }]
exporters: { nop: }
service:
  pipelines: { logs: { receivers: [intercom], exporters: [nop] } }
`;
const SHAPES = knownTopics.reduce((sum, { generations }) => sum + generations.length, 0);

interface Posted {
  readonly topic: string;
  readonly id: string | null;
  readonly item: Record<string, unknown>;
}

/** A door that verifies the signature, and answers as told: by default 200. */
async function door(t: TestContext, answer: (posted: Posted, count: number) => number | undefined = () => 200) {
  const posted: Posted[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const signature = `sha1=${createHmac('sha1', 'demo-secret').update(body).digest('hex')}`;
    const { topic, id, data } = JSON.parse(body.toString());
    const one = { topic, id, item: data.item };
    posted.push(one);
    const status = request.headers['x-hub-signature'] === signature ? answer(one, posted.length) : 401;
    if (status !== undefined) response.writeHead(status).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const directory = temporary(t);
  writeFileSync(join(directory, 'agent.yaml'), CONFIG);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  const args = (more: readonly string[]) => ['send', ...more, '--config', join(directory, 'agent.yaml'), '--url', url];
  return {
    posted,
    directory,
    send: (...more: string[]) => run(args(more), { cwd: directory }),
    begin: (...more: string[]) => start(args(more)),
  };
}

describe('`send --all`', () => {
  test('posts every topic in every shape, in order, with a line for each and a summary', async (t) => {
    const { posted, send } = await door(t);
    const { code, stdout, stderr } = await send('--all');
    assert.deepEqual([code, stderr], [0, '']);
    const expected = knownTopics.flatMap(({ topic, generations }) => generations.map(() => topic));
    assert.deepEqual(
      posted.map(({ topic }) => topic),
      expected,
    );
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, SHAPES + 1);
    for (const line of lines.slice(0, -1)) assert.match(line, /^200 in +\d+\.\d ms {2}[12]\.x {2}\S+$/);
    assert.equal(lines.at(-1), `${SHAPES} sent: 200 × ${SHAPES}.`);
    const ids = posted.map(({ id }) => id).filter((id) => id !== null);
    assert.equal(new Set(ids).size, SHAPES - 1, 'each but the ping has an id of its own');
  });

  test('goes on after a refusal, and exits 1', async (t) => {
    const { posted, send } = await door(t, ({ topic }) => (topic === 'ping' ? 429 : 200));
    const { code, stdout, stderr } = await send('--all', '--json', '--generation', '2.x', '--seed', '7');
    assert.equal(code, 1);
    assert.match(stderr, /not everything was answered 200\. 429: it can store nothing now/);
    const { sent, statuses, results } = JSON.parse(stdout);
    const count = knownTopics.filter(({ generations }) => generations.includes('2.x')).length;
    assert.deepEqual([sent, statuses, posted.length], [count, { 200: count - 1, 429: 1 }, count]);
    assert.deepEqual(
      results.filter((result: { status: number }) => result.status !== 200).map((result: Posted) => result.topic),
      ['ping'],
    );
  });

  test('stops where nobody answers', async (t) => {
    const directory = temporary(t);
    writeFileSync(join(directory, 'agent.yaml'), CONFIG);
    const nobody = ['--config', join(directory, 'agent.yaml'), '--url', 'http://127.0.0.1:9999/in'];
    const { code, stderr } = await run(['send', '--all', ...nobody]);
    assert.equal(code, 1);
    assert.match(stderr, /is the agent running\?.*; 0 of \d+ were sent/);
  });
});

describe('`send --rate`', () => {
  test('posts so many a second for so long, a mix about many people, and tells what came of them', async (t) => {
    const { posted, send } = await door(t, (_, count) => (count === 3 ? 503 : 200));
    const { code, stdout, stderr } = await send('--rate', '100', '--for', '500ms', '--json', '--seed', '3');
    assert.equal(code, 1);
    assert.match(stderr, /1 of 50 were not answered 200/);
    assert.equal(posted.length, 50);
    const { sent, not_sent, statuses, seconds, milliseconds } = JSON.parse(stdout);
    assert.deepEqual([sent, not_sent, statuses], [50, 0, { 200: 49, 503: 1 }]);
    assert.ok(seconds >= 0.48, `${seconds}`);
    assert.ok(milliseconds.median > 0 && milliseconds.median <= milliseconds.p99);
    assert.ok(milliseconds.p99 <= milliseconds.max);
    assert.ok(new Set(posted.map(({ topic }) => topic)).size >= 5);
    const ids = posted.filter(({ topic }) => topic !== 'ping').map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('posts one topic in one shape where it is asked to', async (t) => {
    const { posted, send } = await door(t);
    const args = ['conversation.user.replied', '--generation', '1.x', '--rate', '40', '--for', '250ms'];
    const { code, stdout } = await send(...args);
    assert.equal(code, 0);
    assert.equal(posted.length, 10);
    for (const { topic, item } of posted)
      assert.ok(topic === 'conversation.user.replied' && 'conversation_message' in item);
    assert.equal(new Set(posted.map(({ item }) => item.id)).size, 10);
    assert.match(
      stdout,
      /^10 sent in \d+\.\d s \(\d+\.\d\/s\): 200 × 10\.\nFrom when .* median .* p99 .* max .* ms\.\n$/,
    );
  });

  test('does not wait for slow answers', async (t) => {
    // Nothing is answered before all of them are there: one after the other would never end.
    const waiting: (() => void)[] = [];
    const server = createServer((request, response) => {
      request.resume();
      waiting.push(() => response.end());
      if (waiting.length === 20) for (const answer of waiting) answer();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const directory = temporary(t);
    writeFileSync(join(directory, 'agent.yaml'), CONFIG);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
    const args = ['--rate', '100', '--for', '200ms', '--json', '--url', url];
    const { code, stdout } = await run(['send', ...args, '--config', join(directory, 'agent.yaml')]);
    assert.equal(code, 0);
    const { sent, milliseconds } = JSON.parse(stdout);
    assert.equal(sent, 20);
    assert.ok(milliseconds.max >= 150, 'the first waited for the last');
  });

  test('ends early with its summary when it is told to stop', async (t) => {
    let arrived = () => {};
    const some = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { begin, posted } = await door(t, (_, count) => {
      if (count === 5) arrived();
      return 200;
    });
    const running = begin('--rate', '50', '--for', '1h');
    t.after(() => running.stop());
    await some;
    running.stop();
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^${posted.length} sent in .*: 200 × ${posted.length}\\.`));
  });

  test('counts what is not answered', async (t) => {
    const directory = temporary(t);
    writeFileSync(join(directory, 'agent.yaml'), CONFIG);
    const args = ['--rate', '50', '--for', '100ms', '--url', 'http://127.0.0.1:9999/in'];
    const { code, stdout } = await run(['send', ...args, '--config', join(directory, 'agent.yaml')]);
    assert.equal(code, 1);
    assert.match(stdout, /^5 sent in .*: ECONNREFUSED × 5\./);
  });
});

describe('`send --print`', () => {
  test('prints what it would post, and needs no configuration', async (t) => {
    const { code, stdout, stderr } = await run(['send', 'ticket.closed', '--seed', '5', '--print']);
    assert.deepEqual([code, stderr], [0, '']);
    const [line, end] = stdout.split('\n') as [string, string];
    assert.equal(end, '');
    assert.equal(JSON.parse(line).topic, 'ticket.closed');

    const { send, posted, directory } = await door(t);
    writeFileSync(join(directory, 'sample.json'), stdout);
    assert.equal((await send('sample.json')).code, 0);
    assert.equal(posted[0]?.id, JSON.parse(line).id);
  });

  test('prints all of them, a line for each', async () => {
    const { code, stdout } = await run(['send', '--all', '--print']);
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, SHAPES);
    assert.deepEqual(
      [...new Set(lines.map((line) => JSON.parse(line).topic))],
      knownTopics.map(({ topic }) => topic),
    );
  });
});

test('a wrong command line of `send` is said to be one, and nothing is posted', async (t) => {
  const { posted, send, directory } = await door(t);
  writeFileSync(join(directory, 'sample.json'), '{}');
  const cases: [string[], RegExp][] = [
    [['ping', '--all'], /--all sends every topic/],
    [['--all', '--rate', '5', '--for', '5s'], /--rate.* cannot be used with .*--all/],
    [['--rate', '5'], /--rate and --for belong together/],
    [['--for', '5s'], /--rate and --for belong together/],
    [['--rate', '0', '--for', '5s'], /--rate: expected notifications a second/],
    [['--rate', '1e3', '--for', '5s'], /--rate: expected/],
    [['--rate', '99999', '--for', '5s'], /at most 10000/],
    [['--rate', '5', '--for', 'ever'], /--for: expected a duration such as 30s/],
    [['--rate', '5', '--for', '-5s'], /--for/],
    [['--seed', '-1'], /--seed/],
    [['--seed', '4294967296'], /--seed: expected a whole number from 0 to 4294967295/],
    [['--generation', '3.x'], /Allowed choices are 1\.x, 2\.x/],
    [['contact.merged', '--generation', '1.x'], /contact\.merged: Intercom sends it in the shape of 2\.x only/],
    [['user.created', '--rate', '5', '--for', '1s', '--generation', '2.x'], /in the shape of 1\.x only/],
    [['sample.json', '--rate', '5', '--for', '1s'], /a file has one id/],
    [['sample.json', '--seed', '5'], /a file is posted as it is/],
    [['--print'], /--print.* cannot be used with .*--url/],
    [['no such thing'], /neither a file nor a topic/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await send(...args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  }
  const printed = await run(['send', 'sample.json', '--print'], { cwd: directory });
  assert.equal(printed.code, 2);
  assert.match(printed.stderr, /a file is there to be read already/);
  assert.equal(posted.length, 0);
});
