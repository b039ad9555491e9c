/**
 * What goes wrong in OTTL, in the Collector's words: while a statement is compiled (a configuration error, shown at its
 * place), or while it is evaluated on a record (`error_mode` decides). Whatever a getter, a setter or a function throws
 * for a record or an argument is one of these; anything else that is thrown is a bug of ours.
 */
export class OttlError extends Error {
  override readonly name = 'OttlError';
}

/** Runs it; what it finds wrong is told behind the prefix. */
export function within<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof OttlError) throw new OttlError(prefix + error.message);
    throw error;
  }
}

/** The text of an error for a message of ours: of an OttlError or of whatever a library threw. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
