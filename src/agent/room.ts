import type { Clock } from '../clock.ts';
import { parseReplayName } from '../control/replay-request.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { Deliveries } from './deliveries.ts';
import type { Orphans } from './orphans.ts';

export interface RoomOptions {
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly orphans: Orphans;
  readonly clock: Clock;
  readonly log: Log;
}

/** From this share on `when_full: dead_letter_oldest` makes room before it is needed. */
const AHEAD_SHARE = 0.75;
const LOOK_MS = 100;
/** Letters that found no room are tried again after this long. */
const FULL_MS = 15_000;

/**
 * What is done when the journal is full, before Intercom is refused for long: what nobody may need goes first. Replays are
 * ended, for they repeat what was settled; orphans are given up; and deliveries with `when_full: dead_letter_oldest` give up
 * what keeps the oldest part of the journal from being deleted. All of that only where it makes room.
 */
export class Room {
  readonly #options: RoomOptions;
  #making: Promise<void> | undefined;
  /** Monotonic. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #gaveUpAt = Number.NEGATIVE_INFINITY;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** Entries were stored. Deliveries that may give up their oldest do so before anybody is refused. Cheap. */
  stored(): void {
    const { clock, journal, deliveries } = this.#options;
    const now = clock.monotonic();
    if (this.#making || now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    if (!deliveries.live.some(({ policy }) => policy.rules.whenFull === 'dead_letter_oldest')) return;
    const { bytes, maxBytes } = journal.status();
    if (bytes >= AHEAD_SHARE * maxBytes) void this.#once(async () => this.#giveUpOldest());
  }

  /** One at a time: the requests that come meanwhile are answered 429. Resolves when it is done; never rejects. */
  make(): Promise<void> {
    return this.#once(() => this.#make());
  }

  #once(work: () => Promise<void>): Promise<void> {
    this.#making ??= work()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log.error('Making room in the journal failed.', { reason });
      })
      .then(() => {
        this.#making = undefined;
      });
    return this.#making;
  }

  async #make(): Promise<void> {
    const { deliveries, orphans, log } = this.#options;
    const blocking = this.#blocking();
    if (!this.#mayAll(blocking)) return;
    let ended = 0;
    for (const id of blocking.flatMap((name) => parseReplayName(name)?.id ?? [])) {
      // One that nobody runs is an orphan.
      if (!(await deliveries.replays.cancel(id))) continue;
      ended++;
      log.error('A replay was ended: the journal is full.', { replay: id });
    }
    if (ended > 0 || (await orphans.makeRoom(blocking))) return;
    this.#giveUpOldest();
  }

  #giveUpOldest(): void {
    const { journal, deliveries, clock } = this.#options;
    const blocking = this.#blocking();
    // What an orphan or a replay keeps as well would stay.
    const areLive = blocking.every((name) => deliveries.live.some((live) => live.name === name));
    if (!areLive || !this.#mayAll(blocking)) return;
    const now = clock.monotonic();
    if (journal.deadLetters.status().full && now - this.#gaveUpAt < FULL_MS) return;
    this.#gaveUpAt = now;
    const { oldestEnd } = journal.status();
    const summary = 'the journal was full, and this was the oldest that was pending (when_full)';
    for (const { name, delivery } of deliveries.live) {
      if (blocking.includes(name))
        delivery.giveUp(oldestEnd, { kind: 'letter', cause: { kind: 'journal_full', summary } });
    }
  }

  /** Names of the cursors that keep the oldest part of the journal from being deleted. */
  #blocking(): string[] {
    const { journal } = this.#options;
    const { oldestEnd } = journal.status();
    return journal
      .cursors()
      .filter(({ state }) => state.retiredAt === undefined && state.cursor < oldestEnd)
      .map(({ name }) => name);
  }

  /** What one that may not give up keeps from being deleted stays, whatever others give up. */
  #mayAll(blocking: readonly string[]): boolean {
    return this.#options.deliveries.live.every(
      ({ name, policy }) => !blocking.includes(name) || policy.rules.whenFull === 'dead_letter_oldest',
    );
  }
}
