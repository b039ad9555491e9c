/** Whether two parsed blocks say the same. */
import { Secret } from './secret.ts';

/**
 * Deep equality of parsed settings: secrets by what they hide, and Infinity, NaN, maps, sets, regular expressions, dates, URLs
 * and bytes by their content. What can't be looked into (functions, objects of other classes) equals itself only: a
 * difference too many costs a component its restart, one too few would leave it with old settings.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Secret) return a.reveal() === (b as Secret).reveal();
  if (Array.isArray(a)) return isSameList(a, b as unknown[]);
  if (a instanceof Map) return isSameList([...a], [...(b as Map<unknown, unknown>)]);
  if (a instanceof Set) return isSameList([...a], [...(b as Set<unknown>)]);
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  if (a instanceof URL) return a.href === (b as URL).href;
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array) === 0;
  const prototype: unknown = Object.getPrototypeOf(a);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return isSameRecord(a as Record<string, unknown>, b as Record<string, unknown>);
}

/** In their order, which may mean something: of severities by topic the first that matches wins. */
function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
}

/** A key without a value says what a missing key says. The order counts, as in lists. */
function isSameRecord(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const said = (record: Record<string, unknown>) => Object.entries(record).filter(([, value]) => value !== undefined);
  return isSameList(said(a), said(b));
}
