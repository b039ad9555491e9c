/** Random histories, against a model that is a map. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { DeadLetter, DeadLetters, LetterKey } from '../../../src/journal/dead-letters.ts';
import type { LetterLimits } from '../../../src/journal/file/dead-letters/limits.ts';
import { memoryDeadLetters } from '../../../src/journal/memory/dead-letters.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { setting } from './harness.ts';
import { everything, keyOf, letter, sized } from './letters.ts';
import { Model } from './model.ts';

const MAX_AGE_MS = 10_000;
const LIMITS: LetterLimits = { maxAgeMs: MAX_AGE_MS, maxBytes: 2 ** 40 };

interface Real {
  letters: DeadLetters;
  readonly clock: FakeClock;
  /** Ends the process, in order or not, harms the files in a way that must not matter, and begins another. */
  reopen(how: Reopening): Promise<void>;
  /** What must hold whatever happened. */
  check?(): void;
}
type Reopening = 'close' | 'kill' | 'torn';
type Command = fc.AsyncCommand<{ model: Model; count: number }, Real>;

const delivery = fc.constantFrom('a', 'b', 'c');
const position = fc.integer({ min: 1, max: 8 });
const key = fc.record({ delivery, position });
const keys = fc.array(key, { minLength: 1, maxLength: 6 });

function command(name: string, run: (model: { model: Model; count: number }, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      await run(model, real);
      assert.deepEqual(await everything(real.letters), model.model.everything());
      real.check?.();
    },
    toString: () => name,
  };
}

/** Different each time. */
function made(state: { count: number }, real: Real, { delivery, position }: LetterKey, bytes: number): DeadLetter {
  state.count++;
  const base = bytes === 0 ? letter(position) : sized(position, bytes);
  return { ...base, delivery, attempts: state.count, at: real.clock.now() };
}

const put = fc
  .array(fc.array(fc.tuple(key, fc.constantFrom(0, 100, 3_000)), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((calls) =>
    command(`put ${JSON.stringify(calls)}`, async (state, real) => {
      const puts = calls.map((call) => call.map(([one, bytes]) => made(state, real, one, bytes)));
      await Promise.all(puts.map((letters) => real.letters.put(letters)));
      for (const letters of puts) state.model.put(letters);
    }),
  );
const retry = keys.map((chosen) =>
  command(`retry ${JSON.stringify(chosen)}`, async ({ model }, { letters }) => {
    const known = new Set(model.letters.map((one) => JSON.stringify(keyOf(one))));
    const wanted = new Map(chosen.map((one) => [JSON.stringify(keyOf(one)), keyOf(one)]));
    const expected = [...wanted].filter(([name]) => known.has(name)).map(([, one]) => one);
    assert.deepEqual(await letters.retry(chosen), expected);
    model.retry(chosen);
  }),
);
const remove = keys.map((chosen) =>
  command(`remove ${JSON.stringify(chosen)}`, async ({ model }, { letters }) => {
    await letters.remove(chosen);
    model.remove(chosen);
  }),
);
const rename = fc.tuple(delivery, delivery).map(([from, to]) =>
  command(`rename ${from} ${to}`, async ({ model }, { letters }) => {
    await letters.rename(from, to);
    model.rename(from, to);
  }),
);
const erase = position.map((chosen) =>
  command(`erase ${chosen}`, async ({ model }, { letters }) => {
    const erased = await letters.erase((entry) => entry.position === chosen);
    assert.equal(erased, model.removeWhere((one) => one.position === chosen).length);
  }),
);
const maintain = fc.constantFrom(0, 3_000, 9_000).map((ms) =>
  command(`maintain after ${ms} ms`, async ({ model }, { letters, clock }) => {
    await clock.advance(ms);
    const before = letters.status().expired;
    await letters.maintain();
    const gone = model.removeWhere(({ at }, retrying) => at < clock.now() - MAX_AGE_MS && !retrying);
    assert.equal(letters.status().expired - before, gone.length);
  }),
);
const reopen = fc
  .constantFrom<Reopening>('close', 'kill', 'torn')
  .map((how) => command(`reopen: ${how}`, (_, real) => real.reopen(how)));

function check(commands: fc.Arbitrary<Command>[], begin: () => Promise<Real>, numRuns: number): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: 'max' }), async (history) => {
      const real = await begin();
      await fc.asyncModelRun(() => ({ model: { model: new Model(), count: 0 }, real }), history);
    }),
    { numRuns },
  );
}

describe('any history of dead letters is as the model has it', () => {
  const common = [put, put, retry, remove, rename, erase, maintain];

  test('in memory', () =>
    check(
      common,
      async () => {
        const clock = new FakeClock();
        return { clock, letters: memoryDeadLetters(LIMITS, clock), reopen: () => assert.fail('nothing is left of it') };
      },
      100,
    ));

  test('on disk, across restarts, kills and torn ends', (t) =>
    check(
      [...common, reopen],
      async () => {
        const at = setting(t, { limits: LIMITS, segmentBytes: 9_000 });
        const { clock } = at;
        let store = await at.open();
        const real: Real = {
          clock,
          letters: store,
          async reopen(how) {
            await (how === 'close' ? store.close() : store.abandon());
            const last = at.files().at(-1) as string;
            if (how === 'torn') appendFileSync(last, Buffer.alloc(100, 'torn'));
            store = await at.open();
            assert.deepEqual(store.notes, []);
            real.letters = store;
          },
          check: () => {
            const { letters, bytes } = store.status();
            assert.equal(letters, store.list().length);
            assert.ok(bytes >= store.list().reduce((sum, one) => sum + one.bytes, 0));
          },
        };
        return real;
      },
      25,
    ));
});
