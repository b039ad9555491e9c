import type { Clock, Timer } from '../clock.ts';

/** What is done again and again while the agent runs. */
export class Ticks {
  readonly #clock: Clock;
  readonly #timers = new Map<() => void, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Each time as long after the last. */
  every(intervalMs: number, work: () => void): void {
    const again = () => {
      work();
      wait();
    };
    const wait = () => void this.#timers.set(work, this.#clock.schedule(intervalMs, again));
    wait();
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }
}
