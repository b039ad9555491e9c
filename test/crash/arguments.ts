import { parseArgs } from 'node:util';

/** What stood behind `npm run test:crash --`. */
export function crashArguments(): { rounds: number; seed: number; notifications: number } {
  const { values } = parseArgs({
    args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
    options: { rounds: { type: 'string' }, seed: { type: 'string' }, notifications: { type: 'string' } },
    strict: false,
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  return { rounds: Number(values.rounds ?? 20), seed, notifications: Number(values.notifications ?? 200_000) };
}

/** A small generator of numbers in [0, 1) that a seed repeats: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
