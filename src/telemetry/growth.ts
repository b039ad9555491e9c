import type { Clock } from '../clock.ts';

/** How far back growth is measured. */
const WINDOW_MS = 10 * 60_000;
/** Less tells nothing yet. */
const MIN_SPAN_MS = 60_000;
/** Samples that come quicker than this only move the end of the span. */
const STEP_MS = 10_000;
const HOUR_MS = 3600_000;

interface Point {
  readonly at: number;
  readonly value: number;
}

/** How quickly a quantity grew over the last ten minutes or so. It has no timer: whoever has one feeds it. */
export class Growth {
  readonly #clock: Clock;
  /** Oldest first, at least `STEP_MS` apart; the first one may be somewhat older than the window. */
  readonly #points: Point[] = [];
  #last: Point | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sample(value: number): void {
    const at = this.#clock.monotonic();
    this.#last = { at, value };
    const newest = this.#points.at(-1);
    if (!newest || at - newest.at >= STEP_MS) this.#points.push(this.#last);
    while (this.#points[1] && at - this.#points[1].at >= WINDOW_MS) this.#points.shift();
  }

  /** Per hour, negative when it shrinks; null before there is a minute to look back on. */
  get perHour(): number | null {
    const [first] = this.#points;
    if (!first || !this.#last) return null;
    const span = this.#last.at - first.at;
    return span < MIN_SPAN_MS ? null : ((this.#last.value - first.value) * HOUR_MS) / span;
  }

  /** Hours until it has grown by `room`; null when it does not grow, or nobody knows yet. */
  hoursFor(room: number): number | null {
    const rate = this.perHour;
    if (rate === null || rate <= 0) return null;
    const hours = Math.max(0, room) / rate;
    return hours < 10 ? Math.round(hours * 10) / 10 : Math.round(hours);
  }
}
