/** Questions about a value's kind. */
import { isDouble, isInt } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any } from '../parameter.ts';
import { isList, isMap, kindName, type OttlValue } from '../value.ts';

/**
 * @param expected the Collector's name of the kind: it refuses a literal of another kind; undefined where it answers false
 */
function question(name: string, article: string, expected: string | undefined, is: (value: OttlValue) => boolean) {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { target: any },
    summary: `Whether the value is ${article}; nil is not.`,
    example: {
      statement: `set(log.attributes["is"], ${name}(log.body))`,
      before: { body: null },
      after: { attributes: { is: false } },
    },
    create({ target }) {
      const { literal } = target;
      if (literal && expected && !is(literal.value)) {
        throw new OttlError(`expected ${expected} but got ${kindName(literal.value)}`);
      }
      return (context) => is(target(context));
    },
  });
}

export const isBool = question('IsBool', 'a bool', 'bool', (value) => typeof value === 'boolean');
export const isDoubleFunction = question('IsDouble', 'a double', 'float64', isDouble);
export const isIntFunction = question('IsInt', 'an integer', 'int64', isInt);
export const isListFunction = question('IsList', 'a list', undefined, isList);
export const isMapFunction = question('IsMap', 'a map', 'pcommon.Map', isMap);
export const isString = question('IsString', 'a text', 'string', (value) => typeof value === 'string');
