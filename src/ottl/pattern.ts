/** Arguments that are regular expressions. */
import { Regex } from '../regex/regex.ts';
import type { TransformContext } from './context.ts';
import { OttlError, textOf } from './error.ts';
import { type Getter, literal } from './getter.ts';

/** How many different patterns of one call are kept compiled. */
const KEPT = 100;

/**
 * The pattern, compiled: at once where it is a literal, otherwise when a record first brings it.
 *
 * @param functionName for the message
 * @throws {OttlError} for a literal that is no pattern; what the getter gives throws where a record's is none
 */
export function regexOf(pattern: Getter<string>, functionName: string): Getter<Regex> {
  const wrong = (text: string, error: unknown) =>
    new OttlError(
      `the regex pattern supplied to ${functionName} '${JSON.stringify(text)}' is not a valid pattern: ${textOf(error)}`,
    );
  if (pattern.literal) {
    const text = pattern.literal.value;
    try {
      return literal(new Regex(text));
    } catch (error) {
      throw wrong(text, error);
    }
  }
  const compiled = new Map<string, Regex>();
  return (context) => {
    const text = textIn(pattern, context, wrong);
    const known = compiled.get(text);
    if (known) return known;
    const regex = compileAtRun(text);
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value as string);
    compiled.set(text, regex);
    return regex;
  };
}

function textIn(
  pattern: Getter<string>,
  context: TransformContext,
  wrong: (text: string, error: unknown) => OttlError,
): string {
  try {
    return pattern(context);
  } catch (error) {
    throw error instanceof OttlError ? wrong('', error) : error;
  }
}

function compileAtRun(text: string): Regex {
  try {
    return new Regex(text);
  } catch (error) {
    throw new OttlError(textOf(error));
  }
}
