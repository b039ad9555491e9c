/** Texts in formats that many have: JSON, CSV, key-value pairs, numbers. */
import { setOwn, type ValueMap } from '../../record/value.ts';
import { compareBytes } from '../../record/value-text.ts';
import { csvRow } from '../csv.ts';
import { OttlError, textOf } from '../error.ts';
import { defineFunction } from '../function.ts';
import { parseInteger } from '../integer.ts';
import { parseJson } from '../json.ts';
import { delimitersOf, keyValueText, parseKeyValues } from '../key-values.ts';
import { int, literal, map, optional, string } from '../parameter.ts';
import { isList, isMap, kindName } from '../value.ts';

export const parseJsonFunction = defineFunction({
  name: 'ParseJSON',
  kind: 'converter',
  parameters: { target: string },
  summary: 'The map or list that a JSON text tells; all its numbers are doubles.',
  example: {
    statement: 'set(log.attributes["topic"], ParseJSON(log.body)["topic"])',
    before: { body: '{"topic": "ping"}' },
    after: { attributes: { topic: 'ping' } },
  },
  create: (args) => (context) => {
    const value = parseJson(args.target(context));
    if (isMap(value) || isList(value)) return value;
    const kind = value === null ? '<nil>' : kindName(value);
    throw new OttlError(`could not convert parsed value of type ${kind} to JSON object`);
  },
});

export const parseIntFunction = defineFunction({
  name: 'ParseInt',
  kind: 'converter',
  parameters: { target: string, base: int },
  summary: 'The integer that a text tells in a base from 2 to 36, or in the one of its prefix (0x, 0o, 0b) for base 0.',
  example: {
    statement: 'set(log.attributes["id"], ParseInt(log.body, 16))',
    before: { body: 'ff' },
    after: { attributes: { id: 255 } },
  },
  create: (args) => (context) => {
    const text = args.target(context);
    if (text === '') throw new OttlError('invalid target value for ParseInt function, target cannot be empty');
    const base = args.base(context);
    if (base < 0) throw new OttlError(`invalid base value: ${base} for ParseInt function, base cannot be negative`);
    return parseInteger(text, base);
  },
});

const MODES = ['strict', 'lazyQuotes', 'ignoreQuotes'];

export const parseCsv = defineFunction({
  name: 'ParseCSV',
  kind: 'converter',
  parameters: {
    target: string,
    header: string,
    delimiter: optional(literal.string, '","'),
    headerDelimiter: optional(literal.string, 'the delimiter'),
    mode: optional(literal.string, '"strict"'),
  },
  summary: 'One row of CSV as a map with the names of the header; modes are strict, lazyQuotes and ignoreQuotes.',
  example: {
    statement: 'set(log.attributes, ParseCSV(log.body, "name,topic"))',
    before: { body: '"Doe, Jane",ping' },
    after: { attributes: { name: 'Doe, Jane', topic: 'ping' } },
  },
  create: ({ target, header, delimiter = ',', headerDelimiter = delimiter, mode = 'strict' }) => {
    if (!isCharacter(delimiter)) throw new OttlError('invalid arguments: delimiter must be a single character');
    if (!isCharacter(headerDelimiter)) {
      throw new OttlError('invalid arguments: header_delimiter must be a single character');
    }
    if (!MODES.includes(mode)) throw new OttlError(`unknown mode: ${mode}`);
    return (context) => {
      const row = named('target', () => target(context));
      const names = named('header', () => header(context));
      if (names === '') throw new OttlError('headers must not be an empty string');
      const fields = mode === 'ignoreQuotes' ? row.split(delimiter) : csvRow(row, delimiter, mode === 'lazyQuotes');
      const keys = names.split(headerDelimiter);
      if (fields.length !== keys.length) {
        throw new OttlError(`map csv headers: wrong number of fields: expected ${keys.length}, found ${fields.length}`);
      }
      const result: ValueMap = {};
      for (const [index, key] of keys.entries()) setOwn(result, key, fields[index]);
      return result;
    };
  },
});

export const parseKeyValue = defineFunction({
  name: 'ParseKeyValue',
  kind: 'converter',
  parameters: {
    target: string,
    delimiter: optional(literal.string, '"="'),
    pairDelimiter: optional(literal.string, '" "'),
  },
  summary: 'Pairs of keys and values in a text as a map of texts; delimiters in quotes do not count.',
  example: {
    statement: 'set(log.attributes, ParseKeyValue(log.body))',
    before: { body: 'level=warn msg="disk full"' },
    after: { attributes: { level: 'warn', msg: 'disk full' } },
  },
  create: ({ target, delimiter, pairDelimiter }) => {
    const delimiters = delimitersOf(delimiter, pairDelimiter);
    return (context) => parseKeyValues(target(context), delimiters);
  },
});

export const toKeyValueString = defineFunction({
  name: 'ToKeyValueString',
  kind: 'converter',
  parameters: {
    target: map,
    delimiter: optional(literal.string, '"="'),
    pairDelimiter: optional(literal.string, '" "'),
    sortOutput: optional(literal.bool, 'false'),
  },
  summary: 'A map as pairs of keys and values in a text, in quotes where a delimiter stands in them.',
  example: {
    statement: 'set(log.body, ToKeyValueString(log.attributes, "=", " ", true))',
    before: { attributes: { b: 2, a: 'x y' } },
    after: { body: 'a="x y" b=2' },
  },
  create: ({ target, delimiter, pairDelimiter, sortOutput }) => {
    const delimiters = delimitersOf(delimiter, pairDelimiter);
    return (context) => keyValueText(target(context), delimiters, sortOutput ? compareBytes : undefined);
  },
});

function isCharacter(text: string): boolean {
  return [...text].length === 1;
}

function named<T>(argument: string, get: () => T): T {
  try {
    return get();
  } catch (error) {
    throw new OttlError(`error getting value for ${argument} in ParseCSV: ${textOf(error)}`);
  }
}
