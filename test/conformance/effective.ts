/**
 * What `print-config` shows, next to what the Collector's shows: every setting that the sources make must be the same, and so
 * must every default, apart from those that differ on purpose.
 */
import { isDeepStrictEqual } from 'node:util';
import { parseDuration, parseSize } from '../../src/config/blocks/scalars.ts';

/** Defaults of ours that are others than the Collector's, each with its reason. A path that is listed and equal is no error. */
export const OTHER_DEFAULTS: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^exporters::[^:]+::retry_on_failure::max_elapsed_time$/, 'nothing is dropped for its age: trouble is waited out'],
  [/^exporters::[^:]+::sending_queue$/, 'the journal is the queue of every exporter'],
  [/^exporters::[^:]+::sending_queue::batch$/, 'what the journal holds is sent in batches'],
  [/^exporters::file(?:\/[^:]+)?::append$/, 'the file is never truncated'],
  [/^exporters::file(?:\/[^:]+)?::rotation::max_megabytes$/, '0 stands for 100 there'],
  [
    /^(?:extensions|receivers)::(?:.+::)?(?:read_header|read|write|idle)_timeout$/,
    'a server waits for nobody without a limit: it would be held up by whoever connects and says nothing',
  ],
  [
    /^service::telemetry::logs::sampling$/,
    'every line is written: what repeats is told seldom by itself, and equal lines can be about different deliveries',
  ],
];

/** Words that are taken in any case, and shown in different ones. */
const CASELESS = /^service::telemetry::(?:logs::encoding|(?:metrics|traces)::level)$|::verbosity$/;

/** What differs, as `path: theirs, ours`; undefined: nothing. `written`: what the sources say. */
export function difference(theirs: unknown, ours: unknown, written: unknown): string | undefined {
  const found = [...differences(theirs, ours, written, [])];
  return found.length === 0 ? undefined : found.join('\n');
}

function* differences(theirs: unknown, ours: unknown, written: unknown, path: readonly string[]): Generator<string> {
  if (isMap(theirs) && isMap(ours)) {
    for (const [key, value] of Object.entries(theirs)) {
      yield* differences(value, ours[key], isMap(written) ? written[key] : undefined, [...path, key]);
    }
    return;
  }
  if (Array.isArray(theirs) && Array.isArray(ours) && !isPairs(theirs) && theirs.length === ours.length) {
    const items = Array.isArray(written) ? written : [];
    for (const [index, item] of theirs.entries()) {
      yield* differences(item, ours[index], items[index] ?? null, [...path, String(index)]);
    }
    return;
  }
  if (isDeepStrictEqual(plain(theirs), plain(ours)) || (isNothing(theirs) && isNothing(ours))) return;
  const place = path.join('::');
  // What would be a reference is escaped, so that what is printed is a configuration again.
  if (typeof theirs === 'string' && /\$[${]/.test(theirs) && theirs.replaceAll('$', '$$$$') === ours) return;
  // Ours shows bytes with a unit where that is shorter.
  if (typeof theirs === 'number' && typeof ours === 'string' && parseSize(ours) === theirs) return;
  // An optional block that is switched off is none there, and one that says so here.
  if (theirs === null && isMap(ours) && ours.enabled === false) return;
  if (CASELESS.test(place) && String(theirs).toLowerCase() === String(ours).toLowerCase()) return;
  // A key that this agent has not got: written, it is refused; else it does nothing that anybody asked for.
  if (written === undefined && ours === undefined) return;
  if (written === undefined && OTHER_DEFAULTS.some(([paths]) => paths.test(place))) return;
  yield `${place}: ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`;
}

/** Durations by their length, headers in their one form. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' && /^-?[\d.]/.test(value)) return parseDuration(value) ?? value;
  if (Array.isArray(value)) {
    return isPairs(value) ? Object.fromEntries(value.map(({ name, value }) => [name, value])) : value.map(plain);
  }
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const isPairs = (list: readonly unknown[]) =>
  list.length > 0 && list.every((item) => isMap(item) && 'name' in item && 'value' in item);

/** Go's zero values stand for what is not there. */
function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  // A section that is switched off.
  if (isMap(value)) return value.enabled === false || Object.values(value).every(isNothing);
  return [undefined, null, '', 0, false, '0s'].includes(value as never);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
