/** `include` and `exclude`: which records a processor acts on. What is wrong with them is said in the Collector's words. */

import type { LogRecord } from '../../record/log-record.ts';
import { isDouble, isInt, toNumber, type Value, type ValueMap } from '../../record/value.ts';
import { identityOf, textOf } from '../../record/value-text.ts';
import { Regex, RegexError } from '../../regex/regex.ts';
import { toRecordValue } from '../written-value.ts';
import type { MatchSettings } from './config.ts';

export type Matches = (record: LogRecord) => boolean;

/** Whether a record is to be changed. */
export function compileSelection(include?: MatchSettings | null, exclude?: MatchSettings | null): Matches {
  const included = include ? compileMatch(include) : undefined;
  const excluded = exclude ? compileMatch(exclude) : undefined;
  return (record) => (included?.(record) ?? true) && !(excluded?.(record) ?? false);
}

/** The first thing that is wrong; undefined: nothing is. */
export function problemOf(settings: MatchSettings): { message: string; path: string[] } | undefined {
  try {
    compileMatch(settings);
    return undefined;
  } catch (error) {
    if (error instanceof MatchError) return { message: error.message, path: [...error.path] };
    throw error;
  }
}

class MatchError extends Error {
  readonly path: readonly string[];
  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.path = path;
  }
}

const NAMES =
  '"attributes", "libraries", "span_kinds", "resources", "log_bodies", "log_severity_texts" or "log_severity_number"';

/** @throws {MatchError} */
function compileMatch(settings: MatchSettings): Matches {
  const { services, span_names, span_kinds, metric_names, log_severity_number: severity } = settings;
  if ([services, span_names, span_kinds, metric_names].some((list) => list.length > 0))
    throw new MatchError('services, span_names, span_kinds and metric_names are not valid for log records');
  const { libraries, attributes, resources, log_bodies: bodies, log_severity_texts: severities } = settings;
  const isEmpty = [libraries, attributes, resources, bodies, severities].every((list) => list.length === 0);
  if (isEmpty && !severity) throw new MatchError(`at least one of ${NAMES} field must be specified`);
  const conditions: Matches[] = [];
  for (const { name, version } of libraries) {
    const isName = textTest([name], settings, 'library name', 'libraries');
    conditions.push(({ instrumentationScope: scope }) => isName(scope.name));
    if (typeof version !== 'string') continue;
    const isVersion = textTest([version], settings, 'library version', 'libraries');
    conditions.push(({ instrumentationScope: scope }) => isVersion(scope.version ?? ''));
  }
  const isRecord = attributesTest(attributes, settings, 'attribute', 'attributes');
  const isResource = attributesTest(resources, settings, 'resource', 'resources');
  if (resources.length > 0) conditions.push(({ resource }) => isResource(resource.attributes as ValueMap));
  if (attributes.length > 0) conditions.push((record) => isRecord(record.attributes as ValueMap));
  if (bodies.length > 0) {
    const isBody = textTest(bodies, settings, 'log record body', 'log_bodies');
    conditions.push(({ body }) => isBody(textOf(body as Value)));
  }
  if (severities.length > 0) {
    const isSeverity = textTest(severities, settings, 'log record severity text', 'log_severity_texts');
    conditions.push(({ severityText }) => isSeverity(severityText ?? ''));
  }
  if (severity) {
    conditions.push(({ severityNumber = 0 }) =>
      severityNumber === 0 ? severity.match_undefined : severityNumber >= severity.min,
    );
  }
  return (record) => conditions.every((matches) => matches(record));
}

/** Whether a text is one of these, or matches one of them. */
function textTest(
  texts: readonly string[],
  settings: MatchSettings,
  what: string,
  key: string,
): (text: string) => boolean {
  const fail = (message: string, path = [key]) => new MatchError(`error creating ${what} filters: ${message}`, path);
  if (settings.match_type === 'strict') {
    const known = new Set(texts);
    return (text) => known.has(text);
  }
  if (settings.match_type !== 'regexp') throw fail(unknownType(settings), ['match_type']);
  const { cacheenabled = false, cachemaxnumentries = 0 } = settings.regexp ?? {};
  if (cacheenabled && cachemaxnumentries < 0) throw fail('must provide a positive size', ['regexp']);
  try {
    const patterns = texts.map((text) => new Regex(text));
    return (text) => patterns.some((pattern) => pattern.test(text));
  } catch (error) {
    if (error instanceof RegexError) throw fail(error.message);
    throw error;
  }
}

function unknownType({ match_type: type }: MatchSettings): string {
  return `unrecognized match_type: '${type}', valid types are: [regexp strict]`;
}

function attributesTest(
  wanted: MatchSettings['attributes'],
  settings: MatchSettings,
  what: string,
  place: string,
): (attributes: ValueMap) => boolean {
  const fail = (message: string, path = [place]) => new MatchError(`error creating ${what} filters: ${message}`, path);
  const tests = wanted.map(({ key, value }): ((attributes: ValueMap) => boolean) => {
    if (key === '') throw fail("can't have empty key in the list of attributes");
    if (value === undefined || value === null) return (attributes) => Object.hasOwn(attributes, key);
    const expected = toRecordValue(value);
    if (settings.match_type === 'strict') {
      const isSame = sameAs(expected);
      return (attributes) => Object.hasOwn(attributes, key) && isSame(attributes[key]);
    }
    if (settings.match_type !== 'regexp') throw fail(unknownType(settings), ['match_type']);
    if (typeof expected !== 'string') {
      const type = typeName(expected);
      throw fail(`match_type=regexp for ${JSON.stringify(key)} only supports Str, but found ${type}`);
    }
    const matches = textTest([expected], settings, what, place);
    return (attributes) => {
      const text = Object.hasOwn(attributes, key) ? scalarText(attributes[key]) : undefined;
      return text !== undefined && matches(text);
    };
  });
  return (attributes) => tests.every((test) => test(attributes));
}

/** Types differ: 1 is not 1.0. Of numbers -0 is 0, and NaN nothing. */
function sameAs(expected: Value): (value: Value) => boolean {
  if (isDouble(expected)) {
    const number = toNumber(expected);
    return (value) => isDouble(value) && toNumber(value) === number;
  }
  const identity = identityOf(expected);
  return (value) => identityOf(value) === identity;
}

/** As a regular expression sees it: doubles never with an exponent. Undefined for what is no text and no number. */
function scalarText(value: Value): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || isInt(value)) return textOf(value);
  return isDouble(value) ? plainNumber(toNumber(value)) : undefined;
}

/** The shortest digits that are this number, without an exponent. */
function plainNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  const parts = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!parts) return text;
  const [, sign, whole = '', fraction = '', exponent = ''] = parts;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, '0');
}

function typeName(value: Value): string {
  if (typeof value === 'boolean') return 'Bool';
  if (isInt(value)) return 'Int';
  if (isDouble(value)) return 'Double';
  return Array.isArray(value) ? 'Slice' : 'Map';
}
