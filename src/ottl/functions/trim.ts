/** Texts without what stands at their ends. */
import { defineFunction } from '../function.ts';
import { literal, optional, string } from '../parameter.ts';

export const trim = defineFunction({
  name: 'Trim',
  kind: 'converter',
  parameters: { target: string, replacement: optional(literal.string, '" "') },
  summary: 'The text without the characters of `replacement` at both of its ends.',
  example: {
    statement: 'set(log.body, Trim(log.body, " -"))',
    before: { body: '-- ready - ' },
    after: { body: 'ready' },
  },
  create({ target, replacement = ' ' }) {
    const unwanted = new Set(replacement);
    return (context) => {
      const characters = [...target(context)];
      let start = 0;
      let end = characters.length;
      while (start < end && unwanted.has(characters[start] as string)) start++;
      while (end > start && unwanted.has(characters[end - 1] as string)) end--;
      return characters.slice(start, end).join('');
    };
  },
});

export const trimPrefix = defineFunction({
  name: 'TrimPrefix',
  kind: 'converter',
  parameters: { target: string, prefix: string },
  summary: 'The text without the prefix, where it begins with it.',
  example: {
    statement: 'set(log.body, TrimPrefix(log.body, "app: "))',
    before: { body: 'app: ready' },
    after: { body: 'ready' },
  },
  create:
    ({ target, prefix }) =>
    (context) => {
      const text = target(context);
      const start = prefix(context);
      return text.startsWith(start) ? text.slice(start.length) : text;
    },
});

export const trimSuffix = defineFunction({
  name: 'TrimSuffix',
  kind: 'converter',
  parameters: { target: string, suffix: string },
  summary: 'The text without the suffix, where it ends with it.',
  example: {
    statement: 'set(log.body, TrimSuffix(log.body, "\\n"))',
    before: { body: 'ready\n' },
    after: { body: 'ready' },
  },
  create:
    ({ target, suffix }) =>
    (context) => {
      const text = target(context);
      const end = suffix(context);
      return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
    },
});
