import type { DeadLetter } from '../../src/journal/dead-letters.ts';
import type { Entry, NewEntry, Position, StoredJournal } from '../../src/journal/journal.ts';

/** An entry that tells its number. */
export function entry(number: number, extra: Partial<NewEntry> = {}): NewEntry {
  return {
    source: 'intercom',
    receivedAt: 1_767_225_600_000 + number,
    records: 1,
    metadata: { integration: 'support', number: String(number) },
    body: Buffer.from(`{"notification":${number}}`),
    ...extra,
  };
}

/** An entry with an id and a body of this size. */
export function sized(number: number, bytes: number): NewEntry {
  return entry(number, { body: Buffer.alloc(bytes, number), dedupKey: `sized ${number}` });
}

export function numberOf({ metadata }: Entry): number {
  return Number(metadata.number);
}

export interface Everything {
  readonly entries: Entry[];
  readonly lost: (readonly [Position, Position])[];
  readonly next: Position;
}

/** Reads to the tail in small steps. */
export async function readAll(journal: StoredJournal, from: Position = 1, maxEntries = 7): Promise<Everything> {
  const entries: Entry[] = [];
  const lost: (readonly [Position, Position])[] = [];
  let next = from;
  for (;;) {
    const result = await journal.read(next, { maxEntries, maxBytes: 10_000_000 });
    entries.push(...result.entries);
    lost.push(...result.lost);
    if (result.next === next) return { entries, lost, next };
    next = result.next;
  }
}

export async function numbersIn(journal: StoredJournal, from: Position = 1): Promise<number[]> {
  return (await readAll(journal, from)).entries.map(numberOf);
}

/** As a delivery makes it of an entry that was refused. */
export function letterOf(of: Entry, delivery: string, at: number): DeadLetter {
  const cause = { kind: 'rejected', summary: 'the backend refused it', status: 400 } as const;
  return { delivery, position: of.position, entry: of, cause, at, attempts: 1 };
}
