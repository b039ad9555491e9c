/** The bytes of a person's entries are gone from the disk. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { DeadLetter } from '../../../src/journal/dead-letters.ts';
import type { Entry } from '../../../src/journal/journal.ts';
import { FaultyFileSystem, failOnce, fault } from '../file/faulty-fs.ts';
import { setting } from './harness.ts';
import { DELIVERY, everything, expected, keyOf, letter, positions } from './letters.ts';

const NAME = 'Ada Lovelace';

/** Says the name everywhere. */
function about(number: number, extra: Partial<DeadLetter> = {}): DeadLetter {
  const { entry } = letter(number);
  return letter(number, {
    entry: { ...entry, body: Buffer.from(`{"name":"${NAME}"}`.repeat(20)), metadata: { name: NAME } },
    sent: Buffer.from(`sent ${NAME}`),
    cause: { kind: 'rejected', summary: '400', body: `who is ${NAME}?` },
    ...extra,
  });
}

const isAbout = ({ body }: Entry) => Buffer.from(body).includes(NAME);

describe('erasing dead letters', () => {
  test('overwrites letters, replaced ones, removed ones and copies, and leaves the rest readable', async (t) => {
    const at = setting(t, { segmentBytes: 12_000 });
    const store = await at.open();
    const others: DeadLetter[] = [];
    for (let number = 1; number <= 40; number++) {
      others.push(letter(number + 100));
      await store.put([about(number), others.at(-1) as DeadLetter]);
    }
    // Replaced by one about nobody, by one about her, removed, renamed.
    await store.put([letter(1)]);
    await store.put([about(2, { attempts: 7 })]);
    await store.remove([keyOf(letter(3)), ...Array.from({ length: 30 }, (_, index) => keyOf(letter(index + 5)))]);
    await store.rename(DELIVERY, 'new');
    await store.put([about(50), about(51, { delivery: 'a third' })]);
    await store.maintain();
    assert.ok(at.holds(NAME));
    const renamed = [letter(1), ...others].map((one) => ({ ...one, delivery: 'new' }));

    // 2, 4, 35 to 40, 50 and 51.
    assert.equal(await store.erase(isAbout), 10);
    assert.ok(!at.holds(NAME));
    assert.deepEqual(await everything(store), expected(renamed));
    for (const again of [await at.open({ directory: at.copy() }), await at.read()]) {
      assert.deepEqual([await everything(again), again.notes], [expected(renamed), []]);
    }
    await store.put([letter(200)]);
    assert.ok(await store.get(keyOf(letter(200))));
  });

  test('gives what was erased no second chance: not by copying, not after a restart', async (t) => {
    const at = setting(t, { segmentBytes: 12_000 });
    const store = await at.open();
    for (let number = 1; number <= 40; number++) await store.put([number % 2 ? about(number) : letter(number)]);
    await store.retry([keyOf(letter(1))]);
    assert.equal(await store.erase(isAbout), 20);
    await store.maintain();
    await store.close();
    const again = await at.open();
    await again.maintain();
    assert.ok(positions(again).every((position) => position % 2 === 0) && positions(again).length === 20);
    assert.ok(!at.holds(NAME));
  });

  test('with nothing to erase writes nothing', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const store = await at.open({ fs });
    await store.put([letter(1)]);
    fs.done.length = 0;
    assert.equal(await store.erase(isAbout), 0);
    assert.ok(
      fs.done.every((done) => /^(open|read|close)/.test(done)),
      `${fs.done}`,
    );
  });

  test('erases letters that were refused, and lie beyond the end of a segment', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.put([letter(1)]);
    await first.close();
    const [path] = at.files() as [string];
    const store = await at.open();
    appendFileSync(path, `a write that failed: ${NAME}`);
    await store.erase(isAbout);
    assert.ok(!at.holds(NAME));
    assert.deepEqual(await everything(store), expected([letter(1)]));
  });

  test('changes nothing when what decides throws', async (t) => {
    const at = setting(t);
    const store = await at.open();
    await store.put([about(1)]);
    const decide = () => {
      throw new Error('cannot decide');
    };
    await assert.rejects(store.erase(decide), { name: 'JournalError', code: 'failed' });
    assert.deepEqual(await everything(store), expected([about(1)]));
  });

  for (const operation of ['write', 'sync'] as const) {
    test(`that fails at the ${operation} of the overwriting is finished by maintenance`, async (t) => {
      const at = setting(t);
      const fs = new FaultyFileSystem();
      const first = await at.open();
      await first.put([about(1), letter(2)]);
      await first.close();
      const store = await at.open({ fs });
      await store.put([about(3), letter(4)]);
      const [old] = at.files() as [string];
      failOnce(fs, operation, new RegExp(old.slice(-10)), 'EIO');
      await assert.rejects(store.erase(isAbout), { name: 'JournalError', code: 'failed' });
      assert.deepEqual(positions(store), [2, 4]);
      await store.maintain();
      assert.ok(!at.holds(NAME));
      assert.deepEqual(await everything(store), expected([letter(2), letter(4)]));
      const again = await at.open({ directory: at.copy() });
      assert.deepEqual([await everything(again), again.notes], [expected([letter(2), letter(4)]), []]);
    });
  }

  test('that left a frame half overwritten is finished when it is asked for again', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const { open } = fs;
    let isBroken = true;
    fs.open = async (path, mode) => {
      const file = await open.call(fs, path, mode);
      const write = async (data: Uint8Array, offset: number) => {
        await file.write(isBroken ? data.subarray(0, 60) : data, offset);
        if (isBroken) throw fault('EIO');
      };
      return mode === 'update' ? { ...file, write } : file;
    };
    const store = await at.open({ fs });
    await store.put([about(1), letter(2)]);
    await assert.rejects(store.erase(isAbout));
    isBroken = false;
    assert.equal(await store.erase(isAbout), 0);
    assert.ok(!at.holds(NAME));
    assert.deepEqual(await everything(store), expected([letter(2)]));
  });

  test('that cannot sync the segment that is written to begins another', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const store = await at.open({ fs });
    await store.put([about(1), letter(2)]);
    let syncs = 0;
    fs.before = (operation) => {
      // The first one makes durable that it is to be erased.
      if (operation === 'sync' && ++syncs === 2) throw fault('EIO');
    };
    await assert.rejects(store.erase(isAbout), { code: 'failed' });
    fs.done.length = 0;
    await store.put([letter(3)]);
    assert.deepEqual(fs.done, ['write 0000000000000005.log', 'sync 0000000000000005.log']);
    await store.maintain();
    assert.ok(!at.holds(NAME));
    assert.deepEqual(await everything(await at.open({ directory: at.copy() })), expected([letter(2), letter(3)]));
  });

  test('that was cut short anywhere is finished by the next opening, and nothing is reported as lost', async (t) => {
    const at = setting(t, { segmentBytes: 4_000 });
    const fs = new FaultyFileSystem();
    const store = await at.open({ fs });
    for (let number = 1; number <= 12; number++) await store.put([about(number), letter(number + 100)]);
    const copies: string[] = [];
    fs.before = (operation, name) => {
      if (operation === 'write' && name.endsWith('.log')) copies.push(at.copy());
    };
    const half = fs.open;
    // Each frame is overwritten in two steps, so that copies hold torn ones.
    fs.open = async (path, mode) => {
      const file = await half.call(fs, path, mode);
      if (mode !== 'update') return file;
      const write = async (data: Uint8Array, offset: number) => {
        await file.write(data.subarray(0, 20), offset);
        await file.write(data.subarray(20, 300), offset + 20);
        await file.write(data.subarray(300), offset + 300);
      };
      return { ...file, write };
    };
    assert.equal(await store.erase(isAbout), 12);
    assert.ok(copies.length >= 24, `${copies.length}`);
    const others = Array.from({ length: 12 }, (_, index) => letter(index + 101));
    for (const directory of copies.slice(1)) {
      const reading = await at.read(directory);
      assert.deepEqual([await everything(reading), reading.notes], [expected(others), []]);
      const again = await at.open({ directory });
      assert.deepEqual([await everything(again), again.notes], [expected(others), []]);
      assert.ok(!at.holds(NAME, directory), directory);
    }
  });

  test('that cannot be finished at opening leaves the letters usable, and is tried again', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const first = await at.open({ fs });
    await first.put([about(1), letter(2)]);
    let isNoted = false;
    fs.before = (operation, name) => {
      if (operation === 'sync') isNoted = true;
      if (isNoted && operation === 'open' && name.endsWith('.log')) throw fault('EIO');
    };
    await assert.rejects(first.erase(isAbout));
    const directory = at.copy();
    let isBroken = true;
    const broken = new FaultyFileSystem();
    const { open } = broken;
    broken.open = async (path, mode) => {
      const file = await open.call(broken, path, mode);
      const write = async (data: Uint8Array, offset: number) => {
        if (isBroken && data.length > 0 && offset < 8_192 && offset >= 4_096 && path.endsWith('01.log'))
          throw fault('EIO');
        await file.write(data, offset);
      };
      return { ...file, write };
    };
    const store = await at.open({ fs: broken, directory });
    assert.deepEqual(await everything(store), expected([letter(2)]));
    assert.ok(at.holds(NAME, directory));
    await store.put([letter(3)]);
    isBroken = false;
    await store.maintain();
    assert.ok(!at.holds(NAME, directory));
    assert.deepEqual(positions(store), [2, 3]);
  });
});
