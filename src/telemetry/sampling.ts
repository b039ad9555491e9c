import type { LogSampling } from '../config/model.ts';

/** Kinds of lines that are counted; there are some hundred in the program. */
const MAX_KINDS = 4096;

/** Lets the first lines of a kind through in each tick, then some of the others. `now`: milliseconds, monotonic. */
export class LineSampler {
  readonly #rule: LogSampling;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { since: number; lines: number }>();

  constructor(rule: LogSampling, now: () => number) {
    this.#rule = rule;
    this.#now = now;
  }

  admits(level: string, message: string): boolean {
    const { tickMs, initial, thereafter } = this.#rule;
    const kind = `${level} ${message}`;
    const now = this.#now();
    let counted = this.#kinds.get(kind);
    if (!counted || now - counted.since >= tickMs) {
      if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
      counted = { since: now, lines: 0 };
      this.#kinds.set(kind, counted);
    }
    counted.lines++;
    if (counted.lines <= initial) return true;
    return thereafter > 0 && (counted.lines - initial) % thereafter === 0;
  }
}
