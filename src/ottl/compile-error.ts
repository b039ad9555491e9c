import { OttlError } from './error.ts';
import type { Range } from './syntax/ast.ts';

/** A statement that cannot be: what is wrong, and where in its text. */
export class CompileError extends OttlError {
  readonly range: Range;
  /** What to write instead. */
  readonly suggestion?: string;

  constructor(message: string, { start, end }: Range, suggestion?: string) {
    super(message);
    this.range = { start, end };
    if (suggestion !== undefined) this.suggestion = suggestion;
  }
}
