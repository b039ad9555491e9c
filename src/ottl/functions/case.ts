/** Upper, lower, snake and camel case. */
import { camelCase, lowerCase, snakeCase, upperCase } from '../case/case.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { literal, string } from '../parameter.ts';

const CASES: Readonly<Record<string, (text: string) => string>> = {
  lower: lowerCase,
  upper: upperCase,
  snake: snakeCase,
  camel: camelCase,
};

export const convertCase = defineFunction({
  name: 'ConvertCase',
  kind: 'converter',
  parameters: { target: string, toCase: literal.string },
  summary: 'The text in "lower", "upper", "snake" or "camel" case.',
  example: {
    statement: 'set(log.attributes["key"], ConvertCase(log.body, "snake"))',
    before: { body: 'userName' },
    after: { attributes: { key: 'user_name' } },
  },
  create({ target, toCase }) {
    const convert = Object.hasOwn(CASES, toCase) ? CASES[toCase] : undefined;
    if (!convert) {
      throw new OttlError(`invalid case: ${toCase}, allowed cases are: lower, upper, snake, camel`);
    }
    return (context) => convert(target(context));
  },
});

function caseFunction(name: string, article: string, convert: (text: string) => string) {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { target: string },
    summary: `The text in ${article} case.`,
    example: {
      statement: `set(log.body, ${name}(log.body))`,
      before: { body: 'userName' },
      after: { body: convert('userName') },
    },
    create:
      ({ target }) =>
      (context) =>
        convert(target(context)),
  });
}

export const toCamelCase = caseFunction('ToCamelCase', 'camel', camelCase);
export const toLowerCase = caseFunction('ToLowerCase', 'lower', lowerCase);
export const toSnakeCase = caseFunction('ToSnakeCase', 'snake', snakeCase);
export const toUpperCase = caseFunction('ToUpperCase', 'upper', upperCase);
