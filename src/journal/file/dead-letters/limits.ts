/** What every store of dead letters says about its limits. */
import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { LetterKey } from '../../dead-letters.ts';
import { JournalError } from '../../journal.ts';

export interface LetterLimits {
  /** Letters are deleted at this age; 0: never. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

const TOLD_MS = 60_000;

export function tooFull(bytes: number, { maxBytes }: LetterLimits): JournalError {
  return new JournalError(
    'full',
    `the dead letters hold ${bytes} of at most ${maxBytes} bytes: send some again or give them up ` +
      '(`dead-letters retry`, `export`, `discard`), or raise `dead_letters::max_bytes`',
  );
}

/** Deletions for age: each is told, at most once a minute. */
export class Expiry {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #untold = new Map<string, number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #total = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Letters since the start. */
  get total(): number {
    return this.#total;
  }

  count(letters: readonly LetterKey[]): void {
    this.#total += letters.length;
    for (const { delivery } of letters) this.#untold.set(delivery, (this.#untold.get(delivery) ?? 0) + 1);
  }

  /** `atOnce`: there will be no later call. */
  tell(atOnce = false): void {
    const now = this.#clock.monotonic();
    if (this.#untold.size === 0 || (!atOnce && now - this.#toldAt < TOLD_MS)) return;
    const deliveries = [...this.#untold].map(([delivery, letters]) => `${delivery}: ${letters}`);
    const letters = [...this.#untold.values()].reduce((sum, count) => sum + count, 0);
    this.#log.error('Dead letters were deleted because of their age, see `dead_letters::max_age`', {
      letters,
      deliveries,
    });
    this.#untold.clear();
    this.#toldAt = now;
  }
}
