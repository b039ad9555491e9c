/** Putting and changing letters on a disk that works, runs full, or fails. */
import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import type { FileDeadLetters } from '../../../src/journal/file/dead-letters/index.ts';
import { JournalError } from '../../../src/journal/journal.ts';
import { latch } from '../../support/latch.ts';
import { FaultyFileSystem, failOnce, fault, type Operation } from '../file/faulty-fs.ts';
import { type Setting, setting } from './harness.ts';
import { DELIVERY, everything, expected, keyOf, letter, plain, positions, sized } from './letters.ts';

const LOG = /\.log$/;
const DRAFT = /\.log\.new$/;
const MIB = 1024 * 1024;

/** Letters of 50 kB until the volume takes no more. Resolves with their numbers. */
async function fill(store: FileDeadLetters, from: number): Promise<number[]> {
  const put: number[] = [];
  for (let number = from; number < from + 1_000; number++) {
    try {
      await store.put([sized(number, 50_000)]);
    } catch (error) {
      assert.ok(error instanceof JournalError && error.code === 'full', String(error));
      return put;
    }
    put.push(number);
  }
  assert.fail('the volume is never full');
}

async function onFaultyDisk(t: TestContext): Promise<{ at: Setting; fs: FaultyFileSystem; store: FileDeadLetters }> {
  const at = setting(t);
  const fs = new FaultyFileSystem();
  return { at, fs, store: await at.open({ fs }) };
}

/** Each file is opened again by another process, after this one was killed. */
async function reopened(at: Setting): Promise<unknown[]> {
  const other = await at.open({ directory: at.copy() });
  assert.deepEqual(other.notes, []);
  return everything(other);
}

describe('a put', () => {
  test('of several letters is one write and one sync, and resolves only after it', async (t) => {
    const { fs, store } = await onFaultyDisk(t);
    const reached = latch();
    const release = latch();
    fs.before = (operation) => {
      if (operation !== 'sync') return;
      reached.open();
      return release.promise;
    };
    fs.done.length = 0;
    let isDone = false;
    const put = store.put([letter(1), letter(2), letter(3)]).then(() => {
      isDone = true;
    });
    await reached.promise;
    assert.deepEqual([fs.done, isDone, store.list()], [['write 0000000000000001.log'], false, []]);
    release.open();
    await put;
    assert.deepEqual(fs.done, ['write 0000000000000001.log', 'sync 0000000000000001.log']);
    assert.deepEqual(positions(store), [1, 2, 3]);
  });

  test('that comes while another is written shares the next sync with all that do', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    const reached = latch();
    const release = latch();
    fs.before = (operation) => {
      if (operation !== 'sync') return;
      reached.open();
      return release.promise;
    };
    const first = store.put([letter(0)]);
    await reached.promise;
    fs.done.length = 0;
    const others = Array.from({ length: 50 }, (_, index) => store.put([letter(index + 1)]));
    release.open();
    await Promise.all([first, ...others]);
    assert.equal(fs.done.filter((done) => done.startsWith('sync')).length, 2);
    assert.equal((await reopened(at)).length, 51);
  });

  test('leaves the store as a killed process would find it again', async (t) => {
    const { at, store } = await onFaultyDisk(t);
    await store.put([letter(1), letter(2)]);
    await store.put([letter(2, { attempts: 7 }), letter(3)]);
    await store.retry([keyOf(letter(3))]);
    await store.remove([keyOf(letter(1))]);
    assert.deepEqual(await reopened(at), await everything(store));
  });
});

