import { parseDuration } from '../config/blocks/scalars.ts';
import { OperationError } from './operations.ts';

const DAY_MS = 24 * 3600_000;

/**
 * A time in RFC 3339 as milliseconds since the epoch, or undefined when it is none. A date alone is its midnight in UTC; a
 * time of day needs `Z` or an offset, for nobody should guess whose clock was meant.
 */
export function parseInstant(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)([Zz]|[+-]\d\d:\d\d))?$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, time = '00:00', zone = 'Z'] = match;
  // Date.parse takes 31 February for 3 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1) return undefined;
  const parsed = Date.parse(`${year}-${month}-${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** As `parseInstant`, or a duration such as `90m`, `2h` or `7d`: so long before `now`. */
export function parseTime(text: string, now: number): number | undefined {
  const days = /^(\d+(?:\.\d+)?)d$/.exec(text);
  const ago = days ? Number(days[1]) * DAY_MS : parseDuration(text);
  if (ago === undefined) return parseInstant(text);
  return ago < 0 ? undefined : Math.round(now - ago);
}

/** A time in a request. @throws {OperationError} when it is none; `name` says which one */
export function instantOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseInstant(text);
  if (time !== undefined) return time;
  throw new OperationError(`${name}: expected a time such as 2026-01-31T12:00:00Z, got ${JSON.stringify(text)}`);
}
