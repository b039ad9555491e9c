/** Entries on their way to another thread: their bodies in one buffer, which changes its owner, and their numbers in another. */
import type { Entry } from '../../journal/journal.ts';

/** What many entries have in common. */
interface Head {
  readonly source: string;
  readonly metadata: Entry['metadata'];
}

export interface PackedEntries {
  readonly heads: readonly Head[];
  /** For each entry: position, receipt, records, number of its head, length of its body. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** One after the other. */
  readonly bodies: Uint8Array<ArrayBuffer>;
}

export function packEntries(entries: readonly Entry[]): PackedEntries {
  const heads: Head[] = [];
  // A journal's entries of one origin have the same object; where they have not, a head is told twice.
  const known = new Map<Entry['metadata'], number>();
  const numbers: number[] = [];
  const bodies = new Uint8Array(entries.reduce((sum, { body }) => sum + body.length, 0));
  let offset = 0;
  for (const { source, metadata, position, receivedAt, records, body } of entries) {
    let head = known.get(metadata);
    if (head === undefined || heads[head]?.source !== source) {
      head = heads.push({ source, metadata }) - 1;
      known.set(metadata, head);
    }
    numbers.push(position, receivedAt, records, head, body.length);
    bodies.set(body, offset);
    offset += body.length;
  }
  return { heads, numbers: Float64Array.from(numbers), bodies };
}

export function unpackEntries({ heads, numbers, bodies }: PackedEntries): Entry[] {
  const entries: Entry[] = [];
  let offset = 0;
  let at = 0;
  const next = (): number => numbers[at++] as number;
  while (at < numbers.length) {
    const [position, receivedAt, records] = [next(), next(), next()];
    const head = heads[next()] as Head;
    const end = offset + next();
    entries.push({ ...head, position, receivedAt, records, body: bodies.subarray(offset, end) });
    offset = end;
  }
  return entries;
}
