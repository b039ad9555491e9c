/** Where a value is not as a test expects it. */
import { nearest } from '../config/suggest.ts';
import { getOwn, isMap, type Value } from '../record/value.ts';
import { identityOf } from '../record/value-text.ts';
import type { Path, Pattern } from './pattern.ts';

export interface Difference {
  /** In the record, by its own keys. */
  readonly path: Path;
  /** Absent: nothing should be there. */
  readonly expected?: Pattern;
  /** Absent: nothing is there. */
  readonly got?: { readonly value: Value };
  /** Another key of the same map that may have been meant. */
  readonly near?: string;
}

/** None: it is as expected. */
export function differences(pattern: Pattern, value: Value, path: Path = []): Difference[] {
  const differs: Difference[] = [{ path, expected: pattern, got: { value } }];
  switch (pattern.kind) {
    case 'value':
      return identityOf(pattern.value) === identityOf(value) ? [] : differs;
    case 'matches':
      return typeof value === 'string' && pattern.regex.test(value) ? [] : differs;
    case 'contains':
      return typeof value === 'string' && value.includes(pattern.text) ? [] : differs;
    case 'exists':
      return pattern.wanted ? [] : differs;
    case 'one_of':
      return pattern.choices.some((choice) => differences(choice, value).length === 0) ? [] : differs;
    case 'not':
      return differences(pattern.pattern, value).length > 0 ? [] : differs;
    case 'list':
      return Array.isArray(value) ? inList(pattern.items, value, path) : differs;
    case 'map':
      return isMap(value) ? inMap(pattern, value, path) : differs;
  }
}

function inList(items: readonly Pattern[], values: readonly Value[], path: Path): Difference[] {
  const found: Difference[] = [];
  for (let index = 0; index < Math.max(items.length, values.length); index++) {
    const at = [...path, index];
    const expected = items[index];
    if (index >= values.length) found.push({ path: at, ...(expected && { expected }) });
    else if (!expected) found.push({ path: at, got: { value: values[index] } });
    else found.push(...differences(expected, values[index], at));
  }
  return found;
}

function inMap(
  { entries, exact }: Extract<Pattern, { kind: 'map' }>,
  map: { readonly [key: string]: Value },
  path: Path,
): Difference[] {
  const found: Difference[] = [];
  const others = Object.keys(map).filter((key) => !entries.has(key));
  for (const [key, expected] of entries) {
    const at = [...path, key];
    if (Object.hasOwn(map, key)) found.push(...differences(expected, getOwn(map, key), at));
    else if (!takesNothing(expected)) {
      const near = nearest(key, others);
      found.push({ path: at, expected, ...(near !== undefined && { near }) });
    }
  }
  if (exact) for (const key of others) found.push({ path: [...path, key], got: { value: map[key] } });
  return found;
}

/** A missing key is nothing but missing: `$not` is about a value that is there, for a slip in a key should not pass. */
function takesNothing(pattern: Pattern): boolean {
  if (pattern.kind === 'one_of') return pattern.choices.some(takesNothing);
  return pattern.kind === 'exists' && !pattern.wanted;
}

/**
 * Which record each expectation is about: in order, all of them where there are as many of both, otherwise those that
 * differ least. The index is that of the record; undefined where it has none.
 */
export function align(patterns: readonly Pattern[], records: readonly Value[]): (number | undefined)[] {
  if (patterns.length === records.length) return patterns.map((_, index) => index);
  const cost = patterns.map((pattern) => records.map((record) => differences(pattern, record).length));
  // best[i][j]: the least that the expectations from i and the records from j on can differ, as many as possible paired.
  const best = Array.from({ length: patterns.length + 1 }, () => new Array<number>(records.length + 1).fill(0));
  const mayLeave = (i: number, j: number) => ({
    pattern: patterns.length - i > records.length - j,
    record: records.length - j > patterns.length - i,
  });
  const choices = (i: number, j: number): [total: number, pair: boolean][] => {
    const { pattern, record } = mayLeave(i, j);
    const pair = (cost[i]?.[j] ?? 0) + (best[i + 1]?.[j + 1] ?? 0);
    const leave = pattern ? best[i + 1]?.[j] : record ? best[i]?.[j + 1] : undefined;
    return leave === undefined
      ? [[pair, true]]
      : [[pair, true] as [number, boolean], [leave, false] as [number, boolean]];
  };
  for (let i = patterns.length - 1; i >= 0; i--) {
    for (let j = records.length - 1; j >= 0; j--) {
      (best[i] as number[])[j] = Math.min(...choices(i, j).map(([total]) => total));
    }
  }
  const found = new Array<number | undefined>(patterns.length).fill(undefined);
  for (let i = 0, j = 0; i < patterns.length && j < records.length; ) {
    const options = choices(i, j);
    const [, pair] = options.reduce((a, b) => (b[0] < a[0] ? b : a));
    if (pair) found[i++] = j++;
    else if (mayLeave(i, j).pattern) i++;
    else j++;
  }
  return found;
}
