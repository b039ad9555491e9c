import { createHash } from 'node:crypto';
import type { Resource } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import type { RecordScope } from '../../record/resource.ts';
import type { Value } from '../../record/value.ts';
import { identityOf } from '../../record/value-text.ts';
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
  return createHash('sha256').update(parts.map(identityOf).join('')).digest('base64');
}
