import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { openStoredJournal } from '../../../src/journal/file/stored.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { letterOf, numberOf, readAll, sized } from '../entries.ts';
import { picture, type Setting, setting } from './harness.ts';

const STATE = { cursor: 4, settled: [[6, 7]] as const, counts: { delivered: 4, dead_lettered: 1 } };

/** Thirty entries, ten to a segment, a delivery, a retired one and a dead letter. */
async function filled(at: Setting): Promise<Journal> {
  const journal = await at.open();
  const cursor = await journal.openCursor('logs a');
  await journal.openCursor('logs gone');
  await journal.closeCursor('logs gone');
  await journal.retire('logs gone', { expired: 3 });
  for (let number = 1; number <= 30; number++) {
    await journal.append([sized(number, 1_000)]);
    at.clock.jump(1_000);
  }
  const { entries } = await journal.read(3, { maxEntries: 1, maxBytes: 1 });
  await journal.deadLetters.put(entries.map((found) => letterOf(found, 'logs a', at.clock.now())));
  cursor.save(STATE);
  await cursor.flush();
  return journal;
}

const options = { segmentBytes: 14_000 };
const look = ({ directory, clock }: Setting) => openStoredJournal({ directory, clock });

/** Everything that can be asked. */
async function use(at: Setting) {
  const journal = await look(at);
  const { entries, lost, next } = await readAll(journal);
  const letters = journal.deadLetters.list();
  const letter = letters[0] && (await journal.deadLetters.get(letters[0]));
  const result = {
    running: journal.running,
    numbers: entries.map(numberOf),
    lost,
    next,
    tally: await journal.tally({ from: 5, to: 99 }, ['intercom']),
    sought: await journal.seek(at.clock.now() - 10_000),
    cursors: journal.cursors(),
    letters: letters.length,
    letter: letter && numberOf(letter.entry),
    status: journal.status(),
  };
  await journal.close();
  await journal.close();
  await assert.rejects(journal.read(1, { maxEntries: 1, maxBytes: 1 }), { code: 'closed' });
  return result;
}

const all = Array.from({ length: 30 }, (_, index) => index + 1);

