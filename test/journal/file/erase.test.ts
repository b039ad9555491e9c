import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Entry } from '../../../src/journal/journal.ts';
import { latch } from '../../support/latch.ts';
import { entry, numberOf, numbersIn, readAll, sized } from '../entries.ts';
import { FaultyFileSystem, failOnce } from './faulty-fs.ts';
import { type Setting, setting } from './harness.ts';

const SECRET = 'ada@example.com';
const secret = (number: number) =>
  entry(number, { dedupKey: `id ${number}`, body: Buffer.from(`{"from":"${SECRET}"}`), metadata: { about: SECRET } });
const isSecret = ({ body }: Entry) => Buffer.from(body).includes(SECRET);
const isOnDisk = (at: Setting) => at.files('log').some((path) => readFileSync(path).includes(SECRET));
const erased = async (journal: Parameters<typeof readAll>[0]) =>
  (await readAll(journal)).entries.filter((entry) => entry.erased).map(({ position }) => position);

describe('erasing in a file journal', () => {
  test('leaves nothing of the bytes in any segment, and holds after a restart and without files of ids', async (t) => {
    const at = setting(t, { segmentBytes: 4_096 });
    const journal = await at.open();
    for (let number = 1; number <= 12; number++) {
      await journal.append([number % 3 === 0 ? secret(number) : sized(number, 1_000)]);
    }
    assert.ok(at.files('log').length > 3);
    assert.ok(isOnDisk(at));
    const sizes = at.files('log').map((path) => statSync(path).size);
    assert.deepEqual(await journal.erase(isSecret), { entries: 4, letters: 0 });
    assert.ok(!isOnDisk(at));
    // The last one is begun for the erasure.
    const after = at.files('log').map((path) => statSync(path).size);
    assert.deepEqual(after.slice(0, -1), sizes);
    await journal.close();
    for (const kind of ['with', 'without']) {
      const again = await at.open();
      assert.deepEqual(await erased(again), [3, 6, 9, 12], `${kind} files of ids`);
      assert.equal(await again.tally({ from: 1, to: 13 }, ['intercom']), 12);
      assert.deepEqual(again.status().notes, []);
      assert.deepEqual(await again.append([secret(6)]), [{ kind: 'duplicate', position: 6 }]);
      await again.close();
      for (const path of at.files('ids')) rmSync(path);
    }
  });

  test('is durable when it resolves', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([secret(1), secret(2)]);
    fs.done.length = 0;
    await journal.erase(isSecret);
    // In a segment that another follows: a loss of power can tear what is overwritten, and then the end must be known.
    const steps = fs.done.filter((done) => /^(rename|write|sync) .*\.log$/.test(done));
    const overwritten = ['write 0000000000000001.log', 'write 0000000000000001.log', 'sync 0000000000000001.log'];
    assert.deepEqual(steps, ['rename 0000000000000003.log', ...overwritten]);
    // A segment that was deleted just before must not come back.
    assert.ok(fs.done.lastIndexOf('syncDirectory journal') > fs.done.lastIndexOf('sync 0000000000000001.log'));
  });

  test('goes on beside appends and reads, and none of them loses anything', async (t) => {
    const at = setting(t, { segmentBytes: 200_000 });
    const journal = await at.open();
    for (let number = 1; number <= 200; number++) await journal.append([secret(number), sized(1_000 + number, 3_000)]);
    let isDone = false;
    const appending = (async () => {
      for (let number = 5_000; !isDone; number++) await journal.append([sized(number, 500)]);
    })();
    const reading = (async () => {
      while (!isDone) {
        const { entries, lost } = await readAll(journal, 1, 50);
        assert.deepEqual(lost, []);
        for (const { position, body, erased } of entries.slice(0, 400)) {
          if (position % 2 === 0) assert.equal(body.length, 3_000);
          else assert.ok(erased ? body.length === 0 : isSecret({ body } as Entry), `position ${position}`);
        }
      }
    })();
    const erasing = journal.erase(isSecret).finally(() => {
      isDone = true;
    });
    assert.deepEqual(await erasing, { entries: 200, letters: 0 });
    await Promise.all([appending, reading]);
    const { entries, lost } = await readAll(journal, 1, 500);
    assert.deepEqual([lost, entries.filter((entry) => entry.erased).length], [[], 200]);
  });

  for (const [part, from, to] of [
    ['header', 0, 32],
    ['body', 48, 200],
    ['header and body', 0, 200],
  ] as const) {
    test(`a frame whose ${part} was read while it was overwritten is read again before it is called lost`, async (t) => {
      const at = setting(t);
      const fs = new FaultyFileSystem();
      const journal = await at.open({ fs });
      await journal.append([entry(1), sized(2, 3_000), entry(3)]);
      await journal.append([sized(4, 3_000), entry(5)]);
      const offset = readFileSync(at.files('log')[0] as string).indexOf(Buffer.alloc(100, 2)) - 200;
      let torn = 0;
      const { open } = fs;
      fs.open = async (path, mode) => {
        const file = await open.call(fs, path, mode);
        return {
          ...file,
          read: async (target, at) => {
            const read = await file.read(target, at);
            // Half of it is there when it is read first.
            const harmed = target.subarray(Math.max(0, offset + from - at), Math.max(0, offset + to - at));
            if (path.endsWith('.log') && torn++ === 0) harmed.fill(0xaa);
            return read;
          },
        };
      };
      const { entries, lost } = await readAll(journal);
      assert.ok(torn >= 2, 'it was read again');
      assert.deepEqual([entries.map(numberOf), lost], [[1, 2, 3, 4, 5], []]);
    });
  }

  test('costs no second reading of what is really damaged but its own bytes', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    for (let number = 1; number <= 200; number++) await journal.append([sized(number, 2_000)]);
    await journal.close();
    const [log] = at.files('log') as [string];
    const file = await fs.open(log, 'update');
    const content = readFileSync(log);
    for (let number = 1; number <= 200; number += 2) {
      await file.write(Buffer.alloc(1, 77), content.indexOf(Buffer.alloc(500, number)) + 700);
    }
    await file.close();
    let read = 0;
    const { open } = fs;
    fs.open = async (path, mode) => {
      const opened = await open.call(fs, path, mode);
      return {
        ...opened,
        read: async (target, at) => {
          read += target.length;
          return opened.read(target, at);
        },
      };
    };
    const again = await at.open({ fs });
    read = 0;
    const { entries } = await again.read(1, { maxEntries: 1_000, maxBytes: 10_000_000 });
    assert.ok(entries.length <= 101, `${entries.length} are whole`);
    assert.ok(read < 2 * content.length + 200_000, `${read} bytes read of ${content.length}`);
  });

  test('that fails says so, keeps the rest, and can be asked for again', async (t) => {
    for (const operation of ['write', 'sync'] as const) {
      const at = setting(t);
      const fs = new FaultyFileSystem();
      const journal = await at.open({ fs });
      await journal.append([secret(1), entry(2), secret(3)]);
      failOnce(fs, operation, /\.log$/, 'EIO');
      fs.done.length = 0;
      await assert.rejects(journal.erase(isSecret), {
        name: 'JournalError',
        code: 'failed',
        message: /erasing in .*EIO/,
      });
      // What else would be written to that file could not be believed any more.
      assert.deepEqual(await journal.append([entry(4)]), [{ kind: 'stored', position: 4 }]);
      assert.ok(fs.done.includes('rename 0000000000000004.log'), operation);
      await journal.erase(isSecret);
      assert.ok(!isOnDisk(at));
      assert.deepEqual(await erased(journal), [1, 3]);
      await journal.close();
      assert.deepEqual(await erased(await at.open()), [1, 3]);
    }
  });

  test('needs no space', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([secret(1)]);
    fs.space = 0;
    assert.deepEqual(await journal.erase(isSecret), { entries: 1, letters: 0 });
    assert.ok(!isOnDisk(at));
  });

  test('two at the same time both do their work', async (t) => {
    const at = setting(t);
    const journal = await at.open();
    await journal.append([1, 2, 3, 4].map((number) => entry(number)));
    const results = await Promise.all([2, 3].map((number) => journal.erase((found) => numberOf(found) === number)));
    assert.deepEqual(
      results.map(({ entries }) => entries),
      [1, 1],
    );
    assert.deepEqual(await erased(journal), [2, 3]);
  });

  test('is finished before the journal closes', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    await journal.append([secret(1)]);
    const reached = latch();
    const release = latch();
    fs.before = (operation, name) => {
      if (operation !== 'sync' || !name.endsWith('.log')) return;
      reached.open();
      return release.promise;
    };
    const erasing = journal.erase(isSecret);
    await reached.promise;
    const closing = journal.close();
    release.open();
    assert.deepEqual(await erasing, { entries: 1, letters: 0 });
    await closing;
    assert.deepEqual(await numbersIn(await at.open(), 2), []);
  });

  test('torn by a loss of power costs the entry that was overwritten and no other', async (t) => {
    const at = setting(t);
    const journal = await at.open();
    await journal.append([entry(1), sized(2, 3_000), entry(3)]);
    const [log] = at.files('log') as [string];
    const before = readFileSync(log);
    await journal.erase((found) => numberOf(found) === 2);
    await journal.close();
    const after = readFileSync(log);
    const differs = [...after.keys()].filter((offset) => before[offset] !== after[offset]);
    const [first, last] = [differs[0] as number, differs.at(-1) as number];
    const fs = new FaultyFileSystem();
    for (const cut of [first + 4, first + 20, first + 60, first + 700, last - 3]) {
      const file = await fs.open(log, 'update');
      await file.write(after, 0);
      await file.write(before.subarray(cut, last + 1), cut);
      await file.close();
      const torn = await at.open();
      const { entries, lost } = await readAll(torn);
      assert.deepEqual([entries.map(({ position }) => position), lost], [[1, 3], [[2, 2]]], `torn at ${cut}`);
      await torn.close();
    }
  });
});
