import type { Clock } from '../clock.ts';
import type { RecordRules } from '../component.ts';
import type { Cause } from '../journal/dead-letters.ts';
import { copyRecord, hrTimeFromMillis, type LogRecord } from '../record/log-record.ts';
import type { Value } from '../record/value.ts';

/** What the backend would not take by rules that are known beforehand is found here, before it costs a request. */
export interface Fit {
  readonly records: readonly LogRecord[];
  /** As the exporter weighs them. */
  readonly bytes: number;
  /** They must not be sent. */
  readonly cause?: Cause;
}

export interface FitnessOptions {
  readonly rules: RecordRules;
  weigh(record: LogRecord): number;
  readonly clock: Clock;
}

/**
 * Makes the records of one entry fit for the backend, at the moment of an attempt: too old ones get the present time, too
 * large ones a shorter body; or the entry is unfit. One unfit record makes its entry unfit.
 */
export function makeFit(records: readonly LogRecord[], { rules, weigh, clock }: FitnessOptions): Fit {
  const fit: LogRecord[] = [];
  let bytes = 0;
  let cause: Cause | undefined;
  for (const given of records) {
    const age = clock.now() - timeOf(given);
    const isTooOld = age > rules.maxAgeMs;
    const record = isTooOld && rules.tooOld === 'restamp' ? restamped(given, clock.now()) : given;
    if (isTooOld && rules.tooOld !== 'restamp') cause ??= tooOld(given, age, rules.maxAgeMs);
    const weight = weigh(record);
    const lighter = weight > rules.maxRecordBytes && rules.oversized === 'truncate_body' && cut(record, rules, weigh);
    if (weight > rules.maxRecordBytes && !lighter) cause ??= tooLarge(weight, rules);
    fit.push(lighter || record);
    bytes += lighter ? weigh(lighter) : weight;
  }
  return { records: fit, bytes, ...(cause && { cause }) };
}

/** The same for records that must not be changed: undefined where something would have to be done about one of them. */
export function fitAsItIs(records: readonly LogRecord[], { rules, weigh, clock }: FitnessOptions): Fit | undefined {
  let bytes = 0;
  for (const record of records) {
    const weight = weigh(record);
    if (weight > rules.maxRecordBytes || clock.now() - timeOf(record) > rules.maxAgeMs) return undefined;
    bytes += weight;
  }
  return { records, bytes };
}

/** Milliseconds since the epoch: of the event, or of its receipt where that is unknown. */
function timeOf({ hrTime, hrTimeObserved }: LogRecord): number {
  const [seconds, nanos] = hrTime[0] === 0 && hrTime[1] === 0 ? hrTimeObserved : hrTime;
  return seconds * 1000 + nanos / 1e6;
}

/** A copy: other deliveries may have the record too, and another limit. */
function restamped(record: LogRecord, now: number): LogRecord {
  const copy = copyRecord(record);
  copy.setAttribute('log.original_time', new Date(timeOf(record)).toISOString());
  copy.hrTime = hrTimeFromMillis(now);
  return copy;
}

function tooOld(record: LogRecord, ageMs: number, maxAgeMs: number): Cause {
  const hours = (ms: number) => `${Math.round(ms / 360_000) / 10} h`;
  const since = new Date(timeOf(record)).toISOString();
  return { kind: 'too_old', summary: `its time, ${since}, is ${hours(ageMs)} back; max_age is ${hours(maxAgeMs)}` };
}

function tooLarge(bytes: number, { maxRecordBytes, oversized }: RecordRules): Cause {
  const tried = oversized === 'truncate_body' ? ', also with its body cut' : '';
  return { kind: 'too_large', summary: `the record has ${bytes} bytes; max_record_bytes is ${maxRecordBytes}${tried}` };
}

/** How often a body is cut anew because the encoding made more of it than was thought. */
const CUTS = 8;

/** The record with the largest value of its body as text that is cut short; undefined where that does not make it fit. */
function cut(
  record: LogRecord,
  { maxRecordBytes }: RecordRules,
  weigh: (record: LogRecord) => number,
): LogRecord | undefined {
  const body = record.body as Value;
  const key = largestKey(body);
  const text = Buffer.from(asText(key === undefined ? body : (body as Record<string, Value>)[key]));
  const withText = (short: string) => {
    const shorter = copyRecord(record);
    const cutBody = key === undefined ? short : { ...(body as Record<string, Value>), [key]: short };
    shorter.body = cutBody as LogRecord['body'];
    shorter.setAttributes({ 'log.body.truncated': true, 'log.body.original_bytes': text.length });
    return shorter;
  };
  let room = maxRecordBytes - weigh(withText(''));
  for (let tries = 0; tries < CUTS && room > 0; tries++) {
    const short = prefix(text, room);
    const shorter = withText(short);
    const over = weigh(shorter) - maxRecordBytes;
    if (over <= 0) return shorter;
    // Escaped characters take several bytes: what is over is so many times less of the text.
    const growth = (room + over) / room;
    room = Math.min(room - 1, Math.floor(room - over / growth));
  }
  return undefined;
}

function largestKey(body: Value): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || body instanceof Uint8Array) return undefined;
  let largest: string | undefined;
  let most = -1;
  for (const [key, value] of Object.entries(body)) {
    const size = asText(value).length;
    if (size > most) [largest, most] = [key, size];
  }
  return largest;
}

/** JSON, except that text stays as it is and an integer beyond 2^53 is its digits in quotes. */
function asText(value: Value): string {
  if (typeof value === 'string') return value;
  const text = JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'bigint') return String(inner);
    return inner instanceof Uint8Array ? Buffer.from(inner).toString('base64') : inner;
  });
  return text ?? '';
}

/** At most so many bytes of UTF-8, no character cut in two. */
function prefix(text: Buffer, bytes: number): string {
  let end = Math.min(bytes, text.length);
  while (end > 0 && end < text.length && ((text[end] as number) & 0xc0) === 0x80) end--;
  return text.toString('utf8', 0, end);
}
