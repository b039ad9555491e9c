import type { DeadLettersStatus } from '../journal/dead-letters.ts';
import type { CursorInfo, JournalStatus } from '../journal/journal.ts';
import { ALARM_SHARES, type Fill, type Reason, shareOf, type Watched } from '../telemetry/alarms.ts';
import type { IntakeCounts } from '../telemetry/intake.ts';
import type { LogFields } from '../telemetry/log.ts';
import type { AgentStatus, DeliveryStatus, ReloadFigures, ReplayStatus } from '../telemetry/status.ts';

/** The parts of an agent that its status is made of. */
export interface StatusParts {
  readonly phase: AgentStatus['phase'];
  readonly version: string;
  readonly startedAt: number;
  readonly intake: IntakeCounts;
  /** The next three are absent, or empty, until the journal is open. */
  readonly journal: JournalStatus | undefined;
  readonly cursors: readonly CursorInfo[];
  readonly deadLetters: DeadLettersStatus | undefined;
  /** With those that have left the configuration (`orphaned`). */
  readonly deliveries: readonly DeliveryStatus[];
  readonly replays: readonly ReplayStatus[];
  readonly reloads: ReloadFigures;
  /** As `Alarms` has it. */
  readonly hoursLeft: number | null;
}

export function statusOf(parts: StatusParts): AgentStatus {
  const { phase, version, startedAt, intake, journal, deadLetters, deliveries, replays } = parts;
  return {
    phase,
    version,
    startedAt,
    accepted: intake.accepted,
    duplicates: intake.duplicates,
    refused: intake.refused,
    receivers: intake.receivers,
    journal: {
      bytes: journal?.bytes ?? 0,
      max_bytes: journal?.maxBytes ?? 0,
      full: journal?.full ?? false,
      hours_left: parts.hoursLeft,
      slowest: journal?.slowest ?? null,
      notes: journal?.notes ?? [],
    },
    dead_letters: {
      letters: deadLetters?.letters ?? 0,
      bytes: deadLetters?.bytes ?? 0,
      max_bytes: deadLetters?.maxBytes ?? 0,
      full: deadLetters?.full ?? false,
      expired: deadLetters?.expired ?? 0,
    },
    deliveries,
    replays,
    reloads: parts.reloads,
    degraded: degradedReasons(parts),
  };
}

/** What `Alarms.look` wants. */
export function watched(parts: StatusParts): Watched {
  const { journal, cursors, deadLetters } = parts;
  return {
    ...(journal && { journal: { ...journalFill(journal, cursors), slowest: journal.slowest } }),
    ...(deadLetters && { deadLetters: lettersFill(deadLetters) }),
    standing: standingReasons(parts),
  };
}

/** Why a person should look at this agent; empty when all is well. One sentence each, without anything secret. */
export function degradedReasons(parts: StatusParts): string[] {
  const reasons = [...deliveryReasons(parts), ...standingReasons(parts), ...roomReasons(parts)];
  return reasons.map(({ text }) => text);
}

const TROUBLE: readonly DeliveryStatus['state'][] = ['held', 'retrying', 'orphaned'];

function deliveryReasons({ deliveries, cursors }: StatusParts): Reason[] {
  // Of these nothing but the counts remains.
  const retired = new Set(cursors.filter(({ state }) => state.retiredAt !== undefined).map(({ name }) => name));
  return deliveries
    .filter(({ pipeline, exporter, state }) => TROUBLE.includes(state) && !retired.has(`${pipeline} ${exporter}`))
    .map(({ pipeline, exporter, state, reason }) => ({
      about: `delivery ${pipeline} ${exporter}`,
      text: `delivery ${pipeline} to ${exporter} is ${state}${reason === null ? '' : `: ${reason}`}`,
    }));
}

