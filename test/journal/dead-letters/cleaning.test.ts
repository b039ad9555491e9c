/** Making room: age, copying, deleting segments. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { DeadLetter } from '../../../src/journal/dead-letters.ts';
import { nodeFileSystem } from '../../../src/journal/file/fs.ts';
import { FaultyFileSystem, failOnce, fault } from '../file/faulty-fs.ts';
import { recordingLog, type Setting, setting } from './harness.ts';
import { DELIVERY, everything, keyOf, letter, positions, sized } from './letters.ts';

const SEGMENT_BYTES = 50_000;

const keys = (numbers: readonly number[]) => numbers.map((position) => ({ delivery: DELIVERY, position }));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** 100 letters of 5 kB over a dozen segments. */
async function filled(t: TestContext, fs = new FaultyFileSystem()) {
  const at = setting(t, { segmentBytes: SEGMENT_BYTES });
  const { log, lines } = recordingLog();
  const store = await at.open({ fs, log });
  for (const number of range(1, 100)) await store.put([sized(number, 5_000)]);
  assert.ok(at.files().length > 10);
  return { at, fs, store, lines };
}

async function reopened(at: Setting): Promise<unknown[]> {
  const other = await at.open({ directory: at.copy() });
  assert.deepEqual(other.notes, []);
  return everything(other);
}

