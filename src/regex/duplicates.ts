/** Go lets groups share a name; the engine does not. */

/** What may hide something that looks like a group: escapes, quoted text, classes. */
const TOKENS = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\(\?P?<(\w+)>/gs;

export interface Renamed {
  readonly pattern: string;
  /** The names as they were, by the new ones; those that did not change are not there. */
  readonly originals: ReadonlyMap<string, string>;
}

/** The pattern with a name of its own for each group. */
export function withDistinctNames(pattern: string): Renamed {
  const originals = new Map<string, string>();
  const used = new Set(Array.from(pattern.matchAll(TOKENS), ([, name]) => name));
  const seen = new Set<string>();
  const renamed = pattern.replace(TOKENS, (token, name: string | undefined) => {
    if (name === undefined) return token;
    if (!seen.has(name)) {
      seen.add(name);
      return token;
    }
    let other = `${name}_${originals.size + 2}`;
    while (used.has(other)) other += '_';
    used.add(other);
    originals.set(other, name);
    return `(?P<${other}>`;
  });
  return { pattern: renamed, originals };
}
