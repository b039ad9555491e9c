import type { Clock } from '../clock.ts';
import type { Log, LogFields } from '../telemetry/log.ts';

/** The same trouble is told again after this long. */
const REMINDER_MS = 60_000;

export type Mode = 'running' | 'retrying' | 'held';

/** In which mode a delivery is, why, and until when it waits. Every change is told in the log. */
export class Condition {
  mode: Mode = 'running';
  /** One line, for logs and the health page. */
  reason: string | null = null;
  /** True while it is held because the backend refuses whatever it gets, rather than the agent. */
  refusing = false;
  /** Lone entries that the backend refused since it last accepted something. */
  refusals = 0;
  /** Monotonic: when it last ran, and when its trouble was last told. */
  #since = 0;
  #told = 0;
  /** Monotonic; while not running, no request starts before it. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Fields that every line carries besides. */
  readonly #figures: () => LogFields;

  constructor(clock: Clock, log: Log, figures: () => LogFields) {
    this.#clock = clock;
    this.#log = log;
    this.#figures = figures;
  }

  get running(): boolean {
    return this.mode === 'running';
  }

  /** Milliseconds from `now` (monotonic) until a request may start; 0 when it may. */
  waitMs(now: number): number {
    return this.running ? 0 : Math.max(0, this.#pausedUntil - now);
  }

  /** Trouble: the delivery narrows to one request at a time, the next one after `pauseMs`. */
  pause(mode: 'retrying' | 'held', reason: string, pauseMs: number): void {
    const now = this.#clock.monotonic();
    const news = this.mode !== mode || this.reason !== reason;
    if (this.mode === 'running') this.#since = now;
    this.mode = mode;
    this.reason = reason;
    this.refusing = false;
    this.#pausedUntil = now + pauseMs;
    if (!news && now - this.#told < REMINDER_MS) return;
    this.#told = now;
    const fields = {
      reason,
      ...this.#figures(),
      next_try_seconds: Math.round(pauseMs / 100) / 10,
      trouble_for_seconds: Math.round((now - this.#since) / 1000),
    };
    if (mode === 'retrying') this.#log.warn('Exporting failed. Will retry after the interval.', fields);
    else if (news) this.#log.error('Delivery is held: a person must act. Everything is kept.', fields);
    else this.#log.warn('Delivery is still held.', fields);
  }

  /**
   * The backend refused a lone entry. The first time that is the entry's trouble; when nothing was accepted since, it is
   * the backend's.
   */
  refused(reason: string, pauseMs: number): void {
    this.refusals++;
    if (this.refusals > 1) {
      this.pause('held', reason, pauseMs);
      this.refusing = true;
    } else {
      const fields = { reason, ...this.#figures(), next_try_seconds: pauseMs / 1000 };
      this.#log.error('A record was refused. It is kept and tried again; others go on.', fields);
    }
  }

  /** The backend accepted a batch. */
  accepted(): void {
    this.refusals = 0;
    this.resume();
  }

  resume(): void {
    if (this.running) return;
    this.#log.info('Delivery goes on.', { after: this.mode, ...this.#figures() });
    this.mode = 'running';
    this.reason = null;
    this.refusing = false;
  }
}
