/**
 * Syntax tree → closures, once per statement. Nothing is looked up or parsed again when a record comes: paths are
 * resolved to targets, functions created, literals folded.
 */

import { didYouMean } from '../config/suggest.ts';
import { double, setOwn, type ValueMap } from '../record/value.ts';
import { compileCall } from './calls.ts';
import { compare } from './compare.ts';
import { CompileError } from './compile-error.ts';
import type { TransformContext } from './context.ts';
import { OttlError } from './error.ts';
import { type Getter, literal, type Target } from './getter.ts';
import { type CompiledKey, goKind, indexResult } from './keys.ts';
import { calculate, negate } from './math.ts';
import { resolvePath } from './paths/resolve.ts';
import { mapEntry } from './raw.ts';
import type { ExpressionCompiler, Predicate, Scope } from './scope.ts';
import { copyForRecord } from './store.ts';
import type { Call, Condition, Expression, Key, Path, Statement } from './syntax/ast.ts';
import { LiteralList, type OttlValue } from './value.ts';

export interface CompiledStatement {
  /** Runs the editor where the condition holds. @throws {OttlError} */
  run(context: TransformContext): void;
  /** What of the batch it may change. */
  readonly writes: ReadonlySet<'resource' | 'scope'>;
}

/** @throws {CompileError} */
export function compileStatement({ editor, where }: Statement, scope: Scope): CompiledStatement {
  const compiler = new Compiler(scope);
  const work = compiler.call(editor);
  const condition = where ? compiler.condition(where) : true;
  const { writes } = compiler;
  if (condition === true) return { run: (context) => void work(context), writes };
  if (condition === false) return { run: () => undefined, writes };
  return {
    run(context) {
      if (condition(context)) work(context);
    },
    writes,
  };
}

/** @throws {CompileError} */
export function compileCondition(condition: Condition, scope: Scope): Predicate {
  return new Compiler(scope).condition(condition);
}

class Compiler implements ExpressionCompiler {
  readonly scope: Scope;
  readonly writes = new Set<'resource' | 'scope'>();

  constructor(scope: Scope) {
    this.scope = scope;
  }

  condition(node: Condition): Predicate {
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'not': {
        const part = this.condition(node.part);
        return typeof part === 'boolean' ? !part : (context) => !part(context);
      }
      case 'and':
      case 'or':
        return this.#joined(node.kind, node.parts);
      case 'comparison': {
        const [left, right] = [this.value(node.left), this.value(node.right)];
        const { operator } = node;
        if (left.literal && right.literal) return compare(left.literal.value, right.literal.value, operator);
        return (context) => compare(left(context), right(context), operator);
      }
      case 'test':
        return this.#test(node.call);
    }
  }

  /** A constant among them decides when compiled, whatever stands before it. */
  #joined(kind: 'and' | 'or', nodes: readonly Condition[]): Predicate {
    const parts = nodes.map((node) => this.condition(node));
    const decisive = kind === 'or';
    if (parts.includes(decisive)) return decisive;
    const tests = parts.filter((part) => typeof part === 'function');
    if (tests.length === 0) return !decisive;
    if (tests.length === 1) return tests[0] as Predicate;
    return decisive
      ? (context) => tests.some((test) => test(context))
      : (context) => tests.every((test) => test(context));
  }

  #test(call: Call): Predicate {
    const getter = this.#converter(call);
    return (context) => {
      const value = getter(context);
      if (typeof value === 'boolean') return value;
      throw new OttlError(`value returned from Converter in constant expression must be bool but got ${goKind(value)}`);
    };
  }

  value(node: Expression): Getter {
    switch (node.kind) {
      case 'literal':
        return literal(node.value);
      case 'float':
        return literal(double(node.value));
      case 'enum':
        return literal(this.#enumValue(node.name, node));
      case 'path': {
        const target = this.path(node);
        return (context) => target.get(context);
      }
      case 'call':
        return this.#converter(node);
      case 'list':
        return this.#list(node.items);
      case 'map':
        return this.#map(node.entries);
      case 'negation': {
        const of = this.value(node.of);
        return (context) => negate(of(context));
      }
      case 'math': {
        const [left, right] = [this.value(node.left), this.value(node.right)];
        const { operator } = node;
        return (context) => calculate(left(context), operator, right(context));
      }
    }
  }

  /** To read, or to write where `settable`. */
  path(node: Path, settable = false): Target {
    const { target, owner } = resolvePath(node, this.scope, (keys) => this.keys(keys));
    if (settable && owner) this.writes.add(owner);
    return target;
  }

  keys(keys: readonly Key[]): CompiledKey[] {
    return keys.map((key) => (key.kind === 'literal' ? key : { kind: 'computed', value: this.value(key.value) }));
  }

  call(call: Call): Getter {
    return compileCall(call, this);
  }

  #converter(call: Call): Getter {
    const getter = this.call(call);
    if (call.keys.length === 0) return getter;
    const keys = this.keys(call.keys);
    return (context) => indexResult(getter(context), keys, context);
  }

  #enumValue(name: string, range: Expression): number {
    const { enums } = this.scope.context;
    const value = enums.get(name);
    if (value !== undefined) return value;
    const message =
      enums.size > 0
        ? `enum symbol, ${name}, not found`
        : `${this.scope.context.name === 'scope' ? 'instrumentation scope' : 'resource'} context does not provide Enum support`;
    throw new CompileError(message, range, didYouMean(name, enums.keys()));
  }

  #list(nodes: readonly Expression[]): Getter {
    const items = nodes.map((node) => this.value(node));
    const listed = (take: (item: Getter) => OttlValue) => LiteralList.from(items, take) as LiteralList;
    return items.every((item) => item.literal)
      ? literal(listed((item) => item.literal?.value))
      : (context) => listed((item) => item(context));
  }

  #map(nodes: readonly (readonly [key: string, value: Expression])[]): Getter {
    // Of several entries with one key the last counts, and the others are never evaluated.
    const entries = [...new Map(nodes.map(([key, node]) => [key, this.value(node)]))];
    const build = (take: (getter: Getter) => OttlValue): ValueMap => {
      const map: ValueMap = {};
      for (const [key, getter] of entries) setOwn(map, key, copyForRecord(mapEntry(take(getter))) ?? null);
      return map;
    };
    if (!entries.every(([, getter]) => getter.literal)) return (context) => build((getter) => getter(context));
    return literal(build((getter) => getter.literal?.value));
  }
}
