import { OttlError } from './error.ts';
import { isList, isMap, isRecordValue, kindName, LiteralList, type OttlValue } from './value.ts';

/**
 * The value, where the Collector would put it into a list of its own: it takes neither maps nor lists for that, but lists that
 * stand in the statement, with the same in them.
 *
 * @throws {OttlError}
 */
export function listItem(value: OttlValue): OttlValue {
  if (value instanceof LiteralList) for (const item of value) listItem(item);
  else if (isList(value) || isMapLike(value)) throw new OttlError(`<Invalid value type ${kindName(value)}>`);
  return value;
}

function isMapLike(value: OttlValue): boolean {
  return value !== undefined && (isMap(value) || !isRecordValue(value));
}

/**
 * The value, where the Collector would put it into a map of a statement: maps may be there, and in a list of the statement, but no
 * list of a record.
 *
 * @throws {OttlError}
 */
export function mapEntry(value: OttlValue): OttlValue {
  if (value instanceof LiteralList) {
    for (const item of value) if (!isMap(item)) listItem(item);
  } else if (!isMap(value)) listItem(value);
  return value;
}
