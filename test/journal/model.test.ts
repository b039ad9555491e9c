/** Random histories, against a model that is a list. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Journal, NewEntry } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { entry, numberOf } from './entries.ts';
import { setting } from './file/harness.ts';

/** What must be true. */
class Model {
  /** The number of the entry at each position from 1 on. */
  readonly numbers: number[] = [];
  readonly keys = new Map<string, number>();
  saved: number | undefined;
  count = 0;
}

interface Real {
  journal: Journal;
  cursor: Awaited<ReturnType<Journal['openCursor']>> | undefined;
  /** Closes or kills, harms the files in a way that must not matter, and opens again. */
  reopen(how: Reopening): Promise<void>;
}
type Reopening = 'stop' | 'torn' | 'without ids' | 'without states';
type Command = fc.AsyncCommand<Model, Real>;

const key = fc.option(fc.integer({ min: 0, max: 12 }).map(String), { nil: undefined });

class Append implements Command {
  readonly calls: readonly (readonly { key: string | undefined; bytes: number }[])[];
  constructor(calls: Append['calls']) {
    this.calls = calls;
  }
  check = () => true;
  async run(model: Model, { journal }: Real): Promise<void> {
    const batches: NewEntry[][] = this.calls.map((call) =>
      call.map(({ key: dedupKey, bytes }) =>
        entry(++model.count, { dedupKey, body: Buffer.alloc(bytes, model.count) }),
      ),
    );
    const results = await Promise.all(batches.map((batch) => journal.append(batch)));
    for (const [at, { dedupKey, metadata }] of batches.flat().entries()) {
      const known = dedupKey === undefined ? undefined : model.keys.get(dedupKey);
      const position = known ?? model.numbers.push(Number(metadata.number));
      if (dedupKey !== undefined) model.keys.set(dedupKey, position);
      assert.deepEqual(results.flat()[at], { kind: known === undefined ? 'stored' : 'duplicate', position });
    }
  }
  toString = () => `append ${JSON.stringify(this.calls)}`;
}

class Read implements Command {
  readonly from: number;
  readonly maxEntries: number;
  constructor(from: number, maxEntries: number) {
    this.from = from;
    this.maxEntries = maxEntries;
  }
  check = () => true;
  async run(model: Model, { journal }: Real): Promise<void> {
    const from = 1 + (this.from % (model.numbers.length + 1));
    const { entries, next, lost } = await journal.read(from, { maxEntries: this.maxEntries, maxBytes: 1_000_000 });
    const { first } = journal.status();
    assert.deepEqual(lost, from < first ? [[from, first - 1]] : []);
    const start = Math.max(from, first);
    const expected = model.numbers.slice(start - 1, start - 1 + this.maxEntries);
    assert.deepEqual(entries.map(numberOf), expected);
    assert.equal(next, start + expected.length);
    for (const { body, metadata } of entries) assert.ok(body.every((byte) => byte === Number(metadata.number) % 256));
  }
  toString = () => `read ${this.from} ${this.maxEntries}`;
}

class Save implements Command {
  readonly step: number;
  constructor(step: number) {
    this.step = step;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    real.cursor ??= await real.journal.openCursor('only', { start: 'beginning' });
    const { cursor } = real.cursor.state;
    assert.equal(cursor, model.saved ?? 1);
    model.saved = Math.min(model.numbers.length + 1, cursor + this.step);
    real.cursor.save({ cursor: model.saved, settled: [], counts: { settled: model.saved - 1 } });
    await real.cursor.flush();
    assert.equal(real.cursor.state.counts.settled, model.saved - 1);
  }
  toString = () => `save +${this.step}`;
}

class Tally implements Command {
  readonly from: number;
  constructor(from: number) {
    this.from = from;
  }
  check = () => true;
  async run(model: Model, { journal }: Real): Promise<void> {
    const from = Math.max(1 + (this.from % (model.numbers.length + 1)), journal.status().first);
    const to = model.numbers.length + 1;
    assert.equal(await journal.tally({ from, to }, ['intercom']), to - from);
  }
  toString = () => `tally ${this.from}`;
}

class Reopen implements Command {
  readonly how: Reopening;
  constructor(how: Reopening) {
    this.how = how;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    await real.reopen(this.how);
    if (this.how === 'without states' && model.saved !== undefined) {
      real.cursor = await real.journal.openCursor('only');
      assert.ok(real.cursor.state.cursor <= model.saved);
      model.saved = real.cursor.state.cursor;
    }
    assert.equal(real.journal.status().next, model.numbers.length + 1);
  }
  toString = () => `reopen: ${this.how}`;
}

const call = fc.array(fc.record({ key, bytes: fc.constantFrom(0, 10, 700, 3_000) }), { minLength: 1, maxLength: 3 });
const common = [
  fc.array(call, { minLength: 1, maxLength: 4 }).map((calls) => new Append(calls)),
  fc.array(call, { minLength: 1, maxLength: 4 }).map((calls) => new Append(calls)),
  fc
    .record({ from: fc.nat(), maxEntries: fc.integer({ min: 1, max: 9 }) })
    .map((read) => new Read(read.from, read.maxEntries)),
  fc.nat({ max: 6 }).map((step) => new Save(step)),
  fc.nat().map((from) => new Tally(from)),
];

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
  const dedup = { windowMs: 3_600_000, maxIds: 1_000 };

  test('the memory journal is as the model has it', () =>
    check(
      fc.commands(common, { maxCommands: 30 }),
      async () => ({
        journal: await openMemoryJournal({ dedup, clock: new FakeClock() }),
        cursor: undefined,
        reopen: () => assert.fail('a journal in memory is not opened again'),
      }),
      100,
    ));

  test('the file journal is as the model has it, across restarts, torn ends and missing derived files', (t) =>
    check(
      fc.commands(
        [
          ...common,
          fc.constantFrom<Reopening>('stop', 'torn', 'without ids', 'without states').map((how) => new Reopen(how)),
        ],
        { maxCommands: 20 },
      ),
      () => beginOnDisk(t),
      60,
    ));
});

async function beginOnDisk(t: TestContext): Promise<Real> {
  const at = setting(t, { segmentBytes: 8_192 });
  const real: Real = {
    journal: await at.open(),
    cursor: undefined,
    async reopen(how) {
      const known = real.cursor !== undefined;
      await real.journal.close();
      const last = at.files('log').at(-1) as string;
      if (how === 'torn') appendFileSync(last, readFileSync(last).subarray(-200, -20));
      if (how === 'without ids') for (const path of at.files('ids')) rmSync(path);
      if (how === 'without states') for (const path of at.states()) rmSync(path);
      assert.ok(existsSync(last));
      real.journal = await at.open();
      real.cursor = known && how !== 'without states' ? await real.journal.openCursor('only') : undefined;
    },
  };
  return real;
}
