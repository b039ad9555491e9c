import { Float } from '../config/tree.ts';
import { double, int, setOwn, type Value, type ValueMap } from '../record/value.ts';

/** A value of the configuration (`recordValue`) as it goes into records; shares nothing with it. */
export function toRecordValue(written: unknown): Value {
  if (written instanceof Float) return double(written.value);
  if (typeof written === 'bigint') return int(written);
  if (Array.isArray(written)) return written.map(toRecordValue);
  if (written === null || typeof written !== 'object') return written as Value;
  const map: ValueMap = {};
  for (const [key, inner] of Object.entries(written)) setOwn(map, key, toRecordValue(inner));
  return map;
}
