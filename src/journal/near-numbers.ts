/**
 * A list of numbers of which neighbours are near to each other: positions, times. Each is kept as its distance from the
 * first, in two bytes while all of them fit, then in four, then as it is. What is read is always exactly what was put.
 */

type Kept = Int16Array | Int32Array | Float64Array;

export class NearNumbers {
  readonly #capacity: number;
  #kept: Kept;
  #base = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#kept = new Int16Array(capacity);
  }

  /** Called at most as often as there is capacity. */
  push(value: number): void {
    if (this.#length === 0) this.#base = value;
    const index = this.#length++;
    for (;;) {
      this.#kept[index] = value - this.#base;
      if (this.at(index) === value || this.#kept instanceof Float64Array) return;
      this.#widen(index);
    }
  }

  at(index: number): number {
    return this.#base + (this.#kept[index] as number);
  }

  /** @param count how many are kept so far */
  #widen(count: number): void {
    const values = Array.from({ length: count }, (_, index) => this.at(index));
    if (this.#kept instanceof Int16Array) {
      this.#kept = new Int32Array(this.#capacity);
    } else {
      this.#kept = new Float64Array(this.#capacity);
      this.#base = 0;
    }
    for (const [index, value] of values.entries()) this.#kept[index] = value - this.#base;
  }
}
