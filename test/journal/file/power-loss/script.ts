/** What a life does, step by step: made up by fast-check, or written down. */
import fc from 'fast-check';
import type { Cause, DeadLetter } from '../../../../src/journal/dead-letters.ts';
import type { Entry, NewEntry } from '../../../../src/journal/journal.ts';
import { entry, numberOf } from '../../entries.ts';
import type { Life } from './life.ts';
import type { Operation } from './memory-disk.ts';

export type Step =
  /** Appends that are called at the same time. Not waited for: the script goes on. */
  | { readonly do: 'append'; readonly calls: readonly (readonly NewOne[])[]; readonly wait: boolean }
  /** The cursor moves on by so many entries; `ahead`: and has one settled beyond the next. */
  | {
      readonly do: 'settle';
      readonly cursor: Name;
      readonly by: number;
      readonly ahead: boolean;
      readonly until: Until;
    }
  /** The next entries at the cursor become dead letters, then the cursor moves past them. */
  | { readonly do: 'bury'; readonly cursor: Name; readonly count: number; readonly until: Until }
  /** The oldest dead letters are to be sent again, or are removed. */
  | { readonly do: 'retry' | 'remove'; readonly count: number }
  | { readonly do: 'open'; readonly cursor: Name; readonly start: 'end' | 'beginning' | 'next to last' }
  | { readonly do: 'close' | 'forget' | 'retire'; readonly cursor: Name }
  | { readonly do: 'rename'; readonly cursor: Name; readonly to: Name }
  | { readonly do: 'erase'; readonly every: number }
  | { readonly do: 'maintain dead letters' }
  | { readonly do: 'pass'; readonly ms: number }
  /** The volume has room for so many more bytes. */
  | { readonly do: 'fill'; readonly room: number }
  | { readonly do: 'make room' }
  /** The next such operation on such a file fails with EIO. */
  | { readonly do: 'fail'; readonly operation: Operation; readonly on: string }
  | { readonly do: 'restart' };

/** An entry that is to be appended. */
interface NewOne {
  readonly key: string | undefined;
  readonly bytes: number;
}

/** What the script waits for before it goes on. */
type Until = 'go on' | 'written' | 'flush';
export type Name = 'logs -> a' | 'logs -> b' | 'logs -> ../c';

/** Runs the steps that make sense where they come, and leaves the journal open. */
export async function run(life: Life, script: readonly Step[]): Promise<void> {
  for (const step of script) await runStep(life, step);
}

