/** Editors that replace texts which a glob matches as a whole. */
import { setOwn } from '../../record/value.ts';
import type { TransformContext } from '../context.ts';
import { OttlError, textOf } from '../error.ts';
import { defineFunction } from '../function.ts';
import { type Getter, literal } from '../getter.ts';
import { compileGlob, type Glob } from '../glob/glob.ts';
import { mapTarget, string, target } from '../parameter.ts';
import { refusal } from '../pattern.ts';
import { replacementOf, replacementParameters } from './replacement.ts';

const NO_TEXT = 'replacement value is not a string';

interface Given {
  readonly pattern: Getter<string>;
  readonly replacement: Getter<string>;
}

export const replaceMatch = defineFunction({
  name: 'replace_match',
  kind: 'editor',
  parameters: { target, pattern: string, ...replacementParameters },
  summary: 'Replaces a text that the glob matches as a whole.',
  example: {
    statement: 'replace_match(log.attributes["path"], "/orders/*/items", "/orders/{id}/items")',
    before: { attributes: { path: '/orders/42/items' } },
    after: { attributes: { path: '/orders/{id}/items' } },
  },
  create(args) {
    const glob = globOf(args.pattern, 'replace_match');
    const replacement = wholeReplacement(args);
    return (context) => {
      const matches = glob(context);
      const value = args.target.get(context);
      const replaced = replacement(context);
      if (typeof value === 'string' && matches(value)) args.target.set(context, replaced);
      return undefined;
    };
  },
});

export const replaceAllMatches = defineFunction({
  name: 'replace_all_matches',
  kind: 'editor',
  parameters: { target: mapTarget, pattern: string, ...replacementParameters },
  summary: 'Replaces the texts of a map that the glob matches as a whole.',
  example: {
    statement: 'replace_all_matches(log.attributes, "/orders/*/items", "/orders/{id}/items")',
    before: { attributes: { path: '/orders/42/items', method: 'GET' } },
    after: { attributes: { path: '/orders/{id}/items', method: 'GET' } },
  },
  create(args) {
    const glob = globOf(args.pattern, 'replace_all_matches');
    const replacement = wholeReplacement(args);
    return (context) => {
      const matches = glob(context);
      const map = args.target.get(context);
      const replaced = replacement(context);
      for (const key of Object.keys(map)) {
        const value = map[key];
        if (typeof value === 'string' && matches(value)) setOwn(map, key, replaced);
      }
      args.target.set(context, map);
      return undefined;
    };
  },
});

function wholeReplacement(args: Given & Parameters<typeof replacementOf>[0]): (context: TransformContext) => string {
  const replace = replacementOf(args, NO_TEXT);
  return replace ? (context) => replace(context, args.replacement(context)) : args.replacement;
}

function globOf(pattern: Getter<string>, functionName: string): Getter<Glob> {
  const compile = (text: string): Glob => {
    try {
      return compileGlob(text);
    } catch (error) {
      throw new OttlError(refusal(functionName, text) + textOf(error));
    }
  };
  if (pattern.literal) return literal(compile(pattern.literal.value));
  let last: { readonly text: string; readonly glob: Glob } | undefined;
  return (context) => {
    const text = pattern(context);
    if (last?.text !== text) last = { text, glob: compile(text) };
    return last.glob;
  };
}
