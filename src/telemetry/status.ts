/** The figures that the health body, the periodic log line and (later) the ledger and metrics show. One source for all. */

/** Why a request at a door was not taken: the closed list behind `refused` in the ledger. */
export type RefusalReason =
  | 'signature'
  | 'path'
  | 'method'
  | 'malformed'
  | 'too_large'
  | 'timeout'
  | 'busy'
  | 'full'
  | 'failed'
  | 'forbidden'
  | 'unauthorized'
  | 'stopping';

/**
 * - `running`: batches go out. `retrying`: the last answer was trouble that passes; waiting to try again.
 * - `held`: a person must act; everything is kept, and the backend probed. `stopped`: the agent is shutting down, or none runs.
 * - `orphaned`: its exporter, or its pipeline, is no longer in the configuration.
 */
export type DeliveryState = 'running' | 'retrying' | 'held' | 'stopped' | 'orphaned';

/**
 * One delivery in the ledger. Counts are records, since the delivery was born:
 * `accepted = delivered + rejected_by_backend + filtered + dead_lettered + lost + expired + pending`.
 */
export interface DeliveryStatus {
  readonly pipeline: string;
  readonly exporter: string;
  readonly state: DeliveryState;
  /** Why it is not running; null when it is. */
  readonly reason: string | null;
  readonly accepted: number;
  readonly delivered: number;
  readonly rejected_by_backend: number;
  readonly filtered: number;
  /** With those that a person has discarded since; without those that are sent again. */
  readonly dead_lettered: number;
  /** Damaged on disk. Positions, for what was in them nobody knows. */
  readonly lost: number;
  /** Given up: of an orphan after its time, or for want of room. */
  readonly expired: number;
  readonly pending: number;
  /** Records sent again after an outcome, or a crash, that left open whether the backend had stored them. */
  readonly ambiguous: number;
  readonly oldest_pending_seconds: number;
  /** What the backend said when it last rejected records of a batch that it accepted; null when it never did. */
  readonly last_rejection: string | null;
  /** Requests under way. */
  readonly in_flight: number;
  /** Records of requests that failed, since the start of the process; each retry counts. */
  readonly send_failed: number;
}

/** One replay in the ledger: it is no delivery's business, so it is counted apart. Counts are records. */
export interface ReplayStatus extends DeliveryStatus {
  /** Names it in commands. */
  readonly id: string;
  /** What was asked for, as text: from, to, topic. */
  readonly request: string;
}

export interface JournalFigures {
  readonly bytes: number;
  readonly max_bytes: number;
  readonly full: boolean;
  /** Hours until it is full at the rate of the last minutes; null when it does not grow. */
  readonly hours_left: number | null;
  /** The delivery that keeps the oldest entry; null without one. */
  readonly slowest: string | null;
  readonly notes: readonly string[];
}

export interface DeadLetterFigures {
  readonly letters: number;
  readonly bytes: number;
  readonly max_bytes: number;
  readonly full: boolean;
  /** Deleted for their age since the start of the process. */
  readonly expired: number;
}

/** Reloads of the configuration since the start of the process. Times are milliseconds since the epoch. */
export interface ReloadFigures {
  readonly succeeded: number;
  readonly failed: number;
  /** Null before the first. */
  readonly last_success: number | null;
  /** Why the last one failed; null where it succeeded. */
  readonly failure: { readonly at: number; readonly reason: string } | null;
}

export interface AgentStatus {
  readonly phase: 'starting' | 'running' | 'draining' | 'stopping' | 'stopped';
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Records, since the start of the process. */
  readonly accepted: number;
  readonly duplicates: number;
  /** Requests, since the start of the process. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
  /** The same by receiver, for metrics. */
  readonly receivers: readonly ReceiverFigures[];
  readonly journal: JournalFigures;
  readonly dead_letters: DeadLetterFigures;
  readonly deliveries: readonly DeliveryStatus[];
  readonly replays: readonly ReplayStatus[];
  readonly reloads: ReloadFigures;
  /** Reasons why a person should look; empty when all is well. */
  readonly degraded: readonly string[];
}

export interface ReceiverFigures {
  readonly receiver: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
}
