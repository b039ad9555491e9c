import { parseJson } from './json.ts';
import type { Value } from './value.ts';

/** JSON in a text of JSON in a text ...: deeper it is a text that nobody reads. */
export const MAX_NESTED = 4;

/** What a text says that is a list or a map of JSON. Undefined: it is none. */
export function jsonIn(text: string): Value {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const parsed = parseJson(Buffer.from(text));
  return parsed.ok ? parsed.value : undefined;
}
