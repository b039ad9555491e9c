/** The engine on a volume of 8 MiB that really runs full, and on one that becomes read-only. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFileJournal } from '../../src/journal/file/engine.ts';
import { openStoredJournal } from '../../src/journal/file/stored.ts';
import { type Entry, type Journal, JournalError, type NewEntry } from '../../src/journal/journal.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { entry, letterOf, numberOf, readAll } from '../journal/entries.ts';
import { copyDirectory } from '../support/copy-directory.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeVolumes, smallVolume, type Volume } from './volume.ts';

const MEGABYTES = 8;
const WRITERS = 8;
/** Refusals after which a round of writing ends. */
const REFUSALS = 60;

/** Opened with the system's file system, and closed when the test is over. */
async function open(volume: Volume, directory = join(volume.path, 'data')): Promise<Journal> {
  const journal = await openFileJournal({
    directory,
    segmentBytes: 512 * 1024,
    deadLetters: { maxAgeMs: 1e9, maxBytes: 1024 * 1024 },
    maxBytes: 1024 ** 3,
    dedup: { windowMs: 3_600_000, maxIds: 100_000 },
    clock: new FakeClock(),
    random: Math.random,
    log: silentLog,
  });
  volume.atEnd(() => journal.close().catch(() => {}));
  return journal;
}

/** An entry whose bytes tell its number, of some 100 bytes to 30 kB. */
function made(number: number): NewEntry {
  const body = Buffer.alloc(100 + ((number * 7_919) % 30_000));
  for (let at = 0; at < body.length; at++) body[at] = (number * 31 + at) % 256;
  return entry(number, { body, dedupKey: `id ${number}` });
}

function isAsMade(found: Entry): boolean {
  return Buffer.from(found.body).equals(Buffer.from(made(numberOf(found)).body));
}

/** What eight writers were answered. */
class Writing {
  /** Position by number. */
  readonly stored = new Map<number, number>();
  readonly refused = new Set<number>();
  #next = 1;

