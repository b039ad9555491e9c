import type { Clock } from '../clock.ts';
import { settle } from '../delivery/regions.ts';
import { carries } from '../delivery/responsibility.ts';
import type { DeadLetter } from '../journal/dead-letters.ts';
import type { Cursor, CursorInfo, CursorState, Entry, Journal, Position } from '../journal/journal.ts';
import { lettersToRetry, unsettled } from './pending.ts';

/** What becomes letters, or expires, at a time. */
const CHUNK = { maxEntries: 200, maxBytes: 4 * 1024 * 1024 };

/**
 * Settles everything that is pending at a delivery that nobody runs: as dead letters, or as `expired` (`discard`). In
 * steps, each of which is durable, letters before the cursor passes them: whatever interrupts it, the counts are true and it
 * can be asked for again. Resolves with the number of records.
 * @throws {JournalError} `full` when the store of dead letters takes no more
 */
export async function skipPending(
  { journal, clock }: { journal: Journal; clock: Clock },
  info: CursorInfo,
  { discard }: { discard: boolean },
): Promise<number> {
  const { next } = journal.status();
  const again = lettersToRetry(info, journal.deadLetters.list());
  const cursor = await journal.openCursor(info.name);
  try {
    // Opening it ends its being an orphan, which it still is.
    const { orphanedAt } = info.state;
    if (orphanedAt !== undefined) cursor.save({ ...cursor.state, orphanedAt });
    let records = 0;
    for (const { from, to } of unsettled(cursor.state, next)) {
      for (let at = from; at < to; ) {
        const read = await journal.read(at, { ...CHUNK, to: to - 1 });
        if (read.next <= at) break;
        const mine = read.entries.filter(({ source, position }) =>
          carries(cursor.state.sources ?? [], source, position),
        );
        const lost = read.lost.reduce((sum, [start, end]) => sum + end - start + 1, 0);
        const letters = discard
          ? []
          : mine.filter(({ erased }) => !erased).map((entry) => letterOf(entry, cursor, clock));
        if (letters.length > 0) await journal.deadLetters.put(letters);
        await settleStretch(cursor, [at, read.next - 1], { entries: mine, lost, discard });
        records += recordsIn(mine);
        at = read.next;
      }
    }
    return (
      records +
      (await skipLetters(
        journal,
        cursor,
        again.map(({ position }) => position),
        discard,
      ))
    );
  } finally {
    await journal.closeCursor(info.name);
  }
}

async function settleStretch(
  cursor: Cursor,
  range: readonly [Position, Position],
  { entries, lost, discard }: { entries: readonly Entry[]; lost: number; discard: boolean },
): Promise<void> {
  const { state } = cursor;
  const erased = recordsIn(entries.filter((entry) => entry.erased));
  const given = recordsIn(entries) - erased;
  const counts = added(state.counts, {
    [discard ? 'expired' : 'dead_lettered']: given,
    // Nothing of them was to be sent any more.
    filtered: erased,
    lost,
  });
  cursor.save({ ...state, ...settle(state, range), counts });
  await cursor.flush();
}

/** Letters that were to be sent again are letters as before, or gone and expired. */
async function skipLetters(
  journal: Journal,
  cursor: Cursor,
  positions: readonly Position[],
  discard: boolean,
): Promise<number> {
  let records = 0;
  for (const position of positions) {
    const key = { delivery: cursor.name, position };
    const letter = await journal.deadLetters.get(key);
    if (!letter) continue;
    records += letter.entry.records;
    if (!discard) {
      await journal.deadLetters.put([letter]);
      continue;
    }
    const { state } = cursor;
    const counts = added(state.counts, { dead_lettered: -letter.entry.records, expired: letter.entry.records });
    cursor.save({ ...state, counts, redeemed: [...(state.redeemed ?? []), position] });
    await cursor.flush();
    await journal.deadLetters.remove([key]);
    cursor.save({ ...cursor.state, redeemed: state.redeemed });
  }
  return records;
}

function letterOf(entry: Entry, { name, state }: Cursor, clock: Clock): DeadLetter {
  return {
    delivery: name,
    position: entry.position,
    entry,
    cause: { kind: 'skipped', summary: 'skipped by hand' },
    at: clock.now(),
    attempts: (state.inFlight ?? []).some(([from, to]) => entry.position >= from && entry.position <= to) ? 1 : 0,
  };
}

function recordsIn(entries: readonly Entry[]): number {
  return entries.reduce((sum, { records }) => sum + records, 0);
}

function added(counts: CursorState['counts'], more: Readonly<Record<string, number>>): CursorState['counts'] {
  const result: Record<string, number> = { ...counts };
  for (const [key, value] of Object.entries(more)) if (value !== 0) result[key] = (result[key] ?? 0) + value;
  return result;
}
