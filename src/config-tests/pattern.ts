/** What a test expects of a value: the value itself, or a matcher, a map with one key that begins with a dollar. */
import { quote } from '../config/diagnostics.ts';
import { didYouMean } from '../config/suggest.ts';
import { isMap, setOwn, type Value, type ValueMap } from '../record/value.ts';
import { Regex, RegexError } from '../regex/regex.ts';

export type Pattern =
  | { readonly kind: 'value'; readonly value: Value }
  /** exact: nothing but these keys. */
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Pattern>; readonly exact: boolean }
  | { readonly kind: 'list'; readonly items: readonly Pattern[] }
  | { readonly kind: 'matches'; readonly regex: Regex }
  | { readonly kind: 'contains'; readonly text: string }
  | { readonly kind: 'exists'; readonly wanted: boolean }
  | { readonly kind: 'one_of'; readonly choices: readonly Pattern[] }
  | { readonly kind: 'not'; readonly pattern: Pattern };

/** Inside of the expectation. */
export type Path = readonly (string | number)[];

export interface PatternProblem {
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string;
}

export interface PatternOptions {
  /** Maps have no other keys than those written. */
  readonly exact: boolean;
  problem(problem: PatternProblem): void;
}

type Maker = (argument: Value, path: Path, options: PatternOptions) => Pattern | PatternProblem;

const MATCHERS: Readonly<Record<string, Maker>> = {
  $matches(argument, path) {
    if (typeof argument !== 'string') return { path, message: '$matches takes a regular expression' };
    try {
      return { kind: 'matches', regex: new Regex(argument) };
    } catch (error) {
      if (error instanceof RegexError) return { path, message: error.message };
      throw error;
    }
  },
  $contains(argument, path) {
    const isText = typeof argument === 'string' && argument !== '';
    return isText ? { kind: 'contains', text: argument } : { path, message: '$contains takes a text' };
  },
  $exists(argument, path) {
    const isAnswer = typeof argument === 'boolean';
    return isAnswer ? { kind: 'exists', wanted: argument } : { path, message: '$exists takes true or false' };
  },
  $one_of(argument, path, options) {
    if (!Array.isArray(argument) || argument.length === 0) return { path, message: '$one_of takes a list of values' };
    return { kind: 'one_of', choices: argument.map((choice, index) => compile(choice, [...path, index], options)) };
  },
  $not(argument, path, options) {
    return { kind: 'not', pattern: compile(argument, path, options) };
  },
  $exactly(argument, path, options) {
    return compile(argument, path, { ...options, exact: true });
  },
  $bytes(argument, path) {
    const isBase64 = typeof argument === 'string' && /^(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/.test(argument);
    if (!isBase64) return { path, message: '$bytes takes a text in base64' };
    return { kind: 'value', value: new Uint8Array(Buffer.from(argument, 'base64')) };
  },
};

/** Problems are told, and what has one is expected to be anything. */
export function compile(value: Value, path: Path, options: PatternOptions): Pattern {
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item, index) => compile(item, [...path, index], options)) };
  }
  if (!isMap(value)) return { kind: 'value', value };
  const keys = Object.keys(value);
  const matcher = keys.find((key) => /^\$(?!\$)/.test(key));
  if (matcher !== undefined) return matcherOf(matcher, value, path, options);
  const entries = new Map<string, Pattern>();
  for (const key of keys) entries.set(unescapedKey(key), compile(value[key], [...path, key], options));
  return { kind: 'map', entries, exact: options.exact };
}

function matcherOf(key: string, map: ValueMap, path: Path, options: PatternOptions): Pattern {
  const at = [...path, key];
  const make = Object.hasOwn(MATCHERS, key) ? MATCHERS[key] : undefined;
  const made = !make
    ? {
        path,
        message: `unknown matcher ${quote(key)}`,
        suggestion: `${didYouMean(key, Object.keys(MATCHERS)) ?? `the matchers are: ${Object.keys(MATCHERS).join(', ')}`} A key that begins with $ is written with $$`,
      }
    : Object.keys(map).length > 1
      ? {
          path,
          message: `${key} stands beside other keys: a matcher is alone in its map`,
          suggestion: 'a key that begins with $ is written with $$',
        }
      : make(map[key], at, options);
  if ('kind' in made) return made;
  options.problem(made);
  return { kind: 'exists', wanted: true };
}

const unescapedKey = (key: string) => (key.startsWith('$$') ? key.slice(1) : key);

/** A value as an expectation that only it meets: what `compile` reads back. */
export function written(value: Value): Value {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(written);
  if (!isMap(value)) return value;
  const map: ValueMap = {};
  for (const [key, inner] of Object.entries(value)) setOwn(map, writtenKey(key), written(inner));
  return map;
}

export const writtenKey = (key: string) => (key.startsWith('$') ? `$${key}` : key);
