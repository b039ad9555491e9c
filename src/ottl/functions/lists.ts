/** Editors of lists. */
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any, int, listOf, listTarget, optional, target } from '../parameter.ts';
import { listItem } from '../raw.ts';
import { isList, type OttlValue } from '../value.ts';

export const append = defineFunction({
  name: 'append',
  kind: 'editor',
  parameters: { target, value: optional(any), values: optional(listOf(any)) },
  summary: 'Adds one value or several to the end of a list; a target that holds a single value becomes a list first.',
  example: {
    statement: 'append(log.attributes["tags"], values=["prod", "eu"])',
    before: { attributes: { tags: 'web' } },
    after: { attributes: { tags: ['web', 'prod', 'eu'] } },
  },
  create({ target, value, values }) {
    if (!value && !values) {
      throw new OttlError("at least one of the optional arguments ('value' or 'values') must be provided");
    }
    const added = [...(value ? [value] : []), ...(values ?? [])];
    return (context) => {
      const present = target.get(context);
      const items: OttlValue[] = isList(present) ? [...present] : present === undefined ? [] : [listItem(present)];
      for (const getter of added) items.push(listItem(getter(context)) ?? null);
      target.set(context, items);
      return undefined;
    };
  },
});

export const deleteIndex = defineFunction({
  name: 'delete_index',
  kind: 'editor',
  parameters: { target: listTarget, startIndex: int, endIndex: optional(int, 'startIndex + 1') },
  summary: 'Removes the items of a list from one index up to another, which stays; without an end, a single item.',
  example: {
    statement: 'delete_index(log.attributes["tags"], 0, 2)',
    before: { attributes: { tags: ['a', 'b', 'c'] } },
    after: { attributes: { tags: ['c'] } },
  },
  create:
    ({ target, startIndex, endIndex }) =>
    (context) => {
      const items = target.get(context);
      const start = BigInt(startIndex(context));
      const end = endIndex ? BigInt(endIndex(context)) : start + 1n;
      // An empty list may be emptied, though no index lies in it.
      if (start !== 0n || end !== BigInt(items.length)) checkRange(start, end, items.length);
      target.set(context, [...items.slice(0, Number(start)), ...items.slice(Number(end))]);
      return undefined;
    },
});

function checkRange(start: bigint, end: bigint, length: number): void {
  if (start < 0n || start >= length) {
    throw new OttlError(`startIndex ${start} out of bounds for slice of length ${length}`);
  }
  if (end < start) throw new OttlError(`endIndex ${end} cannot be less than startIndex ${start}`);
  if (end > length) {
    throw new OttlError(`deletion range [${start}:${end}] out of bounds for slice of length ${length}`);
  }
}