async function runStep(life: Life, step: Step): Promise<void> {
  const { disk, clock, journal } = life;
  switch (step.do) {
    case 'append': {
      let number = life.facts.entries.size;
      const calls = step.calls.map((call) => call.map((one) => newEntry(++number, one)));
      const appends = Promise.all(calls.map((entries) => life.append(entries))).then(() => {});
      return step.wait ? appends : life.meanwhile(appends);
    }
    case 'settle': {
      const cursor = life.cursors.get(step.cursor);
      if (!cursor) return;
      const { next } = journal.status();
      const to = Math.min(next, cursor.state.cursor + step.by);
      const settled = step.ahead && to + 1 < next ? [[to + 1, to + 1] as const] : [];
      // Longer than a sector, so that it can be torn.
      const memo = step.ahead ? { last: 'what the backend said '.repeat(40) } : undefined;
      life.save(cursor, { cursor: to, settled, counts: { delivered: to + settled.length }, memo });
      return follow(life, step.cursor, step.until);
    }
    case 'bury': {
      const cursor = life.cursors.get(step.cursor);
      if (!cursor) return;
      const { entries, next } = await journal.read(cursor.state.cursor, { maxEntries: step.count, maxBytes: 100_000 });
      if (entries.length === 0) return;
      const letters = entries.map((entry) => letterOf(step.cursor, entry, clock.now()));
      const refusals = life.refusals;
      await life.put(letters);
      // A delivery whose letters were refused holds.
      if (life.refusals > refusals) return;
      life.save(cursor, { cursor: next, settled: [], counts: { dead_lettered: letters.length } });
      return follow(life, step.cursor, step.until);
    }
    case 'retry':
    case 'remove': {
      const letters = journal.deadLetters.list().slice(0, step.count);
      const keys = letters.map(({ delivery, position }) => ({ delivery, position }));
      if (keys.length === 0) return;
      return step.do === 'retry' ? life.retry(keys) : life.remove(keys);
    }
    case 'open': {
      if (life.cursors.has(step.cursor)) return;
      const { first, next } = journal.status();
      const start = step.start === 'next to last' ? Math.max(first, next - 1) : step.start;
      return life.openCursor(step.cursor, start);
    }
    case 'close':
      return life.cursors.has(step.cursor) ? life.closeCursor(step.cursor) : undefined;
    case 'forget':
    case 'retire':
      if (!isClosed(life, step.cursor)) return;
      return step.do === 'forget' ? life.forget(step.cursor) : life.retire(step.cursor, { expired: 1 });
    case 'rename':
      if (!isClosed(life, step.cursor) || isKnown(life, step.to)) return;
      return life.rename(step.cursor, step.to);
    case 'erase': {
      // Of what is still being written nobody knows whether it is there to be erased.
      const numbers = [...life.facts.promised.values()].filter((number) => number % step.every === 0);
      return life.erase(numbers);
    }
    case 'maintain dead letters':
      return journal.deadLetters.maintain();
    case 'pass':
      clock.jump(Math.max(0, step.ms - 6_000));
      await clock.advance(Math.min(step.ms, 6_000));
      return disk.idle();
    case 'fill':
      life.trouble = true;
      disk.capacity = disk.bytes + step.room;
      return;
    case 'make room':
      disk.capacity = Number.POSITIVE_INFINITY;
      return;
    case 'fail':
      life.trouble = true;
      disk.before = (operation, path) => {
        if (operation !== step.operation || !path.endsWith(step.on)) return;
        disk.before = () => {};
        throw Object.assign(new Error(`EIO: ${operation}`), { code: 'EIO' });
      };
      return;
    case 'restart':
      await life.close();
      disk.before = () => {};
      disk.capacity = Number.POSITIVE_INFINITY;
      return life.open();
  }
}

async function follow(life: Life, name: Name, until: Until): Promise<void> {
  const cursor = life.cursors.get(name);
  if (!cursor || until === 'go on') return;
  return until === 'written' ? life.written(cursor) : life.flush(cursor);
}

function isKnown(life: Life, name: Name): boolean {
  return life.journal.cursors().some((cursor) => cursor.name === name);
}
function isClosed(life: Life, name: Name): boolean {
  return isKnown(life, name) && !life.cursors.has(name);
}

function newEntry(number: number, { key, bytes }: NewOne): NewEntry {
  const body = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) body[at] = (number * 31 + at * 7) % 256;
  return entry(number, { dedupKey: key, body, records: 1 + (number % 3) });
}

const CAUSE: Cause = { kind: 'rejected', summary: 'the backend refused it', status: 400, body: 'no such field' };

function letterOf(delivery: string, entry: Entry, at: number): DeadLetter {
  const sent = numberOf(entry) % 2 === 0 ? Buffer.from(`{"resourceLogs":[${numberOf(entry)}]}`) : undefined;
  return { delivery, position: entry.position, entry, sent, cause: CAUSE, at, attempts: 1 };
}

