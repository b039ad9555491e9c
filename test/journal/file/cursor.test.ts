import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { decodeSlot, SLOT_BYTES } from '../../../src/journal/file/state.ts';
import type { CursorState } from '../../../src/journal/journal.ts';
import { settle } from '../../support/fake-clock.ts';
import { latch } from '../../support/latch.ts';
import { entry, numbersIn, sized } from '../entries.ts';
import { FaultyFileSystem, failOnce, fault } from './faulty-fs.ts';
import { setting } from './harness.ts';

const NAME = 'logs -> coralogix/eu';
const at = (cursor: number, delivered = cursor - 1): CursorState => ({ cursor, settled: [], counts: { delivered } });

describe('the cursor of a file journal', () => {
  test('is synced within a second of a save, many saves as one, and the last one counts', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    fs.done.length = 0;
    const written = latch();
    fs.before = (operation, name) => {
      if (operation === 'sync' && name.endsWith('.state')) written.open();
    };
    for (let position = 2; position <= 50; position++) cursor.save(at(position));
    assert.deepEqual(fs.done, []);
    await place.clock.advance(1_000);
    await written.promise;
    await cursor.flush();
    const writes = fs.done.filter((done) => /^write .*\.state/.test(done)).length;
    assert.ok(writes >= 1 && writes <= 2, `${writes} writes: the first save, and all that came during its write`);
    assert.equal(fs.done.filter((done) => /^sync .*\.state/.test(done)).length, 1);
    await journal.close();
    const again = await place.open();
    assert.deepEqual((await again.openCursor(NAME)).state, at(50));
  });

  test('is written at once, before any sync, into the slot that holds no synced state', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    const path = place.states()[0] as string;
    const slots = () =>
      [0, SLOT_BYTES].map(
        (start) => decodeSlot(readFileSync(path).subarray(start, start + SLOT_BYTES), path)?.saved.state.cursor,
      );
    const save = async (position: number) => {
      fs.done.length = 0;
      cursor.save(at(position));
      while (!fs.done.some((done) => /^write .*\.state/.test(done))) await settle();
      assert.ok(!fs.done.some((done) => done.startsWith('sync')));
    };
    await save(7);
    const slot = slots().indexOf(7);
    await save(8);
    assert.equal(slots()[slot], 8, 'overwritten in place: the other slot is the durable one');
    assert.equal(slots()[1 - slot], 1);
    await cursor.flush();
    await save(9);
    assert.deepEqual([slots()[slot], slots()[1 - slot]], [8, 9]);
    await cursor.flush();
    await journal.close();
  });

  test('flush waits for the newest state, also while an older one is being written', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    const reached = latch();
    const release = latch();
    fs.before = (operation, name) => {
      if (operation !== 'sync' || !name.endsWith('.state')) return;
      reached.open();
      return release.promise;
    };
    cursor.save(at(2));
    const first = cursor.flush();
    await reached.promise;
    cursor.save(at(3));
    let flushed = false;
    const second = cursor.flush().then(() => {
      flushed = true;
    });
    await settle();
    assert.equal(flushed, false);
    fs.done.length = 0;
    release.open();
    await Promise.all([first, second]);
    assert.equal(fs.done.filter((done) => /^sync .*\.state/.test(done)).length, 2);
    await journal.close();
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(3));
  });

  test('is written when it says so, and then survives the process without any sync', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    fs.done.length = 0;
    for (let position = 2; position <= 9; position++) cursor.save(at(position));
    await cursor.written();
    assert.ok(!fs.done.some((done) => done.startsWith('sync')), fs.done.join());
    await cursor.written();
    await place.killed(journal);
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(9));
  });

  test('is not written while a write fails, and says so', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    fs.before = (_, name) => {
      if (name.includes('.state')) throw fault('EIO');
    };
    cursor.save(at(2));
    await assert.rejects(cursor.written(), { name: 'JournalError', code: 'failed', message: /saving the progress of/ });
    fs.before = () => {};
    await cursor.written();
    await place.killed(journal);
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(2));
  });

  test('is flushed and written in time, however fast new states come', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    let position = 2;
    fs.before = (_, name) => {
      // Whenever a state is being written the next one comes.
      if (name.endsWith('.state') && position < 5_000) queueMicrotask(() => cursor.save(at(position++)));
    };
    for (const until of ['flush', 'written', 'flush'] as const) {
      cursor.save(at(position++));
      const before = position;
      await cursor[until]();
      assert.ok(position - before < 20, `${until} waited for ${position - before} later states`);
    }
    fs.before = () => {};
    const waiting = [cursor.flush(), cursor.written(), cursor.flush(), cursor.written()];
    await Promise.all(waiting);
    await place.killed(journal);
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(position - 1));
  });

  test('is saved by close', async (t) => {
    const place = setting(t);
    const journal = await place.open();
    (await journal.openCursor(NAME)).save(at(7));
    await journal.close();
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(7));
  });

  test('needs no space to be saved', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    const [path] = place.states() as [string];
    assert.equal(statSync(path).size, 2 * SLOT_BYTES);
    fs.space = 0;
    for (let position = 2; position <= 9; position++) {
      const settled = Array.from({ length: 1000 }, (_, index) => [position + 2 * index, position + 2 * index] as const);
      cursor.save({ cursor: position, settled, counts: {} });
      await cursor.flush();
    }
    assert.equal(statSync(path).size, 2 * SLOT_BYTES);
  });

  test('falls back to the older slot where the newer one is torn', async (t) => {
    const place = setting(t);
    const journal = await place.open();
    const cursor = await journal.openCursor(NAME);
    for (const position of [2, 3, 4, 5]) {
      cursor.save(at(position));
      await cursor.flush();
    }
    await journal.close();
    const [path] = place.states() as [string];
    const bytes = readFileSync(path);
    const newer = bytes.indexOf('"cursor":5');
    assert.ok(newer > 0);
    bytes.fill(0, newer, newer + 512);
    writeFileSync(path, bytes);
    const again = await place.open();
    assert.deepEqual((await again.openCursor(NAME)).state, at(4));
  });

  for (const [what, harm] of Object.entries({
    missing: (path: string) => rmSync(path),
    empty: (path: string) => truncateSync(path, 0),
    damaged: (path: string) => writeFileSync(path, 'x'.repeat(200_000)),
  })) {
    test(`starts again at its birth when its state is ${what}, and keeps what is damaged`, async (t) => {
      const place = setting(t);
      const journal = await place.open();
      await journal.append([entry(1), entry(2)]);
      const cursor = await journal.openCursor(NAME);
      await journal.append([entry(3), entry(4)]);
      cursor.save(at(5));
      await journal.close();
      const [path] = place.states() as [string];
      harm(path);
      const again = await place.open();
      const reborn = await again.openCursor(NAME);
      assert.deepEqual([reborn.birth, reborn.state], [3, { cursor: 3, settled: [], counts: {} }]);
      assert.deepEqual(await numbersIn(again, 3), [3, 4]);
      const kept = again
        .status()
        .notes.map((note) => /kept as (\S+);/.exec(note)?.[1])
        .filter((name) => name !== undefined);
      assert.deepEqual(
        kept.map((name) => readFileSync(name, 'utf8')),
        what === 'damaged' ? ['x'.repeat(200_000)] : [],
      );
    });
  }

  test('is not forgotten when the segments and state files of its time are gone', async (t) => {
    const place = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 1 } });
    const journal = await place.open();
    await journal.append([entry(1)]);
    const cursor = await journal.openCursor(NAME);
    for (let number = 2; number <= 20; number++) await journal.append([sized(number, 3_000)]);
    cursor.save(at(19));
    await cursor.flush();
    const before = place.files('log').length;
    place.clock.jump(1_000);
    await place.clock.advance(5_000);
    await journal.append([entry(21)]);
    await journal.close();
    assert.ok(place.files('log').length < before);
    rmSync(place.states()[0] as string);
    for (const path of place.files('ids')) rmSync(path);
    const again = await place.open();
    const { first } = again.status();
    assert.ok(first > 2);
    const reborn = await again.openCursor(NAME);
    // What is deleted had been settled.
    assert.deepEqual([reborn.birth, reborn.state.cursor], [2, first]);
  });

  test('is born durably before it can be used', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    await journal.append([entry(1)]);
    fs.done.length = 0;
    await journal.openCursor(NAME);
    const birth = fs.done.indexOf('sync 0000000000000001.log');
    const state = fs.done.findIndex((done) => /^rename .*\.state/.test(done));
    assert.ok(birth >= 0 && birth < state && state < fs.done.indexOf('syncDirectory deliveries'), fs.done.join());
    assert.equal(journal.status().next, 2);

    failOnce(fs, 'sync', /\.log$/, 'EIO');
    await assert.rejects(journal.openCursor('other'), { code: 'failed' });
    assert.equal((await journal.openCursor('other')).birth, 2);
    await journal.append([entry(2)]);
    assert.deepEqual(await numbersIn(journal), [1, 2]);
  });

  test('gets a new file after a failed sync, since the old one cannot be believed', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    failOnce(fs, 'sync', /\.state$/, 'EIO');
    cursor.save(at(2));
    await assert.rejects(cursor.flush(), { name: 'JournalError', code: 'failed' });
    fs.done.length = 0;
    await cursor.flush();
    assert.ok(fs.done.some((done) => /^rename .*\.state$/.test(done)));
    await journal.close();
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(2));
  });

  test('tries again by itself when a save fails', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    const cursor = await journal.openCursor(NAME);
    const failed = latch();
    const saved = latch();
    let broken = true;
    fs.before = (operation, name) => {
      if (operation === 'syncDirectory' && name === 'deliveries') saved.open();
      if (!broken || !name.includes('.state')) return;
      failed.open();
      throw fault('EIO');
    };
    cursor.save(at(2));
    await place.clock.advance(1_000);
    await failed.promise;
    broken = false;
    while (place.clock.pending < 2) await settle();
    await place.clock.advance(1_000);
    await saved.promise;
  });

  test('keeps the older state where a new one is larger than a slot', async (t) => {
    const place = setting(t);
    const journal = await place.open();
    const cursor = await journal.openCursor(NAME);
    cursor.save(at(2));
    await cursor.flush();
    const settled = Array.from({ length: 20_000 }, (_, index) => [3 + 2 * index, 3 + 2 * index] as const);
    cursor.save({ cursor: 2, settled, counts: {} });
    await assert.rejects(cursor.flush(), /larger than 65536 bytes/);
    cursor.save(at(3));
    await cursor.flush();
    await journal.close();
    assert.deepEqual((await (await place.open()).openCursor(NAME)).state, at(3));
  });
});
