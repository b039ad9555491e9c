/** OTLP/JSON in a form in which equal records are equal data. */

/** Attributes by key, whatever their order; what is absent or empty left out. Resources and scopes without records are nothing. */
export function comparable(data: unknown, options: { readonly unordered?: boolean } = {}): unknown {
  return list(data, 'resourceLogs').flatMap((group) => {
    const scopes = list(group, 'scopeLogs').flatMap((scoped) => {
      const records = list(scoped, 'logRecords').map(record);
      if (options.unordered) records.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      const scope = map(scoped).scope;
      return records.length > 0
        ? [{ scope: owner(scope), schemaUrl: map(scoped).schemaUrl || undefined, records }]
        : [];
    });
    const { resource, schemaUrl } = map(group);
    return scopes.length > 0 ? [{ resource: owner(resource), schemaUrl: schemaUrl || undefined, scopes }] : [];
  });
}

/** A copy without what stands at the paths: items of lists by number, attributes by key. */
export function without(data: unknown, paths: readonly string[]): unknown {
  const copy = structuredClone(data);
  for (const path of paths) remove(copy, path.split('.'));
  return copy;
}

function remove(from: unknown, [step = '', ...rest]: readonly string[]): void {
  if (Array.isArray(from)) {
    const isEntries = from.some((item) => map(item).key !== undefined);
    // A key may have dots in it.
    if (isEntries) {
      const path = [step, ...rest].join('.');
      const index = from.findIndex((item) => path === map(item).key || path.startsWith(`${map(item).key}.`));
      const key = String(map(from[index]).key);
      if (index < 0) return;
      if (path === key) from.splice(index, 1);
      else remove(map(from[index]).value, path.slice(key.length + 1).split('.'));
      return;
    }
    if (rest.length === 0) from.splice(Number(step), 1);
    else remove(from[Number(step)], rest);
    return;
  }
  if (from === null || typeof from !== 'object') return;
  if (rest.length === 0) delete (from as Record<string, unknown>)[step];
  else remove(map(from)[step], rest);
}

function owner(of: unknown): unknown {
  const { name, version, attributes, droppedAttributesCount } = map(of);
  return {
    name: name || undefined,
    version: version || undefined,
    attributes: entries(attributes),
    dropped: Number(droppedAttributesCount ?? 0),
  };
}

function record(data: unknown): unknown {
  const { body, attributes, ...fields } = map(data);
  const set = Object.entries(fields).filter(([, field]) => !['', '0', 0, undefined].includes(field as never));
  return {
    ...Object.fromEntries(set.map(([key, field]) => [key, key.endsWith('UnixNano') ? String(field) : field])),
    body: value(body),
    attributes: entries(attributes),
  };
}

/** Keys may repeat: a multiset of pairs. */
function entries(of: unknown): unknown {
  const pairs = (Array.isArray(of) ? of : []).map((entry) =>
    JSON.stringify([map(entry).key ?? '', value(map(entry).value)]),
  );
  return pairs.sort();
}

function value(of: unknown): unknown {
  const any = map(of);
  if (any.kvlistValue !== undefined) return { map: entries(map(any.kvlistValue).values) };
  if (any.arrayValue !== undefined) return { list: list(any.arrayValue, 'values').map(value) };
  if (any.intValue !== undefined) return { int: String(any.intValue) };
  if (any.doubleValue !== undefined) return { double: number(any.doubleValue) };
  if (any.stringValue !== undefined) return { text: any.stringValue };
  if (any.boolValue !== undefined) return { bool: any.boolValue };
  return any.bytesValue === undefined ? {} : { bytes: any.bytesValue };
}

/** As a text, which tells -0 from 0. */
function number(of: unknown): string {
  const double = Number(of);
  return Object.is(double, -0) ? '-0' : String(double);
}

function map(of: unknown): Record<string, unknown> {
  return of !== null && typeof of === 'object' && !Array.isArray(of) ? (of as Record<string, unknown>) : {};
}

function list(of: unknown, key: string): unknown[] {
  const found = map(of)[key];
  return Array.isArray(found) ? found : [];
}
