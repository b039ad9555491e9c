/** From what an expression yields to what a record holds. */
import { Double, setOwn, type Value, type ValueMap } from '../record/value.ts';
import { OttlError } from './error.ts';
import { isList, isMap, isRecordValue, kindName, type OttlValue } from './value.ts';

const PDATA_KINDS: readonly (readonly [test: (value: OttlValue) => boolean, name: string])[] = [
  [(value) => value === undefined || value === null, 'Empty'],
  [(value) => typeof value === 'string', 'Str'],
  [(value) => typeof value === 'boolean', 'Bool'],
];

/**
 * A copy that shares no map, list or bytes with it. In lists, nil becomes the empty value.
 *
 * @param current what stands there now, for the message
 * @throws {OttlError} for times, durations and ids, which records do not have
 */
export function copyForRecord(value: OttlValue, current?: OttlValue): Value {
  if (!isRecordValue(value)) {
    const now = PDATA_KINDS.find(([test]) => test(current))?.[1] ?? 'Empty';
    throw new OttlError(`unsupported type ${kindName(value)} for set operation; current value type is ${now}`);
  }
  if (isList(value)) return value.map((item) => copyForRecord(item) ?? null);
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof Double || !isMap(value)) return value as Value;
  return copyMap(value);
}

/** @throws {OttlError} where something in it can't be in a record */
export function copyMap(map: ValueMap): ValueMap {
  const copy: ValueMap = {};
  for (const key of Object.keys(map)) setOwn(copy, key, copyForRecord(map[key]) ?? null);
  return copy;
}
