import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backoff } from '../../src/delivery/backoff.ts';
import { ByteBudget } from '../../src/delivery/budget.ts';
import { Ledger } from '../../src/delivery/ledger.ts';
import { Lot } from '../../src/delivery/lot.ts';
import { Pace } from '../../src/delivery/pace.ts';
import { halves, insertRegion, joined, type Region, regionsOf, settle, untried } from '../../src/delivery/regions.ts';
import { carries, responsibility } from '../../src/delivery/responsibility.ts';
import type { CursorState, Range } from '../../src/journal/journal.ts';
import { latch } from '../support/latch.ts';

describe('what is settled', () => {
  it('in any order moves the cursor over what has no gap, and leaves the gaps as regions', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 5 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(ranges, (picks) => {
        let state: Pick<CursorState, 'cursor' | 'settled'> = { cursor: 1, settled: [] };
        const done = new Set<number>();
        for (const [from, length] of picks) {
          const range: Range = [from, from + length];
          state = settle(state, range);
          for (let position = range[0]; position <= range[1]; position++) done.add(position);
          let cursor = 1;
          while (done.has(cursor)) cursor++;
          assert.equal(state.cursor, cursor);
          const regions = regionsOf({ ...state, counts: {} });
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

  it('is bounded for a replay, and what was on its way at a crash is marked, position by position', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 9 }))
      .map(([from, more]): Range => [from, from + more]);
    const ends = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 45 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), fc.array(range, { maxLength: 6 }), ends, (done, sent, end) => {
        let state: Pick<CursorState, 'cursor' | 'settled'> = { cursor: 1, settled: [] };
        for (const one of done) state = settle(state, one);
        const within = (ranges: readonly Range[], position: number) =>
          ranges.some(([from, to]) => position >= from && position <= to);
        const regions = regionsOf({ ...state, counts: {}, inFlight: joined(sent, 256) }, end);
        for (let position = 1; position <= 60; position++) {
          const found = regions.filter(({ from, to }) => position >= from && position <= to);
          const isOpen = position < end && !within(done, position);
          assert.equal(found.length, isOpen ? 1 : 0, `position ${position}`);
          assert.equal(found[0]?.ambiguous ?? false, isOpen && within(sent, position), `position ${position}`);
        }
        for (const { from, to } of regions) assert.ok(from <= to);
      }),
    );
  });

  it('ranges beyond a limit are joined over the narrowest gaps: they say too much rather than too little', () => {
    const ranges: Range[] = [
      [50, 51],
      [1, 2],
      [4, 5],
      [3, 3],
      [20, 21],
      [23, 30],
    ];
    assert.deepEqual(joined(ranges, 10), [
      [1, 5],
      [20, 21],
      [23, 30],
      [50, 51],
    ]);
    assert.deepEqual(joined(ranges, 2), [
      [1, 30],
      [50, 51],
    ]);
  });

  it('halves of a lot have the same number of entries, wherever those stand', () => {
    const lot = new Lot({ from: 10 });
    const entry = (position: number) => ({
      position,
      source: 'in',
      receivedAt: 0,
      records: 1,
      metadata: {},
      body: Buffer.alloc(0),
    });
    const record = {} as Parameters<typeof lot.add>[1][number];
    for (const position of [11, 900, 901, 902]) lot.add(entry(position), [record], 1);
    lot.add(entry(1000), [], 0);
    assert.deepEqual(
      halves({ ...untried(lot.from, lot.to) }, lot.middle).map(({ from, to }) => [from, to]),
      [
        [10, 900],
        [901, 1000],
      ],
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
    maxElapsedMs: 0,
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
      maxElapsedMs: fc.constant(0),
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

it('a ledger counts an entry once, whether it was told of before, while or after it counted what is pending', async () => {
  const ledger = new Ledger({});
  const gate = latch();
  const count = async ({ from, to }: { from: number; to: number }) => {
    await gate.promise;
    return to - from;
  };
  ledger.arrived(3, 1);
  const counted = ledger.recount(5, [{ from: 1, to: Number.POSITIVE_INFINITY }], count);
  // It was stored before the counting began, and is told of now.
  assert.equal(ledger.arrived(4, 1), false);
  assert.equal(ledger.arrived(5, 1), true);
  gate.open();
  await counted;
  assert.equal(ledger.pending, 5);
  assert.equal(ledger.arrived(2, 1), false);
  assert.equal(ledger.arrived(6, 1), true);
  assert.equal(ledger.pending, 6);
});

it('a pace spreads records over time, without saving up what was not used', () => {
  const pace = new Pace(10);
  assert.equal(pace.waitMs(0), 0);
  pace.sent(20, 0);
  assert.equal(pace.waitMs(500), 1500);
  assert.equal(pace.waitMs(60_000), 0);
  pace.sent(1, 60_000);
  assert.equal(pace.waitMs(60_000), 100);
  const free = new Pace();
  free.sent(1e6, 0);
  assert.equal(free.waitMs(0), 0);
});

it('a budget says where more was given back than taken', () => {
  const budget = new ByteBudget(10);
  budget.take(12);
  assert.equal(budget.hasRoom, false);
  budget.give(12);
  assert.equal(budget.hasRoom, true);
  assert.throws(() => budget.give(1), /BUG/);
});
