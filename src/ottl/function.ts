/**
 * What an OTTL function is.
 *
 * - A function is a value: name, parameters, summary and example are data, and `create` is called once for each call in a
 *   statement, with its arguments as getters. What `create` returns runs for each record, so everything that can be
 *   prepared (patterns, formats, modes) is prepared in `create`. It keeps no state between records but caches.
 * - Wrong arguments that are literals are told by `create`, which throws an OttlError: that is a configuration error, shown
 *   at the call. What depends on the record throws an OttlError when it is evaluated.
 * - Number, names and kinds of arguments have been checked before; `create` checks what remains (a mode's name, a pattern).
 * - A library that is heavy (XML, user agents) is loaded inside `create`, with `createRequire(import.meta.url)`, so that a
 *   configuration that does not name the function never loads it. Compiling stays synchronous that way, and `validate`
 *   compiles whatever it is given. Small modules of ours are imported as usual.
 * - One file for a small family, in functions/; functions/index.ts lists them; tests beside in test/ottl/functions/. The
 *   example of each function is run as a test.
 */
import type { Clock } from '../clock.ts';
import type { Value, ValueMap } from '../record/value.ts';
import type { Getter } from './getter.ts';
import type { Arguments, Parameters } from './parameter.ts';

export interface OttlFunction<P extends Parameters = Parameters> {
  /** Editors in lower_snake_case, converters in UpperCamelCase. */
  readonly name: string;
  /** An editor changes its target and yields nothing; a converter yields a value and changes nothing. */
  readonly kind: 'editor' | 'converter';
  /** Empty: it takes any arguments and looks at none, as in the Collector. */
  readonly parameters: P;
  /** One sentence for the docs and for editors. */
  readonly summary: string;
  readonly example: Example;
  /** The Collector has it for log statements of `transform` only, not for conditions and other contexts. */
  readonly logStatementsOnly?: boolean;
  /** Once for each call in a statement. @throws {OttlError} for arguments that can never work */
  create(args: Arguments<P>, environment: FunctionEnvironment): Getter;
}

/** A statement on one record, shown in the docs and run as a test. */
export interface Example {
  readonly statement: string;
  readonly before?: ExampleRecord;
  /** What the statement left: only what is named here is compared. */
  readonly after: ExampleRecord;
}

export interface ExampleRecord {
  readonly body?: Value;
  readonly attributes?: ValueMap;
  readonly severityText?: string;
  readonly severityNumber?: number;
  readonly eventName?: string;
}

/** What functions may use of the world. */
export interface FunctionEnvironment {
  readonly clock: Clock;
  /** Uniform in [0, 1). For ids, use node:crypto. */
  readonly random: () => number;
}

/** A function with the types of its arguments inferred from its parameters. */
export function defineFunction<const P extends Parameters>(definition: OttlFunction<P>): OttlFunction<P> {
  return definition;
}
