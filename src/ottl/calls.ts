/** Calls of functions: their arguments checked against the parameters, each made into the getter that `create` wants. */
import { didYouMean } from '../config/suggest.ts';
import { isInt } from '../record/value.ts';
import { coerced, coercedTarget } from './arguments.ts';
import { upperCamel } from './camel.ts';
import { CompileError } from './compile-error.ts';
import { OttlError, textOf } from './error.ts';
import type { FunctionEnvironment, OttlFunction } from './function.ts';
import type { FunctionReference, Getter } from './getter.ts';
import type { Parameter } from './parameter.ts';
import type { ExpressionCompiler } from './scope.ts';
import type { Argument, Call, Expression, Range } from './syntax/ast.ts';

/** @throws {CompileError} */
export function compileCall(call: Call, compiler: ExpressionCompiler): Getter {
  const { functions, environment } = compiler.scope;
  const definition = functions.get(call.name);
  if (!definition) {
    const at = { start: call.start, end: call.nameEnd };
    const isEditor = /^[a-z]/.test(call.name);
    const names = [...functions.values()]
      .filter(({ kind }) => (kind === 'editor') === isEditor)
      .map(({ name }) => name);
    throw new CompileError(`undefined function "${call.name}"`, at, didYouMean(call.name, names));
  }
  const args = new ArgumentsOf(call, definition, compiler).compile();
  try {
    const getter = definition.create(args as never, environment);
    // What a converter gives is no literal, whatever it is made of.
    const fixed = getter.literal;
    return fixed ? () => fixed.value : getter;
  } catch (error) {
    if (error instanceof CompileError || !(error instanceof OttlError)) throw error;
    throw new CompileError(`couldn't create function: ${error.message}`, call);
  }
}

class ArgumentsOf {
  readonly #call: Call;
  readonly #definition: OttlFunction;
  readonly #compiler: ExpressionCompiler;

  constructor(call: Call, definition: OttlFunction, compiler: ExpressionCompiler) {
    this.#call = call;
    this.#definition = definition;
    this.#compiler = compiler;
  }

