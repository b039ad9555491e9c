import type { Clock } from '../clock.ts';

/** What happens a thousand times is told at once, and then so often at most, together. */
const TOLD_MS = 60_000;

/** Counts what is to be told in one line of the log now and then. */
export class Seldom {
  readonly #clock: Clock;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many more have happened. Returns how many to tell of now, those before included; 0: it is too soon. */
  due(count: number): number {
    this.#untold += count;
    const now = this.#clock.monotonic();
    if (now - this.#toldAt < TOLD_MS) return 0;
    const due = this.#untold;
    this.#untold = 0;
    this.#toldAt = now;
    return due;
  }
}
