import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  configuration,
  executable,
  freePort,
  health,
  healthy,
  notification,
  post,
  SECRET,
  sign,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { shared, sharedMissing } from '../support/shared.ts';
import { exporter, uidsOf } from '../support/sink-exporter.ts';

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const uid = ({ attributes }: { attributes: Readonly<Record<string, unknown>> }) =>
  attributes['log.record.uid'] as string;

/** The records that a sink answered 200, once its agent has nothing pending for it. */
async function delivered(agent: Parameters<typeof healthy>[0], exporterId: string): Promise<void> {
  await healthy(
    agent,
    ({ deliveries }) => deliveries.find((delivery) => delivery.exporter === exporterId)?.pending === 0,
  );
}

describe('a notification', () => {
  it('of each known kind arrives once, whole, under the right names', { skip: sharedMissing }, async (t) => {
    const sink = await OtlpSink.start();
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const agent = await startAgent({ directory, exporters: exporter('otlp_http', sink), use: ['otlp_http'] });
    t.after(() => void agent.child.kill('SIGKILL'));
    const folder = join(shared, 'intercom/payloads');
    const bodies = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))));
    const example = JSON.parse(await readFile(join(shared, 'intercom/example-log.json'), 'utf8')) as {
      intercom: object;
    };
    bodies.push(Buffer.from(JSON.stringify(example.intercom)));
    const before = Date.now();
    for (const body of bodies) assert.equal(await post(agent.origin, body), 200);
    await delivered(agent, 'otlp_http');
    assert.equal(sink.records.length, bodies.length);
    for (const body of bodies) {
      const input = JSON.parse(body.toString('utf8').replace(/^\ufeff/, '')) as Record<string, unknown>;
      const record = sink.records.find(({ body: got }) => {
        const { intercom } = got as { intercom: Record<string, unknown> };
        return intercom.id === input.id && intercom.topic === input.topic;
      });
      assert.ok(record, `${input.topic} did not arrive`);
      assert.deepEqual(record.body, { source_system: 'intercom', intercom: input });
      assert.equal(record.eventName, `intercom.${input.topic}`);
      assert.equal(record.attributes['intercom.topic'], input.topic);
      assert.equal(record.attributes['log.record.uid'], input.id ?? undefined);
      assert.equal(record.timeUnixNano, `${input.created_at}000000000`);
      assert.ok(Number(record.observedTimeUnixNano) / 1e6 >= before - 1);
      assert.ok(record.severityNumber === 9 || record.severityNumber === 13 || record.severityNumber === 17);
      assert.deepEqual(record.resource, {
        'service.namespace': 'acme',
        'service.name': 'support',
        'cx.application.name': 'acme',
        'cx.subsystem.name': 'support',
        'intercom.integration.name': 'test',
      });
    }
  });

  it('posted twice, at the same time and later, also after a restart, is one record; at two integrations two', async (t) => {
    const sink = await OtlpSink.start();
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const settings = { directory, exporters: exporter('otlp_http', sink), use: ['otlp_http'] };
    let agent = await startAgent(settings);
    t.after(() => void agent.child.kill('SIGKILL'));
    const body = notification('notif_twice');
    assert.deepEqual(
      await Promise.all([post(agent.origin, body), post(agent.origin, body), post(agent.origin, body)]),
      [200, 200, 200],
    );
    const retried = notification('notif_twice', { delivery_attempts: 2 });
    assert.equal(await post(agent.origin, retried), 200);
    assert.equal(await post(agent.origin, body, { path: '/intercom/other', secret: `${SECRET}-other` }), 200);
    await delivered(agent, 'otlp_http');
    await agent.kill('SIGKILL');
    agent = await startAgent(settings);
    assert.equal(await post(agent.origin, body), 200);
    await delivered(agent, 'otlp_http');
    assert.equal((await health(agent)).duplicates, 1);
    assert.deepEqual(sink.records.map(({ resource }) => resource['service.name']).sort(), ['other', 'support']);
  });

  it('with a signature that is not right leaves nothing but a count and a line in the log', async (t) => {
    const sink = await OtlpSink.start();
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const agent = await startAgent({ directory, exporters: exporter('otlp_http', sink), use: ['otlp_http'] });
    t.after(() => void agent.child.kill('SIGKILL'));
    const body = notification('notif_forged');
    const right = sign(body);
    const wrong = [
      sign(body, 'another secret'),
      sign(body, `${SECRET}-other`),
      right.slice(0, -1),
      right.replace('sha1=', 'sha256='),
      right.replace('sha1=', ''),
      '',
    ];
    for (const header of wrong)
      assert.equal(await post(agent.origin, body, { headers: { 'x-hub-signature': header } }), 401, header);
    const { accepted, refused, degraded } = await health(agent);
    assert.deepEqual(
      { accepted, refused, degraded },
      { accepted: 0, refused: { signature: wrong.length }, degraded: true },
    );
    assert.ok(agent.log().includes('signature'));
    assert.ok(!agent.log().includes('notif_forged'));
    assert.equal(await post(agent.origin, body), 200);
    await delivered(agent, 'otlp_http');
    assert.equal(sink.records.length, 1);
  });
});

