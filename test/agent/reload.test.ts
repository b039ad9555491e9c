import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ControlClient } from '../../src/control/client.ts';
import { socketPath } from '../../src/control/socket.ts';
import { latch } from '../support/latch.ts';
import { until } from '../support/raw-client.ts';
import { clientOf, type Parts, postOn, Scene, Trays } from './reloading.ts';

const receiver = (more = '', secret = 'one') =>
  `{ endpoint: '127.0.0.1:0', shutdown_delay: 0s, integrations: [{ name: a, application_name: a, client_secret: ${secret}, path: /a }], ${more} }`;

const BASE: Parts = {
  receivers: `{ intercom: ${receiver()} }`,
  exporters: '{ tray/x: { label: x }, tray/y: { label: y } }',
  pipelines: '{ logs: { receivers: [intercom], exporters: [tray/x, tray/y] } }',
};

async function sceneOf(t: TestContext, parts: Parts = BASE) {
  const trays = new Trays();
  const scene = await Scene.of(t, parts, [trays.exporter, trays.processor]);
  return { trays, scene, client: () => clientOf(t, scene.port(/door is open/)) };
}

const failure = (scene: Scene) => scene.agent.status().reloads.failure?.reason ?? '';

describe('a reload', () => {
  it('that changes nothing says so, and touches nothing', async (t) => {
    const { scene, trays, client } = await sceneOf(t);
    const kept = client();
    assert.equal(await postOn(kept, '1'), 200);
    const before = [...trays.running];
    const lines = scene.lines.length;
    await scene.reload(BASE);
    assert.deepEqual(
      scene.lines.slice(lines).map(({ message }) => message),
      ['The configuration has not changed. Everything goes on as it was.'],
    );
    assert.deepEqual([...trays.running], before);
    assert.equal(await postOn(kept, '2'), 200);
    const { succeeded, failed, last_success } = scene.agent.status().reloads;
    assert.deepEqual([succeeded, failed, last_success !== null], [1, 0, true]);
  });

  it('changes an exporter: what it has under way settles there, the rest goes to the new one, others are not touched', async (t) => {
    const { scene, trays, client } = await sceneOf(t);
    const held = latch();
    trays.gate = held.promise;
    const kept = client();
    for (const id of ['1', '2']) assert.equal(await postOn(kept, id), 200);
    await scene.until(() => trays.sending >= 2);
    const [, y] = [...trays.running];
    const reloading = scene.reload({ ...BASE, exporters: '{ tray/x: { label: z }, tray/y: { label: y } }' });
    held.open();
    await reloading;
    assert.equal(await postOn(kept, '3'), 200);
    await scene.until(() => trays.uids('x').length + trays.uids('z').length === 3 && trays.uids('y').length === 3);
    assert.deepEqual([...trays.uids('x'), ...trays.uids('z')], ['1', '2', '3']);
    assert.ok(trays.uids('z').includes('3'));
    assert.equal(trays.running.size, 2);
    assert.ok(trays.running.has(y as object), 'the same instance');
    const { accepted, delivered, pending, ambiguous } = scene.delivery('logs tray/x') ?? {};
    assert.deepEqual([accepted, delivered, pending, ambiguous], [3, 3, 0, 0]);
    const [line] = scene.said(/new configuration is in force/);
    assert.deepEqual([line?.fields.changed, line?.fields.kept], [['exporter tray/x'], 2]);
  });

  it('adds and removes exporters and pipelines as a restart would', async (t) => {
    const { scene, trays, client } = await sceneOf(t);
    const kept = client();
    assert.equal(await postOn(kept, '1'), 200);
    await scene.until(() => trays.uids('y').length === 1);
    await scene.reload({
      ...BASE,
      exporters: '{ tray/x: { label: x }, tray/w: { label: w }, tray/v: { label: v } }',
      pipelines:
        '{ logs: { receivers: [intercom], exporters: [tray/x, tray/w] }, logs/more: { receivers: [intercom], exporters: [tray/v] } }',
    });
    assert.equal(await postOn(kept, '2'), 200);
    await scene.until(() => ['w', 'v'].every((label) => trays.uids(label).length === 1));
    assert.deepEqual([trays.uids('x'), trays.uids('w'), trays.uids('y')], [['1', '2'], ['2'], ['1']]);
    const orphan = scene.delivery('logs tray/y');
    assert.deepEqual([orphan?.state, orphan?.accepted, orphan?.delivered, orphan?.pending], ['orphaned', 2, 1, 1]);
    assert.equal(trays.running.size, 3);
    await scene.reload(BASE);
    await scene.until(() => trays.uids('y').length === 2);
    const { state, accepted, delivered } = scene.delivery('logs tray/y') ?? {};
    assert.deepEqual([state, accepted, delivered], ['running', 2, 2], 'it went on where it was');
    assert.equal(scene.delivery('logs/more tray/v')?.state, 'orphaned');
  });

  it('changes what processors do with the next record', async (t) => {
    const withMark = (mark: string): Parts => ({
      ...BASE,
      processors: `{ marking: { mark: ${mark} } }`,
      pipelines: '{ logs: { receivers: [intercom], processors: [marking], exporters: [tray/x] } }',
    });
    const { scene, trays, client } = await sceneOf(t, withMark('first'));
    const kept = client();
    assert.equal(await postOn(kept, '1'), 200);
    await scene.until(() => trays.uids('x').length === 1);
    const [running] = trays.running;
    await scene.reload(withMark('second'));
    assert.equal(await postOn(kept, '2'), 200);
    await scene.until(() => trays.uids('x').length === 2);
    assert.deepEqual(trays.marks('x'), ['first', 'second']);
    assert.ok(trays.running.has(running as object), 'the exporter stays');
    await scene.reload(withMark('impossible'));
    assert.match(failure(scene), /no such mark/);
    assert.equal(await postOn(kept, '3'), 200);
    await scene.until(() => trays.uids('x').length === 3);
    assert.deepEqual(trays.marks('x'), ['first', 'second', 'second']);
  });

  it('changes the secret of a receiver: the open connection goes on, and the old secret counts no more', async (t) => {
    const { scene, client } = await sceneOf(t);
    const kept = client();
    assert.equal(await postOn(kept, '1'), 200);
    await scene.reload({ ...BASE, receivers: `{ intercom: ${receiver('', 'two')} }` });
    assert.equal(await postOn(kept, '2', { secret: 'two' }), 200);
    assert.equal(await postOn(kept, '3', { secret: 'one' }), 401);
    assert.equal(await postOn(kept, '4', { secret: 'two' }), 200);
    assert.equal(scene.delivery('logs tray/x')?.accepted, 3);
    assert.equal(scene.delivery('logs tray/x')?.state, 'running');
  });

  it('moves a receiver to another endpoint: nothing that comes to the old one in time is lost', async (t) => {
    const { scene, trays, client } = await sceneOf(t);
    const [old, idle] = [client(), client()];
    for (const one of [old, idle]) assert.equal(await postOn(one, `old ${one === idle}`), 200);
    const reloading = scene.reload({
      ...BASE,
      receivers: `{ intercom: ${receiver('shutdown_delay: 100ms').replace('shutdown_delay: 0s, ', '').replace('127.0.0.1:0', 'localhost:0')} }`,
    });
    await reloading;
    assert.equal(await postOn(client(), 'new'), 200);
    await scene.until(() => trays.uids('x').length === 3);
  });

  it('adds a receiver to a pipeline, and takes one from it, without a gap', async (t) => {
    const second = `{ endpoint: '127.0.0.1:0', shutdown_delay: 0s, integrations: [{ name: b, application_name: b, client_secret: one, path: /b }] }`;
    const both: Parts = {
      ...BASE,
      receivers: `{ intercom: ${receiver()}, intercom/b: ${second} }`,
      pipelines: '{ logs: { receivers: [intercom, intercom/b], exporters: [tray/x, tray/y] } }',
    };
    const { scene, trays } = await sceneOf(t);
    const running = [...trays.running];
    await scene.reload(both);
    const [a, b] = ['intercom', 'intercom/b'].map((id) => clientOf(t, scene.port(/door is open/, id)));
    assert.ok(a && b);
    assert.equal(await postOn(a, 'a1'), 200);
    assert.equal(await postOn(b, 'b1', { path: '/b' }), 200);
    await scene.until(() => trays.uids('x').length === 2);
    await scene.reload({
      ...both,
      receivers: `{ intercom/b: ${second} }`,
      pipelines: '{ logs: { receivers: [intercom/b], exporters: [tray/x, tray/y] } }',
    });
    assert.equal(await postOn(b, 'b2', { path: '/b' }), 200);
    await scene.until(() => trays.uids('x').length === 3);
    const { accepted, delivered, pending } = scene.delivery('logs tray/x') ?? {};
    assert.deepEqual([accepted, delivered, pending], [3, 3, 0]);
    assert.deepEqual([...trays.running], running, 'deliveries and exporters are not touched');
  });

  it('changes the health page in its place', async (t) => {
    const health = (path: string): Parts => ({
      ...BASE,
      extensions: `health_check: { endpoint: '127.0.0.1:0', path: ${path} }`,
      use: 'health_check',
    });
    const { scene } = await sceneOf(t, health('/one'));
    const kept = clientOf(t, scene.port(/health page/));
    const ask = async (path: string) => {
      kept.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return (await kept.answer())?.status;
    };
    assert.deepEqual([await ask('/one'), await ask('/two')], [200, 404]);
    await scene.reload(health('/two'));
    assert.deepEqual([await ask('/one'), await ask('/two')], [404, 200]);
  });

  it('warns that other settings of dedup wait for a restart', async (t) => {
    const { scene } = await sceneOf(t);
    await scene.reload({ ...BASE, receivers: `{ intercom: ${receiver('dedup: { window: 48h }')} }` });
    assert.equal(scene.said(/dedup have changed.*restarted/).length, 1);
    assert.equal(failure(scene), '');
  });
});

