/** Giving deliveries up and other names, when the process dies, or the volume fails, at any step of it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { CursorState, Journal } from '../../../src/journal/journal.ts';
import { entry, letterOf, numbersIn } from '../entries.ts';
import { FaultyFileSystem, fault, type Operation } from './faulty-fs.ts';
import { copyOf, type Setting, setting } from './harness.ts';

const STATE: CursorState = { cursor: 3, settled: [[4, 4]], counts: { delivered: 2, dead_lettered: 1 } };

/** A delivery `old` that is not open, with a dead letter, and one that has settled everything. */
async function prepared(at: Setting, fs?: FaultyFileSystem): Promise<Journal> {
  const journal = await at.open({ ...(fs && { fs }) });
  const old = await journal.openCursor('old');
  const stays = await journal.openCursor('stays');
  await journal.append([1, 2, 3, 4, 5].map((number) => entry(number)));
  const { entries } = await journal.read(1, { maxEntries: 1, maxBytes: 1 });
  await journal.deadLetters.put(entries.map((found) => letterOf(found, 'old', at.clock.now())));
  stays.save({ cursor: 6, settled: [], counts: {} });
  await stays.flush();
  old.save(STATE);
  await journal.closeCursor('old');
  return journal;
}

/** Copies of the directory before each file operation of a change, and after it. */
async function everyStep(t: TestContext, change: (journal: Journal) => Promise<void>): Promise<[string, Setting][]> {
  const at = setting(t);
  const fs = new FaultyFileSystem();
  const journal = await prepared(at, fs);
  const steps: [string, Setting][] = [];
  const keep = (operation: string) => {
    const copy = setting(t);
    copyOf(at.directory, copy.directory);
    steps.push([`${steps.length}: ${operation}`, copy]);
  };
  fs.before = (operation: Operation, name) => keep(`${operation} ${name}`);
  await change(journal);
  fs.before = () => {};
  keep('done');
  assert.ok(steps.length > 3, `${steps.length} steps`);
  return steps;
}

const stateOf = (journal: Journal, name: string) => journal.cursors().find((cursor) => cursor.name === name)?.state;
const lettersIn = (journal: Journal) =>
  journal.deadLetters.list().map(({ delivery, position }) => [delivery, position]);

describe('when the process dies at any step of', () => {
  test('a rename, the delivery is there under one of its names or both, with its state and letters', async (t) => {
    const seen = new Set<string>();
    for (const [step, at] of await everyStep(t, (journal) => journal.rename('old', 'new'))) {
      const journal = await at.open();
      const names = ['old', 'new'].filter((name) => stateOf(journal, name));
      seen.add(names.join());
      assert.ok(names.length > 0, step);
      for (const name of names) assert.deepEqual(stateOf(journal, name), STATE, `${step}: ${name}`);
      const [[owner, position] = [], ...others] = lettersIn(journal);
      assert.ok(names.includes(String(owner)) && position === 1 && others.length === 0, `${step}: letter of ${owner}`);
      assert.deepEqual(await numbersIn(journal, 3), [3, 4, 5], step);
      await journal.close();
    }
    assert.deepEqual([...seen], ['old', 'old,new', 'new']);
  });

  test('retiring, the delivery is as it was, or retired with the new counts', async (t) => {
    const seen = new Set<string>();
    for (const [step, at] of await everyStep(t, (journal) => journal.retire('old', { expired: 2 }))) {
      const journal = await at.open();
      const state = stateOf(journal, 'old');
      const isRetired = state?.retiredAt !== undefined;
      if (isRetired) assert.deepEqual([state.cursor, state.counts], [6, { expired: 2 }], step);
      else assert.deepEqual(state, STATE, step);
      assert.equal(journal.status().slowest, isRetired ? 'stays' : 'old', step);
      assert.deepEqual(
        (await journal.orphans()).map(({ name }) => name).sort(),
        isRetired ? ['stays'] : ['old', 'stays'],
        step,
      );
      seen.add(isRetired ? 'retired' : 'alive');
      await journal.close();
    }
    assert.deepEqual([...seen], ['alive', 'retired']);
  });

  test('the new birth of a retired delivery, it is retired still, or born with its counts', async (t) => {
    const reborn = async (journal: Journal) => {
      await journal.retire('old', { expired: 2 });
      await journal.append([entry(6), entry(7)]);
      await journal.openCursor('old', { start: 7 });
    };
    const seen = new Set<string>();
    for (const [step, at] of await everyStep(t, reborn)) {
      const journal = await at.open();
      const state = stateOf(journal, 'old');
      if (state?.retiredAt !== undefined) seen.add('retired');
      else if (state?.cursor === 7) seen.add('born');
      else seen.add('alive');
      if (state?.cursor !== STATE.cursor) assert.deepEqual(state?.counts, { expired: 2 }, step);
      await journal.close();
    }
    assert.deepEqual([...seen], ['alive', 'retired', 'born']);
  });

  test('forgetting, the delivery is as it was or not known', async (t) => {
    for (const [step, at] of await everyStep(t, (journal) => journal.forget('old'))) {
      const journal = await at.open();
      const state = stateOf(journal, 'old');
      if (state) assert.deepEqual(state, STATE, step);
      else assert.equal(step.endsWith('done') || /unlink .*\.mark|syncDirectory/.test(step), true, step);
      await journal.close();
    }
  });
});

