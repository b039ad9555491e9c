import { parseJson } from './json.ts';
import type { Value } from './value.ts';

/** What a text says that is a list or a map of JSON. Undefined: it is none. */
export function jsonIn(text: string): Value {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const parsed = parseJson(Buffer.from(text));
  return parsed.ok ? parsed.value : undefined;
}
