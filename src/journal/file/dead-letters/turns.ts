/** One change after the other, in the order in which they were asked for. Puts that follow one another share a turn. */

/** Bytes of the puts that share a turn, or one put. */
const TURN_BYTES = 4 * 1024 * 1024;

interface Turn<Put> {
  /** Puts that are to be stored; undefined for another change, which nothing can join. */
  readonly puts: Put[] | undefined;
  bytes: number;
  run(): Promise<void>;
}

export class Turns<Put extends { readonly bytes: number }> {
  readonly #store: (puts: readonly Put[]) => Promise<void>;
  readonly #turns: Turn<Put>[] = [];
  #running: Promise<void> | undefined;

  /** `store` settles every put and does not reject. */
  constructor(store: (puts: readonly Put[]) => Promise<void>) {
    this.#store = store;
  }

  put(put: Put): void {
    const last = this.#turns.at(-1);
    if (last?.puts && last.bytes + put.bytes <= TURN_BYTES) {
      last.puts.push(put);
      last.bytes += put.bytes;
      return;
    }
    const puts = [put];
    this.#add({ puts, bytes: put.bytes, run: () => this.#store(puts) });
  }

  run<T>(change: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async () => {
        try {
          resolve(await change());
        } catch (error) {
          reject(error);
        }
      };
      this.#add({ puts: undefined, bytes: 0, run });
    });
  }

  /** Resolves when everything asked for so far is done. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #add(turn: Turn<Put>): void {
    this.#turns.push(turn);
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    try {
      for (let turn = this.#turns.shift(); turn; turn = this.#turns.shift()) await turn.run();
    } finally {
      this.#running = undefined;
    }
  }
}