describe('on a full volume', () => {
  test('letters are put until the reserve is used up, and again without a restart when there is space', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    await store.put([letter(1)]);
    fs.space = 0;
    const put = await fill(store, 2);
    assert.ok(put.length * 50_000 >= MIB && put.length * 50_000 < 4 * MIB, `${put.length}`);
    assert.equal(store.status().full, true);
    assert.deepEqual(positions(store), [1, ...put]);
    assert.deepEqual(await reopened(at), await everything(store));

    fs.space = Number.POSITIVE_INFINITY;
    await store.put([sized(2_000, 50_000)]);
    assert.equal(store.status().full, false);
    assert.deepEqual(positions(store), [1, ...put, 2_000]);
  });

  test('a reserve that was used up is made again by maintenance, and the store is not full any more', async (t) => {
    const { fs, store } = await onFaultyDisk(t);
    fs.space = 0;
    await fill(store, 1);
    await store.maintain();
    assert.equal(store.status().full, true);
    fs.space = Number.POSITIVE_INFINITY;
    await store.maintain();
    assert.equal(store.status().full, false);
    fs.space = 0;
    assert.ok((await fill(store, 1_001)).length * 50_000 >= MIB);
  });

  test('a letter that does not fit leaves the file as it was, and smaller ones go on', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    await store.put([letter(1)]);
    const [path] = at.files() as [string];
    const before = statSync(path).size;
    fs.space = MIB;
    // The first is written while the others come, which then share a turn.
    const puts = [letter(2), letter(3), sized(4, 4_100_000), letter(5)].map((one) => store.put([one]));
    const [, , large, ...others] = await Promise.allSettled(puts);
    assert.ok(large?.status === 'rejected' && large.reason.code === 'full');
    assert.match(large.reason.message, /no space for 4100\d+ more bytes of dead letters/);
    assert.deepEqual(others, [{ status: 'fulfilled', value: undefined }]);
    assert.ok(statSync(path).size <= before + MIB);
    assert.deepEqual([positions(store), store.status().full], [[1, 2, 3, 5], false]);
  });

  test('letters can be marked, removed and renamed when none can be put any more', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    const many = Array.from({ length: 10_000 }, (_, index) => letter(index + 1_000_000, { delivery: 'many' }));
    await store.put(many);
    fs.space = 0;
    const [first, second, ...others] = await fill(store, 1);
    assert.ok(first !== undefined && second !== undefined && others.length > 0);
    const key = (position: number) => ({ delivery: DELIVERY, position });
    for (let round = 0; round < 100; round++) {
      await store.retry([key(first)]);
      await store.remove([keyOf(many[round] as { delivery: string; position: number })]);
    }
    await store.retry(many.map(keyOf));
    await store.remove(many.slice(100).map(keyOf));
    await store.rename(DELIVERY, 'new');
    await store.remove([{ delivery: 'new', position: second }]);
    assert.deepEqual([positions(store, 'many'), positions(store, 'new')], [[], [first, ...others]]);
    assert.deepEqual(await reopened(at), await everything(store));
  });

  test('the reserve is there after a restart, in order or not', async (t) => {
    for (const how of ['close', 'abandon'] as const) {
      const at = setting(t);
      const first = await at.open();
      await first.put([letter(1)]);
      await first[how]();
      const fs = new FaultyFileSystem();
      // An orderly end gives the zeros back, and somebody else has taken all but so much.
      fs.space = how === 'close' ? 3 * MIB : 0;
      const second = await at.open({ fs });
      fs.space = 0;
      assert.deepEqual(positions(second), [1]);
      assert.ok((await fill(second, 2)).length * 50_000 >= MIB);
    }
  });

  test('where nothing at all is left letters are read, and changed as soon as there is space', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.put([letter(1)]);
    await first.close();
    const fs = new FaultyFileSystem();
    fs.space = 100;
    const second = await at.open({ fs });
    assert.deepEqual(await everything(second), expected([letter(1)]));
    await assert.rejects(second.put([letter(2)]), { name: 'JournalError', code: 'full' });
    await assert.rejects(second.remove([keyOf(letter(1))]), { name: 'JournalError', code: 'full' });
    assert.deepEqual([positions(second), second.status().full], [[1], true]);
    fs.space = Number.POSITIVE_INFINITY;
    await second.remove([keyOf(letter(1))]);
    await second.put([letter(2)]);
    assert.deepEqual(await reopened(at), expected([letter(2)]));
  });

  test('an old segment without letters is deleted at once for a new letter', async (t) => {
    const at = setting(t, { segmentBytes: 256 * 1024 });
    const fs = new FaultyFileSystem();
    const { unlink } = fs;
    const freed: string[] = [];
    fs.unlink = async (path) => {
      if (at.files().includes(path)) freed.push(path);
      fs.space += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      await unlink.call(fs, path);
    };
    const store = await at.open({ fs });
    for (let number = 1; number <= 20; number++) await store.put([sized(number, 50_000)]);
    fs.space = 0;
    await fill(store, 21);
    assert.deepEqual(freed, []);
    await store.remove(
      positions(store)
        .filter((position) => position <= 20)
        .map((position) => ({ delivery: DELIVERY, position })),
    );
    await store.put([sized(2_000, 50_000)]);
    assert.ok(freed.length > 0);
    assert.deepEqual(await reopened(at), await everything(store));
  });

  test('no segment is begun that would have less of a reserve', async (t) => {
    const at = setting(t, { segmentBytes: 100_000 });
    const fs = new FaultyFileSystem();
    const { unlink } = fs;
    fs.unlink = async (path) => {
      fs.space += statSync(path).size;
      await unlink.call(fs, path);
    };
    const store = await at.open({ fs });
    fs.space = 200_000;
    const put = await fill(store, 1);
    assert.ok(put.length * 50_000 > 200_000);
    assert.deepEqual(at.files().length, 1);
    fs.space = Number.POSITIVE_INFINITY;
    await store.put([sized(2_000, 50_000)]);
    assert.equal(at.files().length, 2);
    assert.deepEqual(await reopened(at), await everything(store));
  });

  test('a file system that needs space for overwriting refuses in order, and recovers', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    await store.put([letter(1)]);
    const { path, end } = { path: at.files()[0] as string, end: store.status().bytes };
    fs.before = (operation, name) => {
      if (operation !== 'write' || !LOG.test(name)) return;
      fs.before = () => {};
      // All of it came to the disk, and nobody says so.
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(500, 'partial'), 0, 500, end);
      closeSync(file);
      throw fault('ENOSPC');
    };
    await assert.rejects(store.put([letter(2)]), { code: 'full' });
    assert.ok(!at.holds('partial'));
    assert.deepEqual(await reopened(at), expected([letter(1)]));
    await store.put([letter(3)]);
    assert.deepEqual([await reopened(at), at.files().length], [expected([letter(1), letter(3)]), 1]);
  });
});

