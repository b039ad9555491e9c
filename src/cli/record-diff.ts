/** What differs between two records, by path: `body.intercom.data.item.id`, `attributes["user.id"]`. */
import type { LogRecord } from '../record/log-record.ts';
import type { RecordScope } from '../record/resource.ts';
import { isMap, type Value, type ValueMap } from '../record/value.ts';
import { identityOf } from '../record/value-text.ts';

export type Difference =
  | { readonly kind: 'changed'; readonly path: string; readonly before: Value; readonly after: Value }
  | { readonly kind: 'removed'; readonly path: string; readonly before: Value }
  | { readonly kind: 'added'; readonly path: string; readonly after: Value };

/** In the order of the fields; a map or list that is gone, or new, is one difference. */
export function recordDifferences(before: LogRecord, after: LogRecord): Difference[] {
  return [...mapDifferences('', fieldsOf(before), fieldsOf(after))];
}

/** By the names that OTTL has for them. */
function fieldsOf(record: LogRecord): ValueMap {
  const scope: RecordScope = record.instrumentationScope;
  return {
    ...some({
      time: timeOf(record.hrTime),
      observed_time: timeOf(record.hrTimeObserved),
      severity_number: record.severityNumber || undefined,
      severity_text: record.severityText,
      event_name: record.eventName,
      trace_id: record.spanContext?.traceId,
      span_id: record.spanContext?.spanId,
      flags: record.flags || undefined,
      body: record.body as Value,
    }),
    attributes: record.attributes as ValueMap,
    ...some({ dropped_attributes_count: record.droppedAttributesCount || undefined }),
    resource: {
      attributes: record.resource.attributes as ValueMap,
      ...some({ schema_url: record.resource.schemaUrl }),
    },
    instrumentation_scope: {
      ...some({ name: scope.name, version: scope.version, schema_url: scope.schemaUrl }),
      attributes: scope.attributes ?? {},
    },
  };
}

function some(fields: ValueMap): ValueMap {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

function timeOf([seconds, nanos]: LogRecord['hrTime']): string {
  const digits = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds}${digits} s` : `${date.toISOString().slice(0, 19)}${digits}Z`;
}

function* differences(path: string, before: Value, after: Value): Generator<Difference> {
  if (isMap(before) && isMap(after)) yield* mapDifferences(path, before, after);
  else if (Array.isArray(before) && Array.isArray(after)) yield* listDifferences(path, before, after);
  else if (identityOf(before) !== identityOf(after)) yield { kind: 'changed', path, before, after };
}

function* mapDifferences(path: string, before: ValueMap, after: ValueMap): Generator<Difference> {
  for (const [key, value] of Object.entries(before)) {
    const inner = within(path, key);
    if (Object.hasOwn(after, key)) yield* differences(inner, value, after[key]);
    else yield { kind: 'removed', path: inner, before: value };
  }
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, key)) yield { kind: 'added', path: within(path, key), after: value };
  }
}

/** What is the same at both ends is left out, so that one element that is gone does not change all behind it. */
function* listDifferences(path: string, before: readonly Value[], after: readonly Value[]): Generator<Difference> {
  const [old, now] = [before.map(identityOf), after.map(identityOf)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const both = shorter - start - end;
  for (let at = start; at < start + both; at++) yield* differences(`${path}[${at}]`, before[at], after[at]);
  for (let at = start + both; at < old.length - end; at++) {
    yield { kind: 'removed', path: `${path}[${at}]`, before: before[at] };
  }
  for (let at = start + both; at < now.length - end; at++) {
    yield { kind: 'added', path: `${path}[${at}]`, after: after[at] };
  }
}

function within(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
