/** Width of a bucket: a quantile is at most this much too high. */
const STEP = Math.log(1.01);

/** Milliseconds of any number of answers, in little memory: counted in buckets of one per cent. */
export class Latencies {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  /** The longest, exactly; 0 when there was none. */
  max = 0;

  add(ms: number): void {
    // From a microsecond on.
    const bucket = Math.ceil(Math.log(Math.max(ms, 0.001)) / STEP);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
    this.max = Math.max(this.max, ms);
  }

  /** As many as `share` of them (0 to 1) took at most this long; 0 when there was none. */
  quantile(share: number): number {
    let left = Math.ceil(share * this.#count);
    for (const [bucket, count] of [...this.#buckets].sort(([first], [second]) => first - second)) {
      left -= count;
      if (left <= 0) return Math.min(Math.exp(bucket * STEP), this.max);
    }
    return this.max;
  }
}
