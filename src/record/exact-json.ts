import { isInt64, setOwn, type Value } from './value.ts';

/**
 * What JSON.parse gives, but with integers beyond 2^53 as `bigint` where they fit an int64. For text that JSON.parse has
 * accepted already, of bounded depth: nothing is checked again. Node 20 has no reviver with source text, which would do.
 */
export function parseExact(text: string): Value {
  return new ExactReader(text).value();
}

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

class ExactReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Value {
    switch (this.#peek()) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#literal(4, true);
      case 'f':
        return this.#literal(5, false);
      case 'n':
        return this.#literal(4, null);
      default:
        return this.#number();
    }
  }

  #object(): Value {
    const object: Record<string, Value> = {};
    this.#at++;
    while (this.#peek() !== '}') {
      if (this.#text[this.#at] === ',') this.#at++;
      this.#peek();
      const key = this.#string();
      this.#peek();
      this.#at++; // the colon
      setOwn(object, key, this.value());
    }
    this.#at++;
    return object;
  }

  #array(): Value {
    const array: Value[] = [];
    this.#at++;
    while (this.#peek() !== ']') {
      if (this.#text[this.#at] === ',') this.#at++;
      array.push(this.value());
    }
    this.#at++;
    return array;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    return raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw;
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const [token, fraction, exponent] = NUMBER.exec(this.#text) as RegExpExecArray;
    this.#at += (token as string).length;
    const number = Number(token);
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(number)) return number;
    // Twenty characters hold every int64; longer ones need no BigInt to be told apart.
    const integer = (token as string).length <= 20 ? BigInt(token as string) : undefined;
    return integer !== undefined && isInt64(integer) ? integer : number;
  }

  #literal<T>(length: number, value: T): T {
    this.#at += length;
    return value;
  }

  /** The next character that is not white space; the position stands on it. */
  #peek(): string | undefined {
    for (;;) {
      const character = this.#text[this.#at];
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return character;
      this.#at++;
    }
  }
}