describe('reading a letter', () => {
  /** The next operation on a segment waits until `meanwhile` is done. */
  function during(fs: FaultyFileSystem, operation: Operation, meanwhile: () => Promise<unknown>): void {
    fs.before = async (asked, name) => {
      if (asked !== operation || !LOG.test(name)) return;
      fs.before = () => {};
      await meanwhile();
    };
  }

  test('finds it where it was copied to meanwhile', async (t) => {
    for (const operation of ['open', 'read'] as const) {
      const at = setting(t, { segmentBytes: 30_000 });
      const fs = new FaultyFileSystem();
      const store = await at.open({ fs });
      for (let number = 1; number <= 30; number++) await store.put([sized(number, 5_000)]);
      const [first] = at.files() as [string];
      during(fs, operation, async () => {
        await store.remove(
          positions(store)
            .filter((position) => position !== 2)
            .map((position) => ({ delivery: DELIVERY, position })),
        );
        await store.maintain();
        assert.ok(!at.files().includes(first));
      });
      const found = await store.get(keyOf(letter(2)));
      assert.deepEqual(plain(found), plain(sized(2, 5_000)));
    }
  });

  test('finds the one that took its place while it was erased', async (t) => {
    const { fs, store } = await onFaultyDisk(t);
    await store.put([letter(1), letter(2)]);
    const empty = letter(1, { entry: { ...letter(1).entry, body: Buffer.alloc(0), erased: true }, sent: undefined });
    during(fs, 'read', async () => {
      await store.erase(({ position }) => position === 1);
      await store.put([empty]);
    });
    assert.deepEqual(plain(await store.get(keyOf(empty))), plain(empty));
    during(fs, 'read', () => store.erase(({ position }) => position === 2));
    assert.equal(await store.get(keyOf(letter(2))), undefined);
  });

  test('that the volume refuses rejects, and does not say that there is none', async (t) => {
    const { fs, store } = await onFaultyDisk(t);
    await store.put([letter(1)]);
    failOnce(fs, 'open', LOG, 'EMFILE');
    await assert.rejects(store.get(keyOf(letter(1))), { name: 'JournalError', code: 'failed' });
    assert.deepEqual(plain(await store.get(keyOf(letter(1)))), plain(letter(1)));
  });
});