describe('a reload that fails', () => {
  const stays = async ({ scene, trays, client }: Awaited<ReturnType<typeof sceneOf>>, next: () => Promise<void>) => {
    const kept = client();
    assert.equal(await postOn(kept, 'before'), 200);
    const running = [...trays.running];
    await next();
    assert.deepEqual([...trays.running], running);
    assert.equal(await postOn(kept, 'after'), 200);
    await scene.until(() => trays.uids('x').length === 2);
    assert.equal(scene.said(/could not be reloaded/).length, 1);
    assert.match(scene.agent.status().degraded.join(), /could not be reloaded at/);
    assert.equal(scene.agent.status().phase, 'running');
    assert.equal(scene.delivery('logs tray/x')?.state, 'running');
    await scene.reload(BASE);
    assert.deepEqual([failure(scene), scene.agent.status().degraded], ['', []], 'until one succeeds');
  };

  it('for what is written stays with the old configuration', async (t) => {
    const all = await sceneOf(t);
    await stays(all, () => all.scene.reload({ ...BASE, exporters: '{ tray/x: { lable: x }, tray/y: { label: y } }' }));
  });

  it('for a component that does not start undoes what was started before it', async (t) => {
    const all = await sceneOf(t);
    await stays(all, async () => {
      await all.scene.reload({
        ...BASE,
        receivers: `{ intercom: ${receiver('', 'two')} }`,
        exporters: '{ tray/x: { label: changed }, tray/y: { label: y }, tray/z: { label: z, broken: true } }',
        pipelines: '{ logs: { receivers: [intercom], exporters: [tray/x, tray/y, tray/z] } }',
      });
      assert.match(failure(all.scene), /failed to start "tray\/z" exporter: it is broken/);
      assert.equal(all.scene.delivery('logs tray/z'), undefined);
    });
  });

  it('for a port that is taken', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const all = await sceneOf(t);
    await stays(all, async () => {
      await all.scene.reload({
        ...BASE,
        receivers: `{ intercom: ${receiver().replace('127.0.0.1:0', `127.0.0.1:${port}`)} }`,
        exporters: '{ tray/x: { label: changed }, tray/y: { label: y } }',
      });
      assert.match(failure(all.scene), /failed to start "intercom" receiver: .*another process listens there/);
    });
  });

  it('for another storage, which needs a restart', async (t) => {
    const all = await sceneOf(t);
    await stays(all, async () => {
      const { scene } = all;
      const config = await scene.config(BASE);
      const storage = config.extensions.get('file_storage');
      assert.ok(storage);
      const moved = { ...storage, config: { ...(storage.config as object), directory: '/elsewhere' } };
      await scene.agent.reload(async () => ({ ...config, extensions: new Map([['file_storage', moved]]) }));
      assert.match(failure(scene), /file_storage.*restart/);
    });
  });
});

