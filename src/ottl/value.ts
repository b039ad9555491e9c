/**
 * What expressions yield: the values of records, and OTTL's own, which stand in no record: times, durations and ids.
 *
 * `undefined` is nil. `null` is the empty value and stands only inside maps and lists: a getter that finds it gives
 * `undefined`. Integers and doubles have the forms that record/value.ts tells: make them with `int` and `double`.
 */
import { Double, isDouble, isInt, type Value, type ValueMap } from '../record/value.ts';

/** An int64. */
export type Int = number | bigint;

export type OttlValue = Value | OttlTime | OttlDuration | OttlId | readonly OttlValue[];

/** A place on Earth whose clocks are read, or a fixed distance from UTC. */
export interface Zone {
  /** "UTC", "Europe/Berlin", or "" for a bare offset. */
  readonly name: string;
  /** What the clocks there show at an instant (nanoseconds since the epoch). */
  at(unixNano: bigint): { readonly offsetSeconds: number; readonly abbreviation: string };
}

export const UTC: Zone = { name: 'UTC', at: () => ({ offsetSeconds: 0, abbreviation: 'UTC' }) };

/** An instant as Go's time.Time has it: exact to the nanosecond, of any year, with the zone that it was given in. */
export class OttlTime {
  /** Since the epoch; not bound to int64. */
  readonly unixNano: bigint;
  readonly zone: Zone;

  constructor(unixNano: bigint, zone: Zone = UTC) {
    this.unixNano = unixNano;
    this.zone = zone;
  }
}

/** Of Go's time.Duration: an int64 of nanoseconds, which wraps. */
export class OttlDuration {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = BigInt.asIntN(64, nanoseconds);
  }
}

/** A trace id or profile id (16 bytes) or a span id (8 bytes). Equal only to ids of the same kind. */
export class OttlId {
  readonly kind: 'trace' | 'span' | 'profile';
  readonly bytes: Uint8Array;

  constructor(kind: OttlId['kind'], bytes: Uint8Array) {
    this.kind = kind;
    this.bytes = bytes;
  }
}

/** A map. Use this one and not that of record/value.ts, to which a time looks like a map. */
export function isMap(value: unknown): value is ValueMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Double) &&
    !isOwn(value)
  );
}

/** A list that stands in a statement. Messages tell it from one of a record, as the Collector's do. */
export class LiteralList extends Array<OttlValue> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

export function isList(value: unknown): value is readonly OttlValue[] {
  return Array.isArray(value);
}

/** Whether a record can hold it (what is inside of lists aside). */
export function isRecordValue(value: OttlValue): value is Value {
  return !isOwn(value);
}

function isOwn(value: unknown): value is OttlTime | OttlDuration | OttlId {
  return value instanceof OttlTime || value instanceof OttlDuration || value instanceof OttlId;
}

/** The name of the value's type as the Collector's messages give it: "expected string but got int64". */
export function kindName(value: OttlValue): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (isInt(value)) return 'int64';
  if (isDouble(value)) return 'float64';
  if (value instanceof Uint8Array) return '[]uint8';
  if (isList(value)) return value instanceof LiteralList ? '[]interface {}' : 'pcommon.Slice';
  if (value instanceof OttlTime) return 'time.Time';
  if (value instanceof OttlDuration) return 'time.Duration';
  if (value instanceof OttlId) return ID_NAMES[value.kind];
  return 'pcommon.Map';
}

/** The kind of a record's value as pdata names it in messages. */
export function pdataKind(value: OttlValue): string {
  if (value === undefined || value === null) return 'Empty';
  if (typeof value === 'string') return 'Str';
  if (typeof value === 'boolean') return 'Bool';
  if (isInt(value)) return 'Int';
  if (isDouble(value)) return 'Double';
  if (value instanceof Uint8Array) return 'Bytes';
  return isList(value) ? 'Slice' : 'Map';
}

const ID_NAMES = { trace: 'pcommon.TraceID', span: 'pcommon.SpanID', profile: 'pprofile.ProfileID' };

/** Go's conversion of a float64 to an int64: towards zero; NaN and what is out of range become MinInt64, as on amd64. */
export function truncated(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : -(2n ** 63n);
}
