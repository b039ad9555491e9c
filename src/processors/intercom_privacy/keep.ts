/** Places that stay as they are: ends of paths. */

/** A step is a key, or `[]` for each element of a list. */
type Pattern = readonly string[];

const STEP = /\.?([\p{L}\p{N}_-]+)|\[\]|\[("(?:[^"\\]|\\.)*")\]/uy;
export const EACH = '[]';

/** `tags[].name`, `custom_attributes["plan name"]`. Undefined: it is none: what looks like a wildcard or a JSONPath would keep nothing. */
function parsePlace(text: string): Pattern | undefined {
  const steps: string[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) return undefined;
    const [, plain, quoted] = match;
    try {
      steps.push(plain ?? (quoted === undefined ? EACH : (JSON.parse(quoted) as string)));
    } catch {
      return undefined;
    }
  }
  // A lone [] would be every list.
  return steps.some((step) => step !== EACH) ? steps : undefined;
}

export function isPlacePattern(text: string): boolean {
  return parsePlace(text) !== undefined;
}

/** Whether the place at the end of a path, given as steps, is one that stays. */
export type Keeps = (path: readonly string[]) => boolean;

/** @param places each a pattern. Undefined: there are none, and no path need be known */
export function compilePlaces(places: readonly string[]): Keeps | undefined {
  if (places.length === 0) return undefined;
  const byLast = new Map<string, Pattern[]>();
  for (const place of places) {
    const pattern = parsePlace(place);
    if (!pattern) throw new Error(`BUG: ${place} is no place`);
    const last = pattern.at(-1) as string;
    byLast.set(last, [...(byLast.get(last) ?? []), pattern]);
  }
  return (path) =>
    (byLast.get(path.at(-1) ?? '') ?? []).some(
      (pattern) =>
        pattern.length <= path.length &&
        pattern.every((step, index) => step === path[path.length - pattern.length + index]),
    );
}