describe('reloads', () => {
  it('come one after the other, and those that are asked for meanwhile are one', async (t) => {
    const { scene } = await sceneOf(t);
    const held = latch();
    let reads = 0;
    let atOnce = 0;
    const read = async () => {
      reads++;
      assert.equal(++atOnce, 1);
      await held.promise;
      atOnce--;
      return scene.config(BASE);
    };
    const first = scene.agent.reload(read);
    await until(() => reads === 1);
    const others = [scene.agent.reload(read), scene.agent.reload(read), scene.agent.reload(read)];
    held.open();
    await Promise.all([first, ...others]);
    assert.equal(reads, 2);
    assert.equal(scene.agent.status().reloads.succeeded, 2);
  });

  it('end with the agent: a stop signal waits for the one under way, and nothing of it stays', async (t) => {
    const { scene, trays } = await sceneOf(t);
    const reloading = scene.reload({ ...BASE, exporters: '{ tray/x: { label: z }, tray/y: { label: y } }' });
    const late = scene.reload(BASE);
    await scene.agent.shutdown({ deadline: AbortSignal.timeout(10_000), delayed: false });
    await Promise.all([reloading, late]);
    assert.equal(scene.agent.status().phase, 'stopped');
    assert.equal(trays.running.size, 0);
    assert.equal(scene.said(/could not be reloaded/).length, 0);
  });

  it('are refused once the agent was drained', async (t) => {
    const { scene } = await sceneOf(t);
    await scene.agent.drain();
    await scene.reload({ ...BASE, receivers: `{ intercom: ${receiver('', 'two')} }` });
    assert.match(failure(scene), /drained/);
  });
});

