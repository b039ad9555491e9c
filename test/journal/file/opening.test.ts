import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeFrame, frameBytes } from '../../../src/journal/file/frame.ts';
import { decodeHead } from '../../../src/journal/file/segment.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { entry, numberOf, numbersIn, readAll, sized } from '../entries.ts';
import { FaultyFileSystem, fault } from './faulty-fs.ts';
import { type Setting, setting } from './harness.ts';

/** Leaves the files as a killed process would: nothing is finished, the owner file is there. */
async function killed(at: Setting, journal: Journal): Promise<void> {
  const kept = join(at.directory, '..', `${basename(at.directory)}-kept`);
  const [log] = at.files('log').slice(-1) as [string];
  copyFileSync(log, kept);
  await journal.close();
  renameSync(kept, log);
  for (const ids of at.files('ids')) if (ids.replace(/ids$/, 'log') === log) rmSync(ids);
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 0x10;
  writeFileSync(path, bytes);
}

/** Where the body of an entry of `entry()` lies in a file. */
function offsetOf(path: string, number: number): number {
  const offset = readFileSync(path).indexOf(`{"notification":${number}}`);
  assert.ok(offset > 0);
  return offset;
}

/** Where the frame of such an entry begins. */
function headerOf(path: string, number: number): number {
  return readFileSync(path).lastIndexOf('{"s":"intercom"', offsetOf(path, number)) - 48;
}

