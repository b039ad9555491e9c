/**
 * Lower case, in as many code units as before, so that a place in it is a place in the text. Where a letter's lower case is
 * longer (a dotted capital I) that letter stays.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  let folded = '';
  for (const character of text) {
    const one = character.toLowerCase();
    folded += one.length === character.length ? one : character;
  }
  return folded;
}
