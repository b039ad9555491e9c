/** Those who wait for the journal to grow. */
import { LinkedSet } from '../linked-set.ts';
import type { Position } from './journal.ts';

export class Waiters {
  readonly #waiting = new LinkedSet<{ from: Position; wake: () => void }>();

  /** Resolves at the next `wake` with a position beyond `from`, or when `signal` aborts. */
  wait(from: Position, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const waiter = {
        from,
        wake: () => {
          this.#waiting.delete(waiter);
          signal.removeEventListener('abort', waiter.wake);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', waiter.wake, { once: true });
    });
  }

  /** Everything below `next` can be read. */
  wake(next: Position): void {
    for (const waiter of this.#waiting) if (waiter.from < next) waiter.wake();
  }
}
