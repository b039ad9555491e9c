import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeMark, encodeMark } from '../../../src/journal/file/mark.ts';
import { markFileName } from '../../../src/journal/file/state.ts';
import { FaultyFileSystem, fault } from './faulty-fs.ts';
import { type Setting, setting } from './harness.ts';

const PLAIN = { noNullPrototype: true };
const NAME = 'logs coralogix';
const markOf = ({ directory }: Setting) => join(directory, 'deliveries', markFileName(NAME));

/** A process opens the cursor, processes this, and is killed. Returns what it was told of those before it. */
async function life(at: Setting, attempting: number | null, fs?: FaultyFileSystem) {
  const journal = await at.open({ ...(fs && { fs }) });
  const cursor = await journal.openCursor(NAME);
  const { died } = cursor;
  if (attempting !== null) cursor.attempting(attempting);
  await at.killed(journal);
  return died;
}

describe('the mark of a delivery', () => {
  test('tells the next process of a death, where it was, and how often in a row', async (t) => {
    const at = setting(t);
    assert.equal(await life(at, null), null);
    assert.deepEqual(await life(at, 7), { position: null, deaths: 1 });
    assert.deepEqual(await life(at, 7), { position: 7, deaths: 1 });
    assert.deepEqual(await life(at, 7), { position: 7, deaths: 2 });
    assert.deepEqual(await life(at, 8), { position: 7, deaths: 3 });
    assert.deepEqual(await life(at, null), { position: 8, deaths: 1 });
    assert.deepEqual(await life(at, null), { position: null, deaths: 1 });
    assert.deepEqual(await life(at, null), { position: null, deaths: 2 });
  });

  for (const how of ['closing the journal', 'closing the cursor'] as const) {
    test(`tells nothing after an orderly end: ${how}`, async (t) => {
      const at = setting(t);
      await life(at, 7);
      const journal = await at.open();
      const cursor = await journal.openCursor(NAME);
      cursor.attempting(8);
      if (how === 'closing the cursor') {
        await journal.closeCursor(NAME);
        assert.equal((await journal.openCursor(NAME)).died, null);
        cursor.attempting(9);
        await journal.closeCursor(NAME);
        await at.killed(journal);
      } else await journal.close();
      assert.equal(await life(at, null), null);
    });
  }

  test('is not about processes that did not open the cursor', async (t) => {
    const at = setting(t);
    await life(at, 7);
    await at.killed(await at.open());
    await (await at.open()).close();
    assert.deepEqual(await life(at, null), { position: 7, deaths: 1 });
  });

  test('knows what is attempted when the call returns, and nothing once there is none', async (t) => {
    const at = setting(t);
    const cursor = await (await at.open()).openCursor(NAME);
    const attempting = () => decodeMark(readFileSync(markOf(at)))?.attempting;
    cursor.attempting(2 ** 40);
    assert.equal(attempting(), 2 ** 40);
    cursor.attempting(null);
    assert.equal(attempting(), null);
  });

  for (const [what, harm] of Object.entries({
    missing: (path: string) => rmSync(path),
    empty: (path: string) => truncateSync(path, 0),
    damaged: (path: string) => {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(bytes[12] as number, 16, 22));
    },
    'of a newer version': (path: string) => {
      const bytes = readFileSync(path);
      bytes.writeUInt16LE(2, 8);
      writeFileSync(path, bytes);
    },
  })) {
    test(`that is ${what} says nothing and harms nothing`, async (t) => {
      const at = setting(t);
      await life(at, 7);
      harm(markOf(at));
      assert.equal(await life(at, 8), null);
      assert.deepEqual(await life(at, null), { position: 8, deaths: 1 });
    });
  }

  test('that cannot be written is ignored', async (t) => {
    const at = setting(t);
    const fs = new FaultyFileSystem();
    fs.before = (_, name) => {
      if (name.includes('.mark')) throw fault('EIO');
    };
    assert.equal(await life(at, 7, fs), null);
    assert.equal(await life(at, null), null);
    // What was there before says what it said.
    await life(at, 7);
    assert.equal(await life(at, 8, fs), null, 'it cannot be read either');
    assert.deepEqual(await life(at, null), { position: 7, deaths: 1 });
    const journal = await at.open({ fs });
    const cursor = await journal.openCursor(NAME);
    fs.before = () => {};
    cursor.attempting(9);
    await journal.close();
  });

  test('works in the file that it has where the volume is full', async (t) => {
    const at = setting(t);
    await life(at, 7);
    const fs = new FaultyFileSystem();
    const journal = await at.open({ fs });
    fs.space = 0;
    const cursor = await journal.openCursor(NAME);
    assert.deepEqual(cursor.died, { position: 7, deaths: 1 });
    cursor.attempting(7);
    await at.killed(journal);
    assert.deepEqual(await life(at, null), { position: 7, deaths: 2 });
  });

  test('is not written by a former owner of the directory that is not quite dead', async (t) => {
    const at = setting(t);
    const platform = (pid: number, running: number[]) => {
      return {
        pid,
        host: 'here',
        scope: 'boot',
        startOf: (asked: number) => (running.includes(asked) ? 'noon' : undefined),
      };
    };
    const former = await (await at.open({ platform: platform(1, [1]) })).openCursor(NAME);
    const journal = await at.open({ platform: platform(2, [2]) });
    const cursor = await journal.openCursor(NAME);
    cursor.attempting(5);
    former.attempting(6);
    await at.killed(journal);
    assert.deepEqual(await life(at, null), { position: 5, deaths: 1 });
  });

  test('goes with its delivery', async (t) => {
    const at = setting(t);
    const journal = await at.open();
    for (const name of ['forgotten', 'old']) {
      await journal.openCursor(name);
      await journal.closeCursor(name);
    }
    await journal.forget('forgotten');
    await journal.rename('old', 'new');
    assert.equal(readdirSync(join(at.directory, 'deliveries')).filter((file) => file.endsWith('.mark')).length, 0);
    await journal.close();
    writeFileSync(join(at.directory, 'deliveries', `${'a'.repeat(40)}.mark`), '');
    const again = await at.open();
    assert.deepEqual(again.status().notes, []);
    assert.equal(readdirSync(join(at.directory, 'deliveries')).filter((file) => file.endsWith('.mark')).length, 0);
  });

  test('holds everything that it is given', () =>
    fc.assert(
      fc.property(
        fc.record(
          {
            running: fc.boolean(),
            attempting: fc.option(fc.integer({ min: 1, max: 2 ** 48 - 1 })),
            died: fc.option(
              fc.record(
                {
                  position: fc.option(fc.integer({ min: 1, max: 2 ** 48 - 1 })),
                  deaths: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
                },
                PLAIN,
              ),
            ),
          },
          PLAIN,
        ),
        (marked) => assert.deepEqual(decodeMark(encodeMark(marked)), marked),
      ),
    ));
});
