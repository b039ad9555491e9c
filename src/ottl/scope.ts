/** What a statement or a condition is compiled for, and what compiling gives. */
import type { TransformContext } from './context.ts';
import type { FunctionEnvironment, OttlFunction } from './function.ts';
import type { Getter, Target } from './getter.ts';
import type { OttlContext } from './paths/contexts.ts';
import type { Expression, Path } from './syntax/ast.ts';

export interface Scope {
  readonly context: OttlContext;
  /** Paths need no context's name in front of them: the group names its context. `named`: messages show it in front of paths. */
  readonly bare?: 'named' | 'plain';
  readonly functions: ReadonlyMap<string, OttlFunction>;
  readonly environment: FunctionEnvironment;
}

/** A condition; a boolean where it is the same for every record. */
export type Predicate = boolean | ((context: TransformContext) => boolean);

/** Compiles the parts of one statement. @throws {CompileError} */
export interface ExpressionCompiler {
  readonly scope: Scope;
  value(node: Expression): Getter;
  /** To read, or to write where `settable`. */
  path(node: Path, settable?: boolean): Target;
}
