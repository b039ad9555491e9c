import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import test, { type TestContext } from 'node:test';
import { startOnFreePorts, tryPort } from '../../src/cli/free-ports.ts';
import { cli } from '../support/agent-process.ts';

async function listen(t: TestContext, port: number): Promise<Server> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  await listening;
  t.after(() => server.close());
  return server;
}

const portOf = (server: Server) => (server.address() as { port: number }).port;

/** As the agent says it: two steps away from the cause. */
const listening = (t: TestContext) => async (ports: readonly number[]) => {
  const servers: Server[] = [];
  for (const port of ports) {
    const server = await listen(t, port).catch((error) => {
      for (const each of servers) each.close();
      throw new Error('failed to start', { cause: new Error("can't listen", { cause: error }) });
    });
    servers.push(server);
  }
  return servers;
};

test('a port that is taken between the look and the start is given up for another', async (t) => {
  let stolen: number | undefined;
  const asked: number[] = [];
  const servers = await startOnFreePorts([0, 0], listening(t), async (port) => {
    asked.push(port);
    const free = await tryPort(port);
    if (asked.length > 2 || free === undefined) return free;
    // The second of the first attempt: it is free no more when it is listened on.
    if (asked.length === 2) stolen = portOf(await listen(t, free));
    return free;
  });
  assert.equal(asked.length, 4);
  assert.notEqual(stolen, undefined);
  assert.ok(!servers.map(portOf).includes(stolen as number));
});

test('where others are always faster it ends with what was said, and another failure is not tried again', async (t) => {
  const taken = portOf(await listen(t, 0));
  let tries = 0;
  const always = startOnFreePorts([0], listening(t), async () => {
    tries += 1;
    return taken;
  });
  await assert.rejects(always, /failed to start/);
  assert.equal(tries, 5);
  let starts = 0;
  const broken = startOnFreePorts([0], async () => {
    starts += 1;
    throw new Error('no room on the disk');
  });
  await assert.rejects(broken, /no room/);
  assert.equal(starts, 1);
});

test('a preferred port is used where it is free, else another', async (t) => {
  const free = (await tryPort(0)) as number;
  const servers = await startOnFreePorts([free], listening(t));
  assert.deepEqual(servers.map(portOf), [free]);
  assert.equal(await tryPort(free), undefined);
  const others = await startOnFreePorts([free], listening(t));
  assert.notEqual(portOf(others[0] as Server), free);
});

test('demonstrations that are started at the same time all come through', async () => {
  const demos = await Promise.all([1, 2, 3].map(() => cli(['demo', '--once'])));
  for (const { code, stdout, stderr } of demos) {
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /received +10 notifications/);
  }
  const origins = demos.map(({ stdout }) => /the real agent on (\S+),/.exec(stdout)?.[1]);
  assert.ok(origins.every((origin) => origin !== undefined));
});
