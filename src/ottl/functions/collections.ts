/** What maps and lists consist of. */
import { copyValue, getOwn, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any, list, listOf, literal, map, optional } from '../parameter.ts';
import { isList, isMap, kindName, pdataKind } from '../value.ts';

export const keys = defineFunction({
  name: 'Keys',
  kind: 'converter',
  parameters: { target: map },
  summary: 'The keys of a map, as a list.',
  example: {
    statement: 'set(log.attributes["fields"], Keys(log.body))',
    before: { body: { a: 1, b: 2 } },
    after: { attributes: { fields: ['a', 'b'] } },
  },
  create:
    ({ target }) =>
    (context) =>
      Object.keys(target(context)),
});

export const values = defineFunction({
  name: 'Values',
  kind: 'converter',
  parameters: { target: map },
  summary: 'The values of a map, as a list in the order of its keys.',
  example: {
    statement: 'set(log.attributes["values"], Values(log.body))',
    before: { body: { a: 1, b: 2 } },
    after: { attributes: { values: [1, 2] } },
  },
  create:
    ({ target }) =>
    (context) =>
      Object.values(target(context)).map(copyValue),
});

const LENGTH_KINDS =
  'target arg must be of type string, []any, map[string]any, pcommon.Map, pcommon.Slice, pcommon.Value (of type String, Map, Slice) or a supported slice type from the plog, pmetric or ptrace packages';

export const len = defineFunction({
  name: 'Len',
  kind: 'converter',
  parameters: { target: any },
  summary: 'The number of bytes of a text in UTF-8, of bytes, of items of a list or of keys of a map.',
  example: {
    statement: 'set(log.attributes["size"], Len(log.body))',
    before: { body: 'hello' },
    after: { attributes: { size: 5 } },
  },
  create:
    ({ target }) =>
    (context) => {
      const value = target(context);
      if (typeof value === 'string') return Buffer.byteLength(value);
      if (value instanceof Uint8Array || isList(value)) return value.length;
      if (value !== undefined && isMap(value)) return Object.keys(value).length;
      const type = value === undefined ? '<nil>' : kindName(value);
      throw new OttlError(`Len: unsupported target type ${type}. ${LENGTH_KINDS}`);
    },
});

export const sliceToMap = defineFunction({
  name: 'SliceToMap',
  kind: 'converter',
  parameters: {
    target: list,
    keyPath: optional(listOf(literal.string), "the item's number"),
    valuePath: optional(listOf(literal.string), 'the whole item'),
  },
  summary: 'A map of the items of a list, with the key and the value found at paths inside of each item.',
  example: {
    statement: 'set(log.attributes, SliceToMap(log.body, ["name"], ["value"]))',
    before: { body: [{ name: 'a', value: 1 }] },
    after: { attributes: { a: 1 } },
  },
  create:
    ({ target, keyPath, valuePath }) =>
    (context) => {
      const result: ValueMap = {};
      for (const [i, item] of target(context).entries()) {
        if ((keyPath || valuePath) && !isMap(item)) {
          throw new OttlError(
            `slice elements must be maps when using \`key_path\` or \`value_path\`, but could not cast element of type \`${pdataKind(item)}\` to a map`,
          );
        }
        const key = keyPath ? keyAt(item as ValueMap, keyPath, i) : String(i);
        const value = valuePath ? found(item as ValueMap, valuePath, `value from element ${i}`) : (item as Value);
        setOwn(result, key, copyValue(value ?? null));
      }
      return result;
    },
});

function keyAt(item: ValueMap, path: readonly string[], i: number): string {
  const key = found(item, path, `key from element ${i}`);
  if (typeof key === 'string') return key;
  throw new OttlError(`element ${i}: extracted key attribute is not of type string, got "${pdataKind(key)}"`);
}

function found(item: ValueMap, path: readonly string[], what: string): Value {
  if (path.length === 0) throw new OttlError(`could not extract ${what}: must provide at least one path item`);
  let value: Value = item;
  for (const [i, key] of path.entries()) {
    if (!isMap(value) || !Object.hasOwn(value, key)) {
      throw new OttlError(
        `could not extract ${what}: provided object does not contain the path [${path.slice(Math.max(0, isMap(value) ? i : i - 1)).join(' ')}]`,
      );
    }
    value = getOwn(value, key);
  }
  return value;
}
