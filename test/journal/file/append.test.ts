import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { settle } from '../../support/fake-clock.ts';
import { latch } from '../../support/latch.ts';
import { entry, numbersIn, readAll, sized } from '../entries.ts';
import { FaultyFileSystem, failOnce, fault } from './faulty-fs.ts';
import { setting } from './harness.ts';

const LOG = /\.log$/;

/** Makes every sync of a segment wait for the returned latch. */
function holdSyncs(fs: FaultyFileSystem) {
  const reached = latch();
  const release = latch();
  fs.before = (operation, name) => {
    if (operation !== 'sync' || !LOG.test(name)) return;
    reached.open();
    return release.promise;
  };
  return { reached: reached.promise, release: release.open };
}

describe('an append to the file journal', () => {
  test('resolves only after its bytes were synced', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t).open({ fs });
    fs.done.length = 0;
    let resolved = false;
    const sync = holdSyncs(fs);
    const append = journal.append([entry(1)]).then(() => {
      resolved = true;
    });
    await sync.reached;
    await settle();
    assert.deepEqual(fs.done, ['write 0000000000000001.log']);
    assert.equal(resolved, false);
    sync.release();
    await append;
    assert.deepEqual(fs.done, ['write 0000000000000001.log', 'sync 0000000000000001.log']);
  });

  test('is not read, waited for or counted before it resolved', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t).open({ fs });
    const sync = holdSyncs(fs);
    const append = journal.append([entry(1)]);
    let woken = false;
    const waiting = journal.wait(1, new AbortController().signal).then(() => {
      woken = true;
    });
    await sync.reached;
    assert.deepEqual(await readAll(journal), { entries: [], lost: [], next: 1 });
    assert.equal(journal.status().next, 1);
    assert.equal(await journal.tally({ from: 1, to: 10 }, ['intercom']), 0);
    await settle();
    assert.equal(woken, false);
    sync.release();
    await Promise.all([append, waiting]);
    assert.deepEqual(await numbersIn(journal), [1]);
  });

  test('that arrives while another is synced shares the next sync with all that do', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t).open({ fs });
    const sync = holdSyncs(fs);
    const first = journal.append([entry(0)]);
    await sync.reached;
    fs.done.length = 0;
    const others = Array.from({ length: 50 }, (_, number) => journal.append([entry(number + 1)]));
    sync.release();
    await Promise.all([first, ...others]);
    assert.equal(fs.done.filter((done) => done.startsWith('sync')).length, 2);
  });

  test('that is a duplicate of one still being written waits for it', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t).open({ fs });
    const sync = holdSyncs(fs);
    const original = journal.append([entry(1, { dedupKey: 'a' })]);
    await sync.reached;
    let answered = false;
    const copy = journal.append([entry(2, { dedupKey: 'a' })]).then((results) => {
      answered = true;
      return results;
    });
    await settle();
    assert.equal(answered, false);
    sync.release();
    assert.deepEqual(await original, [{ kind: 'stored', position: 1 }]);
    assert.deepEqual(await copy, [{ kind: 'duplicate', position: 1 }]);
  });

  test('that is a duplicate of one that waited for the group before waits for it', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t).open({ fs });
    const syncs = [
      { reached: latch(), release: latch() },
      { reached: latch(), release: latch() },
    ];
    let count = 0;
    fs.before = async (operation, name) => {
      const sync = operation === 'sync' && LOG.test(name) ? syncs[count++] : undefined;
      sync?.reached.open();
      await sync?.release.promise;
    };
    const before = journal.append([entry(1, { dedupKey: 'a' })]);
    await syncs[0]?.reached.promise;
    const original = journal.append([entry(2, { dedupKey: 'b' })]);
    syncs[0]?.release.open();
    await before;
    await syncs[1]?.reached.promise;
    const copy = journal.append([entry(3, { dedupKey: 'b' }), entry(4, { dedupKey: 'a' })]);
    syncs[1]?.release.open();
    assert.deepEqual(await original, [{ kind: 'stored', position: 2 }]);
    assert.deepEqual(await copy, [
      { kind: 'duplicate', position: 2 },
      { kind: 'duplicate', position: 1 },
    ]);
  });

  test('that is a duplicate of one still being written shares its failure, with all that it brought along', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t).open({ fs });
    const reached = latch();
    const release = latch();
    fs.before = async (operation, name) => {
      if (operation !== 'sync' || !LOG.test(name)) return;
      reached.open();
      await release.promise;
      fs.before = () => {};
      throw fault('EIO');
    };
    const original = journal.append([entry(1, { dedupKey: 'a' })]);
    await reached.promise;
    const copy = journal.append([entry(2, { dedupKey: 'b' }), entry(3, { dedupKey: 'a' })]);
    const copyOfCopy = journal.append([entry(4, { dedupKey: 'b' })]);
    const other = journal.append([entry(5)]);
    release.open();
    for (const append of [original, copy, copyOfCopy]) await assert.rejects(append, { code: 'failed' });
    await other;
    assert.deepEqual(await numbersIn(journal), [5]);
    assert.deepEqual(await journal.append([entry(6, { dedupKey: 'a' }), entry(7, { dedupKey: 'b' })]), [
      { kind: 'stored', position: 2 },
      { kind: 'stored', position: 3 },
    ]);
  });

  test('on a full volume leaves nothing behind, keeps the segment, and works again when there is room', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([sized(1, 1000)]);
    const [path] = at.files('log') as [string];
    const before = journal.status().bytes;
    fs.space = 500;
    await assert.rejects(journal.append([sized(2, 1_000), sized(3, 2_000_000)]), {
      name: 'JournalError',
      code: 'full',
    });
    assert.equal(journal.status().full, true);
    assert.equal(statSync(path).size, before);
    assert.deepEqual(await journal.append([sized(1, 1000)]), [{ kind: 'duplicate', position: 1 }]);
    fs.space = Number.POSITIVE_INFINITY;
    assert.deepEqual(await journal.append([sized(2, 1_000), sized(3, 2_000_000)]), [
      { kind: 'stored', position: 2 },
      { kind: 'stored', position: 3 },
    ]);
    assert.equal(journal.status().full, false);
    assert.deepEqual(at.files('log'), [path]);
    assert.deepEqual(await readPositions(journal), [1, 2, 3]);
    await journal.close();
    assert.deepEqual(await readPositions(await at.open()), [1, 2, 3]);
  });

  test('on a full volume uses the room of a settled segment', async (t) => {
    const at = setting(t, { segmentBytes: 50_000 });
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor('logs -> only');
    for (let number = 1; number <= 3; number++) await journal.append([sized(number, 40_000)]);
    cursor.save({ cursor: 3, settled: [], counts: {} });
    await cursor.flush();
    const [oldest, ...others] = at.files('log');
    fs.space = 0;
    const { unlink } = fs;
    fs.unlink = async (path) => {
      await unlink.call(fs, path);
      if (path === oldest) fs.space += 100_000;
    };
    assert.deepEqual(await journal.append([sized(4, 40_000)]), [{ kind: 'stored', position: 4 }]);
    assert.deepEqual(at.files('log').slice(0, others.length), others);
    assert.equal(journal.status().first, 2);
  });

  test('never trusts a file again whose sync failed: a new segment begins, and nothing of the refused is stored', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([entry(1), entry(2)]);
    failOnce(fs, 'sync', LOG, 'EIO');
    await assert.rejects(journal.append([entry(3), entry(4)]), { name: 'JournalError', code: 'failed' });
    fs.done.length = 0;
    assert.deepEqual(await journal.append([entry(5)]), [{ kind: 'stored', position: 3 }]);
    assert.deepEqual(
      fs.done.filter((done) => done.startsWith('sync ') && LOG.test(done)),
      ['sync 0000000000000003.log'],
    );
    assert.deepEqual(await numbersIn(journal), [1, 2, 5]);
    await journal.close();
    assert.deepEqual(await numbersIn(await at.open()), [1, 2, 5]);
  });

  test('ignores what a failed sync left beyond the beginning of the next segment', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([entry(1)]);
    fs.before = (operation, name) => {
      // The refused entries stay in the file: it cannot be cut either.
      if ((operation === 'sync' || operation === 'truncate') && name === '0000000000000001.log') throw fault('EIO');
    };
    await assert.rejects(journal.append([entry(2), entry(3)]), { code: 'failed' });
    await journal.append([entry(4)]);
    await journal.append([entry(5)]);
    fs.before = () => {};
    await journal.close();
    for (const kind of ['with', 'without'] as const) {
      const again = await at.open();
      assert.deepEqual(await numbersIn(again), [1, 4, 5], `${kind} its file of ids`);
      assert.equal(await again.tally({ from: 1, to: 9 }, ['intercom']), 3);
      await again.close();
      if (kind === 'with') for (const path of at.files('ids')) await fs.unlink(path);
    }
  });

  test('whose segment never held anything replaces it after a failed sync', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    failOnce(fs, 'sync', LOG, 'EIO');
    await assert.rejects(journal.append([entry(1)]), { code: 'failed' });
    assert.deepEqual(await journal.append([entry(2)]), [{ kind: 'stored', position: 1 }]);
    assert.equal(at.files('log').length, 1);
    await journal.close();
    assert.deepEqual(await numbersIn(await at.open()), [2]);
  });

  test('tries again with each append when the volume fails and a segment cannot begin', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([entry(1)]);
    fs.before = (operation) => {
      if (operation === 'sync' || operation === 'write') throw fault('EIO');
    };
    await assert.rejects(journal.append([entry(2)]), { code: 'failed' });
    await assert.rejects(journal.append([entry(3)]), { code: 'failed' });
    fs.before = () => {};
    assert.deepEqual(await journal.append([entry(4)]), [{ kind: 'stored', position: 2 }]);
    assert.deepEqual(await numbersIn(journal), [1, 4]);
  });

  test('waits for the directory to be synced when it begins a segment', async (t) => {
    const fs = new FaultyFileSystem();
    const journal = await setting(t, { segmentBytes: 10_000 }).open({ fs });
    await journal.append([sized(1, 5_000)]);
    fs.done.length = 0;
    await journal.append([sized(2, 9_000)]);
    const steps = fs.done.filter((done) => /0000000000000002\.log|syncDirectory journal/.test(done));
    assert.deepEqual(steps.slice(0, 7), [
      'open 0000000000000002.log.new',
      'write 0000000000000002.log.new',
      'sync 0000000000000002.log.new',
      'rename 0000000000000002.log',
      'syncDirectory journal',
      'write 0000000000000002.log',
      'sync 0000000000000002.log',
    ]);
  });

  test('goes into no segment after which another may have begun, however that failed', async (t) => {
    for (const [operation, name] of [
      ['rename', /\.log$/],
      ['syncDirectory', /^journal$/],
    ] as const) {
      const at = setting(t, { segmentBytes: 10_000 });
      const fs = new FaultyFileSystem();
      const journal = await at.open({ fs });
      await journal.append([sized(1, 5_000)]);
      failOnce(fs, operation, name, 'EIO');
      await assert.rejects(journal.append([sized(2, 9_000)]), { code: 'failed' });
      assert.deepEqual(await journal.append([sized(3, 10)]), [{ kind: 'stored', position: 2 }]);
      await journal.append([sized(4, 10)]);
      await journal.close();
      assert.deepEqual(await readPositions(await at.open()), [1, 2, 3], operation);
    }
  });

  test('of one entry beyond every limit is refused and harms nothing', async (t) => {
    const journal = await setting(t).open();
    const huge = { length: 2 ** 28, byteLength: 2 ** 28 } as unknown as Uint8Array;
    await assert.rejects(journal.append([entry(1), entry(2, { body: huge, dedupKey: 'a' })]), { code: 'failed' });
    await assert.rejects(journal.append([entry(3, { records: -1 })]), /BUG/);
    await journal.append([entry(4, { dedupKey: 'a' })]);
    assert.deepEqual(await numbersIn(journal), [4]);
  });
});

async function readPositions(journal: Parameters<typeof readAll>[0]): Promise<number[]> {
  return (await readAll(journal)).entries.map(({ position }) => position);
}
