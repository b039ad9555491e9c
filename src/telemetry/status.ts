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
  | 'stopping';

/**
 * - `running`: batches go out. `retrying`: the last answer was trouble that passes; waiting to try again.
 * - `held`: a person must act; everything is kept, and the backend probed. `stopped`: the agent is shutting down.
 */
export type DeliveryState = 'running' | 'retrying' | 'held' | 'stopped';

/** Counts are records. `accepted = delivered + rejected_by_backend + filtered + dead_lettered + pending + lost`. */
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
  readonly dead_lettered: number;
  readonly lost: number;
  readonly pending: number;
  /** Records sent again after an outcome that left open whether the backend had stored them. */
  readonly ambiguous: number;
  readonly oldest_pending_seconds: number;
}

export interface AgentStatus {
  readonly phase: 'starting' | 'running' | 'stopping' | 'stopped';
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Since the start of the process. */
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
  readonly journal: {
    readonly bytes: number;
    readonly max_bytes: number;
    readonly full: boolean;
    readonly notes: readonly string[];
  };
  readonly deliveries: readonly DeliveryStatus[];
  /** Reasons why a person should look; empty when all is well. */
  readonly degraded: readonly string[];
}
