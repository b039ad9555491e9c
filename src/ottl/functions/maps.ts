/** Editors of whole maps. */
import { copyValue, setOwn } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { literal, map, mapTarget } from '../parameter.ts';
import { pdataText } from '../text.ts';

const STRATEGIES: Readonly<Record<string, { readonly present: boolean; readonly absent: boolean }>> = {
  insert: { present: false, absent: true },
  update: { present: true, absent: false },
  upsert: { present: true, absent: true },
};

export const mergeMaps = defineFunction({
  name: 'merge_maps',
  kind: 'editor',
  parameters: { target: mapTarget, source: map, strategy: literal.string },
  summary:
    'Copies the keys of another map: those that are absent (insert), those that are present (update) or all (upsert).',
  example: {
    statement: 'merge_maps(log.attributes, log.body, "insert")',
    before: { body: { a: 1, b: 2 }, attributes: { a: 'old' } },
    after: { attributes: { a: 'old', b: 2 } },
  },
  create({ target, source, strategy }) {
    const written = Object.hasOwn(STRATEGIES, strategy) ? STRATEGIES[strategy] : undefined;
    if (!written) {
      throw new OttlError(`invalid value for strategy, ${strategy}, must be 'insert', 'update' or 'upsert'`);
    }
    return (context) => {
      const into = target.get(context);
      const from = source(context);
      for (const key of Object.keys(from)) {
        const isPresent = Object.hasOwn(into, key);
        if (isPresent ? !written.present : !written.absent) continue;
        // The new key is there before its value is copied: it shows where the target is a part of the source.
        if (!isPresent) setOwn(into, key, null);
        setOwn(into, key, copyValue(from[key]));
      }
      target.set(context, into);
      return undefined;
    };
  },
});

export const stringifyAll = defineFunction({
  name: 'stringify_all',
  kind: 'editor',
  parameters: { target: mapTarget },
  summary: 'Turns all values of a map into texts: maps and lists into JSON, bytes into base64, empty ones into "".',
  example: {
    statement: 'stringify_all(log.attributes)',
    before: { attributes: { tries: 3, tags: ['a'] } },
    after: { attributes: { tries: '3', tags: '["a"]' } },
  },
  create:
    ({ target }) =>
    (context) => {
      const values = target.get(context);
      for (const key of Object.keys(values)) setOwn(values, key, pdataText(values[key]));
      target.set(context, values);
      return undefined;
    },
});
