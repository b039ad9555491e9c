/** Zones by the names of the IANA database, as far as this Node.js knows them. */
import { OttlError } from '../error.ts';
import { UTC, type Zone } from '../value.ts';
import { abbreviationOf } from './abbreviation.ts';

type Reading = ReturnType<Zone['at']>;

const NANOS = 1_000_000_000n;
/** Offsets change at quarters of an hour. */
const BUCKET = 900n * NANOS;
const HALF_YEAR = 183n * 86_400n * NANOS;
const WINTER_2024 = BigInt(Date.UTC(2024, 0, 15)) * 1_000_000n;
const MAX_READINGS = 4096;
/** The last instant that a Date can hold. */
const MAX_MS = 8.64e15;

/** Intl takes any case and bare offsets; the Collector looks for a file of that very name. */
const NAME = /^[A-Z][A-Za-z0-9]*(?:[-+][A-Za-z0-9]+)*(?:[/_-][A-Za-z0-9]+(?:[-+][A-Za-z0-9]+)*)*$/;

/** Intl takes these for UTC, which calls itself otherwise. */
const GREENWICH = /^(?:Etc\/)?(?:GMT[-+]?0?|Greenwich)$/;
/** The same offset at all times; Intl takes them for places, whose clocks were set otherwise once. */
const FIXED: Readonly<Record<string, number>> = { EST: -5, MST: -7, HST: -10 };

const zones = new Map<string, Zone>();

/** The zone; `""` is UTC, "Local" that of this process. @throws {OttlError} for a name that is none */
export function zoneNamed(name: string): Zone {
  if (name === '' || name === 'UTC') return UTC;
  if (/^[/\\]|\.\./.test(name)) throw new OttlError('time: invalid location name');
  if (name === 'Local') return localZone();
  const known = zones.get(name);
  if (known) return known;
  const zone = alwaysTheSame(name) ?? (NAME.test(name) ? intlZone(name) : undefined);
  if (!zone) throw new OttlError(`unknown time zone ${name}`);
  zones.set(name, zone);
  return zone;
}

function alwaysTheSame(name: string): Zone | undefined {
  if (GREENWICH.test(name)) return fixedZone('GMT', 0);
  const hours = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
  return hours === undefined ? undefined : fixedZone(name, hours * 3600);
}

/** Where this process is. */
export function localZone(): Zone {
  try {
    return zoneNamed(Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch {
    return UTC;
  }
}

/** Always that far from UTC. @param abbreviation what it calls itself, or `""` */
export function fixedZone(abbreviation: string, offsetSeconds: number): Zone {
  return { name: '', at: () => ({ offsetSeconds, abbreviation }) };
}

/**
 * The instant at which the clocks there show it, given as if it were UTC. Where clocks are changed an hour is there twice
 * or never: which offset counts then is Go's choice.
 */
export function instantOf(localNano: bigint, zone: Zone): bigint {
  const guess = zone.at(localNano).offsetSeconds;
  if (guess === 0) return localNano;
  return localNano - BigInt(zone.at(localNano - BigInt(guess) * NANOS).offsetSeconds) * NANOS;
}

/** The offset that the zone has under an abbreviation: if it can be, one that counts at that local time. */
export function offsetNamed(zone: Zone, abbreviation: string, localNano: bigint): number | undefined {
  const offsets = new Set<number>();
  const near = [0n, -HALF_YEAR, HALF_YEAR, -2n * HALF_YEAR, 2n * HALF_YEAR].map((by) => localNano + by);
  // The name may be of another age: times without a year are of the year 0 at first.
  for (const instant of [...near, WINTER_2024, WINTER_2024 + HALF_YEAR]) {
    const reading = zone.at(instant);
    if (reading.abbreviation === abbreviation) offsets.add(reading.offsetSeconds);
  }
  for (const offset of offsets) {
    if (zone.at(localNano - BigInt(offset) * NANOS).abbreviation === abbreviation) return offset;
  }
  return offsets.values().next().value;
}

function intlZone(name: string): Zone | undefined {
  const formats = [];
  for (const timeZoneName of ['longOffset', 'long'] as const) {
    try {
      formats.push(new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName }));
    } catch {
      return undefined;
    }
  }
  const [offsets, names] = formats as [Intl.DateTimeFormat, Intl.DateTimeFormat];
  const canonical = offsets.resolvedOptions().timeZone;
  // A name in the wrong case is none; a link has another name altogether.
  if (canonical !== name && canonical.toLowerCase() === name.toLowerCase()) return undefined;
  const readings = new Map<bigint, Reading>();
  const read = (bucket: bigint): Reading => {
    const ms = Math.max(-MAX_MS, Math.min(MAX_MS, Number((bucket * BUCKET) / 1_000_000n)));
    const offsetSeconds = secondsOf(zonePart(offsets, ms));
    return { offsetSeconds, abbreviation: abbreviationOf(canonical, zonePart(names, ms), offsetSeconds) };
  };
  return {
    name,
    at(unixNano) {
      const bucket = unixNano / BUCKET - (unixNano < 0n && unixNano % BUCKET !== 0n ? 1n : 0n);
      const known = readings.get(bucket);
      if (known) return known;
      if (readings.size >= MAX_READINGS) readings.clear();
      const reading = read(bucket);
      readings.set(bucket, reading);
      return reading;
    },
  };
}

function zonePart(format: Intl.DateTimeFormat, ms: number): string {
  return format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Of "GMT", "GMT+05:30", "GMT-00:01:15". */
function secondsOf(offset: string): number {
  const match = /^GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(offset);
  if (!match) return 0;
  const [, sign, hours, minutes, seconds = 0] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}
