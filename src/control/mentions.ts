import type { Entry, StoredJournal } from '../journal/journal.ts';
import { entriesIn } from './entries.ts';

/** What `Journal.erase` with the same test would find: for its dry run. */
export async function countMatches(
  journal: StoredJournal,
  matches: (entry: Entry) => boolean,
): Promise<{ entries: number; letters: number }> {
  const { first, next } = journal.status();
  let entries = 0;
  for await (const entry of entriesIn(journal, { from: first, to: next })) {
    if (!entry.erased && matches(entry)) entries++;
  }
  let letters = 0;
  for (const info of journal.deadLetters.list()) {
    const letter = await journal.deadLetters.get(info);
    if (letter && !letter.entry.erased && matches(letter.entry)) letters++;
  }
  return { entries, letters };
}
