import type { Clock } from '../clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { OttlError } from './error.ts';

/** One line a minute for each statement that fails. */
const INTERVAL_MS = 60_000;

/** Only what names kinds and no values: the log holds nothing of a record. */
const SAFE = /^(?:expect(?:ed|s) [\w.]+ but got [\w.<>[\]]+|key not found in map|attempted to divide by 0)$/;

/** Texts in quotes may come from a secret; keys of paths do not. */
function withoutTexts(statement: string): string {
  return statement.replace(/([\w\]]\[\s*"(?:[^"\\]|\\.)*")|"(?:[^"\\]|\\.)*"/g, (_, key?: string) => key ?? '"…"');
}

/** Tells of statements and conditions that fail on records, in the error mode `ignore`. */
export class FailureLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { at: number; more: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @param text the statement, as configured */
  add(kind: 'statement' | 'condition', text: string, error: OttlError): void {
    const now = this.#clock.monotonic();
    const seen = this.#seen.get(text);
    if (seen && now - seen.at < INTERVAL_MS) {
      seen.more++;
      return;
    }
    this.#log.warn(kind === 'statement' ? 'failed to execute statement' : 'failed to eval condition', {
      [kind]: withoutTexts(text),
      ...(SAFE.test(error.message) && { reason: error.message }),
      ...(seen && seen.more > 0 && { failures_since: seen.more + 1 }),
    });
    this.#seen.set(text, { at: now, more: 0 });
  }
}
