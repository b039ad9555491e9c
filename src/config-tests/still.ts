/** What else a processor could tell one run from another by. */
import type { Clock } from '../clock.ts';
import type { Log, LogFields } from '../telemetry/log.ts';

export function standingStill(now: number): Clock {
  return { now: () => now, monotonic: () => 0, schedule: () => ({ cancel() {} }) };
}

/** The same numbers in every run. */
export function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Keeps what processors complain of. */
export function noting(lines: string[], own: LogFields = {}): Log {
  const note = (message: string, fields: LogFields = {}) => {
    const all = Object.entries({ ...own, ...fields }).filter(([, value]) => value !== undefined);
    lines.push(`logged: ${message} ${all.map(([key, value]) => `${key}=${value}`).join(' ')}`.trimEnd());
  };
  return { debug() {}, info() {}, warn: note, error: note, with: (fields) => noting(lines, { ...own, ...fields }) };
}
