/** What lives consist of: written down, or made up by fast-check. */
import fc from 'fast-check';
import type { Operation } from './memory-disk.ts';
import type { Name, NewOne, Step, Until } from './step.ts';

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

export const prelude: readonly Step[] = [
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

/** Appends of several entries, called at the same time, in segments that they fill and that they share. */
export const groups: readonly Step[] = [
  { do: 'append', calls: [[small, small, small], [small, keyed(1)], [small]], wait: true },
  {
    do: 'append',
    calls: [
      [keyed(2, 3_000), small],
      [small, small, keyed(3)],
    ],
    wait: true,
  },
];

/** Groups of which the volume takes a part only. */
export const partialGroups: readonly (readonly Step[])[] = [300, 700, 1_500].map((room) => [
  ...prelude,
  { do: 'fill', room },
  { do: 'append', calls: [[small], [keyed(3), small], [keyed(4, 3_000)]], wait: true },
  { do: 'settle', cursor: 'logs -> a', by: 2, ahead: true, until: 'flush' },
]);

/** What is settled, saved and stored when two deliveries are at work. */
export const atWork: readonly Step[] = [
  ...prelude,
  { do: 'settle', cursor: 'logs -> a', by: 1, ahead: true, until: 'flush' },
  { do: 'settle', cursor: 'logs -> b', by: 0, ahead: false, until: 'flush' },
  { do: 'append', calls: [[keyed(3), small], [keyed(4, 3_000)]], wait: false },
  { do: 'bury', cursor: 'logs -> a', count: 1, until: 'written' },
  { do: 'append', calls: [[keyed(5, 3_000)]], wait: true },
  { do: 'settle', cursor: 'logs -> b', by: 9, ahead: true, until: 'go on' },
];

/**
 * In segments that are finished, and in the one that is written to: some of it, or everything, so that nothing behind what is
 * torn tells that it was answered for.
 */
export const erasures: readonly (readonly Step[])[] = [
  [
    ...prelude,
    { do: 'append', calls: [[keyed(3, 3_000)], [keyed(4, 3_000), small], [small]], wait: true },
    { do: 'erase', every: 2 },
  ],
  [...prelude, { do: 'append', calls: [[small, keyed(3, 3_000)]], wait: true }, { do: 'erase', every: 1 }],
];

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
