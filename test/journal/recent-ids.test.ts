import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Digest, digestOf, ID_BYTES, RecentIds } from '../../src/journal/recent-ids.ts';

const WINDOW_MS = 1_000;
const MAX_IDS = 40;

interface Added {
  readonly key: string;
  readonly position: number;
  readonly storedAt: number;
}

/** The same, slowly. */
class Model {
  readonly #maxIds: number;
  added: Added[] = [];

  constructor(maxIds: number) {
    this.#maxIds = maxIds;
  }

  add(id: Added): void {
    while (this.added[0] && this.added[0].storedAt <= id.storedAt - WINDOW_MS) this.added.shift();
    this.added = [...this.added, id].slice(-this.#maxIds);
  }

  find(key: string, now: number): number | undefined {
    const last = this.added.findLast((id) => id.key === key);
    return last && now - last.storedAt < WINDOW_MS ? last.position : undefined;
  }
}

/** Keys become digests of which many want the same slots, at the end of a table too. */
function crowded(key: string): Digest {
  const digest = digestOf(key);
  const number = Number(key);
  return Uint32Array.of(
    [0, 7, 0xffff_ffff][number % 3] as number,
    64 * (number % 5),
    digest[2] as number,
    digest[3] as number,
  );
}

const step = fc.record({
  key: fc.integer({ min: 0, max: 60 }).map(String),
  /** Clocks may be set back, and may have fractions. */
  waitMs: fc.constantFrom(0, 0, 0, 1, 0.1, 30, 600, -400, -3e9, 70_000),
  /** Entries without an id lie between. */
  gap: fc.constantFrom(1, 1, 1, 2, 40_000, 2 ** 33),
});

for (const [name, digest] of Object.entries({ spread: digestOf, crowded })) {
  test(`recent ids are found exactly as long as they are within the window and among the newest, when digests are ${name}`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        let ids = new RecentIds({ windowMs: WINDOW_MS, maxIds: MAX_IDS });
        const model = new Model(MAX_IDS);
        let now = 5_000_000_000_000;
        let position = 0;
        for (const [index, { key, waitMs, gap }] of steps.entries()) {
          now += waitMs;
          position += gap;
          for (const probe of [key, String(index % 61)]) {
            assert.equal(ids.find(digest(probe), now), model.find(probe, now));
          }
          ids.add({ digest: digest(key), position, storedAt: now });
          model.add({ key, position, storedAt: now });
          assert.equal(ids.size, model.added.length);
          assert.equal(ids.oldestPosition, model.added[0]?.position);
          if (index % 97 === 96) {
            // As through a file and back.
            const copy = new RecentIds({ windowMs: Number.POSITIVE_INFINITY, maxIds: MAX_IDS });
            copy.load(ids.records(0, position - 5));
            copy.load(ids.records(position - 5, Number.POSITIVE_INFINITY));
            const records = copy.records(0, Number.POSITIVE_INFINITY);
            assert.deepEqual(
              storedIn(records),
              model.added.map(({ position: at, storedAt }) => [at, storedAt]),
            );
            ids = new RecentIds({ windowMs: WINDOW_MS, maxIds: MAX_IDS });
            ids.load(records);
            for (const id of model.added.splice(0)) model.add(id);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
}

function storedIn(records: Buffer): [position: number, storedAt: number][] {
  return Array.from({ length: records.length / ID_BYTES }, (_, index) => [
    records.readDoubleLE(index * ID_BYTES + 16),
    records.readDoubleLE(index * ID_BYTES + 24),
  ]);
}

test('recent ids grow and shrink with what there is to remember', () => {
  const ids = new RecentIds({ windowMs: WINDOW_MS, maxIds: 20_000 });
  let position = 0;
  let now = 1_000;
  const keyAt = (at: number) => digestOf(`id ${at}`);
  // Bursts fill them to the brim, quiet times empty them, so that places are used again.
  for (const [count, waitMs] of [
    ...[
      [25_000, 0],
      [10, 300],
      [5_000, 0.125],
      [3, 2_000],
    ],
    ...[
      [12_000, 0],
      [1, WINDOW_MS],
      [9_000, 0.25],
    ],
  ] as [number, number][]) {
    for (let i = 0; i < count; i++) {
      now += waitMs;
      ids.add({ digest: keyAt(++position), position, storedAt: now });
    }
    const { oldestPosition, size } = ids;
    assert.equal(oldestPosition + size - 1, position);
    for (let at = Math.max(1, oldestPosition - 500); at <= position; at += 7) {
      assert.equal(ids.find(keyAt(at), now), at >= oldestPosition ? at : undefined);
    }
    const from = oldestPosition + Math.floor(size / 3);
    const records = ids.records(from, position);
    assert.deepEqual(
      storedIn(records).map(([at]) => at),
      Array.from({ length: position - from }, (_, index) => from + index),
    );
  }
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