const name = fc.constantFrom<Name>('logs -> a', 'logs -> b', 'logs -> ../c');
const until = fc.constantFrom<Until>('go on', 'written', 'flush');
const one = fc.record({
  key: fc.option(fc.integer({ min: 0, max: 9 }).map(String), { nil: undefined }),
  bytes: fc.constantFrom(0, 10, 700, 3_000),
});
const calls = fc.array(fc.array(one, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
const start = fc.constantFrom('end' as const, 'beginning' as const, 'next to last' as const);
const operation = fc.constantFrom<Operation>(
  'write',
  'sync',
  'sync',
  'create',
  'truncate',
  'rename',
  'unlink',
  'syncDirectory',
);

function step<const Do extends Step['do'], Rest>(what: Do, rest: fc.Arbitrary<Rest>): fc.Arbitrary<{ do: Do } & Rest> {
  return rest.map((fields) => ({ do: what, ...fields }));
}

const soundSteps: fc.WeightedArbitrary<Step>[] = [
  { weight: 8, arbitrary: step('append', fc.record({ calls, wait: fc.boolean() })) },
  {
    weight: 5,
    arbitrary: step('settle', fc.record({ cursor: name, by: fc.nat({ max: 9 }), ahead: fc.boolean(), until })),
  },
  { weight: 3, arbitrary: step('bury', fc.record({ cursor: name, count: fc.integer({ min: 1, max: 3 }), until })) },
  { weight: 1, arbitrary: step('remove', fc.record({ count: fc.integer({ min: 1, max: 3 }) })) },
  { weight: 1, arbitrary: step('retry', fc.record({ count: fc.integer({ min: 1, max: 3 }) })) },
  { weight: 4, arbitrary: step('open', fc.record({ cursor: name, start })) },
  { weight: 1, arbitrary: step('close', fc.record({ cursor: name })) },
  { weight: 1, arbitrary: step('forget', fc.record({ cursor: name })) },
  { weight: 1, arbitrary: step('retire', fc.record({ cursor: name })) },
  { weight: 1, arbitrary: step('rename', fc.record({ cursor: name, to: name })) },
  { weight: 1, arbitrary: step('erase', fc.record({ every: fc.integer({ min: 1, max: 4 }) })) },
  { weight: 1, arbitrary: fc.constant({ do: 'maintain dead letters' } as const) },
  { weight: 3, arbitrary: step('pass', fc.record({ ms: fc.constantFrom(1_000, 6_000, 600_000, 4_000_000) })) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' } as const) },
];
const faultySteps: fc.WeightedArbitrary<Step>[] = [
  { weight: 2, arbitrary: step('fill', fc.record({ room: fc.constantFrom(0, 300, 5_000) })) },
  { weight: 2, arbitrary: fc.constant({ do: 'make room' } as const) },
  { weight: 2, arbitrary: step('fail', fc.record({ operation, on: fc.constantFrom('.log', '.state', '') })) },
];

const small: NewOne = { key: undefined, bytes: 100 };
const keyed = (key: number, bytes = 700): NewOne => ({ key: String(key), bytes });

const prelude: readonly Step[] = [
  { do: 'append', calls: [[keyed(1), small], [keyed(2, 3_000)]], wait: true },
  { do: 'open', cursor: 'logs -> a', start: 'beginning' },
  { do: 'open', cursor: 'logs -> b', start: 'end' },
];

function after(beginning: readonly Step[], steps: fc.WeightedArbitrary<Step>[]): fc.Arbitrary<Step[]> {
  return fc.array(fc.oneof(...steps), { maxLength: 20, size: 'max' }).map((rest) => [...beginning, ...rest]);
}

/** Scripts on a disk that does as it is told, and on one that fails and runs full. */
export const soundScript = after(prelude, soundSteps);
export const faultyScript = after(prelude, [...soundSteps, ...faultySteps]);

/** Each kind of failure by itself, and what may go on after it. */
export const failures: readonly (readonly Step[])[] = [
  ...['write', 'sync', 'truncate'].map((operation) =>
    ['.log', '.log.new', '.ids.new', '.state', '.state.new', ''].map((on) => [operation, on]),
  ),
  [
    ['create', '.new'],
    ['rename', '.log'],
    ['rename', '.ids'],
    ['rename', '.state'],
    ['unlink', '.log'],
    ['unlink', ''],
    ['syncDirectory', ''],
  ],
]
  .flat()
  .map(([operation, on]) => ({ do: 'fail', operation, on }) as Step)
  .concat([0, 300, 1_500, 4_000].map((room) => ({ do: 'fill', room })))
  .map((failure) => [
    ...prelude,
    failure,
    { do: 'append', calls: [[small], [keyed(3), small], [keyed(4, 3_000)]], wait: true },
    { do: 'settle', cursor: 'logs -> a', by: 2, ahead: true, until: 'flush' },
    { do: 'append', calls: [[keyed(3), small], [small]], wait: false },
    { do: 'bury', cursor: 'logs -> a', count: 1, until: 'flush' },
    { do: 'settle', cursor: 'logs -> b', by: 9, ahead: false, until: 'flush' },
    { do: 'make room' },
    { do: 'pass', ms: 6_000 },
    { do: 'append', calls: [[keyed(4, 3_000)], [keyed(5, 3_000)]], wait: true },
    { do: 'settle', cursor: 'logs -> a', by: 9, ahead: false, until: 'go on' },
  ]);

/** The cursor creeps on while room is made right behind it. */
const creep: readonly Step[] = Array.from({ length: 20 }, (_, at) => [
  {
    do: 'settle',
    cursor: 'logs -> ../c',
    by: 1,
    ahead: at % 2 === 0,
    until: at % 3 === 0 ? 'flush' : 'go on',
  } as const,
  { do: 'append', calls: [[small, keyed(12 + at, 4_000)]], wait: true } as const,
]).flat();

/** Everything that a journal does, once at least. */
export const grandTour: readonly Step[] = [
  { do: 'append', calls: [[small], [keyed(1), small], [keyed(1)]], wait: true },
  { do: 'open', cursor: 'logs -> a', start: 'beginning' },
  { do: 'open', cursor: 'logs -> b', start: 'end' },
  { do: 'append', calls: [[keyed(2, 3_000)], [keyed(3, 3_000), keyed(2)]], wait: false },
  { do: 'settle', cursor: 'logs -> a', by: 2, ahead: true, until: 'go on' },
  { do: 'append', calls: [[keyed(4, 3_000)], [keyed(5, 3_000)], [keyed(6, 3_000)]], wait: true },
  { do: 'settle', cursor: 'logs -> b', by: 3, ahead: false, until: 'flush' },
  { do: 'bury', cursor: 'logs -> a', count: 2, until: 'go on' },
  { do: 'pass', ms: 6_000 },
  { do: 'append', calls: [[keyed(4)], [keyed(7, 3_000), small], [small]], wait: false },
  { do: 'open', cursor: 'logs -> ../c', start: 'next to last' },
  { do: 'settle', cursor: 'logs -> a', by: 9, ahead: false, until: 'written' },
  { do: 'settle', cursor: 'logs -> b', by: 9, ahead: false, until: 'go on' },
  { do: 'settle', cursor: 'logs -> ../c', by: 9, ahead: false, until: 'flush' },
  { do: 'pass', ms: 600_000 },
  { do: 'append', calls: [[keyed(8, 3_000)], [keyed(9, 3_000)]], wait: true },
  { do: 'bury', cursor: 'logs -> b', count: 2, until: 'flush' },
  { do: 'retry', count: 2 },
  { do: 'remove', count: 1 },
  { do: 'close', cursor: 'logs -> ../c' },
  { do: 'retire', cursor: 'logs -> ../c' },
  { do: 'erase', every: 3 },
  { do: 'close', cursor: 'logs -> b' },
  { do: 'rename', cursor: 'logs -> b', to: 'logs -> ../c' },
  { do: 'forget', cursor: 'logs -> ../c' },
  { do: 'rename', cursor: 'logs -> b', to: 'logs -> ../c' },
  { do: 'settle', cursor: 'logs -> a', by: 99, ahead: false, until: 'flush' },
  { do: 'pass', ms: 4_000_000 },
  { do: 'append', calls: [[keyed(8), small]], wait: true },
  { do: 'maintain dead letters' },
  { do: 'restart' },
  { do: 'open', cursor: 'logs -> ../c', start: 'end' },
  { do: 'append', calls: [[keyed(1), keyed(8)], [keyed(10)]], wait: true },
  { do: 'forget', cursor: 'logs -> a' },
  { do: 'forget', cursor: 'logs -> b' },
  ...creep,
  { do: 'settle', cursor: 'logs -> ../c', by: 99, ahead: false, until: 'flush' },
];

/** What follows every crash: are the ids known, can the journal be written? */
export const probe: readonly Step[] = [
  { do: 'append', calls: [Array.from({ length: 12 }, (_, key) => keyed(key, 10)), [small]], wait: true },
];

/** What follows the first crash, where a second one is to come. */
export const aftermath: readonly Step[] = [
  { do: 'append', calls: [[keyed(1), keyed(4), keyed(9)], [small]], wait: true },
  { do: 'open', cursor: 'logs -> a', start: 'beginning' },
  { do: 'erase', every: 3 },
  { do: 'settle', cursor: 'logs -> a', by: 2, ahead: false, until: 'go on' },
  { do: 'append', calls: [[keyed(11, 3_000)], [keyed(2), small]], wait: false },
  { do: 'bury', cursor: 'logs -> a', count: 1, until: 'flush' },
];
