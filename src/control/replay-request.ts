/**
 * How a replay lies in the journal: a cursor named `replay <id> <pipeline> <exporter>`, born where the replay begins, whose
 * state has the sources of the delivery that it repeats, and in `memo.replay` what was asked for. Names of deliveries are
 * `<pipeline> <exporter>` and pipelines' ids begin with "logs", so the two never meet.
 */
import type { CursorState, Entry, Position } from '../journal/journal.ts';
import { patternTest } from './pattern.ts';

export interface ReplayName {
  /** Letters and digits: names it in commands. */
  readonly id: string;
  readonly pipeline: string;
  readonly exporter: string;
}

/** Which entries a replay sends, and how quickly. */
export interface ReplayPlan {
  /** First position that is not replayed. */
  readonly to: Position;
  /** Received at or after, and before: milliseconds since the epoch; null without a bound. */
  readonly from: number | null;
  readonly until: number | null;
  /** `*` stands for any characters; null for every topic, and for entries without one. */
  readonly topic: string | null;
  /** Records a second at most. */
  readonly rate: number;
  /** What was asked for, for people. */
  readonly asked: string;
}

/** Key of the plan in a cursor's memo. */
const MEMO = 'replay';

export function replayName({ id, pipeline, exporter }: ReplayName): string {
  return `replay ${id} ${pipeline} ${exporter}`;
}

/** undefined for the name of anything but a replay. */
export function parseReplayName(name: string): ReplayName | undefined {
  const [, id, pipeline, exporter] = /^replay ([0-9a-z]+) (\S+) (\S+)$/.exec(name) ?? [];
  return id === undefined || pipeline === undefined || exporter === undefined ? undefined : { id, pipeline, exporter };
}

/** For `CursorState.memo`. */
export function replayMemo({ to, from, until, topic, rate, asked }: ReplayPlan): Readonly<Record<string, string>> {
  return { [MEMO]: JSON.stringify({ to, from, until, topic, rate, asked }) };
}

/**
 * undefined where there is none, or it is not understood: the process ended between the birth of the cursor and its first
 * state. Such a replay sends nothing and can be forgotten.
 */
export function readReplayMemo({ memo }: Pick<CursorState, 'memo'>): ReplayPlan | undefined {
  let parsed: Partial<Record<keyof ReplayPlan, unknown>> | null;
  try {
    parsed = JSON.parse(memo?.[MEMO] ?? 'null');
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { to, from = null, until = null, topic = null, rate, asked = '' } = parsed;
  if (!isNumber(to) || !isNumber(rate) || typeof asked !== 'string') return undefined;
  if (!(from === null || isNumber(from)) || !(until === null || isNumber(until))) return undefined;
  if (!(topic === null || typeof topic === 'string')) return undefined;
  return { to, from, until, topic, rate, asked };
}

/** The test of the plan's times and topic; positions and sources are the cursor's business. Erased entries never match. */
export function replayTest(
  { from, until, topic }: Pick<ReplayPlan, 'from' | 'until' | 'topic'>,
  topicOf: (entry: Entry) => string | undefined,
): (entry: Entry) => boolean {
  const isWanted = topic === null ? undefined : patternTest(topic);
  return (entry) => {
    if (entry.erased) return false;
    if (from !== null && entry.receivedAt < from) return false;
    if (until !== null && entry.receivedAt >= until) return false;
    if (!isWanted) return true;
    const found = topicOf(entry);
    return found !== undefined && isWanted(found);
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
