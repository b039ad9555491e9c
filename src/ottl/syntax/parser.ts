/**
 * Tokens → syntax tree, by the Collector's grammar (pkg/ottl/grammar.go). Recursive descent; where the grammar is
 * ambiguous (parentheses around a condition or around a calculation) one form is tried, then the other. Depth is bounded, so that no text
 * exhausts the stack, and the time is at most the square of the length.
 */
import { int, isInt64 } from '../../record/value.ts';
import { CompileError } from '../compile-error.ts';
import type { Int } from '../value.ts';
import type {
  Argument,
  Call,
  Comparison,
  Condition,
  Expression,
  Field,
  Key,
  MathOperator,
  Path,
  Range,
  Statement,
} from './ast.ts';
import { keysText, walk } from './ast.ts';
import { type Token, type TokenKind, tokenize } from './lexer.ts';
import { unquote } from './unquote.ts';

/** Brackets inside each other. */
const MAX_DEPTH = 100;

/** `set(log.body, "x") where log.severity_number < 9`. @throws {CompileError} */
export function parseStatement(text: string): Statement {
  const parser = new Parser(text, 'statement');
  const statement = parser.statement();
  const [first] = statement.editor.name;
  const errors: CompileError[] = [];
  if (first !== first?.toLowerCase()) {
    const { name, start, nameEnd } = statement.editor;
    const message = `editor names must start with a lowercase letter but got '${name}'`;
    const help = `a statement changes something: set(log.attributes["..."], ${name}(...))`;
    errors.push(new CompileError(message, { start, end: nameEnd }, help));
  }
  checkNames(statement, statement.editor, errors);
  return statement;
}

/** `IsMatch(log.body, "x") and log.severity_number < 9`. @throws {CompileError} */
export function parseCondition(text: string): Condition {
  const condition = new Parser(text, 'condition').wholeCondition();
  checkNames(condition, undefined, []);
  return condition;
}

/** What the grammar takes so that it can say what is wrong with it. */
function checkNames(node: Statement | Condition, editor: Call | undefined, errors: CompileError[]): void {
  walk(node, (expression) => {
    if (expression.kind !== 'call') return;
    const { name, keys, start, end, nameEnd } = expression;
    const isLower = /^[a-z]/.test(name);
    if (isLower && expression !== editor) {
      const message = `converter names must start with an uppercase letter but got '${name}'`;
      errors.push(new CompileError(message, { start, end: nameEnd }));
    }
    if (isLower && keys.length > 0) {
      const message = `only paths and converters may be indexed, not editors, but got ${name}${keysText(keys)}`;
      errors.push(new CompileError(message, { start, end }));
    }
  });
  const [first, ...others] = errors;
  if (!first) return;
  if (others.length === 0) throw first;
  throw new CompileError(errors.map(({ message }) => message).join('; '), first.range, first.suggestion);
}

