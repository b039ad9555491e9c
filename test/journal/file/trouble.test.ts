/** What comes from outside while the journal is open: a directory that goes, a volume that takes nothing, a clock that jumps. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Log, LogFields } from '../../../src/telemetry/log.ts';
import { settle } from '../../support/fake-clock.ts';
import { entry, letterOf, numbersIn, sized } from '../entries.ts';
import { FaultyFileSystem, fault } from './faulty-fs.ts';
import { type Setting, setting } from './harness.ts';

const HOUR_MS = 3_600_000;
const at = (cursor: number) => ({ cursor, settled: [], counts: {} });

/** Lets the journal do twice what it does now and then. */
async function maintain(place: Setting): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await place.clock.advance(5_000);
    while (place.clock.pending === 0) await settle();
  }
}

function recordingLog(): { log: Log; lines: { message: string; fields: LogFields | undefined }[] } {
  const lines: { message: string; fields: LogFields | undefined }[] = [];
  const take = (message: string, fields?: LogFields) => void lines.push({ message, fields });
  const log: Log = { debug() {}, info() {}, warn: take, error: take, with: () => log };
  return { log, lines };
}

describe('a directory that is deleted while the journal is open', () => {
  for (const how of ['deleted', 'deleted and made again'] as const) {
    test(`is another's when it is ${how}: everything is refused in words, and nothing is written`, async (t) => {
      const place = setting(t);
      const lost: string[] = [];
      const journal = await place.open({ onLost: (error) => lost.push(error.message) });
      const cursor = await journal.openCursor('only');
      await journal.append([entry(1)]);
      rmSync(place.directory, { recursive: true });
      if (how === 'deleted and made again')
        for (const name of ['journal', 'deliveries']) mkdirSync(join(place.directory, name), { recursive: true });
      await place.clock.advance(5_000);
      while (lost.length === 0) await settle();
      assert.match(lost.join(), /has lost .*: its owner file is gone\. Restart the agent\.$/);
      for (const refused of [
        journal.append([entry(2)]),
        journal.openCursor('other'),
        journal.closeCursor('only'),
        journal.rename('only', 'other'),
        journal.retire('other', {}),
        journal.forget('other'),
        journal.orphans(),
        journal.erase(() => true),
      ]) {
        await assert.rejects(refused, { name: 'JournalError', code: 'closed', message: /has lost/ });
      }
      await assert.rejects(journal.deadLetters.remove([]), { code: 'closed' });
      cursor.save(at(2));
      await assert.rejects(cursor.flush(), { code: 'closed' });
      cursor.attempting(1);
      assert.match(journal.status().failure ?? '', /has lost/);
      await journal.close();
      if (how === 'deleted and made again') {
        assert.deepEqual([place.files('log'), place.states()], [[], []]);
        assert.equal((await place.open()).status().next, 1);
      }
    });
  }

  test('in which only the log is gone takes nothing more that nobody could find again, until the folder is there', async (t) => {
    const place = setting(t);
    const journal = await place.open();
    await journal.openCursor('only');
    await journal.append([entry(1)]);
    rmSync(join(place.directory, 'journal'), { recursive: true });
    await maintain(place);
    await assert.rejects(journal.append([entry(2)]), { code: 'failed', message: /beginning the segment .*ENOENT/ });
    assert.match(journal.status().failure ?? '', /ENOENT/);
    mkdirSync(join(place.directory, 'journal'));
    assert.deepEqual(await journal.append([entry(3)]), [{ kind: 'stored', position: 2 }]);
    assert.equal(journal.status().failure, null);
    assert.deepEqual(await numbersIn(journal, 2), [3]);
    await journal.close();
    const again = await place.open();
    assert.deepEqual(await numbersIn(again), [3]);
  });

  test('that is moved away and back in time is as before', async (t) => {
    const place = setting(t);
    const journal = await place.open();
    await journal.append([entry(1)]);
    renameSync(place.directory, `${place.directory}-away`);
    t.after(() => rmSync(`${place.directory}-away`, { recursive: true, force: true }));
    await journal.append([entry(2)]);
    renameSync(`${place.directory}-away`, place.directory);
    await maintain(place);
    await journal.append([entry(3)]);
    assert.deepEqual(await numbersIn(journal), [1, 2, 3]);
  });
});

