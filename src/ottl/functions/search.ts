/** Whether and where a text or a list has something in it. */

import { asList } from '../coerce.ts';
import { compare } from '../compare.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any, list, string, stringLike } from '../parameter.ts';
import { regexOf } from '../pattern.ts';
import type { OttlValue } from '../value.ts';

export const hasPrefix = defineFunction({
  name: 'HasPrefix',
  kind: 'converter',
  parameters: { target: string, prefix: string },
  summary: 'Whether the text begins with the prefix.',
  example: {
    statement: 'set(log.attributes["secure"], HasPrefix(log.body, "https:"))',
    before: { body: 'https://example.com' },
    after: { attributes: { secure: true } },
  },
  create:
    ({ target, prefix }) =>
    (context) =>
      target(context).startsWith(prefix(context)),
});

export const hasSuffix = defineFunction({
  name: 'HasSuffix',
  kind: 'converter',
  parameters: { target: string, suffix: string },
  summary: 'Whether the text ends with the suffix.',
  example: {
    statement: 'set(log.attributes["image"], HasSuffix(log.body, ".png"))',
    before: { body: '/logo.png' },
    after: { attributes: { image: true } },
  },
  create:
    ({ target, suffix }) =>
    (context) =>
      target(context).endsWith(suffix(context)),
});

export const index = defineFunction({
  name: 'Index',
  kind: 'converter',
  parameters: { target: any, value: any },
  summary: 'Where the value first stands in a list, or, in bytes of UTF-8, in a text; -1 where it does not.',
  example: {
    statement: 'set(log.attributes["at"], Index(log.body, "world"))',
    before: { body: 'hello world' },
    after: { attributes: { at: 6 } },
  },
  create: (args) => (context) => {
    const target = args.target(context);
    const value = args.value(context);
    if (typeof target === 'string') return indexInText(target, value);
    const items = asList(target);
    return items.findIndex((item) => compare(item, value, '=='));
  },
});

function indexInText(text: string, value: OttlValue): number {
  if (typeof value !== 'string') {
    throw new OttlError('invalid value type for Index function, value must be a string');
  }
  const at = text.indexOf(value);
  return at < 0 ? -1 : Buffer.byteLength(text.slice(0, at));
}

export const containsValue = defineFunction({
  name: 'ContainsValue',
  kind: 'converter',
  parameters: { target: list, item: any },
  summary: 'Whether an item of the list equals the value.',
  example: {
    statement: 'set(log.attributes["isProd"], ContainsValue(log.body, "prod"))',
    before: { body: ['web', 'prod'] },
    after: { attributes: { isProd: true } },
  },
  create:
    ({ target, item }) =>
    (context) => {
      const items = target(context);
      const wanted = item(context);
      return items.some((present) => compare(present, wanted, '=='));
    },
});

export const isMatch = defineFunction({
  name: 'IsMatch',
  kind: 'converter',
  parameters: { target: stringLike, pattern: string },
  summary: 'Whether the regular expression matches anywhere in the value as a text; nil is matched by none.',
  example: {
    statement: 'set(log.attributes["failed"], IsMatch(log.body, "(?i)error|fail"))',
    before: { body: 'Failed to connect' },
    after: { attributes: { failed: true } },
  },
  create({ target, pattern }) {
    const regex = regexOf(pattern, 'IsMatch');
    return (context) => {
      const compiled = regex(context);
      const text = target(context);
      return text !== undefined && compiled.test(text);
    };
  },
});
