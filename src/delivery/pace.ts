/** Holds a replay to its rate, so that it does not disturb live traffic. Without a rate nothing waits. Monotonic milliseconds. */
export class Pace {
  readonly #perSecond: number;
  #free = Number.NEGATIVE_INFINITY;

  constructor(perSecond = Number.POSITIVE_INFINITY) {
    this.#perSecond = perSecond;
  }

  sent(records: number, now: number): void {
    this.#free = Math.max(this.#free, now) + (records * 1000) / this.#perSecond;
  }

  /** Until the next request may begin. */
  waitMs(now: number): number {
    return Math.max(0, this.#free - now);
  }
}