  compile(): Record<string, unknown> {
    const names = Object.keys(this.#definition.parameters);
    const result: Record<string, unknown> = {};
    if (names.length === 0) return result;
    const given = this.#call.arguments;
    const firstNamed = given.findIndex(({ name }) => name !== undefined);
    const unnamed = firstNamed < 0 ? undefined : given.slice(firstNamed).find(({ name }) => name === undefined);
    if (unnamed) throw this.#wrong('unnamed argument used after named argument', unnamed);
    const required = names.filter((name) => !this.#parameter(name).optional);
    if (given.length < required.length || given.length > names.length) {
      const message = `incorrect number of arguments. Expected: ${names.length} Received: ${given.length}`;
      throw this.#wrong(message, this.#call, `write ${signature(this.#definition)}`);
    }
    for (const [index, argument] of given.entries()) {
      const name = this.#nameOf(argument, index, names);
      result[name] = this.#argument(this.#parameter(name), argument, index);
    }
    const missing = required.find((name) => !Object.hasOwn(result, name));
    if (missing !== undefined) {
      throw this.#wrong(`missing argument: ${missing}`, this.#call, `write ${signature(this.#definition)}`);
    }
    return result;
  }

  #parameter(name: string): Parameter {
    return this.#definition.parameters[name] as Parameter;
  }

  #nameOf({ name, start }: Argument, index: number, names: readonly string[]): string {
    if (name === undefined) return names[index] as string;
    const wanted = upperCamel(name);
    const found = names.find((candidate) => `${candidate[0]?.toUpperCase()}${candidate.slice(1)}` === wanted);
    if (found !== undefined) return found;
    throw this.#wrong(
      `no such parameter: ${name}`,
      { start, end: start + name.length },
      didYouMean(name, names.map(snake)) ?? `the parameters are: ${names.map(snake).join(', ')}`,
    );
  }

  #argument(parameter: Parameter, argument: Argument, index: number): unknown {
    if (parameter.kind === 'FunctionGetter') return this.#function(argument, index);
    const { value } = argument;
    if (!value) throw this.#invalid(index, argument, wanted(parameter));
    if (!parameter.list) return this.#value(parameter, value, index);
    if (value.kind !== 'list') throw this.#invalid(index, value, `must be a list of type ${parameter.kind}`);
    return value.items.map((item, at) =>
      this.#value(parameter, item, index, `error while parsing list argument at index ${at}: `),
    );
  }

  #value({ kind }: Parameter, node: Expression, index: number, before = ''): unknown {
    const wrong = (message: string) => this.#invalid(index, node, `${before}${message}`);
    switch (kind) {
      case 'GetSetter':
      case 'PMapGetSetter':
      case 'PSliceGetSetter':
        if (node.kind !== 'path' || node.calculated) throw wrong('must be a path');
        return coercedTarget(kind, this.#compiler.path(node, true));
      case 'string':
        if (node.kind !== 'literal' || typeof node.value !== 'string') throw wrong('must be a string');
        return node.value;
      case 'bool':
        if (node.kind !== 'literal' || typeof node.value !== 'boolean') throw wrong('must be a bool');
        return node.value;
      case 'int64':
        if (node.kind !== 'literal' || !isInt(node.value) || node.calculated) throw wrong('must be an int');
        return node.value;
      case 'float64':
        if (node.kind !== 'float' || node.calculated) throw wrong('must be a float');
        return node.value;
      default:
        return this.#getter(kind, node, wrong);
    }
  }

  #getter(kind: Parameter['kind'], node: Expression, wrong: (message: string) => CompileError): unknown {
    const getter = this.#compiler.value(node);
    try {
      return coerced(kind, getter);
    } catch (error) {
      if (error instanceof CompileError || !(error instanceof OttlError)) throw error;
      throw wrong(error.message);
    }
  }

  #function(argument: Argument, index: number): FunctionReference {
    const { functions, environment } = this.#compiler.scope;
    const { functionName, value } = argument;
    const name = functionName ?? (value?.kind === 'enum' ? value.name : undefined);
    if (name === undefined) throw this.#invalid(index, argument, 'invalid function name given');
    const definition = functions.get(name);
    if (definition) return reference(definition, environment);
    throw this.#invalid(index, argument, `undefined function ${name}`, didYouMean(name, functions.keys()));
  }

  #invalid(index: number, range: Range, message: string, suggestion?: string): CompileError {
    const what = `invalid argument at position ${index}: ${message}`;
    return this.#wrong(what, range, suggestion ?? `write ${signature(this.#definition)}`);
  }

  #wrong(message: string, range: Range, suggestion?: string): CompileError {
    const text = `error while parsing arguments for call to "${this.#call.name}": ${message}`;
    return new CompileError(text, range, suggestion);
  }
}

/** What is said where the name of a function stands. */
function wanted({ kind, list }: Parameter): string {
  if (list) return `must be a list of type ${kind}`;
  if (kind.endsWith('GetSetter')) return 'must be a path';
  if (!kind.endsWith('Getter')) return `must be ${kind === 'int64' ? 'an int' : `a ${kind.replace('64', '')}`}`;
  return 'must be a value, not the name of a function';
}

/** Created at its first call, as in the Collector: what is wrong with it is an error of the record. */
function reference(definition: OttlFunction, environment: FunctionEnvironment): FunctionReference {
  let current = '';
  let evaluate: Getter | undefined;
  const create = (): Getter => {
    const entries = Object.entries(definition.parameters);
    if (entries.length !== 1) {
      throw new OttlError(`incorrect number of arguments. Expected: ${entries.length} Received: 1`);
    }
    const [[name, { kind, list }]] = entries as [[string, Parameter]];
    if (list || !kind.endsWith('Getter') || kind === 'FunctionGetter') {
      throw new OttlError(`${definition.name} cannot be called with a text: it takes a ${kind}`);
    }
    try {
      return definition.create({ [name]: coerced(kind, () => current) } as never, environment);
    } catch (error) {
      throw new OttlError(`couldn't create function: ${textOf(error)}`);
    }
  };
  return {
    name: definition.name,
    call(context, text) {
      evaluate ??= create();
      const before = current;
      current = text;
      try {
        return evaluate(context);
      } finally {
        current = before;
      }
    },
  };
}

/** `Substring(target, start, length, [utf8_safe])` */
export function signature({ name, parameters }: OttlFunction): string {
  const list = Object.entries(parameters).map(([key, { optional, list }]) => {
    const shown = list ? `${snake(key)}[]` : snake(key);
    return optional ? `[${shown}]` : shown;
  });
  return `${name}(${list.join(', ')})`;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
