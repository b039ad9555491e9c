import type { Clock, Timer } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { JournalError } from '../journal.ts';
import { HEARTBEAT_MS } from './owner.ts';

/** Each is tried whatever became of those before. */
export interface Chores {
  /** Shows that this process lives. @throws {JournalError} `closed` when the directory is another's: no other chore is done. */
  beat(): Promise<void>;
  /** Finishes an aged segment. */
  roll(): Promise<void>;
  /** Deletes what is past its time. */
  expire(): Promise<void>;
  /** The same for dead letters. */
  maintainLetters(): Promise<void>;
  /** Looks how much room the volume has. */
  measure(): Promise<void>;
}

const TROUBLE: Readonly<Record<keyof Chores, string>> = {
  beat: 'The journal could not show that it lives',
  roll: 'The journal could not begin a new segment',
  expire: 'The journal could not delete what is past its time',
  maintainLetters: 'The store of dead letters could not be looked after',
  measure: 'The journal could not see how much room its volume has',
};

/** What a journal does now and then. */
export class Maintenance {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #chores: Chores;
  readonly #lost: (error: JournalError) => Promise<void>;
  /** What was said last of a chore that fails: trouble is told when it begins, or changes. */
  readonly #told = new Map<keyof Chores, string>();
  #timer: Timer | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(clock: Clock, log: Log, chores: Chores, lost: (error: JournalError) => Promise<void>) {
    this.#clock = clock;
    this.#log = log;
    this.#chores = chores;
    this.#lost = lost;
  }

  start(): void {
    this.#timer = this.#clock.schedule(HEARTBEAT_MS, () => {
      this.#round = this.#work().finally(() => {
        if (!this.#stopped) this.start();
      });
    });
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#round;
  }

  async #work(): Promise<void> {
    for (const chore of ['beat', 'roll', 'expire', 'maintainLetters', 'measure'] as const) {
      try {
        await this.#chores[chore]();
        this.#told.delete(chore);
      } catch (error) {
        if (chore === 'beat' && error instanceof JournalError && error.code === 'closed') {
          this.#stopped = true;
          return this.#giveUp(error);
        }
        this.#tell(chore, String(error));
      }
    }
  }

  async #giveUp(reason: JournalError): Promise<void> {
    try {
      await this.#lost(reason);
    } catch (error) {
      this.#log.error('The journal could not let go of its directory', { error: String(error) });
    }
  }

  #tell(chore: keyof Chores, error: string): void {
    if (this.#told.get(chore) === error) return;
    this.#told.set(chore, error);
    // An append that needs the segment says it to everybody.
    if (chore === 'roll') this.#log.debug(TROUBLE[chore], { error });
    else this.#log.warn(TROUBLE[chore], { error });
  }
}
