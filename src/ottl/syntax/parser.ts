/**
 * Tokens → syntax tree, by the Collector's grammar (pkg/ottl/grammar.go). Recursive descent; where the grammar is
 * ambiguous (parentheses around a condition or around a calculation) one form is tried, then the other. Depth is bounded, so that no text
 * exhausts the stack, and the time is at most the square of the length.
 */
import { CompileError } from '../compile-error.ts';
import { type Call, type Comparison, type Condition, keysText, type Statement, walk } from './ast.ts';
import { ExpressionParser, isName } from './expression-parser.ts';
import { TokenReader } from './token-reader.ts';

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
  readonly #tokens: TokenReader;
  readonly #expressions: ExpressionParser;

  constructor(text: string, what: 'statement' | 'condition') {
    this.#tokens = new TokenReader(text, what);
    this.#expressions = new ExpressionParser(this.#tokens);
  }

  statement(): Statement {
    const first = this.#tokens.peek();
    if (!isName(first)) this.#tokens.fail(first);
    const editor = this.#expressions.call();
    let where: Condition | undefined;
    if (this.#tokens.peek().text === 'where' && this.#tokens.peek().kind === 'lower') {
      this.#tokens.at++;
      where = this.#condition();
    }
    this.#tokens.expectEnd();
    return { editor, ...(where && { where }) };
  }

  wholeCondition(): Condition {
    const condition = this.#condition();
    this.#tokens.expectEnd();
    return condition;
  }

  #condition(): Condition {
    return this.#chain('or', () => this.#chain('and', () => this.#negatable()));
  }

  #chain(kind: 'or' | 'and', part: () => Condition): Condition {
    const parts = [part()];
    while (this.#tokens.peek().kind === kind) {
      this.#tokens.at++;
      parts.push(part());
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind, parts };
  }

  #negatable(): Condition {
    if (this.#tokens.peek().kind !== 'not') return this.#test();
    this.#tokens.at++;
    return { kind: 'not', part: this.#test() };
  }

  #test(): Condition {
    const start = this.#tokens.at;
    if (!this.#tokens.isSymbol('(')) return this.#comparison();
    try {
      return this.#comparison();
    } catch (asComparison) {
      const reached = furthest(asComparison);
      this.#tokens.at = start;
      try {
        return this.#tokens.nested(() => {
          this.#tokens.symbol('(');
          const condition = this.#condition();
          this.#tokens.symbol(')');
          return condition;
        });
      } catch (asCondition) {
        throw furthest(asCondition) >= reached ? asCondition : asComparison;
      }
    }
  }

  #comparison(): Condition {
    const left = this.#expressions.value();
    const operator = this.#tokens.peek();
    if (operator.kind === 'comparison') {
      this.#tokens.at++;
      return { kind: 'comparison', left, operator: operator.text as Comparison, right: this.#expressions.value() };
    }
    if (left.kind === 'call' && /^[A-Z]/.test(left.name)) return { kind: 'test', call: left };
    if (left.kind === 'literal' && typeof left.value === 'boolean') return { kind: 'constant', value: left.value };
    this.#tokens.fail(operator, left.kind === 'path' ? 'compare it with a value: == true, != nil' : undefined);
  }
}

/** How far into the text the parser came. */
function furthest(error: unknown): number {
  if (error instanceof CompileError) return error.range.start;
  throw error;
}
