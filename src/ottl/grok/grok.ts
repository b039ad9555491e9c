/** Grok: regular expressions made of named ones, as `%{IP:client.ip} %{NUMBER:bytes:int}`. */
import { double, int, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { groupOf, Regex, RegexError } from '../../regex/regex.ts';
import { likeBool } from '../coerce.ts';
import { OttlError, textOf } from '../error.ts';
import { parseInteger } from '../integer.ts';
import { parseFloat64 } from '../numbers.ts';
import { quoted } from '../sprintf/quote.ts';
import { PATTERNS } from './patterns.ts';

const REFERENCE = /%\{(\w+(?::[\w+.]+(?::\w+)?)?)\}/g;
/** Stands for a point in the name of a group, which can have none. */
const POINT = '___';
/** As often as the Collector looks for references in what references stand for. */
const MAX_ROUNDS = 1000;
/** Definitions that refer to each other would grow without end. */
const MAX_LENGTH = 200_000;

export interface GrokOptions {
  /** References without a name of their own give nothing. */
  readonly namedCapturesOnly: boolean;
  /** More definitions, by name; they come before those of the library. */
  readonly definitions: ReadonlyMap<string, string>;
}

/** A pattern, compiled. */
export class Grok {
  readonly #regex: Regex;
  readonly #types = new Map<string, string>();

  /** @throws {OttlError} for a pattern that is none, or refers to one that is not there */
  constructor(pattern: string, options: GrokOptions) {
    const expanded = this.#expanded(pattern, options);
    try {
      this.#regex = new Regex(expanded);
    } catch (error) {
      throw error instanceof RegexError ? new OttlError(error.message) : error;
    }
  }

  get hasNames(): boolean {
    return this.#regex.groupNames.some((name) => name !== '');
  }

  /** What the groups matched, by name; nothing of those that matched nothing. @throws {OttlError} where it is not of the type */
  parse(text: string): ValueMap {
    const found: ValueMap = {};
    const match = this.#regex.find(text);
    if (!match) return found;
    for (const [index, name] of this.#regex.groupNames.entries()) {
      const part = name === '' ? undefined : groupOf(text, match, index + 1);
      if (part) setOwn(found, name.replaceAll(POINT, '.'), this.#typed(part, name));
    }
    return found;
  }

  #expanded(pattern: string, { namedCapturesOnly, definitions }: GrokOptions): string {
    let expanded = pattern;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let isDone = true;
      let length = expanded.length;
      expanded = expanded.replace(REFERENCE, (_, reference: string) => {
        isDone = false;
        const [name = '', target, type] = reference.split(':');
        const group = (target ?? name).replaceAll('.', POINT);
        if (type !== undefined) this.#types.set(group, type);
        const definition = definitions.get(name) ?? PATTERNS.get(name);
        if (definition === undefined) {
          throw new OttlError(`pattern definition ${quoted(name, '"', false)} unknown: parsing failed`);
        }
        length += definition.length;
        if (length > MAX_LENGTH) throw new OttlError('error parsing regexp: expression too large');
        return namedCapturesOnly && target === undefined ? `(${definition})` : `(?P<${group}>${definition})`;
      });
      if (isDone) break;
    }
    return expanded;
  }

  #typed(text: string, group: string): Value {
    switch (this.#types.get(group)) {
      case undefined:
      case 'string':
        return text;
      case 'double':
      case 'float':
        return double(parseFloat64(text));
      case 'int':
      case 'long':
        return integer(text);
      case 'bool':
      case 'boolean':
        return likeBool(text) ?? null;
      default:
        throw new OttlError(`invalid type for ${group}: type not specified`);
    }
  }
}

function integer(text: string): number | bigint {
  try {
    return int(parseInteger(text, 10));
  } catch (error) {
    throw new OttlError(textOf(error).replace('strconv.ParseInt', 'strconv.Atoi'));
  }
}
