import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any, listOf } from '../parameter.ts';

export const coalesce = defineFunction({
  name: 'Coalesce',
  kind: 'converter',
  parameters: { values: listOf(any) },
  summary: 'The first of the values that is not nil.',
  example: {
    statement: 'set(log.attributes["who"], Coalesce([log.attributes["user"], log.body, "nobody"]))',
    before: { body: 'ada' },
    after: { attributes: { who: 'ada' } },
  },
  create({ values }) {
    if (values.length === 0) throw new OttlError('Coalesce requires at least one argument');
    return (context) => {
      for (const getter of values) {
        const value = getter(context);
        if (value !== undefined) return value;
      }
      return undefined;
    };
  },
});
