/** What stands in a JSON value, and under which key; JSON inside a string is looked into. */
export interface Leaf {
  /** The nearest key above: that of the list for what stands in a list. */
  readonly key: string;
  readonly value: string | number | boolean | null;
}

export function leavesOf(value: unknown, key = ''): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((each) => leavesOf(each, key));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => leavesOf(each, name));
  if (typeof value === 'string' && value.startsWith('{')) return leavesOf(JSON.parse(value), key);
  return [{ key, value: value as Leaf['value'] }];
}

export function keysOf(value: unknown): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...keysOf(each)]));
  if (typeof value === 'string' && value.startsWith('{')) return keysOf(JSON.parse(value));
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.entries(value).flatMap(([name, each]) => [name, ...keysOf(each)]));
}
