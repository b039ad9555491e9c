/** Dates of the Gregorian calendar, of any year, from and to nanoseconds since the epoch. */
import { type OttlTime, UTC, type Zone } from '../value.ts';
import { instantOf } from './zone.ts';

const NANOS = 1_000_000_000n;
const NANOS_PER_DAY = 86_400n * NANOS;

/** What a calendar and a clock show. */
export interface Civil {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

/** In the time's own zone. `weekday` is 0 on a Sunday. */
export function civilOf({ unixNano, zone }: OttlTime): Civil & { readonly weekday: number } {
  const local = unixNano + BigInt(zone.at(unixNano).offsetSeconds) * NANOS;
  const inDay = floorMod(local, NANOS_PER_DAY);
  const days = Number((local - inDay) / NANOS_PER_DAY);
  const seconds = Number(inDay / NANOS);
  return {
    ...dateOf(days),
    hour: Math.trunc(seconds / 3600),
    minute: Math.trunc(seconds / 60) % 60,
    second: seconds % 60,
    nanosecond: Number(inDay % NANOS),
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

/** The instant. A day that the month does not have is one of the next month. */
export function instantOfCivil(civil: Civil, zone: Zone = UTC): bigint {
  const seconds = civil.hour * 3600 + civil.minute * 60 + civil.second;
  const days = BigInt(daysUntil(civil.year, civil.month) + civil.day - 1);
  return instantOf(days * NANOS_PER_DAY + BigInt(seconds) * NANOS + BigInt(civil.nanosecond), zone);
}

export function daysIn(year: number, month: number): number {
  return daysUntil(month === 12 ? year + 1 : year, (month % 12) + 1) - daysUntil(year, month);
}

export function floorMod(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}

/** Rounded towards the past, as in Go. */
export function floorDiv(value: bigint, by: bigint): bigint {
  return (value - floorMod(value, by)) / by;
}

const DAYS_PER_ERA = 146_097;
/** From the first of March of year 0 to the epoch. */
const EPOCH_DAYS = 719_468;

/** Days from the epoch to the first of that month. Years begin in March here, so that the leap day is the last one. */
function daysUntil(year: number, month: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.trunc((153 * ((month + 9) % 12) + 2) / 5);
  return (
    era * DAYS_PER_ERA +
    (yearOfEra * 365 + Math.trunc(yearOfEra / 4) - Math.trunc(yearOfEra / 100) + dayOfYear) -
    EPOCH_DAYS
  );
}

function dateOf(daysSinceEpoch: number): { year: number; month: number; day: number } {
  const days = daysSinceEpoch + EPOCH_DAYS;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const leaps = Math.trunc(dayOfEra / 1460) - Math.trunc(dayOfEra / 36_524) + Math.trunc(dayOfEra / 146_096);
  const yearOfEra = Math.trunc((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.trunc(yearOfEra / 4) - Math.trunc(yearOfEra / 100));
  const monthFromMarch = Math.trunc((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.trunc((153 * monthFromMarch + 2) / 5) + 1,
  };
}
