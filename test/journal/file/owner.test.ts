import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Platform, systemPlatform } from '../../../src/journal/file/platform.ts';
import { type FakeClock, settle } from '../../support/fake-clock.ts';
import { entry, numbersIn } from '../entries.ts';
import { FaultyFileSystem } from './faulty-fs.ts';
import { setting } from './harness.ts';

const SELF = systemPlatform.startOf(process.pid) as string;

/** A process of some machine: alive as long as it is in `running`. */
function platform(pid: number, host = 'here', scope = 'boot 1', running = new Map([[pid, SELF]])): Platform {
  return { pid, host, scope, startOf: (asked) => running.get(asked) };
}

describe('the owner of a data directory', () => {
  test('is one process: a second is refused and told who it is', async (t) => {
    const at = setting(t);
    const journal = await at.open();
    await assert.rejects(at.open(), {
      name: 'JournalError',
      code: 'failed',
      message: `${at.directory} is in use by process ${process.pid} on ${systemPlatform.host}. Stop that agent, or give this one another directory.`,
    });
    await journal.append([entry(1)]);
    await journal.close();
    assert.deepEqual(readdirSync(at.directory).sort(), ['dead-letters', 'deliveries', 'journal', 'spare']);
    assert.deepEqual(await numbersIn(await at.open()), [1]);
  });

  test('is replaced on a volume without a byte of room: the spare file becomes the claim, and is never free for others', async (t) => {
    const at = setting(t);
    const running = new Map([
      [1, 'noon'],
      [2, 'noon'],
    ]);
    await at.open({ platform: platform(1, 'here', 'boot 1', running) });
    running.delete(1);
    const fs = new FaultyFileSystem();
    fs.space = 0;
    const journal = await at.open({ fs, platform: platform(2, 'here', 'boot 1', running) });
    assert.match(readFileSync(join(at.directory, 'owner'), 'utf8'), /"pid":2,/);
    assert.ok(!readdirSync(at.directory).includes('spare'));
    await assert.rejects(at.open({ platform: platform(3, 'here', 'boot 1', running) }), /in use by process 2/);
    await journal.close();
    assert.deepEqual(readdirSync(at.directory).sort(), ['dead-letters', 'deliveries', 'journal']);
    await at.open();
    assert.ok(readdirSync(at.directory).includes('spare'));
  });

  test('is replaced at once when it is seen to be dead, or its PID is a later process', async (t) => {
    const at = setting(t);
    const running = new Map([
      [1, 'noon'],
      [2, 'noon'],
      [3, 'noon'],
    ]);
    await at.open({ platform: platform(1, 'here', 'boot 1', running) });
    await assert.rejects(at.open({ platform: platform(2, 'here', 'boot 1', running) }), /in use by process 1/);
    running.delete(1);
    await at.open({ platform: platform(2, 'here', 'boot 1', running) });
    running.set(2, 'one minute past noon');
    await at.open({ platform: platform(3, 'here', 'boot 1', running) });
    await assert.rejects(at.open({ platform: platform(1, 'here', 'boot 1', running) }), /in use by process 3/);
  });

  for (const [what, other] of Object.entries({
    'another host': platform(2, 'there', 'boot 1'),
    'another boot or container': platform(2, 'here', 'boot 2'),
    'a system that does not say': platform(2, 'here', ''),
  })) {
    test(`on ${what} is replaced only after 15 s without a heartbeat`, async (t) => {
      const at = setting(t);
      await at.open({ platform: platform(1, 'here', what.startsWith('a system') ? '' : 'boot 1') });
      // Timers: the owner's heartbeat and the other's patience.
      await elapse(at.clock, 2, assert.rejects(at.open({ platform: other }), /in use by process 1/));

      const elsewhere = setting(t);
      writeFileSync(join(elsewhere.directory, 'owner'), readFileSync(join(at.directory, 'owner')));
      await elapse(elsewhere.clock, 1, elsewhere.open({ platform: other }));
      assert.ok(elsewhere.clock.monotonic() >= 15_000, `taken over after ${elsewhere.clock.monotonic()} ms`);
      assert.ok(elsewhere.clock.monotonic() <= 17_000, `taken over after ${elsewhere.clock.monotonic()} ms`);
    });
  }

  test('that has lost its directory refuses appends as closed, at the latest after a heartbeat', async (t) => {
    const at = setting(t);
    const journal = await at.open();
    const cursor = await journal.openCursor('only');
    await journal.append([entry(1)]);
    rmSync(join(at.directory, 'owner'));
    await at.clock.advance(5_000);
    let refusal: unknown;
    while (refusal === undefined) await journal.append([entry(2)]).catch((error) => (refusal = error));
    assert.match(String(refusal), /has lost .*: its owner file is gone/);
    assert.equal((refusal as { code: string }).code, 'closed');
    assert.match(journal.status().notes.join(), /has lost/);
    cursor.save({ cursor: 2, settled: [], counts: {} });
    await assert.rejects(cursor.flush(), { code: 'closed' });
    await journal.close();
  });

  test('that was only stopped for a while harms nothing of its successor', async (t) => {
    const at = setting(t, { segmentBytes: 6_000 });
    const running = new Map([
      [1, 'noon'],
      [2, 'noon'],
    ]);
    const stopped = await at.open({ platform: platform(1, 'here', 'boot 1', running) });
    const stoppedCursor = await stopped.openCursor('only');
    await stopped.append([entry(1)]);
    running.delete(1);
    const successor = await at.open({ platform: platform(2, 'here', 'boot 1', running) });
    const cursor = await successor.openCursor('only');
    await successor.append([entry(2)]);
    await stopped.append([entry(100), entry(101)]);
    await successor.append([entry(3)]);
    for (const cursor of [3, 4]) {
      stoppedCursor.save({ cursor, settled: [], counts: {} });
      await stoppedCursor.flush();
    }
    // Before its next segment it finds out.
    await assert.rejects(stopped.append([entry(102, { body: Buffer.alloc(6_000) })]), {
      code: 'closed',
      message: /process 2 on here owns it now/,
    });
    await stopped.close();
    assert.deepEqual(await numbersIn(successor), [1, 2, 3]);
    cursor.save({ cursor: 2, settled: [], counts: { delivered: 1 } });
    await successor.close();
    const again = await at.open();
    assert.deepEqual(await numbersIn(again), [1, 2, 3]);
    assert.deepEqual((await again.openCursor('only')).state, { cursor: 2, settled: [], counts: { delivered: 1 } });
  });

  test('an owner file that says nothing is left alone', async (t) => {
    const at = setting(t);
    writeFileSync(join(at.directory, 'owner'), 'mine');
    await assert.rejects(at.open(), { code: 'failed', message: /does not say who owns the directory/ });
    assert.equal(readFileSync(join(at.directory, 'owner'), 'utf8'), 'mine');
  });

  test('of 50 processes that start at the same time is exactly one, also where a dead one left its file', async (t) => {
    const at = setting(t);
    const dead = await at.open({ platform: { ...systemPlatform, pid: 2 ** 22 + 1, startOf: () => 'long ago' } });
    await dead.append([entry(1)]);
    const script = fileURLToPath(new URL('./contender.process.js', import.meta.url));
    const contenders = Array.from({ length: 10 }, () => {
      const child = spawn(process.execPath, [script, at.directory, '5'], { stdio: ['pipe', 'pipe', 'inherit'] });
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
    });
    t.after(() => {
      for (const { child } of contenders) child.kill('SIGKILL');
    });
    for (const { lines } of contenders) assert.equal((await lines.next()).value, 'ready');
    for (const { child } of contenders) child.stdin.write('go\n');
    const outcomes: string[] = [];
    for (const { lines } of contenders) for (let n = 0; n < 5; n++) outcomes.push((await lines.next()).value ?? 'died');
    assert.equal(outcomes.filter((outcome) => outcome === 'owner').length, 1, outcomes.join('\n'));
    assert.equal(outcomes.filter((outcome) => /is in use by process/.test(outcome)).length, 49, outcomes.join('\n'));
  });
});

/** Advances time until `until` is settled, each time when all of these timers are set: no file operation is under way then. */
async function elapse(clock: FakeClock, timers: number, until: Promise<unknown>): Promise<void> {
  let done = false;
  const settled = until.finally(() => {
    done = true;
  });
  while (!done) {
    if (clock.pending >= timers) await clock.advance(500);
    await settle();
  }
  await settled;
}
