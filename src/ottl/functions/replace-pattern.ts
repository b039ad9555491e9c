/** Editors that replace what a regular expression matches in texts. */
import { setOwn, type Value, type ValueMap } from '../../record/value.ts';
import type { Regex } from '../../regex/regex.ts';
import type { TransformContext } from '../context.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { literal, mapTarget, string, target } from '../parameter.ts';
import { regexOf } from '../pattern.ts';
import { replacementOf, replacementParameters } from './replacement.ts';

type Given = Parameters<typeof replacementOf>[0];
/** A text with its matches replaced. */
type Replace = (context: TransformContext, regex: Regex, text: string, template: string) => string;

export const replacePattern = defineFunction({
  name: 'replace_pattern',
  kind: 'editor',
  parameters: { target, regexPattern: string, ...replacementParameters },
  summary: 'Replaces what the regular expression matches in a text; the replacement may name groups: `$1`, `$name`.',
  example: {
    statement: 'replace_pattern(log.body, "user=(\\\\w+)", "who=$1")',
    before: { body: 'user=ada' },
    after: { body: 'who=ada' },
  },
  create(args) {
    const regex = regexOf(args.regexPattern, 'replace_pattern');
    const replace = replaceOf(args);
    return (context) => {
      const value = args.target.get(context);
      if (value === undefined) return undefined;
      const template = args.replacement(context);
      if (typeof value !== 'string') return undefined;
      const compiled = regex(context);
      if (compiled.test(value)) args.target.set(context, replace(context, compiled, value, template));
      return undefined;
    };
  },
});

export const replaceAllPatterns = defineFunction({
  name: 'replace_all_patterns',
  kind: 'editor',
  parameters: { target: mapTarget, mode: literal.string, regexPattern: string, ...replacementParameters },
  summary:
    'Replaces what the regular expression matches in the texts (mode "value") or in the keys (mode "key") of a map.',
  example: {
    statement: 'replace_all_patterns(log.attributes, "key", "^tmp_", "draft.")',
    before: { attributes: { tmp_note: 'call back' } },
    after: { attributes: { 'draft.note': 'call back' } },
  },
  create(args) {
    const regex = regexOf(args.regexPattern, 'replace_all_patterns');
    if (args.mode !== 'key' && args.mode !== 'value') {
      throw new OttlError(`invalid mode ${args.mode}, must be either 'key' or 'value'`);
    }
    const replaceIn = args.mode === 'key' ? withKeysReplaced : withValuesReplaced;
    const replace = orUndefined(replaceOf(args));
    return (context) => {
      const map = args.target.get(context);
      const template = args.replacement(context);
      const compiled = regex(context);
      const replaced = (text: string) => (compiled.test(text) ? replace(context, compiled, text, template) : text);
      args.target.set(context, replaceIn(map, replaced));
      return undefined;
    };
  },
});

function replaceOf(args: Given): Replace {
  const apply = replacementOf(args, 'the replacement value must be a string');
  if (!apply)
    return (_, regex, text, template) => regex.replaceAll(text, (match) => regex.expand(template, text, match));
  return (context, regex, text, template) => {
    let result = '';
    let done = 0;
    for (const match of regex.findAll(text)) {
      const [start, end] = match as readonly [number, number];
      result += text.slice(done, start) + apply(context, regex.expand(template, text, match));
      done = end;
    }
    return result + text.slice(done);
  };
}

/** In maps, the Collector passes over what its function fails for. */
function orUndefined(replace: Replace): (...args: Parameters<Replace>) => string | undefined {
  return (...args) => {
    try {
      return replace(...args);
    } catch (error) {
      if (error instanceof OttlError) return undefined;
      throw error;
    }
  };
}

type Replaced = (text: string) => string | undefined;

function withValuesReplaced(map: ValueMap, replaced: Replaced): ValueMap {
  for (const key of Object.keys(map)) {
    const value: Value = map[key];
    const text = typeof value === 'string' ? replaced(value) : undefined;
    if (text !== undefined) setOwn(map, key, text);
  }
  return map;
}

/** A key that its function fails for is lost. */
function withKeysReplaced(map: ValueMap, replaced: Replaced): ValueMap {
  const result: ValueMap = {};
  for (const key of Object.keys(map)) {
    const name = replaced(key);
    if (name !== undefined) setOwn(result, name, map[key]);
  }
  return result;
}
