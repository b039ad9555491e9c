import { type Clock, delay } from '../clock.ts';

export interface OpenLoop {
  /** Requests a second. */
  readonly rate: number;
  readonly durationMs: number;
  /** Requests that may be open at a time; what is due meanwhile is late, and measured as such. */
  readonly maxOpen: number;
  readonly clock: Clock;
  /** Ends it early. Open requests are still waited for. */
  readonly stopped: AbortSignal;
  /** Called once for each, with 0, 1, 2 ... Never rejects; must end by itself. */
  send(index: number): Promise<void>;
  /** Called after each, with the milliseconds since it was due. */
  sent(ms: number): void;
}

/**
 * Sends at a fixed rate however slow the answers are, as a world does that does not wait: each has a time when it is due,
 * and its latency counts from there. What is due within the duration is begun, a little late on a busy machine; but not what was
 * held up by too many open requests when it is over. Resolves with how many were begun and how many were due, when the last of
 * them has ended.
 */
export async function openLoop(loop: OpenLoop): Promise<{ begun: number; due: number }> {
  const { rate, durationMs, maxOpen, clock, stopped } = loop;
  const start = clock.monotonic();
  const end = start + durationMs;
  const planned = Math.max(1, Math.round((rate * durationMs) / 1000));
  const open = new Set<Promise<void>>();
  let freed = () => {};
  stopped.addEventListener('abort', () => freed());
  let begun = 0;
  let isHeldUp = false;
  while (begun < planned && !stopped.aborted) {
    const due = start + (begun * 1000) / rate;
    const wait = due - clock.monotonic();
    if (wait > 0) await delay(clock, wait, stopped);
    isHeldUp = open.size >= maxOpen;
    while (open.size >= maxOpen && !stopped.aborted) {
      await new Promise<void>((resolve) => {
        freed = resolve;
      });
    }
    if (stopped.aborted || (isHeldUp && clock.monotonic() > end)) break;
    const request = loop.send(begun).then(() => {
      loop.sent(clock.monotonic() - due);
      open.delete(request);
      freed();
    });
    open.add(request);
    begun += 1;
  }
  const elapsed = Math.min(clock.monotonic() - start, durationMs);
  const due = isHeldUp ? Math.max(begun, Math.min(planned, Math.floor((elapsed * rate) / 1000))) : begun;
  await Promise.all(open);
  return { begun, due };
}
