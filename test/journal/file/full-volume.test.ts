import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { settle } from '../../support/fake-clock.ts';
import { entry, numbersIn, readAll, sized } from '../entries.ts';
import { FaultyFileSystem, fault } from './faulty-fs.ts';
import { setting } from './harness.ts';

/** A full volume of `bytes`, on which deleting makes room. */
function volumeOf(bytes: number): FaultyFileSystem {
  const fs = new FaultyFileSystem();
  fs.space = bytes;
  const unlink = fs.unlink.bind(fs);
  fs.unlink = async (path) => {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    await unlink(path);
    fs.space += size;
  };
  return fs;
}

const full = { name: 'JournalError', code: 'full' };

describe('on a full volume a file journal', () => {
  test('that has one segment, all of it settled, makes room by deleting that', async (t) => {
    const at = setting(t);
    const fs = volumeOf(Number.POSITIVE_INFINITY);
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor('only');
    fs.space = 1_500_000;
    let stored = 0;
    const fill = async () => {
      for (;;) {
        await journal.append([sized(stored + 1, 100_000)]);
        stored++;
      }
    };
    await assert.rejects(fill(), full);
    assert.ok(stored >= 5, `${stored} entries fit`);
    const [log] = at.files('log');
    cursor.save({ cursor: stored, settled: [], counts: {} });
    await cursor.flush();
    await assert.rejects(journal.append([sized(99, 100_000)]), full, 'one entry is not settled');
    assert.deepEqual(at.files('log'), [log]);
    cursor.save({ cursor: stored + 1, settled: [], counts: {} });
    await cursor.flush();
    assert.deepEqual(await journal.append([sized(100, 100_000)]), [{ kind: 'stored', position: stored + 1 }]);
    assert.deepEqual([journal.status().first, journal.status().full], [stored + 1, false]);
    assert.deepEqual(await journal.append([sized(1, 9)]), [{ kind: 'duplicate', position: 1 }]);
    await journal.close();

    const again = await at.open();
    assert.deepEqual(await numbersIn(again, stored + 1), [100]);
    assert.deepEqual(await again.append([sized(2, 9)]), [{ kind: 'duplicate', position: 2 }], 'its ids are kept');
    assert.equal((await again.openCursor('only')).state.cursor, stored + 1);
  });

  test('gives no position twice when it is killed after it deleted its only segment', async (t) => {
    const at = setting(t);
    const fs = volumeOf(Number.POSITIVE_INFINITY);
    const journal = await at.open({ fs });
    await journal.append([sized(1, 1_000), sized(2, 1_000)]);
    const cursor = await journal.openCursor('only');
    cursor.save({ cursor: 3, settled: [], counts: { delivered: 2 } });
    await cursor.flush();
    fs.space = 0;
    // Whatever the deletion frees someone else takes.
    fs.before = (operation, name) => {
      if (operation === 'open' && name.endsWith('.log.new')) throw fault('ENOSPC');
    };
    await assert.rejects(journal.append([sized(3, 2_000_000)]), full);
    assert.deepEqual(at.files('log'), []);
    assert.deepEqual(await readAll(journal, 3), { entries: [], lost: [], next: 3 });
    assert.equal(journal.status().next, 3);
    await assert.rejects(journal.append([sized(3, 10)]), full);
    await journal.close();
    const again = await at.open();
    assert.deepEqual(await again.append([sized(3, 10)]), [{ kind: 'stored', position: 3 }]);
    const { birth, state } = await again.openCursor('only');
    assert.deepEqual([birth, state], [3, { cursor: 3, settled: [], counts: { delivered: 2 } }]);
  });

  test('goes on settling, deletes what is settled, and takes entries again without a restart', async (t) => {
    const at = setting(t, { segmentBytes: 50_000, retention: { maxAgeMs: 0 } });
    const fs = volumeOf(Number.POSITIVE_INFINITY);
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 5; number++) await journal.append([sized(number, 40_000)]);
    fs.space = 0;
    await assert.rejects(journal.append([sized(6, 40_000)]), full);
    assert.equal(journal.status().full, true);
    const settled = [[3, 4]] as const;
    cursor.save({ cursor: 2, settled, counts: { delivered: 3 } });
    await cursor.flush();
    // Now and then what is settled is deleted, also while nothing comes in.
    await at.clock.advance(5_000);
    while (journal.status().first < 2) await settle();
    assert.deepEqual([journal.status().full, journal.status().failure], [false, null]);
    assert.deepEqual(await journal.append([sized(6, 40_000)]), [{ kind: 'stored', position: 6 }]);
    assert.deepEqual(await numbersIn(journal, 2), [2, 3, 4, 5, 6]);
  });

  test('opens where not even an empty segment fits', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const { link } = fs;
    fs.link = async (existing, path) => {
      await link.call(fs, existing, path);
      fs.space = 0;
    };
    const journal = await at.open({ fs });
    await assert.rejects(journal.append([entry(1)]), full);
    await assert.rejects(journal.openCursor('only'), full);
    fs.space = Number.POSITIVE_INFINITY;
    const cursor = await journal.openCursor('only');
    assert.deepEqual(await journal.append([entry(2)]), [{ kind: 'stored', position: cursor.birth }]);
  });

  test('is not full of the ids that are remembered of what is deleted', async (t) => {
    const dedup = { windowMs: 3_600_000, maxIds: 100_000 };
    const at = setting(t, { maxBytes: 400_000, retention: { maxAgeMs: 0 }, dedup });
    const journal = await at.open();
    const cursor = await journal.openCursor('only');
    // 32 bytes of each id stay: together more than the limit.
    let next = 1;
    while (next < 16_000) {
      await journal.append(Array.from({ length: 500 }, () => sized(next++, 10)));
      cursor.save({ cursor: next, settled: [], counts: {} });
      await cursor.flush();
      // The last segments get their files of ids (17 KB each) when the room has been counted.
      assert.ok(journal.status().bytes <= 440_000, `${journal.status().bytes} bytes`);
    }
    await journal.close();
    const again = await at.open();
    assert.ok(again.status().first > 10_000);
    for (const number of [1, 5_000, next - 1]) {
      assert.deepEqual(await again.append([sized(number, 10)]), [{ kind: 'duplicate', position: number }]);
    }
  });
});
