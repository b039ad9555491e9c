/** `==`, `<` and the others, by the Collector's rules (pkg/ottl/compare.go). */
import { Double, isDouble, isInt, toNumber } from '../record/value.ts';
import { compareBytes } from '../record/value-text.ts';
import type { Comparison } from './syntax/ast.ts';
import { isList, isMap, LiteralList, OttlDuration, OttlId, OttlTime, type OttlValue } from './value.ts';

/**
 * nil equals nil and empty bytes. Integers and doubles are compared as doubles. Values of different kinds are only unequal;
 * maps, lists and ids have no order.
 */
export function compare(a: OttlValue, b: OttlValue, operator: Comparison): boolean {
  const [left, right] = [meaning(a), meaning(b)];
  if (left === undefined || right === undefined) {
    return left === right ? includesEqual(operator) : operator === '!=';
  }
  if (isList(left) && isList(right) && left instanceof LiteralList !== right instanceof LiteralList) {
    // In the Collector a map of a statement has another type than one in a record's list, so they are never equal.
    if (hasMap(left instanceof LiteralList ? left : right)) return operator === '!=';
  }
  const order = ordered(left, right);
  if (order !== undefined) return holds(order, operator);
  if (operator === '==') return isEqual(left, right);
  return operator === '!=' && !isEqual(left, right);
}

function hasMap(list: readonly OttlValue[]): boolean {
  return list.some((item) => isMap(item) || (isList(item) && hasMap(item)));
}

function meaning(value: OttlValue): OttlValue {
  return value === null || (value instanceof Uint8Array && value.length === 0) ? undefined : value;
}

const includesEqual = (operator: Comparison) => operator === '==' || operator === '<=' || operator === '>=';

/** Below, at or above 0; NaN where neither is true; undefined where there is no order. */
function ordered(a: OttlValue, b: OttlValue): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareBytes(a, b) : undefined;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : undefined;
  if (isInt(a) && isInt(b)) return a < b ? -1 : a > b ? 1 : 0;
  if ((isInt(a) || isDouble(a)) && (isInt(b) || isDouble(b))) {
    const [x, y] = [toNumber(a), toNumber(b)];
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN;
  }
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : undefined;
  if (a instanceof OttlDuration) {
    return b instanceof OttlDuration ? difference(a.nanoseconds, b.nanoseconds) : undefined;
  }
  if (a instanceof OttlTime) return b instanceof OttlTime ? difference(a.unixNano, b.unixNano) : undefined;
  return undefined;
}

function difference(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function holds(order: number, operator: Comparison): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Of what stands in maps and lists: an integer never equals a double there. */
export function isEqual(a: OttlValue, b: OttlValue): boolean {
  if (a === b) return true;
  if (a === undefined || a === null) return b === undefined || b === null;
  if (a instanceof Double) return b instanceof Double && a.value === b.value;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof OttlId) return b instanceof OttlId && a.kind === b.kind && isEqual(a.bytes, b.bytes);
  if (a instanceof OttlTime) return b instanceof OttlTime && a.unixNano === b.unixNano;
  if (a instanceof OttlDuration) return b instanceof OttlDuration && a.nanoseconds === b.nanoseconds;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}
