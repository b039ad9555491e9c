/** The fields of a notification and of a record, each with what it is. */
import { classOf, containerOf, type FieldClass, type Place, placeOfAttribute, TOP } from '../intercom/privacy.ts';
import { jsonIn, MAX_NESTED } from '../record/json-in-text.ts';
import type { LogRecord } from '../record/log-record.ts';
import { isMap, type Value } from '../record/value.ts';

/** A value that is no map and no list, and says something: neither null nor ''. */
export interface Field {
  /** With the index of each list: where it is in this record. */
  readonly place: string;
  /** With `[]` for any index: where it is in records like this one. */
  readonly path: string;
  readonly value: Value;
  readonly class: FieldClass;
}

/**
 * The fields of a record: those of the notification under their own paths, of other bodies under `body`, attributes and the
 * resource's. JSON in a text is gone into: `data -> added_by.email`.
 */
export function fieldsOf(record: LogRecord): Field[] {
  const fields: Field[] = [];
  const body = record.body as Value;
  const isNotification = isMap(body) && 'intercom' in body;
  walk(isNotification ? body.intercom : body, TOP, isNotification ? '' : 'body', fields);
  for (const [prefix, attributes] of [
    ['attributes', record.attributes],
    ['resource', record.resource.attributes],
  ] as const) {
    for (const [name, value] of Object.entries(attributes) as [string, Value][]) {
      const own: Field[] = [];
      walk(value, placeOfAttribute(name, value), `${prefix}[${JSON.stringify(name)}]`, own);
      fields.push(...own.map((field): Field => (prefix === 'resource' ? { ...field, class: 'fact' } : field)));
    }
  }
  return fields;
}

function walk(value: Value, place: Place, at: string, fields: Field[], nested = 0): void {
  if (value === null || value === undefined || value === '') return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(item, place, `${at}[${index}]`, fields, nested);
  } else if (isMap(value)) {
    const container = containerOf(place);
    for (const key of Object.keys(value)) {
      const name = /^[\w-]+$/.test(key)
        ? `${at === '' || at.endsWith('-> ') ? '' : '.'}${key}`
        : `[${JSON.stringify(key)}]`;
      walk(value[key], { key, parent: place.key, owner: value, container }, `${at}${name}`, fields, nested);
    }
  } else {
    const inside = typeof value === 'string' && nested < MAX_NESTED ? jsonIn(value) : undefined;
    if (inside !== undefined)
      walk(inside, { ...place, container: containerOf(place) }, `${at} -> `, fields, nested + 1);
    else fields.push({ place: at, path: at.replace(/\[\d+\]/g, '[]'), value, class: classOf(value, place) });
  }
}
