import { parseReplayName } from '../control/replay-request.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { Deliveries } from './deliveries.ts';
import type { Orphans } from './orphans.ts';

export interface RoomOptions {
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly orphans: Orphans;
  readonly log: Log;
}

/**
 * What is done when the journal is full, before Intercom is refused for long: what nobody may need goes first. Replays are
 * ended, for they repeat what was settled; orphans are given up; and deliveries with `when_full: dead_letter_oldest` give up
 * what keeps the oldest part of the journal from being deleted. All of that only where it makes room.
 */
export class Room {
  readonly #options: RoomOptions;
  #making: Promise<void> | undefined;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** One at a time: the requests that come meanwhile are answered 429. Resolves when it is done; never rejects. */
  make(): Promise<void> {
    this.#making ??= this.#make()
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
    const { journal, deliveries, orphans, log } = this.#options;
    const { oldestEnd } = journal.status();
    const blocking = journal
      .cursors()
      .filter(({ state }) => state.retiredAt === undefined && state.cursor < oldestEnd)
      .map(({ name }) => name);
    const lagging = deliveries.live.filter(({ name }) => blocking.includes(name));
    // What one that may not give up keeps from being deleted stays, whatever others give up.
    if (lagging.some(({ policy }) => policy.rules.whenFull === 'refuse')) return;
    let ended = 0;
    for (const id of blocking.flatMap((name) => parseReplayName(name)?.id ?? [])) {
      // One that nobody runs is an orphan.
      if (!(await deliveries.cancelReplay(id))) continue;
      ended++;
      log.error('A replay was ended: the journal is full.', { replay: id });
    }
    if (ended > 0 || (await orphans.makeRoom(blocking))) return;
    const summary = 'the journal was full, and this was the oldest that was pending (when_full)';
    for (const { delivery } of lagging) {
      delivery.giveUp(oldestEnd, { kind: 'letter', cause: { kind: 'journal_full', summary } });
    }
  }
}
