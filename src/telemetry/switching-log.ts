import type { Log, LogFields } from './log.ts';

/** A log whose lines go elsewhere from one moment on, also those of whoever has had it, or a part of it, for long. */
export class SwitchingLog {
  #target: Log;
  #generation = 0;
  readonly log: Log;

  constructor(target: Log) {
    this.#target = target;
    this.log = this.#derived({});
  }

  switchTo(target: Log): void {
    this.#target = target;
    this.#generation++;
  }

  #derived(fields: LogFields): Log {
    let generation = -1;
    let target = this.#target;
    const now = () => {
      if (generation !== this.#generation) {
        generation = this.#generation;
        target = this.#target.with(fields);
      }
      return target;
    };
    return {
      debug: (message, more) => now().debug(message, more),
      info: (message, more) => now().info(message, more),
      warn: (message, more) => now().warn(message, more),
      error: (message, more) => now().error(message, more),
      with: (more) => this.#derived({ ...fields, ...more }),
    };
  }
}
