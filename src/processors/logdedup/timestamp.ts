import type { HrTime } from '../../otel.ts';

/** A zone that this machine knows. */
export function isZone(name: string): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** Writes times as RFC 3339 to the second, as the clocks of a zone show them: `2024-05-01T12:00:00+02:00`. */
export function timestampWriter(zone: string): (time: HrTime) => string {
  if (zone === '' || zone === 'UTC') return ([seconds]) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
  const format = new Intl.DateTimeFormat('en', {
    ...(zone !== 'Local' && { timeZone: zone }),
    timeZoneName: 'longOffset',
  });
  return ([seconds]) => {
    const name = format.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d+):(\d+))?/.exec(name) ?? [];
    const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
    const shown = new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
    return offset === 0 ? `${shown}Z` : `${shown}${sign}${hours}:${minutes}`;
  };
}
