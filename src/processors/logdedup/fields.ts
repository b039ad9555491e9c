import type { LogRecord } from '../../record/log-record.ts';
import { getOwn, isMap, type Value, type ValueMap } from '../../record/value.ts';

/** `body.a.b` or `attributes.a`, parsed. */
export interface Field {
  readonly of: 'body' | 'attributes';
  readonly path: readonly string[];
}

export function parseField(text: string): Field {
  const [of, ...path] = text.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
  return { of: of as Field['of'], path };
}

/** The value of a field; undefined where it is not there. */
export function fieldOf(record: LogRecord, { of, path }: Field): Value {
  let value = record[of] as Value;
  for (const key of path) {
    if (!isMap(value)) return undefined;
    value = getOwn(value, key);
  }
  return path.length > 0 ? value : undefined;
}

/** Takes fields out of a record that nobody else has. */
export function removeFields(record: LogRecord, fields: readonly Field[]): void {
  for (const { of, path } of fields) {
    if (path.length === 0) record.attributes = {};
    else removeAt(record[of] as Value, path);
  }
}

function removeAt(value: Value, [key, ...rest]: readonly string[]): void {
  if (!isMap(value) || key === undefined || !Object.hasOwn(value, key)) return;
  if (rest.length === 0) delete (value as ValueMap)[key];
  else removeAt(value[key], rest);
}
