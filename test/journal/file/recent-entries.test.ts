import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RecentEntries } from '../../../src/journal/file/recent-entries.ts';
import type { Entry } from '../../../src/journal/journal.ts';
import { entry, readAll, sized } from '../entries.ts';
import { setting } from './harness.ts';

const LIMITS = { maxEntries: 10, maxBytes: 1000 };

const at = (position: number, bytes: number): Entry => {
  const { dedupKey: _, ...rest } = sized(position, bytes);
  return { ...rest, position };
};

describe('the last entries', () => {
  test('are read as they would be from the disk, as far as they are there', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        ...[sizes, fc.integer({ min: 1, max: 100 }), fc.nat({ max: 70 }), fc.nat({ max: 70 })],
        fc.record({ maxEntries: fc.integer({ min: 1, max: 20 }), maxBytes: fc.nat({ max: 300 }) }),
        (given, first, from, length, limits) => {
          const recent = new RecentEntries(400);
          const all = given.map((bytes, index) => at(first + index, bytes));
          for (const one of all) recent.put(one);
          const end = Math.min(first + given.length, first + from + length);
          const result = recent.read(first + from, end, limits);
          if (!result) return;
          const wanted: Entry[] = [];
          for (const one of all.filter(({ position }) => position >= first + from && position < end)) {
            const bytes = [...wanted, one].reduce((sum, { body }) => sum + body.length, 0);
            if (wanted.length === limits.maxEntries || (wanted.length > 0 && bytes > limits.maxBytes)) break;
            wanted.push(one);
          }
          assert.deepEqual(result, { entries: wanted, next: first + from + wanted.length, lost: [] });
        },
      ),
    );
  });

  test('are so many, or so many bytes, and the newest always', () => {
    const recent = new RecentEntries(1000);
    for (let position = 1; position <= 500; position++) recent.put(at(position, 1));
    assert.equal(recent.read(372, 501, LIMITS), undefined);
    assert.equal(recent.read(373, 501, LIMITS)?.entries.length, 10);
    for (let position = 501; position <= 510; position++) recent.put(at(position, 300));
    assert.equal(recent.read(507, 511, LIMITS), undefined);
    assert.equal(recent.read(508, 511, LIMITS)?.entries.length, 3);
    recent.put(at(511, 5000));
    assert.equal(recent.read(511, 512, LIMITS)?.entries.length, 1);
    assert.equal(recent.read(512, 512, LIMITS), undefined);
  });

  test('have no gap: after one they begin anew', () => {
    const recent = new RecentEntries(1000);
    for (const position of [1, 2, 5, 6]) recent.put(at(position, 1));
    assert.equal(recent.read(1, 7, LIMITS), undefined);
    assert.deepEqual(
      recent.read(5, 7, LIMITS)?.entries.map(({ position }) => position),
      [5, 6],
    );
  });
});

describe('a file journal with its last entries in memory', () => {
  test('gives what it gives from the disk', async (t) => {
    const scene = setting(t, { recentBytes: 1_000_000 });
    const journal = await scene.open();
    for (let number = 1; number <= 300; number += 3) {
      await journal.append([entry(number), sized(number + 1, 50), entry(number + 2)]);
      await readAll(journal, Math.max(1, number - 20));
    }
    const fromMemory = await readAll(journal, 200);
    await journal.close();
    const again = await scene.open();
    assert.deepEqual(fromMemory, await readAll(again, 200));
  });

  test('gives nothing of what was erased', async (t) => {
    const journal = await setting(t, { recentBytes: 1_000_000 }).open();
    await journal.append([entry(1), entry(2)]);
    await journal.erase(({ position }) => position === 2);
    const { entries } = await readAll(journal);
    assert.deepEqual(
      entries.map(({ erased, body }) => [erased, body.length]),
      [
        [undefined, entry(1).body.length],
        [true, 0],
      ],
    );
  });
});
