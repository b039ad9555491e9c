import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backoff } from '../../src/delivery/backoff.ts';
import { ByteBudget } from '../../src/delivery/budget.ts';
import { insertRegion, type Region, regionsOf, settle, untried } from '../../src/delivery/regions.ts';
import { carries, responsibility } from '../../src/delivery/responsibility.ts';
import type { CursorState, Range } from '../../src/journal/journal.ts';

describe('what is settled', () => {
  it('in any order moves the cursor over what has no gap, and leaves the gaps as regions', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 5 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(ranges, (picks) => {
        let state: CursorState = { cursor: 1, settled: [], counts: {} };
        const done = new Set<number>();
        for (const [from, length] of picks) {
          const range: Range = [from, from + length];
          state = settle(state, range, { n: done.size });
          for (let position = range[0]; position <= range[1]; position++) done.add(position);
          let cursor = 1;
          while (done.has(cursor)) cursor++;
          assert.equal(state.cursor, cursor);
          const regions = regionsOf(state);
          const open = (position: number) => regions.some(({ from: start, to }) => position >= start && position <= to);
          for (let position = 1; position <= 70; position++)
            assert.equal(open(position), !done.has(position), `${position}`);
          assert.equal(regions.at(-1)?.to, Number.POSITIVE_INFINITY);
          // Touching ranges are joined, so what is stored stays small.
          for (const [index, [start]] of state.settled.entries())
            assert.ok(start > (state.settled[index - 1]?.[1] ?? state.cursor) + 1 || index === 0);
        }
      }),
    );
  });

  it('regions are kept in order', () => {
    const regions: Region[] = [untried(10, Number.POSITIVE_INFINITY)];
    for (const from of [5, 1, 7]) insertRegion(regions, untried(from, from + 1));
    assert.deepEqual(
      regions.map(({ from }) => from),
      [1, 5, 7, 10],
    );
  });
});

describe('backoff', () => {
  const policy = {
    enabled: true,
    initialIntervalMs: 5000,
    randomizationFactor: 0.5,
    multiplier: 1.5,
    maxIntervalMs: 30_000,
    probeIntervalMs: 1,
  };
  it('grows from the initial interval to the largest, spread by the factor', () => {
    const middle = [1, 2, 3, 4, 5, 6, 100, 1e9].map((failures) => backoff(policy, failures, () => 0.5));
    assert.deepEqual(middle, [5000, 7500, 11_250, 16_875, 25_312.5, 30_000, 30_000, 30_000]);
    assert.equal(
      backoff(policy, 1, () => 0),
      2500,
    );
    assert.equal(
      backoff(policy, 1, () => 1),
      7500,
    );
  });
  it('is always a time that passes', () => {
    const settings = fc.record({
      enabled: fc.constant(true),
      initialIntervalMs: fc.integer({ min: 0, max: 1e9 }),
      randomizationFactor: fc.double({ min: 0, max: 1, noNaN: true }),
      multiplier: fc.double({ min: 1, max: 1e6, noNaN: true }),
      maxIntervalMs: fc.integer({ min: 0, max: 1e9 }),
      probeIntervalMs: fc.constant(1),
    });
    fc.assert(
      fc.property(
        settings,
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (given, failures, random) => {
          const wait = backoff(given, failures, () => random);
          assert.ok(Number.isFinite(wait) && wait >= 0 && wait <= 2 * given.maxIntervalMs, `${wait}`);
        },
      ),
    );
  });
});

describe('responsibility', () => {
  const where = { birth: 1, next: 100, cursor: 50 };
  it('of a new delivery begins at its birth', () => {
    assert.deepEqual(responsibility(undefined, ['a', 'b'], where), [
      { source: 'a', since: 1 },
      { source: 'b', since: 1 },
    ]);
  });
  it('ends for a receiver that leaves, and begins anew for one that comes or comes back', () => {
    const left = responsibility([{ source: 'a', since: 1 }], ['b'], where);
    assert.deepEqual(left, [
      { source: 'a', since: 1, before: 100 },
      { source: 'b', since: 100 },
    ]);
    assert.ok(carries(left, 'a', 99) && !carries(left, 'a', 100) && !carries(left, 'b', 99) && carries(left, 'b', 100));
    const back = responsibility(left, ['a'], { birth: 1, next: 200, cursor: 60 });
    assert.deepEqual(back, [
      { source: 'a', since: 1, before: 100 },
      { source: 'b', since: 100, before: 200 },
      { source: 'a', since: 200 },
    ]);
    assert.deepEqual(responsibility(back, ['a'], { birth: 1, next: 300, cursor: 250 }), [{ source: 'a', since: 200 }]);
  });
});

it('a budget says where more was given back than taken', () => {
  const budget = new ByteBudget(10);
  budget.take(12);
  assert.equal(budget.hasRoom, false);
  budget.give(12);
  assert.equal(budget.hasRoom, true);
  assert.throws(() => budget.give(1), /BUG/);
});
