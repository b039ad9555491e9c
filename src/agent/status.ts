import type { JournalStatus } from '../journal/journal.ts';
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
  if (journal?.full) reasons.push('the journal is full: Intercom is answered 429 until there is room');
  else if (journal && journal.maxBytes > 0 && journal.bytes >= ALARM_SHARE * journal.maxBytes) {
    reasons.push(`the journal has filled ${Math.floor((100 * journal.bytes) / journal.maxBytes)} % of its room`);
  }
  const refusedSignatures = state.refused.signature ?? 0;
  if (refusedSignatures > 0 && state.accepted === 0) {
    reasons.push(
      `${refusedSignatures} requests with a wrong signature and none with a right one: is client_secret the "Client secret" of the app?`,
    );
  }
  return reasons;
}

/** The figures of the periodic log line: the same as in the health body, flat. */
export function figures(status: AgentStatus): Record<string, string | number> {
  const fields: Record<string, string | number> = {
    accepted: status.accepted,
    duplicates: status.duplicates,
    refused: Object.values(status.refused).reduce((sum, count) => sum + count, 0),
    journal_bytes: status.journal.bytes,
  };
  for (const { pipeline, exporter, state, delivered, rejected_by_backend, filtered, pending } of status.deliveries) {
    fields[`${pipeline}>${exporter}`] =
      `${state} delivered=${delivered} rejected=${rejected_by_backend} filtered=${filtered} pending=${pending}`;
  }
  return fields;
}
