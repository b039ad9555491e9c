/**
 * Reloads under load: random configurations, valid and not, one after the other, while notifications come in on connections
 * that stay open. Every one must be answered 200 and reach every healthy backend once, and the process must not grow.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';
import { parseArgs } from 'node:util';
import { seeded } from '../crash/arguments.ts';
import {
  health,
  healthy,
  type RunningAgent,
  SECRET,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { CountingSink } from '../support/counting-sink.ts';
import { steadyPort } from '../support/steady-port.ts';
import { configurationOf, type Drawn, draw, drawInvalid, FIRST } from './configurations.ts';
import { Senders } from './senders.ts';

const skip = process.platform === 'linux' ? false : 'skipped: descriptors are read from /proc';
const option = { type: 'string' } as const;
const { values } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: { rounds: option, seed: option, connections: option },
  strict: false,
});
const rounds = Number(values.rounds ?? 200);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const connections = Number(values.connections ?? 16);

/** Caches and counters that fill up; a thing that each reload leaves behind comes to more. */
const TOLERANCE_MIB = 2;
/** Rounds after which the process has made all that it keeps. */
const WARM_UP = 20;
const MAX_NOTIFICATIONS = 1_000_000;

/** Run in the agent's process: says on SIGUSR2 what it holds once everything that is garbage is gone. */
const INSIDE = `
let looks = 0;
process.on('SIGUSR2', () => {
  gc();
  const counts = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  process.stderr.write('LOOK ' + ++looks + ' ' + JSON.stringify({ heap: process.memoryUsage().heapUsed / 2 ** 20, counts }) + '\\n');
});`;

interface Held {
  /** MiB. */
  readonly heap: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly descriptors: number;
}

let looks = 0;

async function heldBy(agent: RunningAgent): Promise<Held> {
  agent.child.kill('SIGUSR2');
  const line = await agent.logged(new RegExp(`^LOOK ${++looks} `));
  const descriptors = (await readdir(`/proc/${agent.child.pid}/fd`)).length;
  return { ...(JSON.parse(line.replace(/^LOOK \d+ /, '')) as Omit<Held, 'descriptors'>), descriptors };
}

it(`${rounds} reloads under load: nothing refused, lost or doubled, and no leak`, {
  skip,
}, async (t) => {
  t.diagnostic(`--seed ${seed}`);
  const random = seeded(seed);
  const sinks = await Promise.all([1, 2, 3].map(() => CountingSink.start(MAX_NOTIFICATIONS)));
  t.after(() => sinks.map((sink) => sink.close()));
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  const ports = [await steadyPort(random), await steadyPort(random)];
  const directory = await temporaryDirectory(t);
  const surroundings = {
    ...{ directory, ports, secret: SECRET },
    urls: sinks.map(({ url }) => url),
    health: await steadyPort(random),
    taken: (taken.address() as { port: number }).port,
  };
  await mkdir(join(directory, 'data'));
  const file = join(directory, 'agent.yaml');
  const text = (drawn: Drawn) => configurationOf(drawn, surroundings);
  const agent = await startAgent({
    directory,
    exporters: '',
    use: [],
    yaml: text(FIRST),
    nodeArgs: [
      '--expose-gc',
      '--no-opt',
      '--no-sparkplug',
      '--import',
      `data:text/javascript,${encodeURIComponent(INSIDE)}`,
    ],
  });
  t.after(() => void agent.child.kill('SIGKILL'));

  const senders = new Senders(connections, ports[0] as number);
  t.after(() => senders.close());
  let present = FIRST;
  let [succeeded, failed] = [0, 0];
  /** Goes over to a configuration; `undefined`: one that is wrong. */
  const reload = async (drawn: Drawn | undefined) => {
    const doors = agent.log().split('door is open').length;
    await writeFile(file, drawn ? text(drawn) : drawInvalid(random, present, surroundings));
    if (drawn) succeeded++;
    else failed++;
    agent.child.kill('SIGHUP');
    if (drawn && drawn.port !== present.port) {
      // The new door is bound before the old one goes.
      while (agent.log().split('door is open').length === doors) await new Promise((resolve) => setTimeout(resolve, 2));
      senders.port = ports[drawn.port] as number;
    }
    const { reloads } = await healthy(
      agent,
      ({ reloads }) => reloads.succeeded + reloads.failed === succeeded + failed,
      60_000,
    );
    assert.deepEqual(
      [reloads.succeeded, reloads.failed],
      [succeeded, failed],
      `${reloads.failure?.reason}\n${drawn && text(drawn)}`,
    );
    if (drawn) present = drawn;
  };

  const atRest = async () => {
    await healthy(agent, ({ deliveries }) => deliveries.every((one) => one.state === 'orphaned' || one.pending === 0));
    return heldBy(agent);
  };
  const began = performance.now();
  let early: Held | undefined;
  for (let round = 1; round <= rounds; round++) {
    await reload(random() < 0.25 ? undefined : draw(random, present));
    if (round !== Math.min(WARM_UP, rounds)) continue;
    await reload(FIRST);
    early = await senders.pause(atRest);
  }
  await reload(FIRST);
  const late = await senders.pause(atRest);
  assert.ok(early);
  const { sent, statuses, broken } = await senders.stop();
  const end = await healthy(agent, ({ deliveries }) =>
    deliveries.every((one) => one.state === 'orphaned' || one.pending === 0),
  );
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(
    `${succeeded} reloads succeeded and ${failed} failed as they should in ${seconds.toFixed(1)} s; ${sent} notifications, ${(sent / seconds).toFixed(0)}/s`,
  );
  t.diagnostic(`answers: ${JSON.stringify(statuses)}, ${broken} connections broke`);
  t.diagnostic(`after ${WARM_UP} rounds ${JSON.stringify(early)}`);
  t.diagnostic(`at the end ${JSON.stringify(late)}`);

  assert.deepEqual([statuses, broken], [{ 200: sent }, 0], 'every notification is answered 200');
  for (const [index, name] of ['up', 'too'].entries()) {
    const sink = sinks[index] as CountingSink;
    assert.deepEqual([sink.distinct, sink.records], [sent, sent], `everything reaches ${name}, once`);
  }
  const extra = sinks[2] as CountingSink;
  assert.equal(extra.records, extra.distinct, 'what comes and goes gets nothing twice');
  assert.equal(end.accepted, sent);
  for (const one of end.deliveries) {
    const settled = one.delivered + one.rejected_by_backend + one.filtered + one.dead_lettered + one.lost;
    assert.equal(one.accepted, settled + (one.expired ?? 0) + one.pending, `the ledger of ${one.exporter} balances`);
    assert.equal(one.ambiguous, 0);
    if (one.state !== 'orphaned') assert.equal(one.delivered, sent, one.exporter);
  }
  // Connections to the backends come and go with the load.
  for (const [name, count] of Object.entries({ ...late.counts, descriptors: late.descriptors })) {
    const before = name === 'descriptors' ? early.descriptors : (early.counts[name] ?? 0);
    assert.ok(count <= before + connections, `${name}: ${before}, then ${count}`);
  }
  assert.ok(late.heap < early.heap + TOLERANCE_MIB, `heap: ${early.heap} MiB, then ${late.heap} MiB`);
  assert.doesNotMatch(agent.log(), /Warning|BUG/);
  assert.equal(
    (await health(agent)).degraded,
    end.deliveries.some(({ state }) => state === 'orphaned'),
  );
  assert.equal((await agent.kill('SIGTERM')).code, 0);
});