describe('maintenance of dead letters', () => {
  test('leaves a store alone in which most is needed', async (t) => {
    const { at, fs, store } = await filled(t);
    await store.remove(keys(range(60, 90)));
    const before = at.files();
    fs.done.length = 0;
    await store.maintain();
    assert.deepEqual([at.files(), fs.done], [before, []]);
  });

  test('deletes the oldest segments as soon as no letter is left in them', async (t) => {
    const { at, store } = await filled(t);
    const before = at.files();
    await store.remove(keys(range(1, 30)));
    const bytes = store.status().bytes;
    await store.maintain();
    assert.ok(at.files().length <= before.length - 3);
    assert.ok(store.status().bytes < bytes - 3 * 45_000);
    assert.deepEqual(await reopened(at), await everything(store));
  });

  test('copies what is needed when more than half is not, with what is known of it', async (t) => {
    const { at, store } = await filled(t);
    await store.put([letter(7, { attempts: 9 }), letter(3, { delivery: 'other' })]);
    await store.retry(keys([10, 20]));
    await store.remove(keys(range(1, 95).filter((number) => number % 10 !== 0 && number !== 7)));
    await store.rename(DELIVERY, 'new');
    const before = await everything(store);
    await store.maintain();
    assert.ok(at.files().length <= 4, `${at.files().length} files`);
    assert.deepEqual(await everything(store), before);
    assert.equal(before.filter((one) => (one as { retrying: boolean }).retrying).length, 2);
    assert.deepEqual(await reopened(at), before);
    const sizes = at.files().reduce((sum, path) => sum + statSync(path).size, 0);
    assert.ok(store.status().bytes <= sizes && store.status().bytes < 200_000);
  });

  test('copies a bounded part at a time, and a restart in between changes nothing', async (t) => {
    const at = setting(t, { segmentBytes: 8 * 1024 * 1024 });
    const store = await at.open();
    const all = range(1, 60).map((number) => sized(number, 1024 * 1024));
    for (const one of all) await store.put([one]);
    // The last of each segment, and all of the oldest, which is more than one call copies.
    await store.remove(keys(range(25, 59)));
    let calls = 0;
    let files = at.files().length;
    let copied = 0;
    let opened = store;
    for (; calls < 10; calls++) {
      const before = opened.status().bytes;
      await opened.maintain();
      copied = Math.max(copied, opened.status().bytes - before);
      if (calls === 0) {
        await opened.abandon();
        opened = await at.open();
      }
      if (calls > 0 && opened.status().bytes === before) break;
      files = Math.min(files, at.files().length);
    }
    assert.ok(calls >= 2 && calls < 10, `${calls} calls`);
    assert.ok(copied <= 24 * 1024 * 1024, `${copied} bytes`);
    assert.deepEqual(positions(opened), [...range(1, 24), 60]);
    for (const number of [1, 24, 60]) {
      const found = await opened.get(keyOf(letter(number)));
      assert.ok(Buffer.from(found?.entry.body ?? []).equals(all[number - 1]?.entry.body as Buffer));
    }
  });

  test('puts and removals go on while letters are copied', async (t) => {
    const at = setting(t, { segmentBytes: 4 * 1024 * 1024 });
    const fs = new FaultyFileSystem();
    const store = await at.open({ fs });
    for (const number of range(1, 100)) await store.put([sized(number, 100_000)]);
    await store.remove(keys(range(31, 90)));
    const gone = [1, 15, 29, 91];
    const kept = [...range(1, 30), ...range(91, 100)].filter((number) => !gone.includes(number));
    const before = store.status().bytes;
    const changes: Promise<unknown>[] = [];
    // When the first part of the oldest segment is copied.
    fs.before = (operation) => {
      if (operation !== 'sync' || changes.length > 0) return;
      changes.push(
        store.remove(keys(gone)),
        store.put([letter(10, { attempts: 8 }), letter(200)]),
        store.retry(keys([20])),
      );
      for (const number of kept) {
        changes.push(store.get(keyOf(letter(number))).then((found) => assert.equal(found?.position, number)));
      }
    };
    await store.maintain();
    assert.ok(changes.length > 3);
    await Promise.all(changes);
    assert.ok(store.status().bytes < before - 4_000_000);
    assert.deepEqual(positions(store), [...kept, 200]);
    assert.equal((await store.get(keyOf(letter(10))))?.attempts, 8);
    assert.deepEqual(
      store
        .list()
        .filter(({ retrying }) => retrying)
        .map(({ position }) => position),
      [20],
    );
    assert.deepEqual(await reopened(at), await everything(store));
  });

  test('many small files, of many short runs, become few', async (t) => {
    const at = setting(t);
    for (const number of range(1, 30)) {
      const store = await at.open();
      await store.put([sized(number, 3_000)]);
      await store.close();
    }
    const store = await at.open();
    assert.ok(at.files().length > 30);
    const before = await everything(store);
    for (let round = 0; round < 3; round++) await store.maintain();
    assert.ok(at.files().length <= 17, `${at.files().length} files`);
    assert.deepEqual(await everything(store), before);
    assert.deepEqual(await reopened(at), before);
  });

  test('a deletion is durable before the next one begins', async (t) => {
    const { fs, store } = await filled(t);
    await store.remove(keys(range(1, 50)));
    fs.done.length = 0;
    await store.maintain();
    const steps = fs.done.filter((done) => done.startsWith('unlink') || done.startsWith('syncDirectory'));
    assert.ok(steps.length >= 6);
    for (const [index, step] of steps.entries())
      assert.ok(step.startsWith(index % 2 === 0 ? 'unlink' : 'syncDirectory'), `${steps}`);
  });

  test('where a deletion cannot be made durable, nothing else is deleted', async (t) => {
    const { at, fs, store, lines } = await filled(t);
    await store.remove(keys(range(1, 50)));
    const before = at.files().length;
    fs.before = (operation) => {
      if (operation === 'syncDirectory') throw fault('EIO');
    };
    await store.maintain();
    await store.maintain();
    assert.equal(at.files().length, before - 1);
    assert.ok(lines.some(({ level, message }) => level === 'warn' && /could not be maintained/.test(message)));
    fs.before = () => {};
    await store.maintain();
    assert.ok(at.files().length <= before - 4);
    assert.deepEqual(await reopened(at), await everything(store));
  });

  for (const [operation, name] of [
    ['sync', /\.log$/],
    ['write', /\.log$/],
    ['read', /\.log$/],
    ['unlink', /\.log$/],
    ['open', /\.log$/],
  ] as const) {
    test(`that fails at a ${operation} loses nothing, and goes on at the next call`, async (t) => {
      const { at, fs, store } = await filled(t);
      await store.remove(keys(range(1, 90).filter((number) => number % 5 !== 0)));
      const before = await everything(store);
      failOnce(fs, operation, name, 'EACCES');
      await store.maintain();
      assert.deepEqual(await everything(store), before);
      assert.deepEqual(await reopened(at), before);
      for (let round = 0; round < 3; round++) await store.maintain();
      assert.ok(store.status().bytes < 400_000, `${store.status().bytes} bytes`);
      assert.deepEqual(await reopened(at), before);
    });
  }

  test('on a full volume frees what can be freed within the reserve', async (t) => {
    const { at, fs, store } = await filled(t);
    await store.remove(keys(range(1, 95).filter((number) => number !== 4)));
    fs.space = 0;
    const before = await everything(store);
    await store.maintain();
    assert.ok(at.files().length <= 4, `${at.files().length} files`);
    assert.deepEqual(await everything(store), before);
    assert.deepEqual(await reopened(at), before);
  });

  test('gives a letter up that is damaged on disk, loudly, and copies the others', async (t) => {
    const { at, store, lines } = await filled(t);
    await store.remove(keys(range(1, 95).filter((number) => ![2, 4].includes(number))));
    const file = await nodeFileSystem.open(at.files()[0] as string, 'update');
    await file.write(Buffer.alloc(100), 4_096 + 2_000);
    await file.write(Buffer.alloc(100), 4_096 + 5_300 + 2_000);
    await file.close();
    await store.maintain();
    assert.deepEqual(positions(store), [4, ...range(96, 100)]);
    const errors = lines.filter(({ level }) => level === 'error');
    assert.deepEqual(
      errors.map(({ fields }) => [fields?.delivery, fields?.position, basename(String(fields?.file))]),
      [[DELIVERY, 2, '0000000000000001.log']],
    );
    assert.deepEqual(await reopened(at), await everything(store));
  });

  test('letters that a crash leaves at two places are one letter, at its newer place', async (t) => {
    const { at, fs, store } = await filled(t);
    await store.retry(keys([4]));
    await store.remove(keys(range(1, 95).filter((number) => number !== 4)));
    const before = await everything(store);
    let copy: string | undefined;
    fs.before = (operation) => {
      if (operation === 'unlink') copy ??= at.copy();
    };
    await store.maintain();
    const again = await at.open({ directory: copy ?? assert.fail() });
    assert.deepEqual(await everything(again), before);
    await again.remove(keys([4]));
    await again.abandon();
    assert.deepEqual(positions(await at.read(copy)), range(96, 100));
  });

  test('a limit of size that is reached makes room by copying, where much is not needed', async (t) => {
    const at = setting(t, { limits: { maxAgeMs: 0, maxBytes: 1024 * 1024 } });
    const store = await at.open();
    const live = new Map<number, DeadLetter>();
    for (const number of range(1, 200)) {
      const one = sized(number, 20_000);
      await store.put([one]);
      live.set(number, one);
      // All but every tenth are removed, later: every segment holds some that are needed, and garbage is never half of all.
      const gone = number - 15;
      if (gone > 0 && gone % 10 !== 0) {
        await store.remove(keys([gone]));
        live.delete(gone);
      }
      assert.ok(store.status().bytes <= 1_200_000);
    }
    assert.deepEqual(positions(store), [...live.keys()]);
    assert.deepEqual(await reopened(at), await everything(store));
  });
});