  /** Until so many appends were refused. */
  async fill(journal: Journal): Promise<void> {
    let refusals = 0;
    const write = async () => {
      while (refusals < REFUSALS) {
        const numbers = Array.from({ length: 1 + (this.#next % 3) }, () => this.#next++);
        try {
          const results = await journal.append(numbers.map(made));
          for (const [index, { kind, position }] of results.entries()) {
            assert.equal(kind, 'stored');
            this.stored.set(numbers[index] as number, position);
          }
        } catch (error) {
          assert.ok(error instanceof JournalError && error.code === 'full', String(error));
          for (const number of numbers) this.refused.add(number);
          refusals++;
        }
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
  }

  /** From `from` on there is what was answered for, exactly, and nothing else. */
  async check(journal: Pick<Journal, 'read'>, from: number): Promise<void> {
    const { entries, lost } = await readAll(journal as Journal, from, 100);
    assert.deepEqual(lost, []);
    const expected = [...this.stored].filter(([, position]) => position >= from).sort((a, b) => a[1] - b[1]);
    assert.deepEqual(
      entries.map((found) => [numberOf(found), found.position]),
      expected,
    );
    for (const found of entries) assert.ok(isAsMade(found), `entry ${numberOf(found)} has changed`);
  }
}

describeVolumes('on a small volume', new URL(import.meta.url), () => {
  test('eight writers fill it: refusals say full, deliveries settle and free space, and all that was answered is there', async (t) => {
    const volume = smallVolume(t, MEGABYTES);
    const directory = join(volume.path, 'data');
    const journal = await open(volume);
    const quick = await journal.openCursor('quick');
    const slow = await journal.openCursor('slow');
    const writing = new Writing();
    await writing.fill(journal);
    assert.ok(writing.stored.size > 200, `${writing.stored.size} entries fit`);
    const large = entry(100_000, { body: Buffer.alloc(1_000_000) });
    await assert.rejects(journal.append([large]), { code: 'full' });
    assert.equal(journal.status().full, true);
    await writing.check(journal, 1);
    const [known] = [...writing.stored] as [[number, number]];
    assert.deepEqual(await journal.append([made(known[0])]), [{ kind: 'duplicate', position: known[1] }]);

    // Full as it is: progress is saved, and dead letters are kept.
    const { entries } = await journal.read(1, { maxEntries: 20, maxBytes: 100_000 });
    const letters = entries.map((of) => letterOf(of, 'quick', 1));
    await journal.deadLetters.put(letters);
    await journal.deadLetters.remove(letters.slice(0, 2));
    const { next } = journal.status();
    quick.save({ cursor: next, settled: [], counts: { delivered: next - 1 } });
    await quick.flush();
    slow.save({ cursor: 2, settled: [[5, 9]], counts: { delivered: 6 } });
    await slow.flush();
    await assert.rejects(journal.append([large]), { code: 'full' });

    // As a killed process would leave it.
    const left = mkdtempSync(join(tmpdir(), 'left-'));
    volume.atEnd(async () => rmSync(left, { recursive: true }));
    copyDirectory(directory, left);
    rmSync(join(left, 'owner'));
    const successor = await open(volume, left);
    await writing.check(successor, 1);
    assert.equal(successor.deadLetters.list().length, letters.length - 2);
    assert.deepEqual((await successor.openCursor('slow')).state, slow.state);

    // What both have settled makes room, without a restart.
    const middle = Math.floor(next / 2);
    slow.save({ cursor: middle, settled: [], counts: { delivered: middle - 1 } });
    await slow.flush();
    const before = writing.stored.size;
    await writing.fill(journal);
    assert.ok(writing.stored.size > before + 50, `${writing.stored.size - before} more entries fit`);
    const { first } = journal.status();
    assert.ok(first > 1 && first <= middle, `the oldest entry is ${first}`);
    await writing.check(journal, first);

    await journal.close();
    const again = await open(volume);
    assert.ok(again.status().first <= middle);
    await writing.check(again, again.status().first);
    assert.equal((await again.openCursor('slow')).state.cursor, middle);
    assert.deepEqual(
      again.deadLetters.list().map(({ position }) => position),
      letters.slice(2).map(({ position }) => position),
    );
    assert.deepEqual(
      again.status().notes.filter((note) => !note.includes('tmpfs')),
      [],
    );
  });

  test('space that someone else takes and gives back costs refusals and nothing else', async (t) => {
    const volume = smallVolume(t, MEGABYTES);
    const journal = await open(volume);
    const cursor = await journal.openCursor('only', { start: 'beginning' });
    const writing = new Writing();
    for (let round = 1; round <= 3; round++) {
      const others = volume.occupy(round * 100_000);
      await writing.fill(journal);
      await writing.check(journal, 1);
      const { next } = journal.status();
      await assert.rejects(journal.openCursor(`new ${round}`), { name: 'JournalError' });
      others.release();
      const results = await journal.append([made(10_000 + round)]);
      assert.equal(results[0]?.kind, 'stored');
      writing.stored.set(10_000 + round, results[0]?.position ?? 0);
      assert.equal(journal.status().full, false);
      // Its birth may have found room when its state did not: then it stands where it was born first.
      const born = (await journal.openCursor(`new ${round}`)).state.cursor;
      assert.ok(born === next || born === journal.status().next, `born at ${born}`);
    }
    cursor.save({ cursor: 4, settled: [], counts: { delivered: 3 } });
    await journal.close();

    // Opening needs room for the owner file alone: deliveries go on, and the first append that finds room is taken.
    const others = volume.occupy(16_384);
    const again = await open(volume);
    await writing.check(again, 1);
    const found = await again.openCursor('only');
    assert.equal(found.state.cursor, 4);
    found.save({ cursor: 6, settled: [], counts: { delivered: 5 } });
    await found.flush();
    await assert.rejects(again.append([made(20_000)]), { code: 'full' });
    others.release();
    assert.equal((await again.append([made(20_000)]))[0]?.kind, 'stored');
  });

  test('that has become read-only is refused in words, can be read all the same, and is as before when it can be written', async (t) => {
    const volume = smallVolume(t, MEGABYTES);
    const directory = join(volume.path, 'data');
    const journal = await open(volume);
    const cursor = await journal.openCursor('only', { start: 'beginning' });
    const writing = new Writing();
    for (let number = 1; number <= 50; number++) {
      const [result] = await journal.append([made(number)]);
      writing.stored.set(number, result?.position ?? 0);
    }
    cursor.save({ cursor: 7, settled: [], counts: { delivered: 6 } });
    await journal.close();

    volume.remount('ro');
    await assert.rejects(open(volume), (error) => {
      assert.ok(error instanceof JournalError && error.code === 'failed');
      assert.match(error.message, /EROFS|read-only/);
      return error.message.includes(directory);
    });
    const stored = await openStoredJournal({ directory, clock: new FakeClock() });
    await writing.check(stored as unknown as Journal, 1);
    assert.deepEqual(
      stored.cursors().map(({ name, state }) => [name, state.cursor]),
      [['only', 7]],
    );
    await stored.close();

    volume.remount('rw');
    const again = await open(volume);
    await writing.check(again, 1);
    assert.equal((await again.append([made(51)]))[0]?.position, 51);
  });
});