describe('two exporters', () => {
  it('are strangers: while one is down, hangs and refuses the key, the other has everything at once and once', async (t) => {
    const good = await OtlpSink.start();
    let bad = await OtlpSink.start();
    const { port } = bad;
    t.after(() => Promise.all([good.close(), bad.close()]).then(() => {}));
    const directory = await temporaryDirectory(t);
    const settings = {
      directory,
      exporters: exporter('otlp_http/bad', bad) + exporter('otlp_http/good', good),
      use: ['otlp_http/bad', 'otlp_http/good'],
    };
    let agent = await startAgent(settings);
    t.after(() => void agent.child.kill('SIGKILL'));
    const sent: string[] = [];
    const send = async (prefix: string) => {
      const batch = names(20, prefix);
      sent.push(...batch);
      for (const name of batch) assert.equal(await post(agent.origin, notification(name)), 200);
      await delivered(agent, 'otlp_http/good');
      assert.deepEqual(uidsOf(good), sent.toSorted());
    };
    const stateOfBad = (state: string) =>
      healthy(agent, ({ deliveries }) =>
        deliveries.some(
          (delivery) =>
            delivery.exporter === 'otlp_http/bad' && delivery.state === state && delivery.pending === sent.length,
        ),
      );

    await bad.close();
    await send('down');
    await stateOfBad('retrying');

    bad = await OtlpSink.start({ port, answer: () => ({ action: 'hang' }) });
    await send('hanging');
    await bad.received(1);

    bad.answerWith({ status: 401 });
    await send('refused');
    const { degraded, reasons } = await stateOfBad('held');
    assert.ok(degraded);
    assert.match(reasons.join(), /401/);

    const { code } = await agent.kill('SIGTERM');
    assert.equal(code, 0);
    agent = await startAgent(settings);
    await stateOfBad('held');
    const attempts = bad.requests.length;
    bad.answerWith({});
    await delivered(agent, 'otlp_http/bad');
    const taken = new Set(
      bad.requests
        .slice(attempts)
        .flatMap(({ records }) => records)
        .map(uid),
    );
    assert.deepEqual([...taken].sort(), sent.toSorted());
    assert.deepEqual(uidsOf(good), sent.toSorted());
    const { deliveries } = await health(agent);
    for (const delivery of deliveries) assert.equal(delivery.accepted, sent.length);
  });
});

it('the file exporter opens its file anew on SIGHUP, so that a rotation moves it away', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'out.jsonl');
  const agent = await startAgent({
    directory,
    exporters: `  file: { path: ${JSON.stringify(file)} }\n`,
    use: ['file'],
  });
  t.after(() => void agent.child.kill('SIGKILL'));
  assert.equal(await post(agent.origin, notification('before')), 200);
  await delivered(agent, 'file');
  await rename(file, `${file}.1`);
  agent.child.kill('SIGHUP');
  await agent.logged(/reopening/);
  assert.equal(await post(agent.origin, notification('after')), 200);
  await delivered(agent, 'file');
  assert.match(await readFile(`${file}.1`, 'utf8'), /"before"/);
  const anew = await readFile(file, 'utf8');
  assert.match(anew, /"after"/);
  assert.doesNotMatch(anew, /"before"/);
});

it('a log that cannot be written does not stop the agent', {
  skip: existsSync('/dev/full') ? false : 'skipped: no /dev/full',
}, async (t) => {
  const sink = await OtlpSink.start();
  t.after(() => sink.close());
  const directory = await temporaryDirectory(t);
  const [door, healthPort] = [await freePort(), await freePort()];
  const file = join(directory, 'agent.yaml');
  const settings = { directory, exporters: exporter('otlp_http', sink), use: ['otlp_http'] };
  await writeFile(
    file,
    configuration(settings)
      .replace('endpoint: 127.0.0.1:0', `endpoint: 127.0.0.1:${door}`)
      .replace("'127.0.0.1:0'", `'127.0.0.1:${healthPort}'`),
  );
  const full = await open('/dev/full', 'w');
  t.after(() => full.close());
  const child = spawn(process.execPath, [executable, 'run', '--config', file], {
    env: { ...process.env, TEST_SECRET: SECRET, OTHER_SECRET: 'x' },
    stdio: ['ignore', full.fd, full.fd],
  });
  t.after(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  while (
    (await fetch(`http://127.0.0.1:${healthPort}`).then(
      ({ status }) => status,
      () => 0,
    )) !== 200
  )
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await post(`http://127.0.0.1:${door}`, notification('told to nobody')), 200);
  await sink.received(1);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});

