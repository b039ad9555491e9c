import { parseArgs } from 'node:util';

/** What stood behind `npm run test:crash --`. */
export interface CrashArguments {
  readonly rounds: number;
  readonly seed: number;
  /** Of the backlog whose memory is measured. */
  readonly notifications: number;
  /** How many pairs of troubles are tried; `all` is some 140. */
  readonly pairs: number;
  /** How long each trouble lasts, ms. */
  readonly phase: number;
  /** How long the disk is full, s. */
  readonly full: number;
  /** Everything but the figures of memory runs with six processors, one of which filters. */
  readonly processors: boolean;
}

export function crashArguments(): CrashArguments {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
    options: {
      ...{ rounds: option, seed: option, notifications: option, pairs: option, phase: option, full: option },
      processors: { type: 'boolean' },
    },
    strict: false,
  });
  return {
    rounds: Number(values.rounds ?? 20),
    seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)),
    notifications: Number(values.notifications ?? 100_000),
    pairs: values.pairs === 'all' ? Number.POSITIVE_INFINITY : Number(values.pairs ?? 10),
    phase: Number(values.phase ?? 1500),
    full: Number(values.full ?? 5),
    processors: values.processors === true,
  };
}

/** Numbers in [0, 1) that a seed repeats. */
export { seededRandom as seeded } from '../../src/intercom/samples/random.ts';
