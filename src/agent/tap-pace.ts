import type { Clock } from '../clock.ts';

/** How much a tap may show: so many a second, of which what was not used in the last second is still there. */
export class TapPace {
  readonly #rate: number;
  readonly #clock: Clock;
  #left: number;
  #at: number;

  constructor(rate: number, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#left = this.#most;
    this.#at = clock.monotonic();
  }

  /** How many may be shown now. */
  get left(): number {
    const now = this.#clock.monotonic();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
    return Math.max(0, Math.floor(this.#left));
  }

  /** What is large counts for several, and may be paid for afterwards. */
  take(count: number): void {
    this.#left -= count;
  }

  /** Milliseconds until one may be shown. */
  get waitMs(): number {
    return this.left > 0 ? 0 : Math.ceil(((1 - this.#left) / this.#rate) * 1000);
  }

  get #most(): number {
    return Math.max(1, this.#rate);
  }
}
