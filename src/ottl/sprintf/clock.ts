/** Durations and times as Go's String methods write them. */
import type { OttlDuration, OttlTime } from '../value.ts';

const SECOND = 1_000_000_000n;
/** From large to small, for what is below a second. */
const SMALL = [
  ['ms', 1_000_000n],
  ['µs', 1000n],
  ['ns', 1n],
] as const;

/** "1h30m0s", "1.5ms", "0s" */
export function durationText({ nanoseconds }: OttlDuration): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < SECOND) {
    const [unit, scale] = SMALL.find(([, least]) => size >= least) ?? SMALL[2];
    return `${sign}${decimal(size, scale)}${unit}`;
  }
  const minutes = size / (60n * SECOND);
  const hours = minutes / 60n;
  const seconds = `${decimal(size % (60n * SECOND), SECOND)}s`;
  if (minutes === 0n) return sign + seconds;
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function decimal(size: bigint, scale: bigint): string {
  const places = String(scale).length - 1;
  const fraction =
    places === 0
      ? ''
      : String(size % scale)
          .padStart(places, '0')
          .replace(/0+$/, '');
  return `${size / scale}${fraction && `.${fraction}`}`;
}

/** "2020-02-11 20:26:12.000000321 +0000 UTC" */
export function timeText({ unixNano, zone }: OttlTime): string {
  const { offsetSeconds, abbreviation } = zone.at(unixNano);
  const local = unixNano + BigInt(offsetSeconds) * SECOND;
  const nanos = ((local % SECOND) + SECOND) % SECOND;
  const [year, ...rest] = yearFirst((local - nanos) / 1_000_000n);
  const fraction = nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const offset = [Math.trunc(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join('');
  const shown = `${offsetSeconds < 0 ? '-' : '+'}${offset}`;
  return `${year}-${rest.join('')}${fraction} ${shown} ${abbreviation || shown}`;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** As it would stand in a program. */
export function timeSyntax({ unixNano, zone }: OttlTime): string {
  const local = unixNano + BigInt(zone.at(unixNano).offsetSeconds) * SECOND;
  const nanos = ((local % SECOND) + SECOND) % SECOND;
  const date = new Date(Number((local - nanos) / 1_000_000n));
  const day = `${date.getUTCFullYear()}, time.${MONTHS[date.getUTCMonth()]}, ${date.getUTCDate()}`;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), nanos].join(', ');
  const place = zone.name === 'UTC' ? 'time.UTC' : `time.Location("${zone.name}")`;
  return `time.Date(${day}, ${clock}, ${place})`;
}

/** The year, then "02-11 20:26:12", also for years that JavaScript's own form writes with six digits. */
function yearFirst(milliseconds: bigint): string[] {
  const date = new Date(Number(milliseconds));
  if (Number.isNaN(date.getTime())) return ['?', '?'];
  const year = date.getUTCFullYear();
  const shown = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
  return [shown, date.toISOString().slice(-19, -5).replace('T', ' ')];
}
