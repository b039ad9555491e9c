import type { Durations } from './journal.ts';

/** Upper bounds in seconds. */
const BOUNDS: readonly number[] = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

/** Counts how long something took. A duration is in the first bucket whose bound it does not exceed. */
export class DurationCounter {
  readonly #counts = new Array<number>(BOUNDS.length + 1).fill(0);
  #sum = 0;

  add(seconds: number): void {
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    const at = bucket === -1 ? BOUNDS.length : bucket;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += seconds;
  }

  get durations(): Durations {
    return { bounds: BOUNDS, counts: [...this.#counts], sum: this.#sum };
  }
}
