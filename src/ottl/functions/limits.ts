/** Editors that make maps smaller. */
import { setOwn } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { listOf, literal, mapTarget, optional } from '../parameter.ts';
import { isInsideCharacter } from './utf8.ts';

export const limit = defineFunction({
  name: 'limit',
  kind: 'editor',
  parameters: { target: mapTarget, limit: literal.int, priorityKeys: listOf(literal.string) },
  summary: 'Removes keys of a map until no more than the limit are left; the priority keys stay, then the first ones.',
  example: {
    statement: 'limit(log.attributes, 2, ["user"])',
    before: { attributes: { a: 1, b: 2, user: 'ada' } },
    after: { attributes: { a: 1, user: 'ada' } },
  },
  create({ target, limit, priorityKeys }) {
    if (limit < 0) throw new OttlError(`invalid limit for limit function, ${limit} cannot be negative`);
    if (limit < priorityKeys.length) {
      throw new OttlError(
        `invalid limit for limit function, ${limit} cannot be less than number of priority attributes ${priorityKeys.length}`,
      );
    }
    const kept = new Set(priorityKeys);
    return (context) => {
      const map = target.get(context);
      const keys = Object.keys(map);
      if (keys.length <= limit) return undefined;
      let count = priorityKeys.filter((key) => Object.hasOwn(map, key)).length;
      for (const key of keys) {
        if (kept.has(key)) continue;
        if (count < limit) count++;
        else delete map[key];
      }
      target.set(context, map);
      return undefined;
    };
  },
});

export const truncateAll = defineFunction({
  name: 'truncate_all',
  kind: 'editor',
  parameters: { target: mapTarget, limit: literal.int, utf8Safe: optional(literal.bool, 'true') },
  summary:
    'Cuts the texts of a map after a number of bytes of UTF-8, without cutting a character in two unless utf8Safe is false.',
  example: {
    statement: 'truncate_all(log.attributes, 4)',
    before: { attributes: { word: 'abcdef', day: 'größe' } },
    after: { attributes: { word: 'abcd', day: 'grö' } },
  },
  create({ target, limit, utf8Safe = true }) {
    if (limit < 0) throw new OttlError(`invalid limit for truncate_all function, ${limit} cannot be negative`);
    return (context) => {
      const map = target.get(context);
      for (const key of Object.keys(map)) {
        const text = map[key];
        // No character of UTF-16 takes more than 3 bytes of UTF-8 for a unit.
        if (typeof text !== 'string' || text.length * 3 <= limit) continue;
        const bytes = Buffer.from(text, 'utf8');
        if (bytes.length <= limit) continue;
        let end = Number(limit);
        while (utf8Safe && isInsideCharacter(bytes, end)) end--;
        setOwn(map, key, bytes.toString('utf8', 0, end));
      }
      target.set(context, map);
      return undefined;
    };
  },
});