describe('after a failure of the volume', () => {
  const cases: [operation: Operation, what: string][] = [
    ['sync', 'a sync'],
    ['write', 'a write'],
  ];
  for (const [operation, what] of cases) {
    test(`${what}: nothing of it counts, and a new segment is begun`, async (t) => {
      const { at, fs, store } = await onFaultyDisk(t);
      await store.put([letter(1), letter(2)]);
      failOnce(fs, operation, LOG, 'EIO');
      await assert.rejects(store.put([letter(1, { attempts: 9 }), letter(3)]), {
        name: 'JournalError',
        code: 'failed',
      });
      assert.deepEqual(await everything(store), expected([letter(1), letter(2)]));
      assert.deepEqual(await reopened(at), expected([letter(1), letter(2)]));
      fs.done.length = 0;
      await store.put([letter(4)]);
      await store.remove([keyOf(letter(2))]);
      assert.ok(fs.done.length > 0 && fs.done.every((done) => !done.endsWith('0000000000000001.log')), `${fs.done}`);
      assert.deepEqual(at.files().length, 2);
      assert.deepEqual(await reopened(at), expected([letter(1), letter(4)]));
    });
  }

  test('a failed change changes nothing', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    await store.put([letter(1), letter(2)]);
    const changes: (() => Promise<unknown>)[] = [
      () => store.retry([keyOf(letter(1))]),
      () => store.remove([keyOf(letter(1))]),
      () => store.rename(DELIVERY, 'new'),
      () => store.erase(() => true),
    ];
    for (const change of changes) {
      failOnce(fs, 'sync', LOG, 'EIO');
      await assert.rejects(change(), { name: 'JournalError', code: 'failed' });
      assert.deepEqual(await everything(store), expected([letter(1), letter(2)]));
      assert.deepEqual(await reopened(at), expected([letter(1), letter(2)]));
    }
  });

  test('what cannot be cut off, and where no new segment can be begun, counts neither', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    await store.put([letter(1)]);
    let isBroken = true;
    fs.before = (operation, name) => {
      const fails = operation === 'sync' || operation === 'truncate' || (operation === 'open' && DRAFT.test(name));
      if (isBroken && fails) throw fault('EIO');
    };
    for (const number of [2, 3]) await assert.rejects(store.put([letter(number)]), { code: 'failed' });
    isBroken = false;
    await store.put([letter(4)]);
    assert.deepEqual(await everything(store), expected([letter(1), letter(4)]));
    assert.deepEqual(await reopened(at), expected([letter(1), letter(4)]));
  });

  for (const step of ['write', 'sync', 'rename', 'syncDirectory'] as const) {
    test(`the ${step} of a new segment, the old one or the next goes on`, async (t) => {
      const at = setting(t, { segmentBytes: 20_000 });
      const fs = new FaultyFileSystem();
      const store = await at.open({ fs });
      const kept = [1];
      await store.put([sized(1, 5_000)]);
      failOnce(fs, step, step === 'syncDirectory' || step === 'rename' ? /./ : DRAFT, 'EIO');
      for (let number = 2; number <= 12; number++) {
        await store.put([sized(number, 5_000)]).then(
          () => kept.push(number),
          (error) => assert.equal(error.code, 'failed'),
        );
      }
      assert.ok(kept.length >= 11);
      assert.deepEqual(positions(store), kept);
      assert.deepEqual(await reopened(at), await everything(store));
    });
  }

  test('a directory that has another owner takes nothing more', async (t) => {
    const at = setting(t, { segmentBytes: 20_000 });
    let isOwner = true;
    const store = await at.open({
      assertOwner: async () => {
        if (!isOwner) throw new JournalError('closed', 'another owner');
      },
    });
    await store.put([sized(1, 15_000)]);
    isOwner = false;
    await assert.rejects(store.put([sized(2, 15_000)]), { code: 'closed', message: 'another owner' });
    assert.deepEqual(positions(store), [1]);
  });
});

describe('a store that is', () => {
  test('closed finishes what was asked for, refuses the rest, and gives its zeros back', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    const put = store.put([letter(1)]);
    const removal = store.remove([keyOf(letter(1))]);
    const last = store.put([letter(2)]);
    await store.close();
    await Promise.all([put, removal, last]);
    const refused = { name: 'JournalError', code: 'closed' };
    await assert.rejects(store.put([letter(3)]), refused);
    await assert.rejects(store.remove([keyOf(letter(2))]), refused);
    await assert.rejects(store.retry([keyOf(letter(2))]), refused);
    await assert.rejects(
      store.erase(() => true),
      refused,
    );
    await store.maintain();
    await store.close();
    assert.deepEqual(await reopened(at), expected([letter(2)]));
    const opened = fs.done.filter((done) => done.startsWith('open')).length;
    assert.equal(fs.done.filter((done) => done.startsWith('close')).length, opened);
    assert.ok(statSync(at.files()[0] as string).size < 10_000);
  });

  test('abandoned finishes the write under way and leaves the rest', async (t) => {
    const { at, fs, store } = await onFaultyDisk(t);
    await store.put([letter(1)]);
    const reached = latch();
    const release = latch();
    fs.before = (operation) => {
      if (operation !== 'sync') return;
      reached.open();
      return release.promise;
    };
    const written = store.put([letter(2)]);
    await reached.promise;
    const waiting = [store.remove([keyOf(letter(1))]), store.put([letter(3)]), store.erase(() => true)];
    const refused = waiting.map((change) => assert.rejects(change as Promise<unknown>, { code: 'closed' }));
    const abandoned = store.abandon();
    release.open();
    await Promise.all([written, abandoned, ...refused]);
    fs.done.length = 0;
    await assert.rejects(store.get(keyOf(letter(1))), { code: 'closed' });
    await store.maintain();
    await store.close();
    assert.deepEqual(fs.done, []);
    assert.deepEqual(await reopened(at), expected([letter(1), letter(2)]));
  });
});
