import type { Clock } from '../clock.ts';
import type { Log, LogFields } from '../telemetry/log.ts';

/** The same trouble is told again after this long. */
const REMINDER_MS = 60_000;

/** What one request counts for in the share of those that pass. */
const WEIGHT = 0.1;
const STEADY = 1 / 3;
/** So long after trouble began something new is tried. */
const NEW_AFTER_MS = 100;

export type Mode = 'running' | 'retrying' | 'held';

/** In which mode a delivery is, why, until when it waits, and what its requests have shown so far. Every change is told. */
export class Condition {
  mode: Mode = 'running';
  /** One line, for logs and the health page. */
  reason: string | null = null;
  /** True while it is held because the backend refuses whatever it gets, rather than the agent. */
  refusing = false;
  /** Lone entries that the backend refused since it last accepted something. */
  refusals = 0;
  /** Ordinal of the newest request that was begun, and of the newest one that was accepted. */
  begun = 0;
  accepted = 0;
  /** Rounds of failures since something was accepted: requests that were under way together are one. */
  failures = 0;
  #roundEnd = 0;
  /** The share that passes at the first attempt, the newest counting most. */
  #passing = 1;
  /** How often something was tried since the trouble began. */
  probes = 0;
  /** Monotonic: from when on something new may be tried, sooner than what was tried before; Infinity: it may not. */
  #newFrom = Number.POSITIVE_INFINITY;
  /** Monotonic: when it last ran. */
  #since = 0;
  /** What was last told of this trouble, and of one that may have been none. */
  #told: Telling | undefined;
  #hinted: Telling | undefined;
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

  /**
   * Milliseconds from `now` (monotonic) until a request may start; 0 when it may.
   * @param hasNew there is something that the backend has not seen yet
   */
  waitMs(now: number, hasNew: boolean): number {
    const until = hasNew ? Math.min(this.#pausedUntil, this.#newFrom) : this.#pausedUntil;
    return this.running ? 0 : Math.max(0, until - now);
  }

  /** True while what was tried before is to wait, also where something new need not. */
  mustBeNew(now: number): boolean {
    return !this.running && this.#pausedUntil > now;
  }

  /** Something new is on its way. */
  newShown(): void {
    this.#newFrom = Number.POSITIVE_INFINITY;
  }

  /**
   * Trouble: the delivery narrows to one request at a time, the next one after `pauseMs`.
   * @param newSoon it may be the records: one that the backend has not seen yet is tried at once, to know better
   */
  pause(mode: 'retrying' | 'held', reason: string, pauseMs: number, newSoon = false): void {
    const now = this.#clock.monotonic();
    if (this.running) {
      this.#since = now;
      this.probes = 0;
      this.newShown();
    }
    if (newSoon) this.#newFrom = now + NEW_AFTER_MS;
    this.mode = mode;
    this.reason = reason;
    this.refusing = false;
    this.#pausedUntil = now + pauseMs;
    this.#tell(mode, reason, newSoon);
  }

  /** The backend refuses one record after the other: it is to blame, not they. */
  refuse(reason: string, pauseMs: number, newSoon = false): void {
    this.pause('held', reason, pauseMs, newSoon);
    this.refusing = true;
  }

  /** False while a backend fails so often, whatever it gets, that failing often is no record's fault. */
  get isSteady(): boolean {
    return this.#passing >= STEADY;
  }

  /** A stretch was tried for the first time. */
  firstTried(passed: boolean): void {
    this.#passing += WEIGHT * ((passed ? 1 : 0) - this.#passing);
  }

  /** The request with this ordinal failed. One that was refused did not: it was answered about its records. */
  failed(ordinal: number): void {
    if (ordinal <= this.#roundEnd) return;
    this.failures++;
    this.#roundEnd = this.begun;
  }

  /** The backend accepted the request with this ordinal. */
  accept(ordinal: number): void {
    this.accepted = Math.max(this.accepted, ordinal);
    this.refusals = 0;
    this.failures = 0;
    this.resume();
  }

  resume(): void {
    if (this.running) return;
    if (this.#told) this.#log.info('Delivery goes on.', { after: this.mode, ...this.#figures() });
    this.#told = undefined;
    this.mode = 'running';
    this.reason = null;
    this.refusing = false;
  }

  #tell(mode: 'retrying' | 'held', reason: string, isUnsure: boolean): void {
    const now = this.#clock.monotonic();
    const last = isUnsure ? this.#hinted : this.#told;
    const isKnown = last !== undefined && (isUnsure || (last.mode === mode && last.reason === reason));
    if (isKnown && now - last.at < REMINDER_MS) return;
    const telling = { mode, reason, at: now };
    if (isUnsure) this.#hinted = telling;
    else this.#told = telling;
    const fields = {
      reason,
      ...this.#figures(),
      next_try_seconds: Math.round(this.waitMs(now, true) / 100) / 10,
      trouble_for_seconds: Math.round((now - this.#since) / 1000),
    };
    if (isUnsure)
      this.#log.warn('A request was not taken. Something else is tried, to know whether it is the records.', fields);
    else if (mode === 'retrying') this.#log.warn('Exporting failed. Will retry the request after interval.', fields);
    else if (!isKnown) this.#log.error('Delivery is held: a person must act. Everything is kept.', fields);
    else this.#log.warn('Delivery is still held.', fields);
  }
}

interface Telling {
  readonly mode: Mode;
  readonly reason: string;
  /** Monotonic. */
  readonly at: number;
}