it('a replay goes on beside the new exporter, and waits while there is none', async (t) => {
  const { scene, trays, client } = await sceneOf(t);
  const kept = client();
  for (const id of ['1', '2', '3']) assert.equal(await postOn(kept, id), 200);
  await scene.until(() => trays.uids('x').length === 3);
  const held = latch();
  trays.gate = held.promise;
  const who = { user: 'test', uid: null } as never;
  const commands = new ControlClient({ socket: socketPath(join(scene.directory, 'data')), who });
  const sent = trays.sending;
  await commands.replay({ exporter: 'tray/x', rate: 1, dry_run: false });
  await scene.until(() => trays.sending > sent);
  const other = { ...BASE, exporters: '{ tray/x: { label: z }, tray/y: { label: y } }' };
  const reloading = scene.reload(other);
  held.open();
  await reloading;
  const { replays } = scene.agent.status();
  assert.equal(replays.length, 1);
  const without = { ...BASE, pipelines: '{ logs: { receivers: [intercom], exporters: [tray/y] } }' };
  await scene.reload(without);
  assert.deepEqual(scene.agent.status().replays, [], 'it waits in the journal');
  await scene.reload(other);
  await scene.until(() => scene.said(/A replay ended/).length === 1);
  assert.deepEqual([...trays.uids('x'), ...trays.uids('z')].sort(), ['1', '1', '2', '2', '3', '3']);
  assert.ok(trays.uids('z').length > 0);
  assert.deepEqual(
    scene.agent.status().replays.map(({ delivered, reason }) => [delivered, reason]),
    [[3, 'done']],
  );
});