describe('when the volume fails at any step of', () => {
  for (const [what, change] of Object.entries({
    'a rename': (journal: Journal) => journal.rename('old', 'new'),
    retiring: (journal: Journal) => journal.retire('old', { expired: 2 }),
    forgetting: (journal: Journal) => journal.forget('old'),
  })) {
    test(`${what}, it is done, or refused and nothing is lost, and it can be asked for again`, async (t) => {
      for (let step = 0; ; step++) {
        const at = setting(t);
        const fs = new FaultyFileSystem();
        const journal = await prepared(at, fs);
        let left = step;
        let failed = '';
        fs.before = (operation, name) => {
          if (left-- !== 0 || operation === 'close') return;
          failed = `${operation} ${name}`;
          throw fault('EIO');
        };
        const error = await change(journal).catch((reason) => reason);
        fs.before = () => {};
        if (left > 0) {
          assert.equal(error, undefined);
          return;
        }
        if (error !== undefined) {
          assert.equal(error.name, 'JournalError', failed);
          assert.match(error.message, /EIO/, failed);
          const known = stateOf(journal, 'old');
          if (known) {
            assert.deepEqual(known, STATE, failed);
            assert.equal(journal.status().slowest, 'old', failed);
            assert.deepEqual(lettersIn(journal), [['old', 1]], failed);
            await change(journal);
          } else assert.equal(what, 'forgetting', failed);
        }
        await at.killed(journal);
        const again = await at.open();
        const names = again.cursors().map(({ name }) => name);
        const wanted = { 'a rename': 'new', retiring: 'old', forgetting: 'stays' }[what] as string;
        assert.ok(names.includes(wanted), `${failed}: ${names}`);
        if (what === 'a rename') assert.deepEqual(stateOf(again, 'new'), STATE, failed);
        if (what === 'retiring') assert.deepEqual(stateOf(again, 'old')?.counts, { expired: 2 }, failed);
        await again.close();
      }
    });
  }
});

test('a damaged state of a retired delivery is put aside and stops nothing', async (t) => {
  const at = setting(t);
  const journal = await prepared(at);
  await journal.retire('old', {});
  await journal.close();
  const fs = new FaultyFileSystem();
  for (const path of at.states()) {
    const file = await fs.open(path, 'update');
    await file.write(Buffer.alloc(200_000, 'x'), 0);
    await file.close();
  }
  const again = await at.open();
  assert.deepEqual(
    again.cursors().map(({ name, state }) => [name, state.cursor]),
    [['stays', 1]],
  );
  const notes = again.status().notes.filter((note) => note.includes(join(at.directory, 'deliveries')));
  assert.equal(notes.length, 2);
  assert.ok(notes.some((note) => /the log knows of no delivery that it belongs to/.test(note)));
});
