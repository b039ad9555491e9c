import { createHash } from 'node:crypto';
import type { Resource } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import type { RecordScope } from '../../record/resource.ts';
import { isDouble, isInt, isMap, toNumber, type Value } from '../../record/value.ts';
import { type Field, fieldOf } from './fields.ts';

/** Equal for records that are the same. Owners are shared by many: what they are is computed once. */
export function keyMaker(compared: readonly Field[]): (record: LogRecord) => string {
  const owners = new WeakMap<object, string>();
  const owner = (of: Resource | RecordScope, parts: Value[]) => {
    const known = owners.get(of);
    if (known !== undefined) return known;
    const key = digest(parts);
    owners.set(of, key);
    return key;
  };
  return (record) => {
    const { resource } = record;
    const scope: RecordScope = record.instrumentationScope;
    const place = [
      owner(resource, [resource.attributes as Value]),
      owner(scope, [scope.name, scope.version, scope.attributes ?? {}]),
    ];
    const fields = compared.map((field) => fieldOf(record, field)).filter((value) => value !== undefined);
    const what =
      fields.length > 0
        ? fields
        : [record.attributes as Value, record.body as Value, record.severityNumber ?? 0, record.severityText ?? ''];
    return digest([...place, ...what]);
  };
}

function digest(parts: readonly Value[]): string {
  const hash = createHash('sha256');
  for (const part of parts) write(part, (text) => hash.update(text));
  return hash.digest('base64');
}

/** Each value with its kind and its length, so that no two different ones are written alike. Maps in the order of their keys. */
function write(value: Value, add: (text: string | Uint8Array) => void): void {
  const text = (kind: string, content: string) => add(`${kind}${content.length}:${content}`);
  if (typeof value === 'string') text('s', value);
  else if (value === null || value === undefined) add('n');
  else if (typeof value === 'boolean') add(value ? 't' : 'f');
  else if (isInt(value)) text('i', String(value));
  else if (isDouble(value)) text('d', Object.is(toNumber(value), -0) ? '-0' : String(toNumber(value)));
  else if (value instanceof Uint8Array) {
    add(`b${value.length}:`);
    add(value);
  } else if (Array.isArray(value)) {
    add(`l${value.length}:`);
    for (const item of value) write(item, add);
  } else if (isMap(value)) {
    const keys = Object.keys(value).sort();
    add(`m${keys.length}:`);
    for (const key of keys) {
      text('k', key);
      write(value[key], add);
    }
  }
}
