/**
 * Time as a parameter: everything that waits or reads a clock gets a `Clock`, so that tests advance time instead of
 * sleeping. All units are milliseconds.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump in both directions. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary origin: for durations and deadlines. */
  monotonic(): number;
  /** Runs `task` once, not earlier than `delayMs` from now. The returned timer keeps the process alive until cancelled. */
  schedule(delayMs: number, task: () => void): Timer;
}

export interface Timer {
  /** Idempotent. A cancelled task never runs. */
  cancel(): void;
}

/** setTimeout's largest delay; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, task) {
    const handle = setTimeout(task, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};

/**
 * Resolves after `delayMs`, or as soon as `signal` aborts: callers look at the signal afterwards, so that waiting needs
 * no try/catch.
 */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.schedule(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
