/**
 * One budget of bytes for everything that all deliveries have decoded. A delivery may always hold one lot, whatever the
 * others hold, so that a backend that hangs starves nobody; further lots need room here.
 */
export class ByteBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }
  get hasRoom(): boolean {
    return this.#used < this.limit;
  }
  take(bytes: number): void {
    this.#used += bytes;
  }
  give(bytes: number): void {
    this.#used -= bytes;
    if (this.#used < 0) throw new Error('BUG: more bytes given back to the budget than were taken');
  }
}
