/** The scalar types of the configuration language. Each schema takes what a file holds and gives what code works with. */
import { z } from 'zod';
import { Secret } from '../secret.ts';

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's duration syntax ("1h2m3.5s", "-200ms", "0") as milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (!match) return undefined;
  let nanoseconds = 0;
  for (const [, amount, unit] of (match[2] as string).matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]+)/g)) {
    nanoseconds += Number(amount) * (NANOSECONDS[unit as string] as number);
  }
  // Whole ones, as in Go: 1.001s is 1001 ms, whatever floating point makes of it.
  return Math.round(match[1] === '-' ? -nanoseconds : nanoseconds) / 1e6;
}

/** What `parseDuration` reads as these milliseconds: 90000 as `1m30s`, 86400000 as `24h`. */
export function formatDuration(ms: number): string {
  const nanoseconds = Math.round(ms * 1e6);
  if (nanoseconds === 0) return '0s';
  const unit = nanoseconds < 1e3 ? 'ns' : nanoseconds < 1e6 ? 'µs' : 'ms';
  if (nanoseconds < 1e9) return `${nanoseconds / (NANOSECONDS[unit] as number)}${unit}`;
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9);
  const seconds = (nanoseconds % 60e9) / 1e9;
  return `${hours ? `${hours}h` : ''}${minutes ? `${minutes}m` : ''}${seconds ? `${seconds}s` : ''}`;
}

const durationText = (least: number) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    // A bare number is nanoseconds, as in Go.
    const ms = typeof value === 'string' ? parseDuration(value) : value / 1e6;
    if (ms === undefined || ms < least) {
      context.addIssue({ code: 'custom', message: 'expected a duration such as 500ms, 5s or 1m30s' });
      return z.NEVER;
    }
    return ms;
  });

/** A duration in Go's syntax, as milliseconds. The default is written as it would stand in a file: `duration('30s')`. */
export function duration(defaultText: string) {
  return durationText(0).prefault(defaultText).meta({ format: 'duration' });
}

/** The same, where the component itself has words for those below zero. */
export function signedDuration(defaultText: string) {
  return durationText(Number.NEGATIVE_INFINITY).prefault(defaultText).meta({ format: 'duration' });
}

/**
 * A whole number from 0 to 2^32-1 as Go's conversion has it: fractions are cut off, what is larger wraps around, with a
 * warning.
 */
export function uint32(fallback: number) {
  return z.number().int().min(0).default(fallback).meta({ format: 'uint32' });
}

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** A number of bytes ("5MiB", "2MB", "1024"); undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match && BYTES[(match[2] as string).toLowerCase()];
  return match && unit ? Math.floor(Number(match[1]) * unit) : undefined;
}

/** What `parseSize` reads as so many bytes, as short as it can be without rounding: `5MiB`, `2MB`; a number where no unit helps. */
export function formatSize(bytes: number): string | number {
  const texts = ['GiB', 'MiB', 'KiB', 'GB', 'MB', 'KB'].flatMap((unit) => {
    const amount = bytes / (BYTES[unit.toLowerCase()] as number);
    return Number.isSafeInteger(amount) && amount > 0 ? [`${amount}${unit}`] : [];
  });
  const [shortest = ''] = texts.sort((a, b) => a.length - b.length);
  return shortest !== '' && shortest.length < String(bytes).length ? shortest : bytes;
}

const sizeText = z.union([z.string(), z.number()]).transform((value, context) => {
  const bytes = parseSize(String(value));
  if (bytes === undefined) {
    context.addIssue({ code: 'custom', message: 'expected a size such as 5MiB, 2MB or a number of bytes' });
    return z.NEVER;
  }
  return bytes;
});

/** Bytes: a whole number, or a string with a unit. The default is written as in a file: `size('5MiB')`. */
export function size(defaultText: string) {
  return sizeText.prefault(defaultText).meta({ format: 'bytes' });
}

/**
 * One of the Collector's levels, in any case; also by its number, of which the first is `first`. The text of the error is the
 * Collector's, with the level for `%s`.
 */
export function level<const Name extends string>(
  names: readonly Name[],
  { first, error }: { first: number; error: string },
) {
  return z
    .union([z.string(), z.number()])
    .transform((value, context): Name => {
      const name = typeof value === 'string' ? value.toLowerCase() : (names[Math.trunc(value) - first] ?? '');
      const found = names.find((known) => known === name);
      if (found !== undefined) return found;
      context.addIssue({
        code: 'custom',
        message: error.replace('%s', JSON.stringify(String(value))),
        params: { suggestion: `the levels are ${names.join(', ')}` },
      });
      return z.NEVER;
    })
    .meta({ format: 'level', choices: names });
}

/** `enabled` of a section that is switched on by being written: nothing but true and false counts. */
export function enabledSwitch() {
  return z.boolean().default(true).meta({ format: 'switch' });
}

/** A value that goes into records: of any kind, as it is written (1 is an integer, 1.0 a double). Null is as not written. */
export function recordValue() {
  return z.unknown().optional().meta({ format: 'value' });
}

/** A text that is hidden in every output. */
export function secret() {
  return z
    .string()
    .min(1, 'must not be empty')
    .transform((value) => new Secret(value))
    .meta({ format: 'secret' });
}

/** `host:port`; the host may be empty (all interfaces) or a bracketed IPv6 address. */
export function endpoint(defaultText: string) {
  return z
    .string()
    .refine(
      (value) => parseEndpoint(value) !== undefined,
      'expected host:port, for example localhost:8080 or 0.0.0.0:8080',
    )
    .default(defaultText)
    .meta({ format: 'endpoint' });
}

export function parseEndpoint(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s/[\]]*)):(\d{1,5})$/.exec(text);
  const port = match ? Number(match[3]) : -1;
  return match && port <= 65_535 ? { host: match[1] ?? (match[2] as string), port } : undefined;
}
