import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle } from '../../support/fake-clock.ts';
import { entry, readAll, sized } from '../entries.ts';
import { FaultyFileSystem, fault } from './faulty-fs.ts';
import { type Setting, setting } from './harness.ts';

const HOUR_MS = 3_600_000;

/** Lets the journal do twice what it does now and then. It is done when it waits for its next time. */
async function maintained(at: Setting, done: () => boolean): Promise<boolean> {
  for (let round = 0; round < 2; round++) {
    await at.clock.advance(5_000);
    while (at.clock.pending === 0) await settle();
  }
  return done();
}

describe('retention of a file journal', () => {
  test('deletes segments that every cursor has settled durably and that are past their time, oldest first', async (t) => {
    const at = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 100 * HOUR_MS } });
    const journal = await at.open();
    const quick = await journal.openCursor('quick');
    const slow = await journal.openCursor('slow');
    for (let number = 1; number <= 6; number++) await journal.append([sized(number, 3_000)]);
    quick.save({ cursor: 7, settled: [], counts: {} });
    slow.save({ cursor: 4, settled: [], counts: {} });
    await Promise.all([quick.flush(), slow.flush()]);
    assert.equal(await maintained(at, () => journal.status().first > 1), false);
    at.clock.jump(100 * HOUR_MS);
    assert.equal(await maintained(at, () => journal.status().first === 4), true);
    assert.equal(await maintained(at, () => journal.status().first > 4), false);
    assert.deepEqual((await readAll(journal, 1)).lost, [[1, 3]]);
  });

  test('leaves nothing in memory of what it deleted', async (t) => {
    const at = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 }, recentBytes: 1_000_000 });
    const journal = await at.open();
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 3; number++) await journal.append([sized(number, 3_000)]);
    cursor.save({ cursor: 4, settled: [], counts: {} });
    await cursor.flush();
    assert.equal(await maintained(at, () => journal.status().first === 3), true);
    const { entries, lost } = await readAll(journal, 1);
    assert.deepEqual(lost, [[1, 2]]);
    assert.deepEqual(
      entries.map(({ position }) => position),
      [3],
    );
  });

  test('does not trust a saved state before it is on disk', async (t) => {
    const at = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 } });
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 3; number++) await journal.append([sized(number, 3_000)]);
    fs.before = (_, name) => {
      if (name.includes('.state')) throw fault('EIO');
    };
    cursor.save({ cursor: 4, settled: [], counts: {} });
    await assert.rejects(cursor.flush());
    assert.equal(await maintained(at, () => journal.status().first > 1), false);
    fs.before = () => {};
    await cursor.flush();
    assert.equal(await maintained(at, () => journal.status().first === 3), true);
  });

  test('keeps the entries of a delivery that is not opened, and everything while there is no delivery', async (t) => {
    const at = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 } });
    const first = await at.open();
    for (let number = 1; number <= 3; number++) await first.append([sized(number, 3_000)]);
    assert.equal(await maintained(at, () => first.status().first > 1), false);
    await first.openCursor('absent', { start: 'beginning' });
    await first.close();
    const second = await at.open();
    const present = await second.openCursor('present');
    for (let number = 4; number <= 6; number++) await second.append([sized(number, 3_000)]);
    present.save({ cursor: 7, settled: [], counts: {} });
    await present.flush();
    assert.equal(await maintained(at, () => second.status().first > 1), false);
  });

  test('keeps settled segments up to so many bytes where it is told so', async (t) => {
    const at = setting(t, { segmentBytes: 12_000, retention: { maxAgeMs: HOUR_MS, maxBytes: 40_000 } });
    const journal = await at.open();
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 6; number++) await journal.append([sized(number, 7_000)]);
    assert.ok(journal.status().bytes > 60_000);
    cursor.save({ cursor: 7, settled: [], counts: {} });
    await cursor.flush();
    // Of six segments of 11 KB the last one is still written to and does not count.
    assert.equal(await maintained(at, () => at.files('log').length === 4), true);
  });

  test('recognises a duplicate of what is deleted, also after a restart, until the window has passed', async (t) => {
    const at = setting(t, {
      segmentBytes: 4_096,
      retention: { maxAgeMs: 0 },
      dedup: { windowMs: HOUR_MS, maxIds: 100 },
    });
    const first = await at.open();
    const cursor = await first.openCursor('only');
    for (let number = 1; number <= 3; number++) await first.append([sized(number, 3_000)]);
    cursor.save({ cursor: 4, settled: [], counts: {} });
    await cursor.flush();
    assert.equal(await maintained(at, () => first.status().first === 3), true);
    assert.deepEqual(await first.append([sized(1, 10)]), [{ kind: 'duplicate', position: 1 }]);
    await first.close();
    const second = await at.open();
    assert.deepEqual(await second.append([sized(2, 10)]), [{ kind: 'duplicate', position: 2 }]);
    assert.deepEqual(await second.append([sized(1, 10)]), [{ kind: 'duplicate', position: 1 }]);
    at.clock.jump(HOUR_MS);
    const orphans = () => at.files('ids').filter((path) => /0[12]\.ids$/.test(path));
    assert.equal(orphans().length, 2);
    assert.equal(await maintained(at, () => orphans().length === 0), true);
    assert.deepEqual(await second.append([sized(1, 10)]), [{ kind: 'stored', position: 4 }]);
  });

  test('finishes a segment by age, so that old data can go while little comes in', async (t) => {
    const at = setting(t, { retention: { maxAgeMs: 80 * HOUR_MS } });
    const journal = await at.open();
    await journal.append([entry(1)]);
    at.clock.jump(9 * HOUR_MS);
    await journal.append([entry(2)]);
    assert.equal(at.files('log').length, 1);
    at.clock.jump(HOUR_MS);
    await journal.append([entry(3)]);
    assert.equal(at.files('log').length, 2);
    const cursor = await journal.openCursor('only');
    cursor.save({ cursor: 4, settled: [], counts: {} });
    await cursor.flush();
    at.clock.jump(90 * HOUR_MS);
    assert.equal(await maintained(at, () => journal.status().first === 4), true);
    assert.equal(at.files('log').length, 1);
  });

  test('goes on when a segment cannot be deleted', async (t) => {
    const at = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 } });
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 3; number++) await journal.append([sized(number, 3_000)]);
    cursor.save({ cursor: 4, settled: [], counts: {} });
    await cursor.flush();
    fs.before = (operation) => {
      if (operation === 'unlink') throw fault('EPERM');
    };
    assert.equal(await maintained(at, () => journal.status().first > 1), false);
    assert.deepEqual(await journal.append([entry(4)]), [{ kind: 'stored', position: 4 }]);
    fs.before = () => {};
    assert.equal(await maintained(at, () => journal.status().first > 1), true);
  });

  test('a read that began before its segment was deleted ends well', async (t) => {
    const at = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 } });
    const journal = await at.open();
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 8; number++) await journal.append([sized(number, 3_000)]);
    cursor.save({ cursor: 9, settled: [], counts: {} });
    await cursor.flush();
    const reading = Promise.all(Array.from({ length: 10 }, (_, index) => readAll(journal, 1, 1 + index)));
    await maintained(at, () => journal.status().first === 8);
    for (const { entries, lost, next } of await reading) {
      const gone = lost.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      assert.deepEqual([entries.length + gone, next], [8, 9]);
    }
  });
});
