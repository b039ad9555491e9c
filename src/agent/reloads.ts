import type { Clock } from '../clock.ts';
import type { AgentConfig } from '../config/model.ts';
import type { Log } from '../telemetry/log.ts';
import type { ReloadFigures } from '../telemetry/status.ts';

export interface ReloadsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** From its abort on nothing is begun any more, nor told. */
  readonly stopping: AbortSignal;
  /** @throws {Error} for people, where everything is as before */
  reload(config: AgentConfig): Promise<void>;
}

/** Reads the configuration anew. Rejects with a reason for people, places included. */
export type ReadConfiguration = () => Promise<AgentConfig>;

/** Reloads one after the other, and what became of them. */
export class Reloads {
  readonly #options: ReloadsOptions;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #read: ReadConfiguration | undefined;
  #figures: ReloadFigures = { succeeded: 0, failed: 0, last_success: null, failure: null };

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  get figures(): ReloadFigures {
    return this.#figures;
  }

  /** Resolves when nothing is under way. Never rejects. */
  get idle(): Promise<void> {
    return this.#last;
  }

  /**
   * Reloads; or, while a reload is under way, once more after it, however often that is asked for. Resolves when what was
   * asked for is done, well or not. Never rejects.
   */
  ask(read: ReadConfiguration): Promise<void> {
    this.#read = read;
    if (this.#next) return this.#next;
    const next = this.#last.then(() => {
      this.#next = undefined;
      return this.#run(this.#read ?? read);
    });
    this.#next = next;
    this.#last = next;
    return next;
  }

  async #run(read: ReadConfiguration): Promise<void> {
    const { clock, log, reload, stopping } = this.#options;
    if (stopping.aborted) return;
    try {
      await reload(await read());
      const succeeded = this.#figures.succeeded + 1;
      this.#figures = { ...this.#figures, succeeded, last_success: clock.now(), failure: null };
    } catch (error) {
      if (stopping.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      const failed = this.#figures.failed + 1;
      this.#figures = { ...this.#figures, failed, failure: { at: clock.now(), reason } };
      log.error('The configuration could not be reloaded. The old one stays in force.', { reason });
    }
  }
}
