/** What `==` says of two values. */
import { isDouble, isInt, toNumber } from '../record/value.ts';
import { isList, isMap, OttlDuration, OttlId, OttlTime, type OttlValue } from './value.ts';

/** Integers and doubles are compared as doubles, but not inside of maps and lists, where they differ. */
export function isEqual(a: OttlValue, b: OttlValue): boolean {
  if (isInt(a) && isInt(b)) return a === b;
  if ((isInt(a) || isDouble(a)) && (isInt(b) || isDouble(b))) return toNumber(a) === toNumber(b);
  if (a instanceof OttlTime) return b instanceof OttlTime && a.unixNano === b.unixNano;
  if (a instanceof OttlDuration) return b instanceof OttlDuration && a.nanoseconds === b.nanoseconds;
  if (a instanceof OttlId) return b instanceof OttlId && a.kind === b.kind && isSameBytes(a.bytes, b.bytes);
  return isSame(a, b);
}

function isSame(a: OttlValue, b: OttlValue): boolean {
  if (a === undefined || a === null) return b === undefined || b === null;
  if (isDouble(a)) return isDouble(b) && toNumber(a) === toNumber(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && isSameBytes(a, b);
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isMap(a)) return a === b;
  if (!isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
