import { Regex } from '../../regex/regex.ts';

/** Each once. @throws {RegexError} for the first that is none */
export function compilePatterns(patterns: readonly string[]): Regex[] {
  return [...new Set(patterns)].map((pattern) => new Regex(pattern));
}

export function matchesOne(patterns: readonly Regex[], text: string): boolean {
  for (const pattern of patterns) if (pattern.test(text)) return true;
  return false;
}
