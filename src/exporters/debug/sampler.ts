import type { Clock } from '../../clock.ts';

/**
 * Says whether a batch is printed: of each second the first `initial`, all where that is below 0, then every
 * `thereafter`-th; 0 and less is none. Seconds begin with the first batch after the last one was over.
 */
export function createSampler(clock: Clock, initial: number, thereafter: number): () => boolean {
  let began = Number.NEGATIVE_INFINITY;
  let count = 0;
  return () => {
    const now = clock.monotonic();
    if (now - began >= 1000) {
      began = now;
      count = 0;
    }
    count++;
    return initial < 0 || count <= initial || (thereafter > 0 && (count - initial) % thereafter === 0);
  };
}
