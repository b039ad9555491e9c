import { OttlError } from '../error.ts';
import type { Getter } from '../getter.ts';
import { isList, isMap, isRecordValue, kindName, type OttlValue } from '../value.ts';

/**
 * The value, where the Collector would put it into a list: it takes neither maps nor lists for that, but lists that stand in
 * the statement, without maps in them.
 *
 * @throws {OttlError}
 */
export function listItem(value: OttlValue, getter?: Getter): OttlValue {
  if (isList(value) && getter?.literal) {
    refuseMapsIn(value);
    return value;
  }
  if (isList(value) || isMap(value) || !isRecordValue(value)) refuse(value);
  return value;
}

/** @throws {OttlError} for a list with a map in it, at any depth: the Collector can't take such a literal for a list */
export function refuseMapsIn(list: readonly OttlValue[]): void {
  for (const item of list) {
    if (isList(item)) refuseMapsIn(item);
    else if (isMap(item)) refuse(item);
  }
}

function refuse(value: OttlValue): never {
  throw new OttlError(`<Invalid value type ${kindName(value)}>`);
}
