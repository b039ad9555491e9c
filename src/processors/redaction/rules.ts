import { Regex } from '../../regex/regex.ts';
import type { RedactionConfig } from './config.ts';
import { maskOf } from './mask.ts';
import { compilePatterns, matchesOne } from './patterns.ts';

/** What the settings say of keys and of texts, compiled once. */
export interface Rules {
  /** Its value stays as it is. */
  isIgnored(key: string): boolean;
  /** It goes. */
  isRemoved(key: string): boolean;
  /** Its value is masked as a whole. */
  isBlocked(key: string): boolean;
  /** A text that is not masked. */
  isAllowed(text: string): boolean;
  /** The text with what must not be seen in it masked; the text itself where that is nothing. */
  masked(text: string): string;
  /** All of a text masked, line by line. */
  maskedWhole(text: string): string;
}

/** The processor's own summaries pass; those of what was allowed and of bodies do not, as in the Collector. */
const OWN_KEYS = [
  'redaction.redacted.keys',
  'redaction.redacted.count',
  'redaction.masked.keys',
  'redaction.masked.count',
  'redaction.ignored.count',
];

export function compileRules(config: RedactionConfig): Rules {
  const ignored = new Set(config.ignored_keys);
  const ignoredPatterns = compilePatterns(config.ignored_key_patterns);
  const allowed = config.allow_all_keys ? undefined : new Set([...config.allowed_keys, ...OWN_KEYS]);
  const blockedKeys = compilePatterns(config.blocked_key_patterns);
  const blocked = compilePatterns(config.blocked_values);
  const allowedValues = compilePatterns(config.allowed_values);
  const mask = maskOf(config);
  const replaced = (text: string, pattern: Regex) =>
    pattern.replaceAll(text, ([start, end]) => mask(text.slice(start, end)));
  const anything = new Regex('.*');
  return {
    isIgnored: (key) => ignored.has(key) || matchesOne(ignoredPatterns, key),
    isRemoved: (key) => allowed !== undefined && !allowed.has(key),
    isBlocked: (key) => matchesOne(blockedKeys, key),
    isAllowed: (text) => matchesOne(allowedValues, text),
    masked: (text) => blocked.reduce((result, pattern) => replaced(result, pattern), text),
    maskedWhole: (text) => replaced(text, anything),
  };
}
