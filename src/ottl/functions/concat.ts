/** Texts from parts and parts from texts. */
import { defineFunction } from '../function.ts';
import { listOf, string, stringLike } from '../parameter.ts';

export const concat = defineFunction({
  name: 'Concat',
  kind: 'converter',
  parameters: { vals: listOf(stringLike), delimiter: string },
  summary: 'The values as texts, one after the other with the delimiter between them; nil is written "<nil>".',
  example: {
    statement: 'set(log.body, Concat([log.severity_text, log.body], ": "))',
    before: { severityText: 'WARN', body: 'low disk' },
    after: { body: 'WARN: low disk' },
  },
  create:
    ({ vals, delimiter }) =>
    (context) => {
      const between = delimiter(context);
      return vals.map((value) => value(context) ?? '<nil>').join(between);
    },
});

export const split = defineFunction({
  name: 'Split',
  kind: 'converter',
  parameters: { target: string, delimiter: string },
  summary: 'The parts of a text between the delimiters, as a list; an empty delimiter splits it into its characters.',
  example: {
    statement: 'set(log.attributes["parts"], Split(log.body, "/"))',
    before: { body: 'a/b' },
    after: { attributes: { parts: ['a', 'b'] } },
  },
  create:
    ({ target, delimiter }) =>
    (context) => {
      const text = target(context);
      const separator = delimiter(context);
      return separator === '' ? [...text] : text.split(separator);
    },
});