class Parser {
  readonly #text: string;
  readonly #what: 'statement' | 'condition';
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, what: 'statement' | 'condition') {
    this.#text = text;
    this.#what = what;
    this.#tokens = tokenize(text);
  }

  statement(): Statement {
    const first = this.#peek();
    if (!isName(first)) this.#fail(first);
    const editor = this.#call();
    let where: Condition | undefined;
    if (this.#peek().text === 'where' && this.#peek().kind === 'lower') {
      this.#at++;
      where = this.#condition();
    }
    this.#expectEnd();
    return { editor, ...(where && { where }) };
  }

  wholeCondition(): Condition {
    const condition = this.#condition();
    this.#expectEnd();
    return condition;
  }

  #condition(): Condition {
    return this.#chain('or', () => this.#chain('and', () => this.#negatable()));
  }

  #chain(kind: 'or' | 'and', part: () => Condition): Condition {
    const parts = [part()];
    while (this.#peek().kind === kind) {
      this.#at++;
      parts.push(part());
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind, parts };
  }

  #negatable(): Condition {
    if (this.#peek().kind !== 'not') return this.#test();
    this.#at++;
    return { kind: 'not', part: this.#test() };
  }

  #test(): Condition {
    const start = this.#at;
    if (!this.#isSymbol('(')) return this.#comparison();
    try {
      return this.#comparison();
    } catch (asComparison) {
      const reached = furthest(asComparison);
      this.#at = start;
      try {
        return this.#nested(() => {
          this.#symbol('(');
          const condition = this.#condition();
          this.#symbol(')');
          return condition;
        });
      } catch (asCondition) {
        throw furthest(asCondition) >= reached ? asCondition : asComparison;
      }
    }
  }

  #comparison(): Condition {
    const left = this.#value();
    const operator = this.#peek();
    if (operator.kind === 'comparison') {
      this.#at++;
      return { kind: 'comparison', left, operator: operator.text as Comparison, right: this.#value() };
    }
    if (left.kind === 'call' && /^[A-Z]/.test(left.name)) return { kind: 'test', call: left };
    if (left.kind === 'literal' && typeof left.value === 'boolean') return { kind: 'constant', value: left.value };
    this.#fail(operator, left.kind === 'path' ? 'compare it with a value: == true, != nil' : undefined);
  }

  #value(): Expression {
    return this.#nested(() => {
      const token = this.#peek();
      switch (token.kind) {
        case 'nil':
          return this.#literal(undefined);
        case 'bytes':
          return this.#bytes(token);
        case 'string':
          return this.#literal(this.#string(token));
        case 'boolean':
          return this.#literal(token.text === 'true');
        case 'upper':
          if (this.#peek(1).kind !== 'lower' && !this.#isCall()) {
            this.#at++;
            return { kind: 'enum', name: token.text, start: token.start, end: token.end };
          }
          return this.#sum();
        default:
          if (this.#isSymbol('[')) return this.#list();
          if (this.#isSymbol('{')) return this.#map();
          return this.#sum();
      }
    });
  }

  #literal(value: string | boolean | Uint8Array | undefined): Expression {
    const { start, end } = this.#next();
    return { kind: 'literal', value, start, end };
  }

  #bytes(token: Token): Expression {
    if (token.text.length % 2 !== 0) this.#fail(token, 'bytes have two digits each: 0x01');
    return this.#literal(Uint8Array.from(Buffer.from(token.text.slice(2), 'hex')));
  }

  #string(token: Token): string {
    const text = unquote(token.text);
    if (typeof text === 'string') return text;
    const start = token.start + text.wrongAt;
    const where = position(this.#text, start);
    throw new CompileError(
      `${this.#what} has invalid syntax: ${where}: invalid quoted string: unknown escape`,
      { start, end: Math.min(start + 2, token.end) },
      'write a backslash as \\\\: "\\\\d+" is the pattern \\d+',
    );
  }

  #sum(): Expression {
    return this.#operators('sign', () => this.#operators('factor', () => this.#operand()));
  }

  #operators(kind: 'sign' | 'factor', operand: () => Expression): Expression {
    let left = operand();
    while (this.#peek().kind === kind) {
      const operator = this.#next().text as MathOperator;
      const right = operand();
      left = { kind: 'math', left, operator, right, start: left.start, end: right.end };
    }
    return left;
  }

  #operand(): Expression {
    const sign = this.#peek();
    if (sign.kind === 'sign') {
      this.#at++;
      const value = this.#unsigned();
      const { start } = sign;
      if (sign.text === '+') return calculated(value, start, value.end);
      if (value.kind === 'float' && !value.calculated)
        return { ...value, value: -value.value, calculated: true, start };
      if (value.kind === 'literal' && !value.calculated)
        return { ...value, value: int(-BigInt(value.value as Int)), calculated: true, start };
      return { kind: 'negation', of: value, start: sign.start, end: value.end };
    }
    return this.#unsigned();
  }

  #unsigned(): Expression {
    const token = this.#peek();
    if (this.#isSymbol('(')) {
      if (this.#isLambda()) {
        throw new CompileError(
          'lambda expression arguments require the `ottl.functions.enableLambda` feature gate to be enabled',
          token,
          'this agent has no lambda expressions',
        );
      }
      return this.#nested(() => {
        const { start } = this.#symbol('(');
        const inner = this.#sum();
        return calculated(inner, start, this.#symbol(')').end);
      });
    }
    if (token.kind === 'float') return this.#float(token);
    if (token.kind === 'int') {
      const value = this.#int(token);
      this.#at++;
      return { kind: 'literal', value, start: token.start, end: token.end };
    }
    if (this.#isCall()) return this.#call();
    if (token.kind === 'lower') return this.#path();
    this.#fail(token);
  }

  #float(token: Token): Expression {
    const value = Number(token.text);
    if (!Number.isFinite(value)) this.#fail(token, 'the number is out of range');
    this.#at++;
    return { kind: 'float', value, start: token.start, end: token.end };
  }

  /** Of an int token, which is not taken. A leading zero means octal. */
  #int({ text, ...token }: Token): Int {
    const isOctal = text.length > 1 && text.startsWith('0');
    if (isOctal && /[89]/.test(text))
      this.#fail({ text, ...token }, 'a leading zero means octal digits: write it without');
    const value = BigInt(isOctal ? `0o${text.slice(1)}` : text);
    if (!isInt64(value)) this.#fail({ text, ...token }, 'the number does not fit in 64 bits');
    return int(value);
  }

  #isLambda(): boolean {
    let at = this.#at + 1;
    while (['lower', 'blank'].includes(this.#tokens[at]?.kind as TokenKind) || this.#tokens[at]?.text === ',') at++;
    return this.#tokens[at]?.text === ')' && this.#tokens[at + 1]?.kind === 'arrow';
  }

  #path(): Path {
    const first = this.#peek();
    let context: string | undefined;
    if (this.#isSymbol('.', 1)) {
      context = first.text;
      this.#at += 2;
    }
    const fields = [this.#field()];
    while (this.#isSymbol('.')) {
      this.#at++;
      fields.push(this.#field());
    }
    const { end } = fields.at(-1) as Field;
    return { kind: 'path', ...(context !== undefined && { context }), fields, start: first.start, end };
  }

  #field(): Field {
    const token = this.#peek();
    if (token.kind !== 'lower') this.#fail(token);
    this.#at++;
    const keys = this.#keys();
    return { name: token.text, keys, start: token.start, end: keys.at(-1)?.end ?? token.end };
  }

  #keys(): Key[] {
    const keys: Key[] = [];
    while (this.#isSymbol('[')) keys.push(this.#nested(() => this.#key()));
    return keys;
  }

  #key(): Key {
    const { start } = this.#next();
    const token = this.#peek();
    const close = (): Range => ({ start, end: this.#symbol(']').end });
    if (token.kind === 'string') {
      const value = this.#string(token);
      this.#at++;
      return { kind: 'literal', value, ...close() };
    }
    if (token.kind === 'int') {
      const value = this.#int(token);
      this.#at++;
      return { kind: 'literal', value, ...close() };
    }
    return { kind: 'computed', value: this.#sum(), ...close() };
  }

  /** Whether a name stands here that `(` follows. */
  #isCall(): boolean {
    if (!isName(this.#peek())) return false;
    let ahead = 1;
    while (isName(this.#peek(ahead))) ahead++;
    return this.#isSymbol('(', ahead);
  }

  /** The name is a run of tokens, between which there may be spaces. */
  #name(): { name: string; start: number; end: number } {
    const { start } = this.#peek();
    let name = '';
    let end = start;
    while (isName(this.#peek())) {
      const token = this.#next();
      name += token.text;
      end = token.end;
    }
    return { name, start, end };
  }

  #call(): Call {
    return this.#nested(() => {
      const { name, start, end: nameEnd } = this.#name();
      this.#symbol('(');
      const list: Argument[] = [];
      if (!this.#isSymbol(')')) {
        list.push(this.#argument());
        while (this.#isSymbol(',')) {
          this.#at++;
          list.push(this.#argument());
        }
      }
      const { end } = this.#symbol(')');
      const keys = this.#keys();
      return { kind: 'call', name, start, nameEnd, arguments: list, keys, end: keys.at(-1)?.end ?? end };
    });
  }

  #argument(): Argument {
    const { start } = this.#peek();
    let name: string | undefined;
    if (this.#peek().kind === 'lower') {
      let ahead = 1;
      while (isName(this.#peek(ahead))) ahead++;
      if (this.#isSymbol('=', ahead)) {
        ({ name } = this.#name());
        this.#at++;
      }
    }
    const named = name === undefined ? {} : { name };
    // A name of capitals only is an enum to the grammar.
    if (this.#peek().kind === 'upper' && this.#peek(1).kind === 'lower' && !this.#isCall()) {
      const { name: functionName, end } = this.#name();
      return { ...named, functionName, start, end };
    }
    const value = this.#value();
    return { ...named, value, start, end: value.end };
  }

  /** Commas may be left out, or lead, before the first of them; none may stand at the end. */
  #list(): Expression {
    const { start } = this.#next();
    const items: Expression[] = [];
    while (!this.#isSymbol(']') && !this.#isSymbol(',')) items.push(this.#value());
    while (this.#isSymbol(',')) {
      this.#at++;
      items.push(this.#value());
    }
    return { kind: 'list', items, start, end: this.#symbol(']').end };
  }

  #map(): Expression {
    const { start } = this.#next();
    const entries: [string, Expression][] = [];
    while (!this.#isSymbol('}')) {
      const token = this.#peek();
      if (token.kind !== 'string') this.#fail(token);
      const key = this.#string(token);
      this.#at++;
      this.#symbol(':');
      entries.push([key, this.#value()]);
      if (this.#isSymbol(',')) this.#at++;
    }
    return { kind: 'map', entries, start, end: this.#symbol('}').end };
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#fail(this.#peek(), `it is nested deeper than ${MAX_DEPTH} levels`);
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  #peek(ahead = 0): Token {
    return (this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #isSymbol(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'symbol' && token.text === text;
  }

  #symbol(text: string): Token {
    if (!this.#isSymbol(text)) this.#fail(this.#peek(), `expected ${text}`);
    return this.#next();
  }

  #expectEnd(): void {
    const token = this.#peek();
    if (token.kind !== 'end') this.#fail(token);
  }

  #fail(token: Token, suggestion?: string): never {
    const where = position(this.#text, token.start);
    const problem =
      token.kind === 'invalid'
        ? `invalid input text ${JSON.stringify(token.text.slice(0, 16))}`
        : `unexpected token ${JSON.stringify(token.text)}`;
    const end = token.kind === 'invalid' ? token.start + 1 : Math.max(token.end, token.start + 1);
    throw new CompileError(
      `${this.#what} has invalid syntax: ${where}: ${problem}`,
      { start: token.start, end },
      suggestion,
    );
  }
}

function calculated(value: Expression, start: number, end: number): Expression {
  const isBare = value.kind === 'path' || value.kind === 'literal' || value.kind === 'float';
  return isBare ? { ...value, calculated: true, start, end } : value;
}

function isName({ kind }: Token): boolean {
  return kind === 'upper' || kind === 'lower';
}

/** How far into the text the parser came. */
function furthest(error: unknown): number {
  if (error instanceof CompileError) return error.range.start;
  throw error;
}

/** Line and column from 1, as the Collector counts them. */
function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${[...(before.at(-1) as string)].length + 1}`;
}
