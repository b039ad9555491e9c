import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Entry, Position, StoredJournal } from '../journal/journal.ts';

/** What is read at a time: small, for an agent that is at work reads beside it. */
const CHUNK = { maxEntries: 256, maxBytes: 1024 * 1024 };

/** The entries at positions in [from, to), in order. What is damaged is left out. Others get their turn in between. */
export async function* entriesIn(
  journal: Pick<StoredJournal, 'read'>,
  { from, to }: { from: Position; to: Position },
): AsyncGenerator<Entry> {
  for (let at = from; at < to; ) {
    const { entries, next } = await journal.read(at, { ...CHUNK, to: to - 1 });
    yield* entries;
    if (next <= at) return;
    at = next;
    await yieldToOthers();
  }
}
