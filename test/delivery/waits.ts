import type { Outcome } from '../../src/exporters/outcome.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import type { Harness } from './harness.ts';

/** Measures how long records wait from their arrival to the answer that accepts them, in the clock's time. */
export class Waits {
  readonly #clock: FakeClock;
  readonly #since = new Map<string, number>();
  /** Milliseconds. */
  worst = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Records that were not accepted yet. */
  get unseen(): number {
    return this.#since.size;
  }

  async append(scene: Harness, ...names: string[]): Promise<void> {
    for (const name of names) this.#since.set(name, this.#clock.monotonic());
    await scene.append(...names);
  }

  /** The answer that these records get. */
  seen(names: readonly string[], outcome: Outcome): Outcome {
    if (outcome.kind !== 'delivered') return outcome;
    for (const name of names) {
      const since = this.#since.get(name);
      if (since !== undefined) this.worst = Math.max(this.worst, this.#clock.monotonic() - since);
      this.#since.delete(name);
    }
    return outcome;
  }
}
