import { isDouble, isInt, toNumber } from '../../record/value.ts';
import { compareBytes } from '../../record/value-text.ts';
import { OttlError, within } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any, literal, optional } from '../parameter.ts';
import { listItem } from '../raw.ts';
import { pdataText } from '../text.ts';
import { isList, kindName, LiteralList, type OttlValue } from '../value.ts';

type Order = (a: OttlValue, b: OttlValue) => number;

export const sort = defineFunction({
  name: 'Sort',
  kind: 'converter',
  parameters: { target: any, order: optional(literal.string, '"asc"') },
  summary: 'The items of a list in order: numbers as numbers, and all as texts where any is not a number.',
  example: {
    statement: 'set(log.attributes["sorted"], Sort(log.body, "desc"))',
    before: { body: [1, 3, 2] },
    after: { attributes: { sorted: [3, 2, 1] } },
  },
  create({ target, order = 'asc' }) {
    if (order !== 'asc' && order !== 'desc') {
      throw new OttlError(`invalid arguments: ${order}. Order should be either "asc" or "desc"`);
    }
    return (context) => {
      const value = target(context);
      if (!isList(value)) {
        const type = value === undefined ? '<nil>' : kindName(value);
        throw new OttlError(`sort with unsupported type: '${type}'. Target is not a list`);
      }
      within(`sort with unsupported type: '${kindName(value)}'. Target is not a list of primitive types; `, () => {
        if (value instanceof LiteralList) listItem(value);
      });
      const ascending = orderOf(value);
      if (!ascending) return value;
      return [...value].sort(order === 'asc' ? ascending : (a, b) => ascending(b, a));
    };
  },
});

/** undefined where the list stays as it is, because of what can't be compared. */
function orderOf(list: readonly OttlValue[]): Order | undefined {
  if (list.every(isInt)) return byInt as Order;
  if (list.every((item) => isInt(item) || isDouble(item))) return byNumber as Order;
  return list.every(isScalar) ? byText : undefined;
}

function isScalar(value: OttlValue): boolean {
  return typeof value !== 'object' || value === null || isDouble(value);
}

function byInt(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NaN comes first. */
function byNumber(a: number | bigint, b: number | bigint): number {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  return x - y || 0;
}

function byText(a: OttlValue, b: OttlValue): number {
  return compareBytes(pdataText(a), pdataText(b));
}
