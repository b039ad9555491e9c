/** Making replays, on a running agent's journal and on that of a stopped one alike. `replay-request.ts` says what one is. */
import { carries } from '../delivery/responsibility.ts';
import type { CursorState, Journal, Position, SourceSpan, StoredJournal } from '../journal/journal.ts';
import { entriesIn } from './entries.ts';
import type { EntryFacts } from './entry-facts.ts';
import { OperationError, type ReplayAnswer, type ReplayRequest } from './operations.ts';
import { parseReplayName, type ReplayPlan, replayMemo, replayName, replayTest } from './replay-request.ts';
import { instantOf } from './times.ts';

/** A delivery that may be replayed. */
export interface ReplayTarget {
  readonly pipeline: string;
  readonly exporter: string;
  /** The state of its cursor now: what it has not settled comes anyway, and is not replayed. */
  readonly state: CursorState;
}

/** An entry is stored soon after it was received: a group commit later, and a slow disk. */
const STORING_MS = 60_000;
const ID_LENGTH = 6;
const ID_CHARACTERS = '0123456789abcdefghjkmnpqrstvwxyz';

interface Wanted extends Omit<ReplayPlan, 'to' | 'asked'> {
  readonly asked: string;
}

/**
 * Makes a replay for each target in which something matches; in a dry run only counts. The cursors are durable when this
 * resolves, and closed: who runs replays opens them by `replayName`, or finds them at the next start.
 * @throws {OperationError} when nothing matches at any target (not in a dry run), and for a time that is none
 */
export async function createReplays(
  { journal, facts, random }: { journal: Journal; facts: Pick<EntryFacts, 'topicOf'>; random: () => number },
  targets: readonly ReplayTarget[],
  request: ReplayRequest,
): Promise<ReplayAnswer[]> {
  if (request.dry_run) return countReplays({ journal, facts }, targets, request);
  const wanted = wantedBy(request);
  const answers: ReplayAnswer[] = [];
  for (const target of targets) {
    const { pipeline, exporter, state } = target;
    const { from, to } = await rangeOf(journal, target, wanted);
    if (from >= to) continue;
    const id = newId(journal, random);
    const name = replayName({ id, pipeline, exporter });
    // First of all, so that nothing of the range is deleted meanwhile.
    const cursor = await journal.openCursor(name, { start: from });
    const spans = state.sources ?? [];
    const records = await countIn(journal, { from, to }, spans, wanted, facts);
    if (records > 0) {
      const memo = replayMemo({ ...wanted, to });
      cursor.save({ cursor: from, settled: [], counts: {}, sources: spans, memo });
    }
    await journal.closeCursor(name);
    if (records === 0) await journal.forget(name);
    else answers.push({ id, pipeline, exporter, records });
  }
  if (answers.length === 0) throw new OperationError(nothingToReplay(request));
  return answers;
}

/** The dry run alone: changes nothing, so a journal that is only read will do. @throws {OperationError} for a time that is none */
export async function countReplays(
  { journal, facts }: { journal: StoredJournal; facts: Pick<EntryFacts, 'topicOf'> },
  targets: readonly ReplayTarget[],
  request: ReplayRequest,
): Promise<ReplayAnswer[]> {
  const wanted = wantedBy(request);
  const answers: ReplayAnswer[] = [];
  for (const target of targets) {
    const { pipeline, exporter, state } = target;
    const range = await rangeOf(journal, target, wanted);
    const records = await countIn(journal, range, state.sources ?? [], wanted, facts);
    answers.push({ id: null, pipeline, exporter, records });
  }
  return answers;
}

/** Records of the range that a replay sends. */
export async function countIn(
  journal: StoredJournal,
  range: { from: Position; to: Position },
  spans: readonly SourceSpan[],
  plan: Pick<ReplayPlan, 'from' | 'until' | 'topic'>,
  { topicOf }: Pick<EntryFacts, 'topicOf'>,
): Promise<number> {
  const matches = replayTest(plan, topicOf);
  let records = 0;
  for await (const entry of entriesIn(journal, range)) {
    if (carries(spans, entry.source, entry.position) && matches(entry)) records += entry.records;
  }
  return records;
}

/** Narrow enough to read, and never too narrow: times of receipt are compared entry by entry. */
async function rangeOf(
  journal: StoredJournal,
  { state }: ReplayTarget,
  { from, until }: Wanted,
): Promise<{ from: Position; to: Position }> {
  const { first } = journal.status();
  const since = Math.min(...(state.sources ?? []).map((span) => span.since));
  const start = from === null ? first : await journal.seek(from);
  const end = until === null ? state.cursor : await journal.seek(until + STORING_MS);
  return { from: Math.max(first, start, since), to: Math.min(state.cursor, end) };
}

function wantedBy({ from, to, topic, rate }: ReplayRequest): Wanted {
  const parts = [from && `from ${from}`, to && `to ${to}`, topic && `topic ${topic}`].filter(Boolean);
  return {
    from: instantOf('from', from) ?? null,
    until: instantOf('to', to) ?? null,
    topic: topic ?? null,
    rate,
    asked: parts.length > 0 ? parts.join(', ') : 'everything',
  };
}

function nothingToReplay({ exporter }: ReplayRequest): string {
  return `Nothing to replay: the journal holds nothing of that time and topic that ${exporter} has settled. What it has not settled yet is sent anyway.`;
}

/** Not the id of a replay that is there. */
function newId(journal: StoredJournal, random: () => number): string {
  const taken = new Set(journal.cursors().map(({ name }) => parseReplayName(name)?.id));
  for (;;) {
    const id = Array.from({ length: ID_LENGTH }, () => ID_CHARACTERS[Math.floor(random() * ID_CHARACTERS.length)]).join(
      '',
    );
    if (!taken.has(id)) return id;
  }
}
