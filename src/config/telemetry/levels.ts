/** The levels of the agent's own telemetry, in the words of the Collector. */
import { z } from 'zod';
import type { LogLevel } from '../model.ts';
import { didYouMean } from '../suggest.ts';

/** The Collector's levels of logs, other spellings of them, and what they are here. */
const LOG_LEVELS: Readonly<Record<string, readonly [name: string, here: LogLevel]>> = {
  debug: ['debug', 'debug'],
  info: ['info', 'info'],
  '': ['info', 'info'],
  warn: ['warn', 'warn'],
  warning: ['warn', 'warn'],
  error: ['error', 'error'],
  dpanic: ['dpanic', 'error'],
  panic: ['panic', 'error'],
  fatal: ['fatal', 'error'],
};

/** Of logs: the Collector's name of it. `logLevelOf` says what it is here. */
export const logLevel = z
  .string()
  .transform((value, context) => {
    const key = value.toLowerCase();
    if (Object.hasOwn(LOG_LEVELS, key)) return LOG_LEVELS[key]?.[0] as string;
    const suggestion = didYouMean(key, ['debug', 'info', 'warn', 'error']);
    const message = 'expected one of debug, info, warn, error';
    context.addIssue({ code: 'custom', message, params: { suggestion } });
    return z.NEVER;
  })
  .prefault('info');

/** This agent ends with an error and no more; what would be a panic is one. */
export function logLevelOf(name: string): LogLevel {
  return LOG_LEVELS[name]?.[1] ?? 'info';
}

const LEVELS = ['none', 'basic', 'normal', 'detailed'] as const;

/** Of metrics and traces. Left empty it is basic, as in the Collector. */
export function telemetryLevel(fallback: (typeof LEVELS)[number]) {
  return z
    .string()
    .nullable()
    .transform((value, context) => {
      const found = LEVELS.find((level) => level === (value ?? 'basic').toLowerCase());
      if (found) return found;
      const suggestion = value === null ? undefined : didYouMean(value.toLowerCase(), LEVELS);
      const message = `expected one of ${LEVELS.join(', ')}`;
      context.addIssue({ code: 'custom', message, params: { suggestion } });
      return z.NEVER;
    })
    .prefault(fallback);
}
