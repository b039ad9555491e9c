import { int } from '../../record/value.ts';
import { CompileError } from '../compile-error.ts';
import type { Int } from '../value.ts';
import type { Argument, Call, Expression, Field, Key, MathOperator, Path, Range } from './ast.ts';
import type { Token } from './lexer.ts';
import { bytesOf, floatOf, intOf, stringOf } from './literals.ts';
import type { TokenReader } from './token-reader.ts';

/** Tokens → values: literals, paths, calls, calculations, lists, maps. */
export class ExpressionParser {
  readonly #tokens: TokenReader;

  constructor(tokens: TokenReader) {
    this.#tokens = tokens;
  }

  /** Whatever may stand as an argument, or on a side of a comparison. */
  value(): Expression {
    return this.#tokens.nested(() => {
      const token = this.#tokens.peek();
      switch (token.kind) {
        case 'nil':
          return this.#literal(undefined);
        case 'bytes':
          return this.#literal(bytesOf(token, this.#tokens));
        case 'string':
          return this.#literal(stringOf(token, this.#tokens));
        case 'boolean':
          return this.#literal(token.text === 'true');
        case 'upper':
          if (this.#tokens.peek(1).kind !== 'lower' && !this.#isCall()) {
            this.#tokens.at++;
            return { kind: 'enum', name: token.text, start: token.start, end: token.end };
          }
          return this.#sum();
        default:
          if (this.#tokens.isSymbol('[')) return this.#list();
          if (this.#tokens.isSymbol('{')) return this.#map();
          return this.#sum();
      }
    });
  }

