/**
 * JSON as the Collector's decoder takes it, which is laxer than the standard: numbers like 01 and 1., raw control
 * characters in texts, null for a key; and what stands behind a NUL is not looked at.
 */
import { double, setOwn, type Value, type ValueMap } from '../record/value.ts';
import { OttlError, textOf } from './error.ts';
import { parseFloat64 } from './numbers.ts';
import { bytesOf, textOfBytes } from './strptime/layout.ts';

/** The Collector goes to 10000, beyond what other code of ours can walk through. */
const MAX_DEPTH = 1000;

/** All numbers are doubles. @throws {OttlError} */
export function parseJson(text: string): Value {
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch {
    // The slow way takes more, and has the Collector's words for what it does not take.
    return new Decoder(text).decode();
  }
  return adopted(value, 0) ?? new Decoder(text).decode();
}

/** What JSON.parse gave, with our doubles; undefined where the decoder must tell what is wrong. */
function adopted(value: Value, depth: number): Value | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? double(value) : undefined;
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const list: Value[] = [];
    for (const item of value) {
      const own = adopted(item, depth + 1);
      if (own === undefined) return undefined;
      list.push(own);
    }
    return list;
  }
  const map: ValueMap = {};
  for (const [key, item] of Object.entries(value)) {
    const own = adopted(item, depth + 1);
    if (own === undefined) return undefined;
    setOwn(map, wellFormed(key), own);
  }
  return map;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

const NUMBER = /[-\d][\d.eE+-]*/y;
const NUMBER_END = /[\0 \t\r\n,:}\]]/;
const WORDS: Readonly<Record<string, readonly [string, Value]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};

class Decoder {
  /** Bytes with a NUL behind them, as messages and ends are found by bytes. */
  readonly #bytes: string;
  #at = 0;

  constructor(text: string) {
    this.#bytes = `${bytesOf(text)}\0`;
  }

  decode(): Value {
    const value = this.#value(0);
    this.#skipSpace();
    const next = this.#bytes[this.#at];
    if (next !== '\0') throw new OttlError(`invalid character '${next}' after top-level value`);
    return value;
  }

  #value(depth: number): Value {
    this.#skipSpace();
    const char = this.#bytes[this.#at] as string;
    if (char === '{') return this.#map(depth + 1);
    if (char === '[') return this.#list(depth + 1);
    if (char === '"') return this.#text();
    if (/[-\d]/.test(char)) return this.#number();
    if (char === 't' || char === 'f' || char === 'n') return this.#word(char);
    throw new OttlError(`invalid character '${char}' looking for beginning of value`);
  }

  #map(depth: number): Value {
    this.#open(depth);
    const map: ValueMap = {};
    if (this.#bytes[this.#at] === '}') {
      this.#at++;
      return map;
    }
    for (;;) {
      const key = this.#key();
      this.#skipSpace();
      if (this.#bytes[this.#at] !== ':') throw new OttlError('expected colon after object key');
      this.#at++;
      setOwn(map, key, this.#value(depth));
      this.#skipSpace();
      const next = this.#bytes[this.#at++];
      if (next === '}') return map;
      if (next !== ',') throw new OttlError('expected comma after object value');
    }
  }

  #list(depth: number): Value {
    this.#open(depth);
    const list: Value[] = [];
    if (this.#bytes[this.#at] === ']') {
      this.#at++;
      return list;
    }
    for (;;) {
      list.push(this.#value(depth));
      this.#skipSpace();
      const next = this.#bytes[this.#at++] as string;
      if (next === ']') return list;
      if (next !== ',') throw invalid(next, 'slice');
    }
  }

  #open(depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new OttlError(`invalid character "${this.#bytes[this.#at]}" exceeded max depth`);
    }
    this.#at++;
    this.#skipSpace();
  }

  /** null is an empty one. */
  #key(): string {
    this.#skipSpace();
    const char = this.#bytes[this.#at] as string;
    if (char === '"') return this.#text();
    if (char === 'n') {
      this.#word(char);
      return '';
    }
    const kind = char === '[' ? 'array' : char === '{' ? 'object' : /[-\d]/.test(char) ? 'number' : undefined;
    if (kind) throw new OttlError(`json: cannot unmarshal ${kind} into Go value of type string`);
    throw new OttlError(`invalid character '${char}' looking for beginning of value`);
  }

  #text(): string {
    const start = ++this.#at;
    for (;;) {
      const char = this.#bytes[this.#at];
      if (char === '"') break;
      if (char === '\0') throw new OttlError('json: string unexpected end of JSON input');
      if (char === '\\') this.#escape();
      else this.#at++;
    }
    const raw = textOfBytes(this.#bytes.slice(start, this.#at++));
    if (!raw.includes('\\')) return raw;
    return wellFormed(raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex, char) => unescaped(hex, char)));
  }

  #escape(): void {
    const char = this.#bytes[this.#at + 1] as string;
    if (char !== 'u') {
      if (!'"\\/bfnrt'.includes(char)) throw new OttlError('json: escaped string unexpected end of JSON input');
      this.#at += 2;
      return;
    }
    if (this.#at + 6 >= this.#bytes.length) throw new OttlError('json: escaped string unexpected end of JSON input');
    const wrong = /[^0-9a-fA-F]/.exec(this.#bytes.slice(this.#at + 2, this.#at + 6));
    if (wrong) throw new OttlError(`json: invalid character ${wrong[0]} in \\u hexadecimal character escape`);
    this.#at += 6;
  }

  #number(): Value {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#bytes)?.[0] as string;
    this.#at += digits.length;
    if (!NUMBER_END.test(this.#bytes[this.#at] as string)) {
      throw new OttlError('json: float unexpected end of JSON input');
    }
    try {
      return double(parseFloat64(digits));
    } catch (error) {
      throw new OttlError(textOf(error));
    }
  }

  #word(first: string): Value {
    const [word, value] = WORDS[first] as readonly [string, Value];
    // The NUL is one of the bytes that are there.
    if (this.#at + word.length > this.#bytes.length) {
      throw new OttlError(`json: ${word} unexpected end of JSON input`);
    }
    for (let i = 1; i < word.length; i++) {
      const char = this.#bytes[this.#at + i] as string;
      if (char !== word[i]) throw invalid(char, word);
    }
    this.#at += word.length;
    return value;
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#bytes[this.#at] as string)) this.#at++;
  }
}

function unescaped(hex: string | undefined, char: string): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[char] ?? char;
}

function invalid(char: string, context: string): OttlError {
  return new OttlError(`json: invalid character ${char === '\0' ? '' : `${char} `}as ${context}`);
}
