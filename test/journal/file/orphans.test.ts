import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entry, sized } from '../entries.ts';
import { FaultyFileSystem } from './faulty-fs.ts';
import { setting } from './harness.ts';

const HOUR = 3_600_000;

describe('a cursor that nobody opens', () => {
  test('is an orphan since it was first found so, over restarts, until it is opened and saved again', async (t) => {
    const at = setting(t);
    let journal = await at.open();
    await journal.openCursor('stays');
    await journal.openCursor('leaves');
    assert.deepEqual(await journal.orphans(), []);
    await journal.close();

    const since = at.clock.now();
    for (let restart = 0; restart < 2; restart++) {
      journal = await at.open();
      await journal.openCursor('stays');
      const [orphan, ...others] = await journal.orphans();
      assert.deepEqual([orphan?.name, orphan?.since, others], ['leaves', since, []]);
      await at.clock.advance(HOUR);
      await journal.close();
    }

    journal = await at.open();
    const back = await journal.openCursor('leaves');
    assert.deepEqual(
      (await journal.orphans()).map(({ name }) => name),
      ['stays'],
    );
    // What a delivery does at its start: it saves what it was given, and may then be held for days.
    back.save({ ...back.state });
    await journal.close();
    const again = at.clock.now();
    journal = await at.open();
    assert.deepEqual((await journal.orphans()).find(({ name }) => name === 'leaves')?.since, again);
  });

  test('keeps its entries until it is forgotten, for good', async (t) => {
    const at = setting(t, { segmentBytes: 4096, retention: { maxAgeMs: HOUR } });
    let journal = await at.open();
    const stays = await journal.openCursor('stays');
    await journal.openCursor('leaves');
    await journal.close();
    journal = await at.open();
    const cursor = await journal.openCursor('stays');
    assert.ok(stays);
    for (let number = 1; number <= 20; number++) await journal.append([sized(number, 1000)]);
    cursor.save({ cursor: 21, settled: [], counts: {} });
    await cursor.flush();
    await at.clock.advance(2 * HOUR);
    assert.equal(journal.status().first, 1);
    await journal.forget('leaves');
    await at.clock.advance(10_000);
    while (journal.status().first === 1) await at.clock.advance(5000);
    assert.deepEqual(await journal.orphans(), []);
    await journal.close();
    journal = await at.open();
    assert.deepEqual(
      (await journal.orphans()).map(({ name }) => name),
      ['stays'],
    );
    const reborn = await journal.openCursor('leaves');
    assert.equal(reborn.birth, journal.status().next, 'a name that was forgotten is new');
  });

  test('can be forgotten on a full volume, which makes room', async (t) => {
    const at = setting(t, { segmentBytes: 4096, retention: { maxAgeMs: 0 } });
    const fs = new FaultyFileSystem();
    let journal = await at.open({ fs });
    await journal.openCursor('stays');
    await journal.openCursor('leaves');
    await journal.close();
    journal = await at.open({ fs });
    const cursor = await journal.openCursor('stays');
    for (let number = 1; number <= 20; number++) await journal.append([sized(number, 1000)]);
    cursor.save({ cursor: 21, settled: [], counts: {} });
    await cursor.flush();
    fs.space = 0;
    await assert.rejects(journal.append([entry(99)]), { code: 'full' });
    await journal.forget('leaves');
    while (journal.status().first === 1) await at.clock.advance(5000);
    // The faults know nothing of what deleting gives back.
    fs.space = Number.POSITIVE_INFINITY;
    await journal.append([entry(99)]);
  });

  test('that is open cannot be forgotten, and an unknown one is no trouble', async (t) => {
    const journal = await setting(t).open();
    await journal.openCursor('open');
    await assert.rejects(journal.forget('open'), /BUG/);
    await journal.forget('unknown');
  });

  test('that is retired and comes back does not have what it had settled a second time, wherever it is to begin', async (t) => {
    const journal = await setting(t).open();
    const open = await journal.openCursor('logs a', { start: 'beginning' });
    await journal.append([entry(1), entry(2), entry(3)]);
    open.save({ ...open.state, cursor: 4, counts: { delivered: 3 }, sources: [{ source: 'in', since: 1 }] });
    await journal.closeCursor('logs a');
    await journal.retire('logs a', { delivered: 3 });
    const { state } = await journal.openCursor('logs a', { start: 'beginning' });
    assert.deepEqual([state.cursor, state.counts], [4, { delivered: 3 }]);
  });
});