it('a record that the backend refuses harms only itself', async (t) => {
  const sink = await OtlpSink.start();
  t.after(() => sink.close());
  const poisoned = await OtlpSink.start({
    answer: ({ records }) => ({ status: records.some((record) => uid(record) === 'n-17') ? 400 : 200 }),
  });
  t.after(() => poisoned.close());
  const directory = await temporaryDirectory(t);
  const agent = await startAgent({
    directory,
    exporters: exporter('otlp_http/good', sink) + exporter('otlp_http/poisoned', poisoned),
    use: ['otlp_http/good', 'otlp_http/poisoned'],
  });
  t.after(() => void agent.child.kill('SIGKILL'));
  const wanted = names(40, 'n');
  await Promise.all(wanted.map((name) => post(agent.origin, notification(name))));
  await delivered(agent, 'otlp_http/good');
  const { deliveries, reasons } = await healthy(agent, (now) =>
    now.deliveries.some(
      ({ exporter: id, delivered: done, pending }) => id === 'otlp_http/poisoned' && done === 39 && pending === 0,
    ),
  );
  assert.deepEqual([deliveries[1]?.state, deliveries[1]?.dead_lettered], ['running', 1]);
  assert.match(reasons.join(), /1 dead letter is kept/);
  assert.deepEqual(uidsOf(sink), wanted.toSorted());
});

describe('stopping', () => {
  it('by SIGTERM turns health to 503 at once while the door goes on, sends what is pending, and exits 0', async (t) => {
    const sink = await OtlpSink.start();
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const slow = exporter('otlp_http', sink).replace('flush_timeout: 10ms', 'flush_timeout: 1h');
    const agent = await startAgent({ directory, exporters: slow, use: ['otlp_http'], shutdownDelay: '2s' });
    t.after(() => void agent.child.kill('SIGKILL'));
    const wanted = names(50, 'n');
    for (const name of wanted) assert.equal(await post(agent.origin, notification(name)), 200);
    assert.equal(sink.requests.length, 0);
    assert.equal((await fetch(agent.health)).status, 200);
    agent.child.kill('SIGTERM');
    await agent.logged(/doors stay open/);
    const unhealthy = await fetch(agent.health);
    assert.equal(unhealthy.status, 503);
    assert.equal(((await unhealthy.json()) as { phase: string }).phase, 'stopping');
    const late = notification('late');
    const answer = await fetch(`${agent.origin}/intercom/test`, {
      method: 'POST',
      body: late,
      headers: { 'x-hub-signature': sign(late) },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('connection'), 'close');
    const { code, stderr } = await agent.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(uidsOf(sink), [...wanted, 'late'].sort());
  });

  it('ends within its time although an exporter, or the reader of its log, never answers', async (t) => {
    const sink = await OtlpSink.start({ answer: () => ({ action: 'hang' }) });
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const hanging = exporter('otlp_http', sink).replace('timeout: 1s', 'timeout: 10m');
    const agent = await startAgent({ directory, exporters: hanging, use: ['otlp_http'] });
    t.after(() => void agent.child.kill('SIGKILL'));
    assert.equal(await post(agent.origin, notification('kept')), 200);
    await sink.received(1);
    const began = performance.now();
    assert.equal((await agent.kill('SIGTERM')).code, 0);
    assert.ok(performance.now() - began < 25_000);
  });

  it('by a second signal exits at once, and loses nothing', async (t) => {
    const sink = await OtlpSink.start({ answer: () => ({ action: 'hang' }) });
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const settings = {
      directory,
      exporters: exporter('otlp_http', sink).replace('timeout: 1s', 'timeout: 60s'),
      use: ['otlp_http'],
    };
    let agent = await startAgent(settings);
    t.after(() => void agent.child.kill('SIGKILL'));
    assert.equal(await post(agent.origin, notification('kept')), 200);
    await sink.received(1);
    agent.child.kill('SIGTERM');
    await agent.logged(/Stopping/);
    assert.equal((await agent.kill('SIGTERM')).code, 143);
    sink.answerWith({});
    agent = await startAgent(settings);
    await delivered(agent, 'otlp_http');
    assert.deepEqual([...new Set(uidsOf(sink))], ['kept']);
  });
});
