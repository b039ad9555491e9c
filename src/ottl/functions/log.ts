import { double } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { floatLike } from '../parameter.ts';
import { doubleText } from '../text.ts';

export const log = defineFunction({
  name: 'Log',
  kind: 'converter',
  parameters: { target: floatLike },
  summary: 'The natural logarithm of a number greater than zero.',
  example: {
    statement: 'set(log.attributes["magnitude"], Log(log.body))',
    before: { body: 1 },
    after: { attributes: { magnitude: double(0) } },
  },
  create:
    ({ target }) =>
    (context) => {
      const value = target(context);
      if (value === undefined) throw new OttlError('invalid input: <nil>');
      if (value <= 0) {
        throw new OttlError(`invalid input: expected number greater than zero but got ${doubleText(value)}`);
      }
      return double(Math.log(value));
    },
});
