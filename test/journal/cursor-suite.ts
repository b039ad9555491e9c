/** What every engine of the journal promises about cursors. `suite.ts` calls it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CursorState, Journal } from '../../src/journal/journal.ts';
import { entry, letterOf, numbersIn, sized } from './entries.ts';
import type { Opened, SuiteOptions } from './suite.ts';

type Open = (t: TestContext, options?: Partial<SuiteOptions>) => Promise<Opened>;

const names = (journal: Journal) => journal.cursors().map(({ name }) => name);

export function cursorSuite(open: Open): void {
  test('a cursor is born at the end, or at the oldest entry if it is told so, and keeps what is saved', async (t) => {
    const { journal } = await open(t);
    await journal.append([entry(1), entry(2)]);
    const late = await journal.openCursor('late');
    const early = await journal.openCursor('early', { start: 'beginning' });
    assert.deepEqual(late.state, { cursor: 3, settled: [], counts: {} });
    assert.deepEqual([late.birth, early.birth, late.name], [3, 1, 'late']);
    assert.deepEqual([late.died, early.died], [null, null]);
    const state = { cursor: 2, settled: [[2, 2]] as const, counts: { delivered: 1 } };
    early.save(state);
    assert.deepEqual(early.state, state);
    await early.written();
    await early.flush();
    early.attempting(2);
    early.attempting(null);
    assert.deepEqual(early.state, state);
    await assert.rejects(journal.openCursor('late'), /BUG/);
  });

  test('a cursor may be born at any position, within what is stored', async (t) => {
    const { journal } = await open(t);
    await journal.append([entry(1), entry(2), entry(3)]);
    const birth = async (start: number) => (await journal.openCursor(`at ${start}`, { start })).birth;
    assert.deepEqual([await birth(2), await birth(-5), await birth(99), await birth(4)], [2, 1, 4, 4]);
  });

  test('keeps what a cursor that began below the others has not settled', async (t) => {
    const { journal } = await open(t, { maxBytes: 1_000_000 });
    const live = await journal.openCursor('live');
    for (let number = 1; number <= 8; number++) await journal.append([sized(number, 100_000)]);
    const replay = await journal.openCursor('replay', { start: 3 });
    live.save({ cursor: 9, settled: [], counts: {} });
    await live.flush();
    assert.equal(journal.status().slowest, 'replay');
    await assert.rejects(journal.append([sized(9, 700_000)]), { code: 'full' });
    assert.deepEqual(await numbersIn(journal, 3), [3, 4, 5, 6, 7, 8]);
    replay.save({ cursor: 9, settled: [], counts: {} });
    await replay.flush();
    await journal.append([sized(9, 700_000)]);
  });

  test('a cursor may have any name up to 2,048 characters', async (t) => {
    const { journal } = await open(t);
    const odd = ['../../etc/passwd', '.', '__proto__', '\ud800', '\ud801', 'ü'.repeat(2048), 'a/b', 'a\\b', 'A/B'];
    for (const name of odd) assert.equal((await journal.openCursor(name)).name, name);
    assert.deepEqual(names(journal), odd);
    await assert.rejects(journal.openCursor(''), /BUG/);
    await assert.rejects(journal.openCursor('x'.repeat(2049)), /BUG/);
  });

  test('tells every cursor that is known, open or not', async (t) => {
    const { journal } = await open(t);
    await journal.append([entry(1)]);
    const first = await journal.openCursor('first', { start: 'beginning' });
    await journal.openCursor('second');
    first.save({ cursor: 2, settled: [], counts: { delivered: 1 } });
    await journal.closeCursor('first');
    assert.deepEqual(journal.cursors(), [
      { name: 'first', birth: 1, state: { cursor: 2, settled: [], counts: { delivered: 1 } }, open: false },
      { name: 'second', birth: 2, state: { cursor: 2, settled: [], counts: {} }, open: true },
    ]);
  });

  test('a cursor that was closed can be opened again where it was, and takes nothing before that', async (t) => {
    const { journal, clock } = await open(t);
    await journal.append([entry(1), entry(2)]);
    const cursor = await journal.openCursor('only', { start: 'beginning' });
    cursor.save({ cursor: 2, settled: [], counts: { delivered: 1 } });
    await journal.closeCursor('only');
    assert.deepEqual(await journal.orphans(), [
      {
        name: 'only',
        since: clock.now(),
        state: { cursor: 2, settled: [], counts: { delivered: 1 }, orphanedAt: clock.now() },
      },
    ]);
    cursor.save({ cursor: 3, settled: [], counts: {} });
    await assert.rejects(cursor.flush(), { code: 'closed' });
    await assert.rejects(cursor.written(), { code: 'closed' });
    const again = await journal.openCursor('only');
    assert.deepEqual(
      [again.birth, again.state, again.died],
      [1, { cursor: 2, settled: [], counts: { delivered: 1 } }, null],
    );
    assert.deepEqual(await journal.orphans(), []);
    await journal.closeCursor('unknown');
  });

  test('what is forgotten holds nothing back and is not known any more', async (t) => {
    const { journal } = await open(t, { maxBytes: 1_000_000 });
    const stays = await journal.openCursor('stays');
    await journal.openCursor('leaves');
    for (let number = 1; number <= 8; number++) await journal.append([sized(number, 100_000)]);
    stays.save({ cursor: 9, settled: [], counts: {} });
    await stays.flush();
    await assert.rejects(journal.forget('leaves'), /BUG/);
    await journal.closeCursor('leaves');
    assert.equal(journal.status().slowest, 'leaves');
    await assert.rejects(journal.append([sized(9, 700_000)]), { code: 'full' });
    await journal.forget('leaves');
    await journal.forget('leaves');
    await journal.append([sized(9, 700_000)]);
    assert.deepEqual(names(journal), ['stays']);
    assert.deepEqual((await journal.openCursor('leaves')).state, { cursor: 10, settled: [], counts: {} });
  });

  test('what is retired holds nothing back, is no orphan, and keeps its counts', async (t) => {
    const { journal, clock } = await open(t, { maxBytes: 1_000_000 });
    const stays = await journal.openCursor('stays');
    const leaves = await journal.openCursor('leaves');
    for (let number = 1; number <= 8; number++) await journal.append([sized(number, 100_000)]);
    stays.save({ cursor: 9, settled: [], counts: {} });
    await stays.flush();
    const sources = [{ source: 'intercom', since: 1 }];
    const kept = { redeemed: [1], memo: { last_rejection: 'too wide' } };
    leaves.save({ cursor: 3, settled: [[5, 6]], counts: { delivered: 4 }, sources, inFlight: [[3, 4]], ...kept });
    await assert.rejects(journal.retire('leaves', {}), /BUG/);
    await journal.closeCursor('leaves');
    await journal.orphans();
    await journal.retire('leaves', { delivered: 4, expired: 4 });
    const retired: CursorState = { cursor: 9, settled: [], counts: { delivered: 4, expired: 4 }, ...kept };
    const known = () => journal.cursors().find(({ name }) => name === 'leaves');
    assert.deepEqual(known(), { name: 'leaves', birth: 1, open: false, state: { ...retired, retiredAt: clock.now() } });
    assert.deepEqual([journal.status().slowest, await journal.orphans()], ['stays', []]);
    await journal.append([sized(9, 700_000)]);
    await journal.retire('leaves', { delivered: 4, expired: 5 });
    assert.equal(known()?.state.counts.expired, 5);

    // What it gave up is not its business again, wherever it is to begin.
    const reborn = await journal.openCursor('leaves', { start: 'beginning' });
    assert.equal(reborn.birth, 10);
    assert.deepEqual(reborn.state, { ...retired, counts: { delivered: 4, expired: 5 }, cursor: 10 });
    assert.equal(journal.status().slowest, 'stays');
    await journal.retire('unknown', {});
    assert.deepEqual(names(journal).sort(), ['leaves', 'stays']);
  });

  test('without any cursor that is not retired nothing is deleted', async (t) => {
    const { journal } = await open(t, { maxBytes: 1_000_000 });
    await journal.openCursor('only');
    for (let number = 1; number <= 8; number++) await journal.append([sized(number, 100_000)]);
    await journal.closeCursor('only');
    await journal.retire('only', {});
    await assert.rejects(journal.append([sized(9, 700_000)]), { code: 'full' });
    assert.deepEqual([journal.status().slowest, journal.status().first], [null, 1]);
  });

  test('a cursor gets another name with its place, its counts and its dead letters', async (t) => {
    const { journal, clock } = await open(t);
    await journal.append([entry(1), entry(2), entry(3)]);
    const [, second] = (await journal.read(1, { maxEntries: 9, maxBytes: 999 })).entries;
    assert.ok(second);
    const cursor = await journal.openCursor('old', { start: 2 });
    const state = { cursor: 3, settled: [], counts: { delivered: 0, dead_lettered: 1 }, memo: { said: 'no' } };
    cursor.save(state);
    await journal.deadLetters.put([letterOf(second, 'old', clock.now())]);
    await journal.closeCursor('old');
    await journal.rename('old', 'new');
    assert.deepEqual(names(journal), ['new']);
    const renamed = await journal.openCursor('new');
    assert.deepEqual([renamed.birth, renamed.state], [2, state]);
    const letters = journal.deadLetters.list().map(({ delivery, position }) => ({ delivery, position }));
    assert.deepEqual(letters, [{ delivery: 'new', position: 2 }]);
    assert.deepEqual((await journal.openCursor('old')).state, { cursor: 4, settled: [], counts: {} });
  });

  test('refuses to give a cursor another name, in words, and changes nothing', async (t) => {
    const { journal } = await open(t);
    await journal.openCursor('open');
    await journal.openCursor('closed');
    await journal.closeCursor('closed');
    await journal.openCursor('retired');
    await journal.closeCursor('retired');
    await journal.retire('retired', {});
    for (const [from, to, words] of [
      ['unknown', 'free', /"unknown" was not renamed: there is none of that name/],
      ['open', 'free', /"open" was not renamed: it is in use/],
      ['closed', 'open', /there is one with the name "open" already/],
      ['closed', 'retired', /there is one with the name "retired" already/],
      ['closed', 'closed', /already/],
      ['closed', '', /1 to 2048 characters/],
    ] as const) {
      await assert.rejects(journal.rename(from, to), { name: 'JournalError', code: 'failed', message: words });
    }
    assert.deepEqual(names(journal).sort(), ['closed', 'open', 'retired']);
    await journal.rename('retired', 'free');
    assert.deepEqual(
      (await journal.orphans()).map(({ name }) => name),
      ['closed'],
      'a retired one stays so',
    );
  });
}
