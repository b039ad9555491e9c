/** The ledger of a journal that nobody is at work on: everything comes from the saved states and from what is stored. */
import type { CursorInfo, StoredJournal } from '../journal/journal.ts';
import type { DeliveryState, DeliveryStatus, ReplayStatus } from '../telemetry/status.ts';
import { isDeliveryName, partsOf, sortedByName } from './delivery-names.ts';
import type { EntryFacts } from './entry-facts.ts';
import type { Ledger } from './operations.ts';
import { type Pending, pendingOf, pendingOfReplay } from './pending.ts';
import { parseReplayName, readReplayMemo } from './replay-request.ts';

export interface StoredLedgerOptions {
  /** Names of the deliveries in the configuration, where it is known. */
  readonly configured?: ReadonlySet<string>;
  /** Most bytes that the journal of the configuration takes, where that is known. */
  readonly maxBytes?: number;
  readonly facts: Pick<EntryFacts, 'topicOf'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** As `Operations.ledger`, without an agent. */
export async function storedLedger(journal: StoredJournal, options: StoredLedgerOptions): Promise<Ledger> {
  const { bytes, maxBytes, full, slowest, notes } = journal.status();
  const { maxBytes: max_bytes, ...store } = journal.deadLetters.status();
  const letters = journal.deadLetters.list();
  const deliveries: DeliveryStatus[] = [];
  const replays: ReplayStatus[] = [];
  for (const info of sortedByName(journal.cursors())) {
    const replay = parseReplayName(info.name);
    if (replay) {
      const plan = readReplayMemo(info.state);
      const pending = await pendingOfReplay(journal, info, letters, plan, options.facts);
      const request = plan?.asked ?? 'nothing: the process ended while it was made';
      replays.push({ id: replay.id, request, ...storedDelivery(info, pending, options) });
    } else if (isDeliveryName(info.name)) {
      deliveries.push(storedDelivery(info, await pendingOf(journal, info, letters), options));
    }
  }
  return {
    accepted: null,
    duplicates: null,
    refused: null,
    deliveries,
    replays,
    dead_letters: { ...store, max_bytes },
    journal: { bytes, max_bytes: options.maxBytes ?? maxBytes, full, hours_left: null, slowest, notes },
    degraded: [],
  };
}

function storedDelivery(
  info: CursorInfo,
  { records: pending, retrying, oldest }: Pending,
  options: StoredLedgerOptions,
): DeliveryStatus {
  const { counts, memo } = info.state;
  const count = (key: string) => counts[key] ?? 0;
  const settled = {
    delivered: count('delivered'),
    rejected_by_backend: count('rejected_by_backend'),
    filtered: count('filtered'),
    dead_lettered: Math.max(0, count('dead_lettered') - retrying),
    lost: count('lost'),
    expired: count('expired'),
  };
  return {
    ...partsOf(info.name),
    ...stateOf(info, options),
    accepted: Object.values(settled).reduce((sum, records) => sum + records, pending),
    ...settled,
    pending,
    ambiguous: count('ambiguous'),
    oldest_pending_seconds: oldest === undefined ? 0 : Math.max(0, Math.round((options.now - oldest) / 100) / 10),
    last_rejection: memo?.last_rejection ?? null,
    in_flight: 0,
    send_failed: 0,
  };
}

function stateOf(
  { name, state }: CursorInfo,
  { configured }: StoredLedgerOptions,
): { state: DeliveryState; reason: string } {
  if (state.retiredAt !== undefined) {
    const since = new Date(state.retiredAt).toISOString();
    return { state: 'orphaned', reason: `nothing is kept for it any more since ${since}: its time was over` };
  }
  if (state.orphanedAt !== undefined) {
    const since = new Date(state.orphanedAt).toISOString();
    return { state: 'orphaned', reason: `it left the configuration; found so at ${since}` };
  }
  if (configured && !parseReplayName(name) && !configured.has(name)) {
    return { state: 'orphaned', reason: 'it is not in this configuration' };
  }
  return { state: 'stopped', reason: 'no agent runs' };
}
