/** Editors that remove keys of a map. */
import type { TransformContext } from '../context.ts';
import { defineFunction } from '../function.ts';
import type { Getter, MapTarget } from '../getter.ts';
import { listOf, mapTarget, string } from '../parameter.ts';
import { regexOf } from '../pattern.ts';

function removeWhere(target: MapTarget, context: TransformContext, isUnwanted: (key: string) => boolean): undefined {
  const map = target.get(context);
  for (const key of Object.keys(map)) if (isUnwanted(key)) delete map[key];
  target.set(context, map);
}

export const deleteKey = defineFunction({
  name: 'delete_key',
  kind: 'editor',
  parameters: { target: mapTarget, key: string },
  summary: 'Removes a key from a map.',
  example: {
    statement: 'delete_key(log.attributes, "password")',
    before: { attributes: { password: 'secret', user: 'ada' } },
    after: { attributes: { user: 'ada' } },
  },
  create:
    ({ target, key }) =>
    (context) => {
      const map = target.get(context);
      delete map[key(context)];
      target.set(context, map);
      return undefined;
    },
});

export const deleteMatchingKeys = defineFunction({
  name: 'delete_matching_keys',
  kind: 'editor',
  parameters: { target: mapTarget, pattern: string },
  summary: 'Removes the keys of a map that the regular expression matches anywhere.',
  example: {
    statement: 'delete_matching_keys(log.attributes, "(?i)password|token")',
    before: { attributes: { userPassword: 'secret', user: 'ada' } },
    after: { attributes: { user: 'ada' } },
  },
  create({ target, pattern }) {
    const regex = regexOf(pattern, 'delete_matching_keys');
    return (context) => {
      const compiled = regex(context);
      return removeWhere(target, context, (key) => compiled.test(key));
    };
  },
});

export const keepKeys = defineFunction({
  name: 'keep_keys',
  kind: 'editor',
  parameters: { target: mapTarget, keys: listOf(string) },
  summary: 'Removes all keys of a map but these.',
  example: {
    statement: 'keep_keys(log.attributes, ["user"])',
    before: { attributes: { password: 'secret', user: 'ada' } },
    after: { attributes: { user: 'ada' } },
  },
  create({ target, keys }) {
    const kept = setOf(keys);
    return (context) => {
      // The target comes first, so that its error is the one that is told.
      target.get(context);
      const wanted = kept(context);
      return removeWhere(target, context, (key) => !wanted.has(key));
    };
  },
});

function setOf(keys: readonly Getter<string>[]): (context: TransformContext) => ReadonlySet<string> {
  if (!keys.every(({ literal }) => literal)) return (context) => new Set(keys.map((key) => key(context)));
  const all = new Set(keys.flatMap(({ literal }) => (literal ? [literal.value] : [])));
  return () => all;
}

export const keepMatchingKeys = defineFunction({
  name: 'keep_matching_keys',
  kind: 'editor',
  parameters: { target: mapTarget, pattern: string },
  summary: 'Removes the keys of a map that the regular expression does not match anywhere.',
  example: {
    statement: 'keep_matching_keys(log.attributes, "^http[.]")',
    before: { attributes: { 'http.method': 'GET', user: 'ada' } },
    after: { attributes: { 'http.method': 'GET' } },
  },
  create({ target, pattern }) {
    const regex = regexOf(pattern, 'keep_matching_keys');
    return (context) => {
      const compiled = regex(context);
      return removeWhere(target, context, (key) => !compiled.test(key));
    };
  },
});
