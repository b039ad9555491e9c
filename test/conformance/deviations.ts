/**
 * Where we differ from the Collector on purpose: ids, or patterns where a rule of ours differs, each with its reason. One that
 * passes is an error, so that the list stays true.
 */
const DEVIATIONS: readonly (readonly [ids: RegExp, reason: string])[] = [];

export function deviationOf(id: string): string | undefined {
  return DEVIATIONS.find(([ids]) => ids.test(id))?.[1];
}