describe('a file system that has become read-only', () => {
  test('refuses appends in words, crashes nothing, tells the trouble once, and works again by itself', async (t) => {
    const place = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 } });
    const fs = new FaultyFileSystem();
    const { log, lines } = recordingLog();
    const journal = await place.open({ fs, log });
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 3; number++) await journal.append([sized(number, 3_000)]);
    const { entries } = await journal.read(1, { maxEntries: 1, maxBytes: 1 });
    cursor.save(at(3));
    await cursor.flush();
    fs.before = (operation) => {
      if (operation !== 'read' && operation !== 'close') throw fault('EROFS');
    };
    for (let round = 0; round < 3; round++) {
      await assert.rejects(journal.append([entry(4)]), { name: 'JournalError', code: 'failed', message: /EROFS/ });
      await maintain(place);
    }
    const letters = entries.map((found) => letterOf(found, 'only', place.clock.now()));
    await assert.rejects(journal.deadLetters.put(letters), { name: 'JournalError' });
    await assert.rejects(journal.openCursor('other'), { name: 'JournalError', message: /EROFS/ });
    await assert.rejects(
      journal.erase(() => true),
      { name: 'JournalError', message: /EROFS/ },
    );
    cursor.save(at(4));
    await assert.rejects(cursor.flush(), { name: 'JournalError', message: /EROFS/ });
    await assert.rejects(cursor.written(), { name: 'JournalError', message: /EROFS/ });
    cursor.attempting(3);
    const about = (words: RegExp) => lines.filter(({ message }) => words.test(message)).length;
    assert.deepEqual([about(/could not show that it lives/), about(/could not delete a settled segment/)], [1, 1]);

    fs.before = () => {};
    assert.deepEqual(await journal.append([entry(5)]), [{ kind: 'stored', position: 4 }]);
    await cursor.flush();
    await journal.deadLetters.put(letters);
    await maintain(place);
    assert.equal(journal.status().failure, null);
    assert.deepEqual([journal.status().first, journal.deadLetters.list().length], [4, 1]);
  });

  test('can be looked after when even that fails', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const journal = await place.open({ fs });
    assert.equal(journal.status().freeBytes, 2 ** 40);
    fs.volume = () => Promise.reject(fault('EIO'));
    await maintain(place);
    assert.equal(journal.status().freeBytes, null);
    fs.volume = async () => ({ type: 0xef53, freeBytes: 77 });
    await maintain(place);
    assert.equal(journal.status().freeBytes, 77);
  });

  test('has more room when others make some, and no less when they take it', async (t) => {
    const place = setting(t);
    const fs = new FaultyFileSystem();
    const GIB = 1024 ** 3;
    const has = (freeBytes: number) => {
      fs.volume = async () => ({ type: 0xef53, freeBytes });
    };
    has(GIB);
    const journal = await place.open({ fs });
    const limits: number[] = [];
    for (const free of [GIB, 4 * GIB, 100, 100 * GIB]) {
      has(free);
      await maintain(place);
      limits.push(Math.round((journal.status().maxBytes / GIB) * 10) / 10);
    }
    assert.deepEqual(limits, [0.5, 2, 2, 10]);
  });
});

describe('a clock that jumps', () => {
  const YEARS = 20 * 365 * 24 * HOUR_MS;

  test('forward deletes nothing that is not settled, and keeps what came before readable', async (t) => {
    const place = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: HOUR_MS } });
    const journal = await place.open();
    const cursor = await journal.openCursor('only');
    for (let number = 1; number <= 3; number++) await journal.append([sized(number, 3_000)]);
    cursor.save(at(2));
    await cursor.flush();
    place.clock.jump(YEARS);
    await maintain(place);
    assert.equal(journal.status().first, 2);
    assert.deepEqual(await numbersIn(journal, 2), [2, 3]);
    await journal.append([sized(4, 3_000)]);
    await journal.close();
    assert.deepEqual(await numbersIn(await place.open(), 2), [2, 3, 4]);
  });

  for (const restart of [false, true]) {
    test(`back keeps what is settled no longer than it should${restart ? ', over a restart' : ''}`, async (t) => {
      const place = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: HOUR_MS } });
      place.clock.jump(YEARS);
      let journal = await place.open();
      let cursor = await journal.openCursor('only');
      for (let number = 1; number <= 3; number++) await journal.append([sized(number, 3_000)]);
      cursor.save(at(4));
      await cursor.flush();
      place.clock.jump(-YEARS);
      if (restart) {
        await journal.close();
        journal = await place.open();
        cursor = await journal.openCursor('only');
      }
      await maintain(place);
      assert.equal(journal.status().first, 1, 'their age is not known: it counts from now');
      place.clock.jump(HOUR_MS);
      await maintain(place);
      assert.equal(journal.status().first, restart ? 4 : 3);
    });
  }

  test('back finishes a segment by the time that has passed', async (t) => {
    const place = setting(t, { retention: { maxAgeMs: HOUR_MS } });
    place.clock.jump(YEARS);
    const journal = await place.open();
    await journal.append([entry(1)]);
    place.clock.jump(-YEARS);
    await maintain(place);
    assert.equal(place.files('log').length, 1);
    await place.clock.advance(HOUR_MS / 8);
    await maintain(place);
    assert.equal(place.files('log').length, 2);
  });

  test('both ways leaves the window of deduplication usable, and files of ids go in the end', async (t) => {
    const dedup = { windowMs: HOUR_MS, maxIds: 100 };
    const place = setting(t, { segmentBytes: 4_096, retention: { maxAgeMs: 0 }, dedup });
    const journal = await place.open();
    const cursor = await journal.openCursor('only');
    let next = 1;
    for (const jump of [0, YEARS, -YEARS, -YEARS, YEARS, 1]) {
      place.clock.jump(jump);
      const body = Buffer.alloc(3_000);
      const id = (name: string) => entry(next, { dedupKey: `${name} ${jump} ${next}`, body });
      const [first] = await journal.append([id('a')]);
      assert.deepEqual(first, { kind: 'stored', position: next });
      assert.deepEqual(await journal.append([id('a')]), [{ kind: 'duplicate', position: next }]);
      next++;
      cursor.save(at(next));
      await cursor.flush();
      await maintain(place);
    }
    assert.equal(journal.status().first, next - 1);
    place.clock.jump(HOUR_MS);
    await journal.append([entry(next, { dedupKey: 'last' })]);
    await maintain(place);
    place.clock.jump(HOUR_MS);
    await maintain(place);
    assert.ok(place.files('ids').length <= 2, place.files('ids').join());
  });
});
