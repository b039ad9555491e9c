/** What editors that replace have in common: a function over the replacement, and a format around its result. */
import type { TransformContext } from '../context.ts';
import { OttlError } from '../error.ts';
import type { FunctionReference, Getter } from '../getter.ts';
import { functionName, optional, string } from '../parameter.ts';

export const replacementParameters = {
  replacement: string,
  function: optional(functionName, 'the replacement as it is'),
  replacementFormat: optional(string, '"%s"; it counts only together with a function'),
};

interface Given {
  readonly function: FunctionReference | undefined;
  readonly replacementFormat: Getter<string> | undefined;
}

/**
 * Calls the function on a text and puts the result into the format; undefined where there is no function.
 *
 * @param noText what to say where the result is no text
 */
export function replacementOf(
  given: Given,
  noText: string,
): ((context: TransformContext, text: string) => string) | undefined {
  const { function: reference, replacementFormat } = given;
  if (!reference) return undefined;
  return (context, text) => {
    const result = reference.call(context, text);
    if (typeof result !== 'string') throw new OttlError(noText);
    return replacementFormat ? formatted(replacementFormat(context), result) : result;
  };
}

function formatted(format: string, text: string): string {
  if (!format.includes('%s') || format.includes('\n') || /%[^s]/.test(format)) {
    throw new OttlError(
      'replacementFormat must be format string containing a single %s and no other format specifiers',
    );
  }
  const [before = '', ...rest] = format.split('%s');
  // What the Collector's check lets through although it says no, its formatting comments on.
  return before + text + rest.join('%!s(MISSING)').replace(/%$/, '%!(NOVERB)');
}
