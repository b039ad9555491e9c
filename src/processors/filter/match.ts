/** `include` and `exclude`: what filter had before OTTL. */

import { isEqual } from '../../ottl/compare.ts';
import { OttlError, textOf } from '../../ottl/error.ts';
import { doubleText, pdataText } from '../../ottl/text.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { double, int, isDouble, isInt, toNumber, type Value, type ValueMap } from '../../record/value.ts';
import { Regex } from '../../regex/regex.ts';
import type { MatchProperties } from './config.ts';

export type Matcher = (record: LogRecord) => boolean;

/** What can't be matched so: the key of the setting, and the Collector's words. */
export class MatchError extends OttlError {
  readonly key: keyof MatchProperties;

  constructor(key: keyof MatchProperties, message: string) {
    super(message);
    this.key = key;
  }
}

/** Nothing is asked for: the block counts as not written. */
export function isEmpty(match: MatchProperties): boolean {
  const { resource_attributes, record_attributes, severity_texts, bodies, severity_number } = match;
  const lists = [resource_attributes, record_attributes, severity_texts, bodies];
  return !severity_number && lists.every((list) => list.length === 0);
}

/** Everything that is named must match. @throws {MatchError} */
export function matcher(match: MatchProperties): Matcher {
  const tests: Matcher[] = [];
  const { match_type: type, bodies, severity_texts: texts, severity_number: severity } = match;
  if (bodies.length > 0) {
    const matches = oneOf('bodies', 'error creating log record body filters', bodies, type);
    tests.push(({ body }) => matches(pdataText(body as Value)));
  }
  if (texts.length > 0) {
    const matches = oneOf('severity_texts', 'error creating log record severity text filters', texts, type);
    tests.push(({ severityText }) => matches(severityText ?? ''));
  }
  if (severity) tests.push(atLeast(severity));
  const resource = attributesMatcher('resource_attributes', 'error creating resource filters', match);
  if (resource) tests.push((record) => resource(record.resource.attributes as ValueMap));
  const attributes = attributesMatcher('record_attributes', 'error creating attribute filters', match);
  if (attributes) tests.push((record) => attributes(record.attributes as ValueMap));
  return (record) => tests.every((test) => test(record));
}

type TextTest = (text: string) => boolean;

function oneOf(key: keyof MatchProperties, prefix: string, texts: readonly string[], type: string): TextTest {
  try {
    return textTest(texts, type);
  } catch (error) {
    throw new MatchError(key, `${prefix}: ${textOf(error)}`);
  }
}

function textTest(texts: readonly string[], type: string): TextTest {
  if (type === 'strict') {
    const known = new Set(texts);
    return (text) => known.has(text);
  }
  if (type !== 'regexp') {
    throw new OttlError(`unrecognized match_type: '${type}', valid types are: [regexp strict]`);
  }
  const patterns = texts.map((text) => new Regex(text));
  return (text) => patterns.some((pattern) => pattern.test(text));
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** @returns undefined for what is no severity; 0 for '' */
function severityNumber(text: string): number | undefined {
  if (text === '') return 0;
  if (/^(?:[1-9]|1\d|2[0-4])$/.test(text)) return Number(text);
  const [, name = '', step = '1'] = /^([A-Z]+)([2-4])?$/.exec(text.toUpperCase()) ?? [];
  const level = LEVELS.indexOf(name);
  return level < 0 ? undefined : level * 4 + Number(step);
}

function atLeast({ min, match_undefined: matchUndefined }: NonNullable<MatchProperties['severity_number']>): Matcher {
  const lowest = severityNumber(min);
  if (lowest === undefined) {
    throw new MatchError('severity_number', `'${min}' is not a valid severity: not a valid severity`);
  }
  return ({ severityNumber: number = 0 }) => (number === 0 ? matchUndefined : number >= lowest);
}

function attributesMatcher(
  key: 'resource_attributes' | 'record_attributes',
  prefix: string,
  match: MatchProperties,
): ((attributes: ValueMap) => boolean) | undefined {
  if (match[key].length === 0) return undefined;
  const tests = match[key].map(({ key: name, value }) => {
    if (name === '') throw new MatchError(key, `${prefix}: can't have empty key in the list of attributes`);
    return {
      name,
      test: value === undefined || value === null ? undefined : valueTest(key, prefix, name, value, match),
    };
  });
  return (attributes) =>
    tests.every(({ name, test }) => Object.hasOwn(attributes, name) && (!test || test(attributes[name])));
}

function valueTest(
  key: 'resource_attributes' | 'record_attributes',
  prefix: string,
  name: string,
  wanted: unknown,
  { match_type: type }: MatchProperties,
): (value: Value) => boolean {
  if (type === 'strict') {
    const value = asValue(wanted);
    return (actual) => isEqual(value, actual) && isInt(value) === isInt(actual);
  }
  if (type === 'regexp' && typeof wanted !== 'string') {
    const kind =
      typeof wanted === 'boolean'
        ? 'Bool'
        : isInt(asValue(wanted))
          ? 'Int'
          : isDouble(asValue(wanted))
            ? 'Double'
            : Array.isArray(wanted)
              ? 'Slice'
              : 'Map';
    throw new MatchError(key, `${prefix}: match_type=regexp for "${name}" only supports Str, but found ${kind}`);
  }
  const matches = oneOf(key, prefix, [String(wanted)], type);
  return (actual) => {
    const text = attributeText(actual);
    return text !== undefined && matches(text);
  };
}

/** A value of the configuration as a record would have it. */
function asValue(value: unknown): Value {
  if (typeof value === 'number') return Number.isInteger(value) ? int(value) : double(value);
  if (typeof value === 'bigint') return int(value);
  if (Array.isArray(value)) return value.map(asValue);
  if (value === null || typeof value !== 'object') return value as Value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asValue(inner)]));
}

/** Undefined for what patterns are not matched against: maps, lists, bytes and empty values. */
function attributeText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || isInt(value)) return String(value);
  if (!isDouble(value)) return undefined;
  const number = toNumber(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '+Inf' : '-Inf';
  return withoutExponent(doubleText(number));
}

/** 1e+21 as 1000000000000000000000. */
function withoutExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  const shift = Number(exponent);
  const digits = `${whole}${fraction}`;
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${digits}`;
  return `${sign}${digits.padEnd(shift + 1, '0')}`;
}