describe('opening a file journal', () => {
  test('makes the directory, for this user only', async (t) => {
    const at = setting(t);
    const directory = join(at.directory, 'new', 'data');
    const journal = await at.open({ directory });
    await journal.openCursor('logs -> only');
    const modes = ['', 'journal', 'deliveries', 'owner', 'journal/0000000000000001.log'].map((name) =>
      (statSync(join(directory, name)).mode & 0o777).toString(8),
    );
    assert.deepEqual(modes, ['700', '700', '700', '600', '600']);
  });

  test('finds everything again: entries, ids, cursors', async (t) => {
    const at = setting(t, { segmentBytes: 4_096 });
    const first = await at.open();
    for (let number = 1; number <= 30; number++) await first.append([entry(number, { dedupKey: `id ${number}` })]);
    const cursor = await first.openCursor('logs -> only', { start: 'beginning' });
    const state = {
      cursor: 5,
      settled: [
        [7, 9],
        [12, 12],
      ] as const,
      counts: { delivered: 8, lost: 0 },
      sources: [
        { source: 'intercom', since: 1, before: 20 },
        { source: 'otlp', since: 20 },
      ],
    };
    cursor.save(state);
    await first.close();
    assert.ok(at.files('log').length > 1);

    const second = await at.open();
    assert.equal(second.status().next, 31);
    assert.deepEqual(
      await numbersIn(second),
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
    assert.deepEqual(await second.append([entry(99, { dedupKey: 'id 1' }), entry(98, { dedupKey: 'id 30' })]), [
      { kind: 'duplicate', position: 1 },
      { kind: 'duplicate', position: 30 },
    ]);
    const again = await second.openCursor('logs -> only');
    assert.deepEqual([again.birth, again.state], [1, state]);
    assert.deepEqual(second.status().notes, []);
  });

  test('after a kill, syncs what may be in the page cache only before anything else is asked of the journal', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.append([entry(1)]);
    await killed(at, first);
    const fs = new FaultyFileSystem();
    const second = await at.open({ fs });
    const log = fs.done.filter((done) => done.includes('0000000000000001.log') || done === 'syncDirectory journal');
    assert.deepEqual(log.slice(0, 6), [
      'open 0000000000000001.log',
      'read 0000000000000001.log',
      'close 0000000000000001.log',
      'open 0000000000000001.log',
      'sync 0000000000000001.log',
      'syncDirectory journal',
    ]);
    await second.append([entry(2)]);
    await killed(at, second);
    fs.before = (operation, name) => {
      if (operation === 'sync' && name.endsWith('.log')) throw fault('EIO');
    };
    await assert.rejects(at.open({ fs }), { name: 'JournalError', code: 'failed' });
  });

  test('reads no bodies after an orderly stop', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.append([sized(1, 1_000_000), sized(2, 1_000_000)]);
    await first.close();
    const fs = new FaultyFileSystem();
    let read = 0;
    const { open } = fs;
    fs.open = async (path, mode) => {
      const file = await open.call(fs, path, mode);
      return {
        ...file,
        read: async (target, offset) => {
          const count = await file.read(target, offset);
          read += count;
          return count;
        },
      };
    };
    const second = await at.open({ fs });
    assert.ok(read < 20_000, `${read} bytes were read`);
    assert.equal(await second.tally({ from: 1, to: 3 }, ['intercom']), 2);
    assert.deepEqual(await second.append([sized(2, 1)]), [{ kind: 'duplicate', position: 2 }]);
  });

  for (const [what, tear] of Object.entries({
    'half of a frame': (log: Buffer) => log.subarray(-100, -50),
    'a header without its body': (log: Buffer) => log.subarray(-90),
    zeros: () => Buffer.alloc(5000),
    noise: () => Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)),
  })) {
    test(`cuts ${what} from the end of the last segment`, async (t) => {
      const at = setting(t);
      const first = await at.open();
      await first.append([entry(1), entry(2)]);
      await first.close();
      const [log] = at.files('log') as [string];
      const { size } = statSync(log);
      appendFileSync(log, tear(readFileSync(log)));
      const second = await at.open();
      assert.equal(statSync(log).size, size);
      assert.deepEqual(await second.append([entry(3)]), [{ kind: 'stored', position: 3 }]);
      assert.deepEqual(await readAll(second), { ...(await readAll(second)), lost: [], next: 4 });
      assert.deepEqual(await numbersIn(second), [1, 2, 3]);
      assert.deepEqual(second.status().notes, []);
    });
  }

  test('keeps an append whole or not at all, wherever the file was torn', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.append([entry(1)]);
    await first.append([entry(2), entry(3), entry(4)]);
    await killed(at, first);
    const [log] = at.files('log') as [string];
    const whole = readFileSync(log);
    const end = offsetOf(log, 4) + '{"notification":4}'.length;
    for (const cut of [end, end - 1, offsetOf(log, 4), offsetOf(log, 3), offsetOf(log, 3) - 60, offsetOf(log, 2) + 3]) {
      const directory = join(at.directory, `cut-${cut}`);
      const probe = await at.open({ directory });
      await probe.close();
      writeFileSync(join(directory, 'journal', basename(log)), whole.subarray(0, cut));
      const journal = await at.open({ directory });
      assert.deepEqual(await numbersIn(journal), cut === end ? [1, 2, 3, 4] : [1], `cut at ${cut} of ${end}`);
      assert.equal(journal.status().next, cut === end ? 5 : 2);
      await journal.close();
    }
  });

  for (const [part, find] of [
    ['body', offsetOf],
    ['header', headerOf],
  ] as const) {
    test(`a damaged ${part} in the middle costs its own entry only, also without the file of ids`, async (t) => {
      const at = setting(t);
      const first = await at.open();
      for (let number = 1; number <= 5; number++) await first.append([entry(number)]);
      await first.close();
      const [log] = at.files('log') as [string];
      flip(log, find(log, 3) + 9);
      for (const kind of ['with', 'without']) {
        const journal = await at.open();
        const { entries, lost, next } = await readAll(journal);
        assert.deepEqual(entries.map(numberOf), [1, 2, 4, 5], kind);
        assert.deepEqual([lost, next], [[[3, 3]], 6]);
        assert.deepEqual(await journal.read(3, { maxEntries: 9, maxBytes: 999, to: 3 }), {
          entries: [],
          lost: [[3, 3]],
          next: 4,
        });
        await journal.close();
        for (const path of at.files('ids')) rmSync(path);
      }
    });
  }

  test('says so when it finds damage in the segment that was written to', async (t) => {
    const at = setting(t);
    const first = await at.open();
    for (let number = 1; number <= 3; number++) await first.append([entry(number)]);
    await killed(at, first);
    const [log] = at.files('log') as [string];
    flip(log, offsetOf(log, 2));
    const journal = await at.open();
    assert.deepEqual(await numbersIn(journal), [1, 3]);
    assert.match(journal.status().notes.join(), /damaged: positions 2 to 2 are lost/);
  });

  test('never takes bytes inside a body for a frame, even a copy of a real one', async (t) => {
    const at = setting(t);
    const first = await at.open();
    const [log] = at.files('log') as [string];
    const { salt } = decodeHead(readFileSync(log), log);
    // The frame of the next position, as the segment would hold it anywhere else.
    const decoy = Buffer.alloc(frameBytes(2, 10));
    const content = { position: 2, kind: 1, records: 1, more: false, receivedAt: 0, storedAt: 0, metadata: '{}' };
    encodeFrame(decoy, 0, 4096, salt, { ...content, body: Buffer.alloc(10) });
    await first.append([
      entry(1, { body: Buffer.concat([decoy, decoy, readFileSync(log)]), metadata: { number: '1' } }),
    ]);
    await first.append([entry(2)]);
    await first.close();
    const at1 = readFileSync(log).indexOf('"number":"1"');
    flip(log, at1 - 50);
    for (const kind of ['with', 'without']) {
      const journal = await at.open();
      const { entries, lost } = await readAll(journal);
      assert.deepEqual(entries.map(numberOf), [2], kind);
      assert.deepEqual(lost, [[1, 1]]);
      await journal.close();
      for (const path of at.files('ids')) rmSync(path);
    }
  });

  test('survives one damaged copy of a segment head', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.append([entry(1)]);
    await first.close();
    const [log] = at.files('log') as [string];
    flip(log, 13);
    const journal = await at.open();
    assert.deepEqual(await numbersIn(journal), [1]);
  });

  test('reports a segment that was taken away as lost, and gives its positions to nobody', async (t) => {
    const at = setting(t, { segmentBytes: 4_096 });
    const first = await at.open();
    const cursor = await first.openCursor('logs -> only');
    for (let number = 1; number <= 12; number++) await first.append([sized(number, 1_500)]);
    cursor.save({ cursor: 3, settled: [[13, 13]], counts: {} });
    await first.close();
    const logs = at.files('log');
    const middle = logs[1] as string;
    const last = logs.at(-1) as string;
    for (const path of [middle, last]) for (const file of [path, path.replace(/log$/, 'ids')]) rmSync(file);

    const journal = await at.open();
    const { entries, lost, next } = await readAll(journal);
    assert.equal(next, 14);
    const lostPositions = lost.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
    const positions = [...entries.map(({ position }) => position), ...lostPositions].sort((a, b) => a - b);
    assert.deepEqual(
      positions,
      Array.from({ length: 13 }, (_, index) => index + 1),
    );
    assert.ok(lostPositions.includes(Number.parseInt(basename(middle), 10)));
    assert.ok(lostPositions.includes(13));
    assert.match(journal.status().notes.join('\n'), /are lost/);
    assert.deepEqual(await journal.append([entry(14)]), [{ kind: 'stored', position: 14 }]);
  });

  test('gives no position twice when the end of the log is cut off after an orderly stop', async (t) => {
    const at = setting(t);
    const first = await at.open();
    for (let number = 1; number <= 5; number++) await first.append([entry(number)]);
    await first.close();
    const [log] = at.files('log') as [string];
    truncateSync(log, offsetOf(log, 4));
    const journal = await at.open();
    assert.deepEqual(await journal.append([entry(6)]), [{ kind: 'stored', position: 6 }]);
    const { entries, lost } = await readAll(journal);
    assert.deepEqual(entries.map(numberOf), [1, 2, 3, 6]);
    assert.deepEqual(lost, [[4, 5]]);
  });

  test('makes a missing or damaged file of ids again', async (t) => {
    const at = setting(t, { segmentBytes: 4_096 });
    const first = await at.open();
    for (let number = 1; number <= 9; number++) await first.append([sized(number, 1_000)]);
    await first.close();
    const [missing, damaged, summary] = at.files('ids') as [string, string, string];
    rmSync(missing);
    flip(damaged, statSync(damaged).size - 5);
    flip(summary, 40);
    const journal = await at.open();
    const results = await journal.append(Array.from({ length: 9 }, (_, index) => sized(index + 1, 1)));
    assert.deepEqual(
      results,
      Array.from({ length: 9 }, (_, index) => ({ kind: 'duplicate', position: index + 1 })),
    );
    assert.equal(await journal.tally({ from: 1, to: 10 }, ['intercom']), 9);
    assert.ok(at.files('ids').includes(missing));
  });

  test('refuses what is not its own or newer than itself, in words, and changes nothing', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.append([entry(1)]);
    await first.openCursor('logs -> only');
    await first.close();
    const [log] = at.files('log') as [string];
    const [ids] = at.files('ids') as [string];
    const [state] = at.states() as [string];
    const renamed = log.replace('1.log', '9.log');
    const cases: [string, RegExp, () => void][] = [
      [log, /not a segment of this journal.*Nothing was changed/, () => writeFileSync(log, 'my notes')],
      [log, /not a segment/, () => writeFileSync(log, '')],
      [renamed, /renamed.*0000000000000001\.log/, () => copyFileSync(log, renamed)],
      [
        join(at.directory, 'journal', 'a.log'),
        /does not have the name/,
        () => copyFileSync(log, join(at.directory, 'journal', 'a.log')),
      ],
      [ids, /not a file of this journal/, () => writeFileSync(ids, 'x'.repeat(500))],
      [
        state.replace(/\/.{40}\./, `/${'0'.repeat(40)}.`),
        /not the state of a delivery/,
        () => copyFileSync(state, state.replace(/\/.{40}\./, `/${'0'.repeat(40)}.`)),
      ],
    ];
    for (const [path, words, change] of cases) {
      const all = [log, ids, state];
      const before = all.map((file) => readFileSync(file));
      change();
      const changed = readFileSync(path);
      await assert.rejects(at.open(), (error: Error & { code: string }) => {
        assert.equal(error.code, 'failed');
        assert.ok(error.message.includes(path), error.message);
        assert.match(error.message, words);
        return true;
      });
      assert.ok(readFileSync(path).equals(changed), path);
      rmSync(path);
      for (const [index, file] of all.entries()) writeFileSync(file, before[index] as Buffer);
    }
    assert.deepEqual(await numbersIn(await at.open()), [1]);
  });

  test('leaves other files alone and mentions them', async (t) => {
    const at = setting(t);
    await (await at.open()).close();
    writeFileSync(join(at.directory, 'journal', 'README'), 'mine');
    const journal = await at.open();
    assert.match(journal.status().notes.join(), /README is not a file of the journal/);
    assert.equal(readFileSync(join(at.directory, 'journal', 'README'), 'utf8'), 'mine');
  });

  test('works on a full volume, so that deliveries go on', async (t) => {
    const at = setting(t);
    const first = await at.open();
    await first.append([entry(1, { dedupKey: 'a' })]);
    await first.openCursor('logs -> only', { start: 'beginning' });
    await first.close();
    const fs = new FaultyFileSystem();
    const { link } = fs;
    fs.link = async (existing, path) => {
      await link.call(fs, existing, path);
      fs.space = 0;
    };
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor('logs -> only');
    assert.deepEqual(await numbersIn(journal, cursor.state.cursor), [1]);
    await assert.rejects(journal.append([entry(2)]), { code: 'full' });
    assert.deepEqual(await journal.append([entry(3, { dedupKey: 'a' })]), [{ kind: 'duplicate', position: 1 }]);
    cursor.save({ cursor: 2, settled: [], counts: { delivered: 1 } });
    await cursor.flush();
    fs.space = Number.POSITIVE_INFINITY;
    assert.deepEqual(await journal.append([entry(4)]), [{ kind: 'stored', position: 2 }]);
    await journal.close();
    const again = await at.open();
    assert.deepEqual((await again.openCursor('logs -> only')).state, {
      cursor: 2,
      settled: [],
      counts: { delivered: 1 },
    });
  });
});
