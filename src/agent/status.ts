import type { JournalStatus } from '../journal/journal.ts';
import type { LogFields } from '../telemetry/log.ts';
import type { AgentStatus, DeliveryStatus, RefusalReason } from '../telemetry/status.ts';

/** Share of the journal's room from which on a person should know. */
const ALARM_SHARE = 0.5;

interface Observed {
  readonly accepted: number;
  readonly refused: Partial<Record<RefusalReason, number>>;
  readonly journal: JournalStatus | undefined;
}

/** Why a person should look at this agent; empty when all is well. One sentence each, without anything secret. */
export function degradedReasons(state: Observed & { readonly deliveries: readonly DeliveryStatus[] }): string[] {
  const deliveries = state.deliveries
    .filter(({ state: mode }) => mode === 'held' || mode === 'retrying')
    .map(({ pipeline, exporter, state: mode, reason }) => `delivery ${pipeline} to ${exporter} is ${mode}: ${reason}`);
  return [...deliveries, ...doorReasons(state)];
}

/** Those of them that stand in the figures of no delivery: the journal and the doors. */
export function doorReasons({ accepted, refused, journal }: Observed): string[] {
  const reasons: string[] = [];
  if (journal?.failure) reasons.push(`nothing can be stored, Intercom is answered 429: ${journal.failure}`);
  else if (journal && journal.maxBytes > 0 && journal.bytes >= ALARM_SHARE * journal.maxBytes) {
    const percent = Math.floor((100 * journal.bytes) / journal.maxBytes);
    reasons.push(
      `the journal has filled ${percent} % of its room; the delivery that lags behind most is ${journal.slowest}`,
    );
  }
  const wrong = refused.signature ?? 0;
  if (wrong > 0 && accepted === 0) {
    reasons.push(
      `${wrong} requests with a wrong signature and none with a right one: is client_secret the "Client secret" of the app?`,
    );
  }
  return reasons;
}

/** The figures of the periodic log lines: those of the health body, flat. The first line is the agent's. */
export function figures(status: AgentStatus): LogFields[] {
  const { accepted, duplicates, refused, journal, deliveries } = status;
  const refusals = Object.fromEntries(Object.entries(refused).map(([reason, count]) => [`refused_${reason}`, count]));
  const { bytes, max_bytes, full } = journal;
  return [
    { accepted, duplicates, ...refusals, journal_bytes: bytes, journal_max_bytes: max_bytes, journal_full: full },
    ...deliveries.map((delivery) => ({ ...delivery })),
  ];
}
