/** What every engine of the journal promises. Each engine's own test calls this with its way of opening. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { AppendResult, Entry, Journal, NewEntry } from '../../src/journal/journal.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { cursorSuite } from './cursor-suite.ts';
import { entry, letterOf, numberOf, numbersIn, readAll, sized } from './entries.ts';

export interface SuiteOptions {
  readonly clock: FakeClock;
  readonly dedup: { readonly windowMs: number; readonly maxIds: number };
  readonly maxBytes?: number;
}

export interface Opened {
  readonly journal: Journal;
  readonly clock: FakeClock;
}

/** Also closes the journal when the test is over. */
type Open = (t: TestContext, options: SuiteOptions) => Promise<Journal>;

const HOUR_MS = 3_600_000;
const stored = (position: number): AppendResult => ({ kind: 'stored', position });
const duplicate = (position: number): AppendResult => ({ kind: 'duplicate', position });

export function journalSuite(engine: string, openJournal: Open): void {
  const open = async (t: TestContext, options: Partial<SuiteOptions> = {}): Promise<Opened> => {
    const clock = new FakeClock();
    const journal = await openJournal(t, { clock, dedup: { windowMs: HOUR_MS, maxIds: 1000 }, ...options });
    return { journal, clock };
  };

  describe(`the ${engine} journal`, () => {
    test('gives back every entry exactly, in order', async (t) => {
      const { journal } = await open(t);
      const text = fc.string({ unit: 'binary', maxLength: 20 });
      const arbitrary = fc.record({
        source: text,
        receivedAt: fc.oneof(fc.integer(), fc.double({ noNaN: true })),
        records: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        metadata: fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', '', '\ud800', 'constructor')), text),
        body: fc.uint8Array({ maxLength: 3000 }),
      });
      const all: NewEntry[] = [];
      await fc.assert(
        fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 5 }), async (entries) => {
          const first = all.length + 1;
          const results = await journal.append(entries);
          assert.deepEqual(
            results,
            entries.map((_, index) => stored(first + index)),
          );
          all.push(...entries);
        }),
        { numRuns: 20 },
      );
      const { entries, lost } = await readAll(journal);
      assert.deepEqual(lost, []);
      assert.equal(entries.length, all.length);
      for (const [index, { position, body, metadata, ...rest }] of entries.entries()) {
        const original = all[index] as NewEntry;
        assert.equal(position, index + 1);
        assert.deepEqual(
          { ...rest, body: Buffer.from(body) },
          {
            source: original.source,
            receivedAt: original.receivedAt,
            records: original.records,
            body: Buffer.from(original.body),
          },
        );
        assert.deepEqual(Object.entries(metadata), Object.entries(original.metadata));
      }
    });

    test('stores what is appended at the same time, each once, in the order of the calls', async (t) => {
      const { journal } = await open(t);
      const results = await Promise.all(Array.from({ length: 200 }, (_, number) => journal.append([entry(number)])));
      assert.deepEqual(
        results.flat(),
        Array.from({ length: 200 }, (_, number) => stored(number + 1)),
      );
      assert.deepEqual(
        await numbersIn(journal),
        Array.from({ length: 200 }, (_, number) => number),
      );
    });

    test('an append of nothing stores nothing', async (t) => {
      const { journal } = await open(t);
      assert.deepEqual(await journal.append([]), []);
      assert.equal(journal.status().next, 1);
    });

    test('read stops at its limits, and says where to go on', async (t) => {
      const { journal } = await open(t);
      await journal.append(Array.from({ length: 10 }, (_, number) => sized(number, 100)));
      const positions = async (from: number, limits: { maxEntries: number; maxBytes: number; to?: number }) => {
        const { entries, next, lost } = await journal.read(from, limits);
        assert.deepEqual(lost, []);
        return { positions: entries.map(({ position }) => position), next };
      };
      const many = 1_000_000;
      assert.deepEqual(await positions(1, { maxEntries: 3, maxBytes: many }), { positions: [1, 2, 3], next: 4 });
      assert.deepEqual(await positions(4, { maxEntries: many, maxBytes: 250 }), { positions: [4, 5], next: 6 });
      assert.deepEqual(await positions(6, { maxEntries: many, maxBytes: 1 }), { positions: [6], next: 7 });
      assert.deepEqual(await positions(7, { maxEntries: many, maxBytes: many, to: 8 }), { positions: [7, 8], next: 9 });
      assert.deepEqual(await positions(9, { maxEntries: many, maxBytes: many }), { positions: [9, 10], next: 11 });
      assert.deepEqual(await positions(11, { maxEntries: many, maxBytes: many }), { positions: [], next: 11 });
      assert.deepEqual(await positions(5, { maxEntries: many, maxBytes: many, to: 4 }), { positions: [], next: 5 });
      assert.deepEqual(await positions(20, { maxEntries: many, maxBytes: many }), { positions: [], next: 20 });
    });

    test('recognises a duplicate of what is stored, and stores nothing of it', async (t) => {
      const { journal } = await open(t);
      await journal.append([entry(1, { dedupKey: 'a' }), entry(2, { dedupKey: 'b' })]);
      assert.deepEqual(await journal.append([entry(3, { dedupKey: 'b' }), entry(4, { dedupKey: 'c' })]), [
        duplicate(2),
        stored(3),
      ]);
      assert.deepEqual(await journal.append([entry(5, { dedupKey: 'a' })]), [duplicate(1)]);
      assert.deepEqual(await numbersIn(journal), [1, 2, 4]);
      assert.equal(journal.status().duplicates, 2);
    });

    test('recognises a duplicate within one append and of one that is still being written', async (t) => {
      const { journal } = await open(t);
      const results = await Promise.all([
        journal.append([entry(1, { dedupKey: 'a' }), entry(2, { dedupKey: 'a' })]),
        journal.append([entry(3, { dedupKey: 'a' })]),
        journal.append([entry(4, { dedupKey: 'a' }), entry(5, { dedupKey: 'b' })]),
      ]);
      assert.deepEqual(results, [[stored(1), duplicate(1)], [duplicate(1)], [duplicate(1), stored(2)]]);
      assert.deepEqual(await numbersIn(journal), [1, 5]);
      assert.equal(journal.status().duplicates, 3);
    });

    test('keys that differ in anything are different, and without a key nothing is a duplicate', async (t) => {
      const { journal } = await open(t);
      const keys = ['', 'a', 'A', '\ud800', '\ud801', '\ufffd', '__proto__', undefined, undefined];
      const results = await journal.append(keys.map((dedupKey, number) => entry(number, { dedupKey })));
      assert.deepEqual(
        results,
        keys.map((_, index) => stored(index + 1)),
      );
    });

    test('forgets an id when the window has passed', async (t) => {
      const { journal, clock } = await open(t);
      await journal.append([entry(1, { dedupKey: 'a' })]);
      clock.jump(HOUR_MS - 1);
      assert.deepEqual(await journal.append([entry(2, { dedupKey: 'a' })]), [duplicate(1)]);
      clock.jump(1);
      assert.deepEqual(await journal.append([entry(3, { dedupKey: 'a' })]), [stored(2)]);
      assert.deepEqual(await journal.append([entry(4, { dedupKey: 'a' })]), [duplicate(2)]);
    });

    test('remembers the newest ids only, so many as it is told', async (t) => {
      const { journal } = await open(t, { dedup: { windowMs: HOUR_MS, maxIds: 3 } });
      await journal.append(['a', 'b', 'c', 'd'].map((dedupKey, number) => entry(number, { dedupKey })));
      assert.deepEqual(await journal.append([entry(5, { dedupKey: 'b' })]), [duplicate(2)]);
      assert.deepEqual(await journal.append([entry(6, { dedupKey: 'a' })]), [stored(5)]);
    });

    test('when full it refuses an append whole, and still answers for a duplicate', async (t) => {
      const { journal } = await open(t, { maxBytes: 100_000 });
      await journal.append([sized(1, 60_000)]);
      const refused = journal.append([sized(2, 1_000), sized(3, 60_000)]);
      await assert.rejects(refused, { name: 'JournalError', code: 'full' });
      assert.equal(journal.status().full, true);
      assert.deepEqual(await journal.append([sized(1, 60_000)]), [duplicate(1)]);
      assert.equal(journal.status().next, 2);
      assert.deepEqual(await journal.append([sized(2, 1_000)]), [stored(2)]);
      assert.equal(journal.status().full, false);
    });

    test('makes room of what every cursor has settled, and of nothing else', async (t) => {
      const { journal } = await open(t, { maxBytes: 1_000_000 });
      const quick = await journal.openCursor('logs -> quick');
      const slow = await journal.openCursor('logs -> slow');
      for (let number = 1; number <= 8; number++) await journal.append([sized(number, 100_000)]);
      quick.save({ cursor: 9, settled: [], counts: {} });
      await quick.flush();
      await assert.rejects(journal.append([sized(9, 400_000)]), { code: 'full' });
      assert.equal((await readAll(journal, slow.state.cursor)).entries.length, 8);
      slow.save({ cursor: 5, settled: [], counts: {} });
      await slow.flush();
      assert.deepEqual(await journal.append([sized(9, 300_000)]), [stored(9)]);
      const { entries, lost } = await readAll(journal, 5);
      assert.deepEqual(lost, []);
      assert.deepEqual(
        entries.map(({ position }) => position),
        [5, 6, 7, 8, 9],
      );
    });

    test('what is gone is reported as lost to those who ask for it', async (t) => {
      const { journal } = await open(t, { maxBytes: 1_000_000 });
      const cursor = await journal.openCursor('logs -> only');
      for (let number = 1; number <= 8; number++) await journal.append([sized(number, 100_000)]);
      cursor.save({ cursor: 9, settled: [], counts: {} });
      await cursor.flush();
      await journal.append([sized(9, 600_000)]);
      const { first } = journal.status();
      assert.ok(first > 1 && first <= 9);
      const { entries, lost, next } = await readAll(journal, 1);
      assert.deepEqual(lost, [[1, first - 1]]);
      assert.equal(entries[0]?.position, first);
      assert.equal(next, 10);
      assert.deepEqual(await journal.read(1, { maxEntries: 5, maxBytes: 5, to: 1 }), {
        entries: [],
        lost: [[1, 1]],
        next: 2,
      });
    });

    cursorSuite(open);

    test('tally counts the records of the sources asked for', async (t) => {
      const { journal } = await open(t);
      await journal.append([
        entry(1, { source: 'intercom', records: 1 }),
        entry(2, { source: 'otlp', records: 40 }),
        entry(3, { source: '__proto__', records: 300 }),
        entry(4, { source: 'intercom', records: 5_000 }),
      ]);
      assert.equal(await journal.tally({ from: 1, to: 5 }, ['intercom']), 5_001);
      assert.equal(await journal.tally({ from: 1, to: 4 }, ['intercom', 'otlp']), 41);
      assert.equal(await journal.tally({ from: 2, to: 99 }, ['__proto__', 'otlp']), 340);
      assert.equal(await journal.tally({ from: 5, to: 5 }, ['intercom']), 0);
      assert.equal(await journal.tally({ from: 1, to: 5 }, ['constructor']), 0);
    });

    test('seek finds the first entry that was stored at a time or later', async (t) => {
      const { journal, clock } = await open(t);
      const start = clock.now();
      assert.equal(await journal.seek(0), 1, 'nothing is stored: the tail');
      for (const [at, count] of [
        [0, 2],
        [1_000, 1],
        [5_000, 3],
      ] as const) {
        clock.jump(start + at - clock.now());
        await journal.append(Array.from({ length: count }, (_, number) => entry(number)));
      }
      const found = async (after: number) => journal.seek(start + after);
      assert.deepEqual(
        [await found(-9), await found(0), await found(1), await found(1_000), await found(4_000), await found(5_000)],
        [1, 1, 3, 3, 4, 4],
      );
      assert.equal(await found(5_001), 7);
      // The clock is set back: the first one counts, wherever it is.
      clock.jump(-3_000);
      await journal.append([entry(7)]);
      assert.deepEqual([await found(1_500), await found(2_000), await found(5_000), await found(5_001)], [4, 4, 4, 8]);
    });

    test('erases entries: their place, records and id stay, their bytes and metadata are gone', async (t) => {
      const { journal } = await open(t);
      await journal.append(
        [1, 2, 3, 4].map((number) =>
          entry(number, { records: number, dedupKey: `id ${number}`, body: Buffer.from(`by ${number % 2}`) }),
        ),
      );
      const isEven = ({ body, erased }: Entry) => {
        assert.ok(!erased, 'what is erased is not asked for again');
        return Buffer.from(body).toString() === 'by 0';
      };
      assert.deepEqual(await journal.erase(isEven), { entries: 2, letters: 0 });
      assert.deepEqual(await journal.erase(isEven), { entries: 0, letters: 0 });
      const { entries, lost } = await readAll(journal);
      assert.deepEqual(lost, []);
      assert.deepEqual(
        entries.map(({ position, records, source, receivedAt }) => ({ position, records, source, receivedAt })),
        [1, 2, 3, 4].map((number) => {
          const { source, receivedAt } = entry(number);
          return { position: number, records: number, source, receivedAt };
        }),
      );
      for (const { position, erased, body, metadata } of entries) {
        if (position % 2 === 1) assert.deepEqual([erased, Buffer.from(body).toString()], [undefined, 'by 1']);
        else assert.deepEqual([erased, body.length, metadata], [true, 0, {}]);
      }
      assert.deepEqual(await journal.append([entry(5, { dedupKey: 'id 2' })]), [duplicate(2)]);
      assert.equal(await journal.tally({ from: 1, to: 9 }, ['intercom']), 10);
      await journal.append([entry(5, { body: Buffer.from('by 0') })]);
      assert.deepEqual(await journal.erase(isEven), { entries: 1, letters: 0 });
    });

    test('erases the dead letters of entries as well', async (t) => {
      const { journal, clock } = await open(t);
      await journal.append([entry(1), entry(2)]);
      const { entries } = await journal.read(1, { maxEntries: 9, maxBytes: 999 });
      await journal.deadLetters.put(entries.map((entry) => letterOf(entry, 'only', clock.now())));
      assert.deepEqual(await journal.erase((entry) => numberOf(entry) === 2), { entries: 1, letters: 1 });
      assert.deepEqual(
        journal.deadLetters.list().map(({ position }) => position),
        [1],
      );
    });

    test('says where it stands', async (t) => {
      const { journal } = await open(t);
      const empty = journal.status();
      assert.deepEqual([empty.first, empty.next, empty.oldestEnd, empty.slowest], [1, 1, 1, null]);
      await journal.openCursor('only');
      await journal.append([entry(1), entry(2)]);
      const status = journal.status();
      assert.ok(status.oldestEnd > status.first && status.oldestEnd <= status.next, `${status.oldestEnd}`);
      assert.equal(status.slowest, 'only');
      assert.equal(status.syncs.counts.length, status.syncs.bounds.length + 1);
      assert.deepEqual(
        status.syncs.bounds,
        status.syncs.bounds.toSorted((a, b) => a - b),
      );
    });

    test('wait ends when there is something to read, when it is aborted, and when the journal closes', async (t) => {
      const { journal } = await open(t);
      const ended: string[] = [];
      const never = new AbortController();
      const aborted = new AbortController();
      const waiting = [
        journal.wait(1, never.signal).then(() => ended.push('first entry')),
        journal.wait(2, never.signal).then(() => ended.push('second entry')),
        journal.wait(9, aborted.signal).then(() => ended.push('aborted')),
        journal.wait(9, never.signal).then(() => ended.push('closed')),
      ];
      await settle();
      assert.deepEqual(ended, []);
      await journal.append([entry(1)]);
      await waiting[0];
      await journal.wait(1, never.signal);
      assert.deepEqual(ended, ['first entry']);
      await journal.append([entry(2)]);
      await waiting[1];
      aborted.abort();
      await waiting[2];
      await journal.wait(9, aborted.signal);
      assert.deepEqual(ended, ['first entry', 'second entry', 'aborted']);
      await journal.close();
      await Promise.all(waiting);
      assert.equal(ended.at(-1), 'closed');
      await journal.wait(9, never.signal);
    });

    test('close finishes what was appended before it and refuses everything after', async (t) => {
      const { journal } = await open(t);
      const before = journal.append([entry(1)]);
      const closing = journal.close();
      await assert.rejects(journal.append([entry(2)]), { name: 'JournalError', code: 'closed' });
      assert.deepEqual(await before, [stored(1)]);
      await Promise.all([closing, journal.close()]);
      await journal.close();
      await assert.rejects(journal.append([entry(3)]), { code: 'closed' });
      await assert.rejects(journal.read(1, { maxEntries: 1, maxBytes: 1 }), { code: 'closed' });
      await assert.rejects(journal.openCursor('late'), { code: 'closed' });
      await assert.rejects(journal.closeCursor('late'), { code: 'closed' });
      await assert.rejects(journal.rename('late', 'later'), { code: 'closed' });
      await assert.rejects(journal.retire('late', {}), { code: 'closed' });
      await assert.rejects(journal.seek(0), { code: 'closed' });
      await assert.rejects(
        journal.erase(() => true),
        { code: 'closed' },
      );
    });
  });
}
