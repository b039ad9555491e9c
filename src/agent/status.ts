import type { JournalStatus } from '../journal/journal.ts';
import type { LogFields } from '../telemetry/log.ts';
import type { AgentStatus, DeliveryStatus, RefusalReason } from '../telemetry/status.ts';

/** Share of the journal's room from which on a person should know. */
const ALARM_SHARE = 0.5;

/** Why a person should look at this agent; empty when all is well. One sentence each, without anything secret. */
export function degradedReasons(state: {
  accepted: number;
  refused: Partial<Record<RefusalReason, number>>;
  journal: JournalStatus | undefined;
  deliveries: readonly DeliveryStatus[];
}): string[] {
  const reasons: string[] = [];
  for (const delivery of state.deliveries) {
    if (delivery.state === 'held')
      reasons.push(`delivery ${delivery.pipeline} to ${delivery.exporter} is held: ${delivery.reason}`);
    else if (delivery.state === 'retrying')
      reasons.push(`delivery ${delivery.pipeline} to ${delivery.exporter} is retrying: ${delivery.reason}`);
  }
  const { journal } = state;
  if (journal?.failure) reasons.push(`nothing can be stored, Intercom is answered 429: ${journal.failure}`);
  else if (journal && journal.maxBytes > 0 && journal.bytes >= ALARM_SHARE * journal.maxBytes) {
    const percent = Math.floor((100 * journal.bytes) / journal.maxBytes);
    reasons.push(
      `the journal has filled ${percent} % of its room; the delivery that lags behind most is ${journal.slowest}`,
    );
  }
  const refusedSignatures = state.refused.signature ?? 0;
  if (refusedSignatures > 0 && state.accepted === 0) {
    reasons.push(
      `${refusedSignatures} requests with a wrong signature and none with a right one: is client_secret the "Client secret" of the app?`,
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