  #literal(value: string | Int | boolean | Uint8Array | undefined): Expression {
    const { start, end } = this.#tokens.next();
    return { kind: 'literal', value, start, end };
  }

  #sum(): Expression {
    return this.#operators('sign', () => this.#operators('factor', () => this.#operand()));
  }

  #operators(kind: 'sign' | 'factor', operand: () => Expression): Expression {
    let left = operand();
    while (this.#tokens.peek().kind === kind) {
      const operator = this.#tokens.next().text as MathOperator;
      const right = operand();
      left = { kind: 'math', left, operator, right, start: left.start, end: right.end };
    }
    return left;
  }

  #operand(): Expression {
    const sign = this.#tokens.peek();
    if (sign.kind === 'sign') {
      this.#tokens.at++;
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
    const token = this.#tokens.peek();
    if (this.#tokens.isSymbol('(')) {
      if (this.#isLambda()) {
        throw new CompileError(
          'lambda expression arguments require the `ottl.functions.enableLambda` feature gate to be enabled',
          token,
          'this agent has no lambda expressions',
        );
      }
      return this.#tokens.nested(() => {
        const { start } = this.#tokens.symbol('(');
        const inner = this.#sum();
        return calculated(inner, start, this.#tokens.symbol(')').end);
      });
    }
    if (token.kind === 'float') {
      const value = floatOf(token, this.#tokens);
      this.#tokens.at++;
      return { kind: 'float', value, start: token.start, end: token.end };
    }
    if (token.kind === 'int') return this.#literal(intOf(token, this.#tokens));
    if (this.#isCall()) return this.call();
    if (token.kind === 'lower') return this.#path();
    this.#tokens.fail(token);
  }

  #isLambda(): boolean {
    let ahead = 1;
    while (['lower', 'blank'].includes(this.#tokens.peek(ahead).kind) || this.#tokens.isSymbol(',', ahead)) ahead++;
    return this.#tokens.isSymbol(')', ahead) && this.#tokens.peek(ahead + 1).kind === 'arrow';
  }

  #path(): Path {
    const first = this.#tokens.peek();
    let context: string | undefined;
    if (this.#tokens.isSymbol('.', 1)) {
      context = first.text;
      this.#tokens.at += 2;
    }
    const fields = [this.#field()];
    while (this.#tokens.takes('.')) fields.push(this.#field());
    const { end } = fields.at(-1) as Field;
    return { kind: 'path', ...(context !== undefined && { context }), fields, start: first.start, end };
  }

  #field(): Field {
    const token = this.#tokens.peek();
    if (token.kind !== 'lower') this.#tokens.fail(token);
    this.#tokens.at++;
    const keys = this.#keys();
    return { name: token.text, keys, start: token.start, end: keys.at(-1)?.end ?? token.end };
  }

  #keys(): Key[] {
    const keys: Key[] = [];
    while (this.#tokens.isSymbol('[')) keys.push(this.#tokens.nested(() => this.#key()));
    return keys;
  }

  #key(): Key {
    const { start } = this.#tokens.next();
    const token = this.#tokens.peek();
    const close = (): Range => ({ start, end: this.#tokens.symbol(']').end });
    if (token.kind === 'string' || token.kind === 'int') {
      const value = (token.kind === 'string' ? stringOf : intOf)(token, this.#tokens);
      this.#tokens.at++;
      return { kind: 'literal', value, ...close() };
    }
    return { kind: 'computed', value: this.#sum(), ...close() };
  }

  /** Whether a name stands here that `(` follows. */
  #isCall(): boolean {
    if (!isName(this.#tokens.peek())) return false;
    let ahead = 1;
    while (isName(this.#tokens.peek(ahead))) ahead++;
    return this.#tokens.isSymbol('(', ahead);
  }

  /** The name is a run of tokens, between which there may be spaces. */
  #name(): { name: string; start: number; end: number } {
    const { start } = this.#tokens.peek();
    let name = '';
    let end = start;
    while (isName(this.#tokens.peek())) {
      const token = this.#tokens.next();
      name += token.text;
      end = token.end;
    }
    return { name, start, end };
  }

  /** A function with its arguments, and with keys where it is a converter. */
  call(): Call {
    return this.#tokens.nested(() => {
      const { name, start, end: nameEnd } = this.#name();
      this.#tokens.symbol('(');
      const list: Argument[] = [];
      if (!this.#tokens.isSymbol(')')) {
        list.push(this.#argument());
        while (this.#tokens.takes(',')) list.push(this.#argument());
      }
      const { end } = this.#tokens.symbol(')');
      const keys = this.#keys();
      return { kind: 'call', name, start, nameEnd, arguments: list, keys, end: keys.at(-1)?.end ?? end };
    });
  }

  #argument(): Argument {
    const { start } = this.#tokens.peek();
    let name: string | undefined;
    if (this.#tokens.peek().kind === 'lower') {
      let ahead = 1;
      while (isName(this.#tokens.peek(ahead))) ahead++;
      if (this.#tokens.isSymbol('=', ahead)) {
        ({ name } = this.#name());
        this.#tokens.at++;
      }
    }
    const named = name === undefined ? {} : { name };
    // A name of capitals only is an enum to the grammar.
    if (this.#tokens.peek().kind === 'upper' && this.#tokens.peek(1).kind === 'lower' && !this.#isCall()) {
      const { name: functionName, end } = this.#name();
      return { ...named, functionName, start, end };
    }
    const value = this.value();
    return { ...named, value, start, end: value.end };
  }

  /** Commas may be left out, or lead, before the first of them; none may stand at the end. */
  #list(): Expression {
    const { start } = this.#tokens.next();
    const items: Expression[] = [];
    while (!this.#tokens.isSymbol(']') && !this.#tokens.isSymbol(',')) items.push(this.value());
    while (this.#tokens.takes(',')) items.push(this.value());
    return { kind: 'list', items, start, end: this.#tokens.symbol(']').end };
  }

  #map(): Expression {
    const { start } = this.#tokens.next();
    const entries: [string, Expression][] = [];
    while (!this.#tokens.isSymbol('}')) {
      const token = this.#tokens.peek();
      if (token.kind !== 'string') this.#tokens.fail(token);
      const key = stringOf(token, this.#tokens);
      this.#tokens.at++;
      this.#tokens.symbol(':');
      entries.push([key, this.value()]);
      this.#tokens.takes(',');
    }
    return { kind: 'map', entries, start, end: this.#tokens.symbol('}').end };
  }
}

function calculated(value: Expression, start: number, end: number): Expression {
  const isBare = value.kind === 'path' || value.kind === 'literal' || value.kind === 'float';
  return isBare ? { ...value, calculated: true, start, end } : value;
}

/** Of it names of functions are made. */
export function isName({ kind }: Token): boolean {
  return kind === 'upper' || kind === 'lower';
}
