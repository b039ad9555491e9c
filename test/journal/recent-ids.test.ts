import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digestOf, RecentIds } from '../../src/journal/recent-ids.ts';

const WINDOW_MS = 1_000;
const MAX_IDS = 40;

/** The same, slowly: the newest MAX_IDS additions, each as long as the window. */
class Model {
  added: { key: string; position: number; storedAt: number }[] = [];
  add(key: string, position: number, storedAt: number): void {
    this.added = [...this.added, { key, position, storedAt }].slice(-MAX_IDS);
  }
  find(key: string, now: number): number | undefined {
    const last = this.added.findLast((id) => id.key === key);
    return last && now - last.storedAt < WINDOW_MS ? last.position : undefined;
  }
}

test('recent ids are found exactly as long as they are within the window and among the newest', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 60 }).map(String),
    waitMs: fc.constantFrom(0, 0, 0, 1, 30, 600),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      let ids = new RecentIds({ windowMs: WINDOW_MS, maxIds: MAX_IDS });
      const model = new Model();
      let now = 5_000;
      for (const [index, { key, waitMs }] of steps.entries()) {
        now += waitMs;
        for (const probe of [key, String(index % 61)]) {
          assert.equal(ids.find(digestOf(probe), now), model.find(probe, now));
        }
        ids.add({ digest: digestOf(key), position: index + 1, storedAt: now });
        model.add(key, index + 1, now);
        if (index % 97 === 96) {
          // As through a file and back.
          const copy = new RecentIds({ windowMs: WINDOW_MS, maxIds: MAX_IDS });
          copy.load(ids.records(0, index - 5));
          copy.load(ids.records(index - 5, Number.POSITIVE_INFINITY));
          ids = copy;
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('recent ids grow far beyond their first size and forget in order', () => {
  const ids = new RecentIds({ windowMs: WINDOW_MS, maxIds: 30_000 });
  for (let position = 1; position <= 50_000; position++) {
    ids.add({ digest: digestOf(`id ${position}`), position, storedAt: 1 });
  }
  assert.equal(ids.size, 30_000);
  assert.equal(ids.oldestPosition, 20_001);
  for (let position = 1; position <= 50_000; position += 7) {
    assert.equal(ids.find(digestOf(`id ${position}`), 1), position > 20_000 ? position : undefined);
  }
});

test('with room for no ids none is remembered', () => {
  const ids = new RecentIds({ windowMs: WINDOW_MS, maxIds: 0 });
  ids.add({ digest: digestOf('a'), position: 1, storedAt: 1 });
  assert.equal(ids.find(digestOf('a'), 1), undefined);
});
