/** Random histories, against a model that is a list. */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { setting } from './file/harness.ts';
import {
  Append,
  Attempt,
  Close,
  Erase,
  GiveUp,
  Maintain,
  Model,
  Open,
  Orphans,
  Pass,
  Read,
  type Real,
  Rename,
  Reopen,
  type Reopening,
  Save,
  Seek,
  Tally,
} from './model.ts';

type Command = fc.AsyncCommand<Model, Real>;

const MINUTE_MS = 60_000;
const dedup = { windowMs: 3_600_000, maxIds: 1_000 };

const key = fc.option(fc.integer({ min: 0, max: 12 }).map(String), { nil: undefined });
const call = fc.array(fc.record({ key, bytes: fc.constantFrom(0, 10, 700, 3_000) }), { minLength: 1, maxLength: 3 });
const appends = fc.array(call, { minLength: 1, maxLength: 4 }).map((calls) => new Append(calls));
const name = fc.constantFrom('a', 'b', 'c');
const start = fc.oneof(fc.constantFrom('end' as const, 'beginning' as const), fc.integer({ min: 0, max: 20 }));
const saves = fc
  .tuple(name, fc.nat({ max: 6 }), fc.constantFrom('flush' as const, 'written' as const))
  .map((parts) => new Save(...parts));

const common: fc.Arbitrary<Command>[] = [
  appends,
  appends,
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 })).map((parts) => new Read(...parts)),
  fc.nat().map((from) => new Tally(from)),
  fc.integer({ min: -10, max: 20_000 }).map((ago) => new Seek(ago)),
  fc.constantFrom(1, 2, 3, 5).map((divisor) => new Erase(divisor)),
  fc.constantFrom(1, 1_000, 5_000, -3_000).map((ms) => new Pass(ms)),
  fc.tuple(name, start).map((parts) => new Open(...parts)),
  fc.tuple(name, start).map((parts) => new Open(...parts)),
  saves,
  saves,
  name.map((closed) => new Close(closed)),
  fc.tuple(name, fc.constantFrom('forget' as const, 'retire' as const)).map((parts) => new GiveUp(...parts)),
  fc.tuple(name, name).map((parts) => new Rename(...parts)),
  fc.constant(new Orphans()),
  fc.tuple(name, fc.constantFrom(null, 1, 2)).map((parts) => new Attempt(...parts)),
];
const reopenings = fc
  .constantFrom<Reopening>('stop', 'torn', 'without ids', 'without states', 'crash', 'crash')
  .map((how) => new Reopen(how));

function check(commands: fc.Arbitrary<Iterable<Command>>, begin: () => Promise<Real>, numRuns: number): Promise<void> {
  return fc.assert(
    fc.asyncProperty(commands, async (history) => {
      const real = await begin();
      try {
        await fc.asyncModelRun(() => ({ model: new Model(), real }), history);
      } finally {
        await real.journal.close();
      }
    }),
    { numRuns },
  );
}

describe('any history of', () => {
  test('the memory journal is as the model has it', () =>
    check(
      fc.commands(common, { maxCommands: 40 }),
      async () => {
        const clock = new FakeClock();
        return {
          journal: await openMemoryJournal({ dedup, clock }),
          clock,
          marks: false,
          cursors: new Map(),
          reopen: () => Promise.reject(new Error('a journal in memory is not opened again')),
          maintain: () => Promise.resolve(),
        };
      },
      150,
    ));

  test('the file journal is as the model has it, across restarts, crashes, torn ends and missing files', (t) =>
    check(
      fc.commands([...common, reopenings, reopenings, fc.constant(new Maintain())], { maxCommands: 30 }),
      () => beginOnDisk(t),
      60,
    ));
});

async function beginOnDisk(t: TestContext): Promise<Real> {
  const at = setting(t, { segmentBytes: 8_192, retention: { maxAgeMs: MINUTE_MS } });
  const real: Real = {
    journal: await at.open(),
    clock: at.clock,
    marks: true,
    cursors: new Map(),
    async reopen(how) {
      if (how === 'crash') await at.killed(real.journal);
      else await real.journal.close();
      const last = at.files('log').at(-1) as string;
      if (how === 'torn') appendFileSync(last, readFileSync(last).subarray(-200, -20));
      if (how === 'without ids') for (const path of at.files('ids')) rmSync(path);
      if (how === 'without states') for (const path of at.states()) rmSync(path);
      real.journal = await at.open();
    },
    async maintain() {
      at.clock.jump(MINUTE_MS);
      // It is done when it waits for its next time.
      await at.clock.advance(5_000);
      while (at.clock.pending === 0) await settle();
    },
  };
  return real;
}