describe('a journal that is only read', () => {
  test('shows what a stopped agent left, and not a byte or time changes', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    assert.ok(at.files('log').length >= 3);
    const before = picture(at.directory);
    const { running, numbers, lost, next, tally, sought, cursors, letters, letter, status } = await use(at);
    assert.deepEqual(picture(at.directory), before);
    assert.deepEqual([running, numbers, lost, next, tally, sought], [false, all, [], 31, 26, 21]);
    assert.deepEqual([letters, letter], [1, 3]);
    assert.deepEqual(
      cursors.find(({ name }) => name === 'logs a'),
      { name: 'logs a', birth: 1, state: STATE, open: false },
    );
    assert.deepEqual(cursors.find(({ name }) => name === 'logs gone')?.state.counts, { expired: 3 });
    assert.deepEqual([status.first, status.next, status.slowest, status.full], [1, 31, 'logs a', false]);
    assert.deepEqual(status.notes, []);
    const owned = await at.open();
    assert.deepEqual(
      [status.bytes, status.oldestEnd],
      [owned.status().bytes - newest(owned), owned.status().oldestEnd],
    );
  });

  test('shows what a killed agent left, but for what it had not finished, and changes nothing', async (t) => {
    const at = setting(t, options);
    await at.killed(await filled(at));
    const last = at.files('log').at(-1) as string;
    for (const [what, harm] of Object.entries({
      'as it was': () => {},
      'with a torn end': () => {
        const bytes = readFileSync(last);
        const end = bytes.lastIndexOf(Buffer.alloc(100, 30)) + 100;
        writeFileSync(last, Buffer.concat([bytes.subarray(0, end), bytes.subarray(end - 900, end - 20)]));
      },
      'with drafts': () => {
        writeFileSync(last.replace('.log', '.log.new'), 'draft');
        writeFileSync(`${at.states()[0]}.new`, 'draft');
      },
      'without files of ids': () => {
        for (const path of at.files('ids')) rmSync(path);
      },
      'without dead letters': () => rmSync(join(at.directory, 'dead-letters'), { recursive: true }),
    })) {
      harm();
      const before = picture(at.directory);
      const { running, numbers, lost, next, cursors, status } = await use(at);
      assert.deepEqual(picture(at.directory), before, what);
      assert.deepEqual([running, numbers, lost, next], [false, all, [], 31], what);
      assert.deepEqual(cursors.find(({ name }) => name === 'logs a')?.state, STATE, what);
      assert.deepEqual(status.notes, [], what);
    }
    const owned = await at.open();
    assert.deepEqual((await readAll(owned)).entries.map(numberOf), all, 'and it can still be opened');
  });

  test('a delivery whose state is gone stands at its birth, and a note says so', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    const path = at.states().find((state) => readFileSync(state).includes('"logs a"')) as string;
    for (const [words, harm] of [
      [/damaged: the state of the delivery logs a is lost/, () => writeFileSync(path, 'x'.repeat(200_000))],
      [/empty: the state of the delivery logs a is lost/, () => truncateSync(path, 0)],
      [/The state of the delivery logs a is missing/, () => rmSync(path)],
      [
        /The state of the delivery logs a is missing/,
        () => rmSync(join(at.directory, 'deliveries'), { recursive: true }),
      ],
    ] as const) {
      harm();
      const before = picture(at.directory);
      const { cursors, status } = await use(at);
      assert.deepEqual(picture(at.directory), before);
      assert.deepEqual(
        cursors.find(({ name }) => name === 'logs a'),
        { name: 'logs a', birth: 1, state: { cursor: 1, settled: [], counts: {} }, open: false },
      );
      assert.match(status.notes.join('\n'), words);
    }
  });

  test('tells damage and what the log has not got', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    const [first, , third] = at.files('log') as [string, string, string];
    const bytes = readFileSync(first);
    bytes.fill(0xff, bytes.indexOf(Buffer.alloc(100, 2)), bytes.indexOf(Buffer.alloc(100, 2)) + 10);
    writeFileSync(first, bytes);
    for (const path of at.files('log').slice(2)) for (const file of [path, path.replace('log', 'ids')]) rmSync(file);
    assert.ok(third);
    const before = picture(at.directory);
    const { numbers, lost, next } = await use(at);
    assert.deepEqual(picture(at.directory), before);
    assert.deepEqual(lost[0], [2, 2]);
    assert.equal(next, (numbers.at(-1) as number) + 1);
    assert.ok(next > 10 && next < 31);
  });

  test('shows a running agent, whose work goes on', async (t) => {
    const at = setting(t, options);
    const running = await filled(at);
    const before = picture(at.directory);
    const first = await use(at);
    assert.deepEqual(picture(at.directory), before);
    assert.deepEqual([first.running, first.numbers], [true, all]);
    await running.append([sized(31, 100)]);
    assert.deepEqual((await use(at)).numbers, [...all, 31]);
    await running.append([sized(32, 100)]);
    await running.close();
    assert.equal((await use(at)).running, false);
  });

  test('is refused in words where there is none, where something is foreign, and where it is newer', async (t) => {
    const at = setting(t, options);
    const nowhere = mkdtempSync(join(tmpdir(), 'journal-none-'));
    t.after(() => rmSync(nowhere, { recursive: true }));
    await assert.rejects(openStoredJournal({ directory: nowhere, clock: at.clock }), {
      name: 'JournalError',
      code: 'failed',
      message: /journal-none-.* holds no journal/,
    });
    await (await filled(at)).close();
    const [log] = at.files('log') as [string];
    const [state] = at.states() as [string];
    const logBytes = readFileSync(log);
    const stateBytes = readFileSync(state);
    const refused = async (words: RegExp) => {
      const before = picture(at.directory);
      await assert.rejects(look(at), { name: 'JournalError', code: 'failed', message: words });
      assert.deepEqual(picture(at.directory), before);
    };
    writeFileSync(log, 'my notes');
    await refused(/is not a segment of this journal/);
    const newer = Buffer.from(logBytes);
    for (const at of [0, 2048]) {
      newer.writeUInt16LE(2, at + 8);
      newer.writeUInt32LE(crc32(newer.subarray(at, at + 32)), at + 32);
    }
    writeFileSync(log, newer);
    await refused(/has format version 2; this version of the agent knows up to 1/);
    writeFileSync(log, logBytes);
    writeFileSync(state.replace(/\/[0-9a-f]{40}/, `/${'0'.repeat(40)}`), stateBytes);
    await refused(/is not the state of a delivery/);
  });

  test('an owner file that says nothing is told, and stops nothing', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    appendFileSync(join(at.directory, 'owner'), 'mine');
    const { running, numbers, status } = await use(at);
    assert.deepEqual([running, numbers], [false, all]);
    assert.match(status.notes.join(), /does not say who owns the directory/);
  });

  test('is empty where an agent has never stored anything', async (t) => {
    const at = setting(t);
    await (await at.open()).close();
    const { numbers, next, status } = await use(at);
    assert.deepEqual([numbers, next, status.oldestEnd], [[], 1, 1]);
    for (const path of at.files('log')) rmSync(path);
    assert.deepEqual((await use(at)).next, 1);
  });
});

/** Bytes of the segment that an opening begins. */
function newest(journal: Journal): number {
  return journal.status().bytes === 0 ? 0 : 4096 + 48 + JSON.stringify([['logs a', 1]]).length;
}
