import { inspect } from 'node:util';

/** What stands in the place of a secret. */
export const REDACTED = '[REDACTED]';

/**
 * A value that must never reach a log, an error, a metric, a page or another backend's request. Every way of turning it
 * into text gives `[REDACTED]`; only `reveal()` gives the value.
 */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return REDACTED;
  }
  toJSON(): string {
    return REDACTED;
  }
  [inspect.custom](): string {
    return REDACTED;
  }
}
