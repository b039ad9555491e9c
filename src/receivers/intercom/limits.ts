/**
 * The bytes that all requests together may hold in memory. Whoever finds no room waits in line; nothing is taken out of
 * turn, so a large body isn't starved by small ones.
 */
export class ByteBudget {
  readonly total: number;
  #taken = 0;
  /** First come, first served; a waiter that gave up is removed. */
  readonly #line = new Set<{ bytes: number; granted: () => void }>();

  constructor(total: number) {
    this.total = total;
  }
  get taken(): number {
    return this.#taken;
  }

  /** True when there is room now and nobody waits for it; it is taken then. */
  tryTake(bytes: number): boolean {
    if (bytes > 0 && (this.#line.size > 0 || this.#taken + bytes > this.total)) return false;
    this.#taken += bytes;
    return true;
  }

  /**
   * For when `tryTake` failed: calls `granted` once there is room, which is taken then.
   * @returns a function that gives up the place in the line; without effect once granted.
   */
  wait(bytes: number, granted: () => void): () => void {
    const waiter = { bytes, granted };
    this.#line.add(waiter);
    return () => {
      if (this.#line.delete(waiter)) this.#serve();
    };
  }

  /** Takes bytes that exist already, whether there is room or not: later comers wait the longer. */
  overdraw(bytes: number): void {
    this.#taken += bytes;
  }

  release(bytes: number): void {
    this.#taken -= bytes;
    if (this.#taken < 0) throw new Error('BUG: more bytes released than taken');
    this.#serve();
  }

  #serve(): void {
    for (const waiter of this.#line) {
      if (this.#taken + waiter.bytes > this.total) return;
      this.#line.delete(waiter);
      this.#taken += waiter.bytes;
      waiter.granted();
    }
  }
}
