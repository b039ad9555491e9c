/** Groups of statements and conditions: parsed, their context inferred, compiled, and run by their error mode. */

import { type CompiledStatement, compileCondition, compileStatement } from './compile.ts';
import { CompileError } from './compile-error.ts';
import type { TransformContext } from './context.ts';
import { OttlError } from './error.ts';
import type { FunctionEnvironment, OttlFunction } from './function.ts';
import { contextsHelp, type FunctionsOf, InferenceError, inferContext } from './infer.ts';
import { CONTEXTS, type ContextName } from './paths/contexts.ts';
import type { Predicate, Scope } from './scope.ts';
import type { Condition, Statement } from './syntax/ast.ts';
import { parseCondition, parseStatement } from './syntax/parser.ts';

/** What happens where a statement or a condition fails on a record. */
export type ErrorMode = 'propagate' | 'ignore' | 'silent';

/** Told of failures in the mode `ignore`. */
export type OnFailure = (kind: 'statement' | 'condition', text: string, error: OttlError) => void;

export interface GroupText {
  readonly context?: ContextName;
  /** Messages name the paths of the statements as they are written, and not with the group's context in front. */
  readonly plain?: boolean;
  readonly statements: readonly string[];
  readonly conditions: readonly string[];
}

/** What is wrong with a group, and in which of its texts; of the group as a whole without an index. */
export interface Problem {
  readonly list: 'statements' | 'conditions';
  readonly index?: number;
  readonly error: CompileError;
}

export interface Language {
  /** The functions of statements in a context. */
  readonly statementFunctions: FunctionsOf;
  /** The functions of conditions that stand alone. */
  readonly conditionFunctions: FunctionsOf;
  readonly environment: FunctionEnvironment;
}

interface ParsedText {
  readonly list: 'statements' | 'conditions';
  readonly index: number;
  readonly text: string;
  readonly node: Statement | Condition;
}

export interface Group {
  readonly context: ContextName;
  readonly statements: readonly { readonly text: string; readonly compiled: CompiledStatement }[];
  readonly conditions: readonly { readonly text: string; readonly test: Predicate }[];
}

/** @returns the group, or everything that is wrong with it */
export function compileGroup(group: GroupText, language: Language): Group | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const parsed = [
    ...parseAll('statements', group.statements, parseStatement, problems),
    ...parseAll('conditions', group.conditions, parseCondition, problems),
  ];
  // Without all of them there is no telling the context.
  if (problems.length > 0 && group.context === undefined) return { problems };
  const context = group.context ?? inferred(parsed, group, language, problems);
  if (context === undefined) return { problems };
  const scope = (functions: ReadonlyMap<string, OttlFunction>, plain: boolean): Scope => {
    const bare = group.context === undefined ? undefined : plain ? 'plain' : 'named';
    return { context: CONTEXTS[context], bare, functions, environment: language.environment };
  };
  const compile = <T>(one: ParsedText, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      problems.push({ list: one.list, index: one.index, error });
      return undefined;
    }
  };
  // The Collector writes the context into statements, and into conditions that stand alone.
  const plain = group.plain === true || group.statements.length > 0;
  const statements = [];
  const conditions = [];
  for (const one of parsed) {
    const { text, node, list } = one;
    if (list === 'statements') {
      const functions = scope(language.statementFunctions(context), false);
      const compiled = compile(one, () => compileStatement(node as Statement, functions));
      if (compiled) statements.push({ text, compiled });
    } else {
      const functions = scope(language.conditionFunctions(context), plain);
      const test = compile(one, () => compileCondition(node as Condition, functions));
      if (test !== undefined) conditions.push({ text, test });
    }
  }
  return problems.length > 0 ? { problems } : { context, statements, conditions };
}

function parseAll(
  list: ParsedText['list'],
  texts: readonly string[],
  parse: (text: string) => Statement | Condition,
  problems: Problem[],
): ParsedText[] {
  const parsed: ParsedText[] = [];
  for (const [index, text] of texts.entries()) {
    try {
      parsed.push({ list, index, text, node: parse(text) });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      problems.push({ list, index, error });
    }
  }
  return parsed;
}

function inferred(
  parsed: readonly ParsedText[],
  group: GroupText,
  language: Language,
  problems: Problem[],
): ContextName | undefined {
  const list = group.statements.length > 0 ? 'statements' : 'conditions';
  const functions = list === 'statements' ? language.statementFunctions : language.conditionFunctions;
  try {
    const context = inferContext(parsed, functions);
    if (context !== undefined) return context;
    const message = `unable to infer context from ${list}, path's first segment must be a valid context name ["log" "resource" "scope"], and at least one context must be capable of parsing all ${list}`;
    const [only] = group[list].length === 1 ? group[list] : [];
    const error = new CompileError(message, { start: 0, end: only?.length ?? 0 }, contextsHelp());
    problems.push({ list, ...(only !== undefined && { index: 0 }), error });
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    const { list, index } = error.of as ParsedText;
    problems.push({ list, index, error });
  }
  return undefined;
}

/** Whether any of them holds, as the error mode has it: one that fails does not hold. @throws {OttlError} in `propagate` */
export function anyHolds(
  conditions: Group['conditions'],
  context: TransformContext,
  mode: ErrorMode,
  onFailure: OnFailure,
): boolean {
  for (const { test, text } of conditions) {
    if (typeof test === 'boolean') {
      if (test) return true;
      continue;
    }
    try {
      if (test(context)) return true;
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      if (mode === 'propagate') throw new OttlError(`failed to eval condition: ${text}, ${error.message}`);
      if (mode === 'ignore') onFailure('condition', text, error);
    }
  }
  return false;
}

/** All statements in order, where the group's conditions let it. @throws {OttlError} in `propagate` */
export function runGroup(group: Group, context: TransformContext, mode: ErrorMode, onFailure: OnFailure): void {
  if (group.conditions.length > 0 && !anyHolds(group.conditions, context, mode, onFailure)) return;
  for (const { compiled, text } of group.statements) {
    try {
      compiled.run(context);
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      if (mode === 'propagate') throw new OttlError(`failed to execute statement: ${text}, ${error.message}`);
      if (mode === 'ignore') onFailure('statement', text, error);
    }
  }
}
