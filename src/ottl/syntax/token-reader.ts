import { CompileError } from '../compile-error.ts';
import type { Range } from './ast.ts';
import { type Token, tokenize } from './lexer.ts';

/** Brackets inside each other. */
const MAX_DEPTH = 100;

/** The tokens of a text, one after the other, and what is wrong with them: told with its place, as the Collector tells it. */
export class TokenReader {
  /** Number of the token that comes next; set, to go back. */
  at = 0;
  readonly #text: string;
  readonly #what: string;
  readonly #tokens: readonly Token[];
  #depth = 0;

  /** @param what the text is, for errors */
  constructor(text: string, what: 'statement' | 'condition') {
    this.#text = text;
    this.#what = what;
    this.#tokens = tokenize(text);
  }

  /** After the last one: the end, again and again. */
  peek(ahead = 0): Token {
    return (this.#tokens[this.at + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === text;
  }

  /** Takes it. @throws {CompileError} when another token stands here */
  symbol(text: string): Token {
    if (!this.isSymbol(text)) this.fail(this.peek(), `expected ${text}`);
    return this.next();
  }

  /** Takes it if it stands here. */
  takes(text: string): boolean {
    const isHere = this.isSymbol(text);
    if (isHere) this.at++;
    return isHere;
  }

  expectEnd(): void {
    const token = this.peek();
    if (token.kind !== 'end') this.fail(token);
  }

  /** Whatever may have itself inside. @throws {CompileError} when it is nested too deep for the stack */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail(this.peek(), `it is nested deeper than ${MAX_DEPTH} levels`);
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  fail(token: Token, suggestion?: string): never {
    const isInvalid = token.kind === 'invalid';
    const problem = isInvalid
      ? `invalid input text ${JSON.stringify(token.text.slice(0, 16))}`
      : `unexpected token ${JSON.stringify(token.text)}`;
    const end = isInvalid ? token.start + 1 : Math.max(token.end, token.start + 1);
    this.failAt({ start: token.start, end }, problem, suggestion);
  }

  failAt(range: Range, problem: string, suggestion?: string): never {
    const where = position(this.#text, range.start);
    throw new CompileError(`${this.#what} has invalid syntax: ${where}: ${problem}`, range, suggestion);
  }
}

/** Line and column from 1, as the Collector counts them. */
function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${[...(before.at(-1) as string)].length + 1}`;
}
