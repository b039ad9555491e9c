/**
 * What the agent says by itself, once, when something comes about that a person should know of: room that runs out, and
 * trouble that stands in the figures of no delivery. (Deliveries speak for themselves.)
 */
import type { Clock } from '../clock.ts';
import { Growth } from './growth.ts';
import type { Log, LogFields } from './log.ts';

/** Shares of the room at which it is told. */
export const ALARM_SHARES: readonly number[] = [0.5, 0.8, 0.95];
/** An alarm is armed again when the share has fallen so far below its own, so that it does not chatter. */
const HYSTERESIS = 0.05;
/** How often trouble is told that lasts. */
const REMIND_MS = 60_000;

/** How full something is: bytes. */
export interface Fill {
  readonly used: number;
  /** 0: without end. */
  readonly limit: number;
}

export function shareOf({ used, limit }: Fill): number {
  return limit > 0 ? used / limit : 0;
}

/** The alarms of one store. */
export class FillAlarm {
  /** So many of the shares have been reached, and told. */
  #reached = 0;

  /**
   * The highest share that was reached just now, or `cleared` when the last one was left; null when there is nothing new.
   */
  look(share: number): number | 'cleared' | null {
    const reached = ALARM_SHARES.filter((alarm) => share >= alarm).length;
    if (reached > this.#reached) {
      this.#reached = reached;
      return ALARM_SHARES[reached - 1] as number;
    }
    const before = this.#reached;
    while (this.#reached > 0 && share < (ALARM_SHARES[this.#reached - 1] as number) - HYSTERESIS) this.#reached--;
    return before > 0 && this.#reached === 0 ? 'cleared' : null;
  }
}

/** A reason to be degraded. */
export interface Reason {
  /** Names what it is about: the same as long as the trouble is the same, whatever figures the text has. */
  readonly about: string;
  /** One sentence for people, without anything secret. */
  readonly text: string;
}

/** What the alarms look at. */
export interface Watched {
  readonly journal?: Fill & {
    /** The delivery that keeps most. */
    readonly slowest: string | null;
  };
  readonly deadLetters?: Fill;
  /** Trouble that is told when it begins and once a minute while it lasts. */
  readonly standing: readonly Reason[];
}

export class Alarms {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #journal: Store;
  readonly #deadLetters: Store;
  /** When each was told last, monotonic. */
  readonly #told = new Map<string, number>();

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
    this.#journal = new Store(clock);
    this.#deadLetters = new Store(clock);
  }

  /** To be called every few seconds: it has no timer. */
  look({ journal, deadLetters, standing }: Watched): void {
    if (journal) {
      this.#store(this.#journal, journal, {
        what: 'The journal is filling up. When it is full, Intercom is answered 429 and no backend gets anything new.',
        cleared: 'The journal has room again.',
        fields: {
          delivery: journal.slowest,
          hint: 'mend the backend of that delivery; or give up its entries with `deliveries skip`, or `deliveries forget` once it has left the configuration; or let it give up the oldest, with `when_full`; or give the journal more room',
        },
      });
    }
    if (deadLetters) {
      this.#store(this.#deadLetters, deadLetters, {
        what: 'The store of dead letters is filling up. When it is full, deliveries that need it are held.',
        cleared: 'The store of dead letters has room again.',
        fields: {
          hint: 'look at them with `dead-letters list`, then `retry`, or `export` and `discard` them; or give them more room',
        },
      });
    }
    this.#remind(standing);
  }

  /** Hours until the journal is full at the rate of the last ten minutes; null when it does not grow. */
  get hoursLeft(): number | null {
    return this.#journal.hoursLeft;
  }

  #store(store: Store, fill: Fill, text: { what: string; cleared: string; fields: LogFields }): void {
    const news = store.look(fill);
    if (news === 'cleared') this.#log.info(text.cleared, sizes(fill));
    else if (news !== null) {
      const level = news === ALARM_SHARES.at(-1) ? 'error' : 'warn';
      this.#log[level](text.what, { ...sizes(fill), hours_left: store.hoursLeft, ...text.fields });
    }
  }

  #remind(standing: readonly Reason[]): void {
    const now = this.#clock.monotonic();
    for (const { about, text } of standing) {
      const last = this.#told.get(about);
      if (last !== undefined && now - last < REMIND_MS) continue;
      this.#told.set(about, now);
      this.#log.warn('Degraded.', { about, reason: text });
    }
    for (const about of [...this.#told.keys()]) {
      if (standing.some((reason) => reason.about === about)) continue;
      this.#told.delete(about);
      this.#log.info('No longer degraded.', { about });
    }
  }
}

function sizes(fill: Fill): LogFields {
  return { percent: Math.floor(100 * shareOf(fill)), used_bytes: fill.used, limit_bytes: fill.limit };
}

class Store {
  readonly #growth: Growth;
  readonly #alarm = new FillAlarm();
  hoursLeft: number | null = null;

  constructor(clock: Clock) {
    this.#growth = new Growth(clock);
  }

  look(fill: Fill): number | 'cleared' | null {
    this.#growth.sample(fill.used);
    this.hoursLeft = fill.limit > 0 ? this.#growth.hoursFor(fill.limit - fill.used) : null;
    return this.#alarm.look(shareOf(fill));
  }
}
