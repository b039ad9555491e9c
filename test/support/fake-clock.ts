import type { Clock, Timer } from '../../src/clock.ts';

/** A clock that stands still until told: `await clock.advance(ms)` runs what falls due, in order. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #sequence = 0;
  readonly #timers = new Map<number, { due: number; task: () => void }>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#monotonic;
  }
  schedule(delayMs: number, task: () => void): Timer {
    const id = this.#sequence++;
    this.#timers.set(id, { due: this.#monotonic + Math.max(0, delayMs), task });
    return { cancel: () => this.#timers.delete(id) };
  }
  /** Timers waiting. */
  get pending(): number {
    return this.#timers.size;
  }
  /** Milliseconds until the next timer is due; undefined without one. */
  get nextIn(): number | undefined {
    const dues = [...this.#timers.values()].map(({ due }) => due);
    return dues.length ? Math.min(...dues) - this.#monotonic : undefined;
  }
  /** Moves time on, running due timers one by one and letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const target = this.#monotonic + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a[1].due - b[1].due || a[0] - b[0])[0];
      if (!next || next[1].due > target) break;
      this.#move(next[1].due);
      this.#timers.delete(next[0]);
      next[1].task();
      await settle();
    }
    this.#move(target);
    await settle();
  }
  /** The wall clock jumps; monotonic time does not. */
  jump(ms: number): void {
    this.#now += ms;
  }
  #move(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Lets everything that is ready to run, run: promise reactions, and I/O that is already done. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
