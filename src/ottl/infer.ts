/**
 * Which context a group of statements is for, where none is written: the lowest of those that its paths name, or one below
 * where that one lacks a function or an enum that the group needs (pkg/ottl/context_inferrer.go).
 */
import { didYouMean } from '../config/suggest.ts';
import { CompileError } from './compile-error.ts';
import type { OttlFunction } from './function.ts';
import { CONTEXTS, type ContextName } from './paths/contexts.ts';
import { type Condition, type Expression, type Range, type Statement, walk } from './syntax/ast.ts';

/** Lowest first. The Collector's whole list: its other contexts are no candidates here. */
const PRIORITY = [
  ...['log', 'exemplar', 'datapoint', 'metric', 'spanevent', 'span', 'profile'],
  ...['scope', 'instrumentation_scope', 'resource'],
];

/** Contexts that may take the place of the inferred one, lowest first: those that have its paths too. */
const LOWER: Readonly<Record<ContextName, readonly ContextName[]>> = {
  log: [],
  scope: ['log'],
  resource: ['log', 'scope'],
};

export type FunctionsOf = (context: ContextName) => ReadonlyMap<string, OttlFunction>;

/** One text of the group, parsed. */
export interface Parsed {
  readonly node: Statement | Condition;
}

/** What one of the texts needs that the context has not; which text, and where in it. */
export class InferenceError<T extends Parsed> extends CompileError {
  readonly of: T;

  constructor(of: T, message: string, range: Range, suggestion?: string) {
    super(message, range, suggestion);
    this.of = of;
  }
}

/** @returns undefined where no path names a context @throws {InferenceError} where no context has what the group needs */
export function inferContext<T extends Parsed>(group: readonly T[], functionsOf: FunctionsOf): ContextName | undefined {
  let best: { name: string; priority: number; of: T; range: Range } | undefined;
  const needs: { of: T; expression: Expression }[] = [];
  for (const of of group) {
    walk(of.node, (expression) => {
      if (expression.kind === 'path') {
        const name = expression.context;
        const found = PRIORITY.indexOf(name ?? '');
        const priority = found < 0 ? PRIORITY.length : found;
        if (name === undefined || (best && best.priority <= priority)) return;
        best = { name, priority, of, range: { start: expression.start, end: expression.start + name.length } };
      } else if (expression.kind === 'call' || expression.kind === 'enum') needs.push({ of, expression });
    });
  }
  if (!best) return undefined;
  // Functions are looked for before enums.
  needs.sort((a, b) => Number(b.expression.kind === 'call') - Number(a.expression.kind === 'call'));
  const { name, of, range } = best;
  const lacking = (context: ContextName) => needs.find(({ expression }) => !has(context, expression, functionsOf));
  if (isContext(name)) {
    const lack = lacking(name);
    if (!lack) return name;
    const lower = LOWER[name].find((candidate) => !lacking(candidate));
    if (lower) return lower;
    throw unsupported(name, lack.of, lack.expression, functionsOf);
  }
  const message =
    needs.length > 0
      ? `inferred context "${name}" is not a valid candidate`
      : `context "${name}" inferred from the conditions is not a supported context`;
  throw new InferenceError(of, message, range, didYouMean(name, Object.keys(CONTEXTS)) ?? contextsHelp());
}

function isContext(name: string): name is ContextName {
  return Object.hasOwn(CONTEXTS, name);
}

function has(context: ContextName, expression: Expression, functionsOf: FunctionsOf): boolean {
  if (expression.kind === 'call') return functionsOf(context).has(expression.name);
  return expression.kind !== 'enum' || CONTEXTS[context].enums.has(expression.name);
}

function unsupported<T extends Parsed>(
  context: ContextName,
  of: T,
  expression: Expression,
  functionsOf: FunctionsOf,
): InferenceError<T> {
  if (expression.kind === 'call') {
    const { name, start, nameEnd } = expression;
    const message = `inferred context "${context}" does not support the function "${name}"`;
    const isLower = /^[a-z]/.test(name);
    const known = [...functionsOf(context).keys()].filter((known) => /^[a-z]/.test(known) === isLower);
    return new InferenceError(of, message, { start, end: nameEnd }, didYouMean(name, known));
  }
  const name = expression.kind === 'enum' ? expression.name : '';
  const message = `inferred context "${context}" does not support the enum symbol "${name}"`;
  return new InferenceError(of, message, expression, didYouMean(name, CONTEXTS[context].enums.keys()));
}

export function contextsHelp(): string {
  return 'a path begins with the name of its context: log.body, scope.name, resource.attributes["..."]';
}
