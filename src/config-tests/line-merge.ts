/**
 * The lines of `text`, changed where `after` differs from `before`. Both are the same document as a printer writes it, which may
 * space and quote otherwise than `text` does: what did not change stays as it was written.
 */
export function mergeLines(text: string, before: string, after: string): string {
  const [written, from, to] = [text, before, after].map((one) => one.split('\n')) as [string[], string[], string[]];
  const inText = new Map(common(from, written, unspaced).map(([line, other]) => [line, other]));
  const inAfter = common(from, to, (line) => line);
  const merged: string[] = [];
  let [line, textLine, afterLine] = [0, 0, 0];
  const upTo = (end: number, textEnd: number, afterEnd: number) => {
    const parts = [written.slice(textLine, textEnd), from.slice(line, end), to.slice(afterLine, afterEnd)] as const;
    merged.push(...changed(...parts));
  };
  for (const [at, other] of inAfter) {
    const found = inText.get(at);
    if (found === undefined) continue;
    upTo(at, found, other);
    merged.push(written[found] as string);
    [line, textLine, afterLine] = [at + 1, found + 1, other + 1];
  }
  upTo(from.length, written.length, to.length);
  return merged.join('\n');
}

function changed(written: readonly string[], from: readonly string[], to: readonly string[]): readonly string[] {
  if (from.length === to.length && from.every((line, index) => line === to[index])) return written;
  // An empty line that only the printer wants.
  const isAdded = from.at(-1) === '' && to.at(-1) === '' && written.at(-1) !== '';
  return isAdded ? changed(written, from.slice(0, -1), to.slice(0, -1)) : to;
}

const unspaced = (line: string) => line.replace(/\s+/g, '');

/** Comparisons at most: beyond that only beginning and end are compared. */
const MAX_COMPARISONS = 4_000_000;

/** Pairs of lines of a longest common subsequence, by what `key` makes of them. */
function common(a: readonly string[], b: readonly string[], key: (line: string) => string): [number, number][] {
  const [left, right] = [a.map(key), b.map(key)];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  const shorter = Math.min(left.length, right.length) - start;
  while (end < shorter && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  const pairs: [number, number][] = Array.from({ length: start }, (_, index) => [index, index]);
  const middle = [left.slice(start, left.length - end), right.slice(start, right.length - end)] as const;
  pairs.push(...subsequence(...middle).map(([i, j]): [number, number] => [start + i, start + j]));
  for (let index = end; index > 0; index--) pairs.push([left.length - index, right.length - index]);
  return pairs;
}

function subsequence(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > MAX_COMPARISONS) return [];
  const width = b.length + 1;
  // The length of the longest one of what follows i and j.
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
