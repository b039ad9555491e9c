import { OttlError, textOf } from '../error.ts';
import { defineFunction } from '../function.ts';
import { duration, literal, optional, string, time } from '../parameter.ts';
import { checkFormat, writingLayout } from '../strptime/directives.ts';
import { formatTime as written } from '../strptime/format.ts';
import { layoutOf } from '../strptime/layout.ts';
import { localeOf } from '../strptime/locale.ts';
import { TimeReader } from '../strptime/reader.ts';
import { OttlTime, UTC, type Zone } from '../value.ts';
import { floorMod, instantOfCivil } from '../zone/civil.ts';
import { localZone, zoneNamed } from '../zone/zone.ts';

export const timeFunction = defineFunction({
  name: 'Time',
  kind: 'converter',
  parameters: {
    time: string,
    format: literal.string,
    location: optional(literal.string, 'UTC where the format ends in "Z", otherwise where the process is'),
    locale: optional(literal.string, 'English'),
  },
  summary: 'The time written in a text, in a format of directives like %Y and %H.',
  example: {
    statement: 'set(log.attributes["out"], UnixSeconds(Time(log.body, "%d/%b/%Y %T", "Europe/Berlin")))',
    before: { body: '29/Feb/2024 12:00:00' },
    after: { attributes: { out: 1709204400 } },
  },
  create: ({ time: text, format, location, locale }, { clock }) => {
    if (format === '') throw new OttlError('format cannot be nil');
    const zone = zoneFor(location, format);
    const names = locale === undefined ? undefined : localeOf(locale);
    const now = () => new OttlTime(BigInt(Math.trunc(clock.now())) * 1_000_000n, localZone());
    const reader = new TimeReader(format, { zone, locale: names, now });
    return (context) => {
      const value = text(context);
      if (value === '') throw new OttlError('time cannot be nil');
      return reader.read(value);
    };
  },
});

export const formatTime = defineFunction({
  name: 'FormatTime',
  kind: 'converter',
  parameters: { time, format: literal.string },
  summary: 'A time as a text, in a format of directives like %Y and %H.',
  example: {
    statement: 'set(log.attributes["out"], FormatTime(Unix(1709251198), "%a %e %b %Y"))',
    after: { attributes: { out: 'Thu 29 Feb 2024' } },
  },
  create: (args) => {
    checkFormat(args.format);
    const layout = layoutOf(writingLayout(args.format));
    return (context) => written(args.time(context), layout);
  },
});

/** Where Go begins to count: the Monday at the beginning of the year 1. */
const FIRST = instantOfCivil({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 });

export const truncateTime = defineFunction({
  name: 'TruncateTime',
  kind: 'converter',
  parameters: { time, duration },
  summary: 'A time cut down to a multiple of a duration, in UTC; a duration of 0 or less changes nothing.',
  example: {
    statement: 'set(log.attributes["out"], UnixSeconds(TruncateTime(Unix(1709251198), Duration("1h"))))',
    after: { attributes: { out: 1709247600 } },
  },
  create: (args) => (context) => {
    const { unixNano, zone } = args.time(context);
    const { nanoseconds } = args.duration(context);
    return nanoseconds > 0n
      ? new OttlTime(unixNano - floorMod(unixNano - FIRST, nanoseconds), zone)
      : new OttlTime(unixNano, zone);
  },
});

export const now = defineFunction({
  name: 'Now',
  kind: 'converter',
  parameters: {},
  summary: 'The present time.',
  example: {
    statement: 'set(log.attributes["late"], true) where Now() > Unix(0)',
    after: { attributes: { late: true } },
  },
  create: (_, { clock }) => {
    const zone = localZone();
    return () => new OttlTime(BigInt(Math.trunc(clock.now() * 1000)) * 1000n, zone);
  },
});

function zoneFor(location: string | undefined, format: string): Zone {
  if (!location) return format.endsWith('Z') ? UTC : localZone();
  try {
    return zoneNamed(location);
  } catch (error) {
    throw new OttlError(`failed to load location ${location}: ${textOf(error)}`);
  }
}
