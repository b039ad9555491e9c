import { type Stretch, tallyOf } from '../delivery/ledger.ts';
import { regionsOf } from '../delivery/regions.ts';
import { carries } from '../delivery/responsibility.ts';
import type { LetterInfo } from '../journal/dead-letters.ts';
import type { CursorInfo, CursorState, Position, StoredJournal } from '../journal/journal.ts';
import { entriesIn } from './entries.ts';
import type { EntryFacts } from './entry-facts.ts';
import type { ReplayPlan } from './replay-request.ts';
import { countIn } from './replays.ts';

/** What a delivery that nobody runs has not settled. */
export interface Pending {
  /** Records in the journal, and those of the letters that are to be sent again. */
  readonly records: number;
  /** Those of the letters alone: `dead_lettered` in the counts of the state has them as well. */
  readonly retrying: number;
  /** Receipt of the oldest one, milliseconds since the epoch; undefined when nothing is pending. */
  readonly oldest: number | undefined;
}

/** What is not settled of [cursor, end), in order of position. */
export function unsettled(state: CursorState, end: Position): Stretch[] {
  return regionsOf(state, end).map(({ from, to }) => ({ from, to: to + 1 }));
}

/** The letters of a delivery that it is to send again, and that it has not delivered already. */
export function lettersToRetry({ name, state }: CursorInfo, letters: readonly LetterInfo[]): LetterInfo[] {
  const redeemed = new Set(state.redeemed);
  return letters.filter(({ delivery, position, retrying }) => retrying && delivery === name && !redeemed.has(position));
}

export async function pendingOf(
  journal: StoredJournal,
  info: CursorInfo,
  letters: readonly LetterInfo[],
): Promise<Pending> {
  const again = lettersToRetry(info, letters);
  const retrying = again.reduce((sum, { records }) => sum + records, 0);
  const { state } = info;
  const count = tallyOf(journal, state.sources ?? []);
  let records = 0;
  let oldest = again.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  for (const stretch of state.retiredAt === undefined ? unsettled(state, journal.status().next) : []) {
    const found = await count(stretch);
    if (found > 0 && records === 0) oldest = Math.min(oldest, await firstReceipt(journal, stretch, state));
    records += found;
  }
  return { records: records + retrying, retrying, oldest: Number.isFinite(oldest) ? oldest : undefined };
}

/** As `pendingOf`, for a replay: `plan` says which of the entries it sends. */
export async function pendingOfReplay(
  journal: StoredJournal,
  info: CursorInfo,
  letters: readonly LetterInfo[],
  plan: ReplayPlan | undefined,
  facts: Pick<EntryFacts, 'topicOf'>,
): Promise<Pending> {
  const retrying = lettersToRetry(info, letters).reduce((sum, { records }) => sum + records, 0);
  let records = 0;
  for (const stretch of plan ? unsettled(info.state, plan.to) : []) {
    records += await countIn(journal, stretch, info.state.sources ?? [], plan as ReplayPlan, facts);
  }
  // They are old on purpose.
  return { records: records + retrying, retrying, oldest: undefined };
}

async function firstReceipt(journal: StoredJournal, stretch: Stretch, { sources = [] }: CursorState): Promise<number> {
  for await (const entry of entriesIn(journal, stretch)) {
    if (carries(sources, entry.source, entry.position)) return entry.receivedAt;
  }
  return Number.POSITIVE_INFINITY;
}
