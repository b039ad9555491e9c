/** From what an expression yields to what a record holds. */
import { Double, setOwn, type Value, type ValueMap } from '../record/value.ts';
import { OttlError } from './error.ts';
import { isList, isMap, isRecordValue, kindName, type OttlValue, pdataKind } from './value.ts';

/**
 * A copy that shares no map, list or bytes with it. In lists, nil becomes the empty value.
 *
 * @param current what stands there now, for the message
 * @throws {OttlError} for times, durations and ids, which records do not have
 */
export function copyForRecord(value: OttlValue, current?: OttlValue): Value {
  if (!isRecordValue(value)) {
    throw new OttlError(
      `unsupported type ${kindName(value)} for set operation; current value type is ${pdataKind(current)}`,
    );
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
