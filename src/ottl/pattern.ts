/** Arguments that are regular expressions. */
import { Regex, RegexError } from '../regex/regex.ts';
import { OttlError, within } from './error.ts';
import { type Getter, literal } from './getter.ts';
import { quoted } from './sprintf/quote.ts';

/** How many different patterns of one call are kept compiled. */
const KEPT = 100;

/**
 * The pattern, compiled: at once where it is a literal, otherwise when a record first brings it.
 *
 * @param functionName for the message
 * @throws {OttlError} for a literal that is no pattern; what the getter gives throws where a record's is none
 */
export function regexOf(pattern: Getter<string>, functionName: string): Getter<Regex> {
  const { literal: given } = pattern;
  if (given) return literal(within(refusal(functionName, given.value), () => compile(given.value)));
  const noText = refusal(functionName, '');
  const compiled = new Map<string, Regex>();
  return (context) => {
    const text = within(noText, () => pattern(context));
    const known = compiled.get(text);
    if (known) return known;
    const regex = compile(text);
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value as string);
    compiled.set(text, regex);
    return regex;
  };
}

/** What stands before the reason where a pattern, also a glob, is none. */
export function refusal(functionName: string, pattern: string): string {
  return `the regex pattern supplied to ${functionName} '${quoted(pattern, '"', false)}' is not a valid pattern: `;
}

function compile(text: string): Regex {
  try {
    return new Regex(text);
  } catch (error) {
    if (error instanceof RegexError) throw new OttlError(error.message);
    throw error;
  }
}