/** What must not be overlooked, stands in the figures of no delivery, and has no thresholds. */
function standingReasons({ phase, journal, deadLetters, intake, reloads }: StatusParts): Reason[] {
  const reasons: Reason[] = [];
  if (phase === 'draining') {
    reasons.push({ about: 'draining', text: 'the doors are closed until the agent is started anew: it was drained' });
  }
  const { failure } = reloads;
  if (failure) {
    const at = new Date(failure.at).toISOString();
    reasons.push({
      about: 'configuration',
      text: `the configuration could not be reloaded at ${at}, the old one stays in force: ${failure.reason}`,
    });
  }
  if (journal && (journal.failure !== null || journal.full)) {
    const why = journal.failure ?? `the journal is full; the delivery that keeps most is ${journal.slowest}`;
    reasons.push({ about: 'journal', text: `nothing can be stored, Intercom is answered 429: ${why}` });
  }
  if (deadLetters?.full) {
    reasons.push({
      about: 'dead letters',
      text: 'the store of dead letters is full, deliveries that need it are held: retry or discard some, or give them more room',
    });
  }
  for (const { receiver, wrong } of intake.wrongSecrets) {
    reasons.push({
      about: `signatures ${receiver}`,
      text: `${receiver}: ${wrong} ${wrong === 1 ? 'request' : 'requests'} with a wrong signature and none with a right one since: is client_secret the "Client secret" of the app?`,
    });
  }
  return reasons;
}

function roomReasons({ journal, cursors, deadLetters, hoursLeft }: StatusParts): Reason[] {
  const reasons: Reason[] = [];
  const fill = journal && journalFill(journal, cursors);
  if (journal && journal.failure === null && !journal.full && fill && isAlarming(fill)) {
    const left = hoursLeft === null ? 'it does not grow now' : `at the present rate it is full in ${hoursLeft} hours`;
    reasons.push({
      about: 'room of the journal',
      text: `${percent(fill)} % of the room for the journal is needed by deliveries that lag behind, ${left}; the one that keeps most is ${journal.slowest}: mend its backend, or see \`deliveries skip\`, \`deliveries forget\` and \`when_full\`, or give the journal more room`,
    });
  }
  if (deadLetters && deadLetters.letters > 0) {
    const room = lettersFill(deadLetters);
    const share = isAlarming(room) && !deadLetters.full ? `, in ${percent(room)} % of the room for them` : '';
    reasons.push({
      about: 'letters',
      text: `${deadLetters.letters} dead ${deadLetters.letters === 1 ? 'letter is' : 'letters are'} kept${share}: see \`dead-letters list\`, then retry or discard them`,
    });
  }
  return reasons;
}

const isAlarming = (fill: Fill) => shareOf(fill) >= (ALARM_SHARES[0] as number);
const percent = (fill: Fill) => Math.floor(100 * shareOf(fill));

/**
 * How much of its room the journal needs. Settled entries don't count: they are kept as long as there is room, and make way
 * for new ones. The room is its limit, or what the volume has where that is less.
 */
export function journalFill(journal: JournalStatus, cursors: readonly CursorInfo[]): Fill {
  const { bytes, maxBytes, freeBytes } = journal;
  const used = neededBytes(journal, cursors);
  const onVolume = freeBytes === null ? Number.POSITIVE_INFINITY : bytes + freeBytes;
  return { used, limit: maxBytes > 0 ? Math.min(maxBytes, onVolume) : 0 };
}

/**
 * Estimated by positions. Entries are deleted in stretches, so all of them are needed as long as the first stretch is; and as
 * long as there is nobody to settle them.
 */
function neededBytes({ first, next, bytes, oldestEnd }: JournalStatus, cursors: readonly CursorInfo[]): number {
  const places = cursors.filter(({ state }) => state.retiredAt === undefined).map(({ state }) => state.cursor);
  const lowest = Math.min(next, ...places);
  if (lowest < oldestEnd || places.length === 0) return bytes;
  return next > first ? Math.round((bytes * (next - lowest)) / (next - first)) : 0;
}

function lettersFill({ bytes, maxBytes }: DeadLettersStatus): Fill {
  return { used: bytes, limit: maxBytes };
}

/** The figures of the periodic log lines: those of the health body, flat. The first line is the agent's. */
export function figures(status: AgentStatus): LogFields[] {
  const { accepted, duplicates, refused, journal, dead_letters: letters, deliveries, replays } = status;
  const refusals = Object.fromEntries(Object.entries(refused).map(([reason, count]) => [`refused_${reason}`, count]));
  return [
    {
      accepted,
      duplicates,
      ...refusals,
      journal_bytes: journal.bytes,
      journal_max_bytes: journal.max_bytes,
      journal_full: journal.full,
      journal_hours_left: journal.hours_left,
      dead_letters: letters.letters,
      dead_letters_bytes: letters.bytes,
    },
    // What a backend says may quote what a customer wrote.
    ...[...deliveries, ...replays].map(({ last_rejection: _, ...delivery }) => ({ ...delivery })),
  ];
}
