import type { Clock } from '../clock.ts';
import type { Exporter, SendingPolicy } from '../component.ts';
import type { Cursor, Entry, Journal, Position } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Log } from '../telemetry/log.ts';
import type { ByteBudget } from './budget.ts';
import type { Offload } from './offload.ts';
import type { RouteOptions } from './routes.ts';
import type { SharedResults } from './shared-results.ts';

export interface DeliveryOptions {
  readonly pipeline: string;
  /** Id of the exporter. */
  readonly exporterId: string;
  /** Ids of the receivers whose entries it answers for. */
  readonly sources: readonly string[];
  readonly journal: Journal;
  readonly cursor: Cursor;
  /** The entry's records before any processor. Never throws. */
  decode(entry: Entry): LogRecord[];
  /** At least one. The last one serves receivers that have left the configuration. */
  readonly routes: readonly RouteOptions[];
  /** Of the deliveries with the same routes. Absent: it processes for itself. */
  readonly shared?: SharedResults;
  /** Entries may be made elsewhere, by the same processors, for an exporter that sends OTLP. Not for a replay. */
  readonly offload?: Offload;
  readonly exporter: Exporter;
  readonly policy: SendingPolicy;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** It sends again what was settled before, and ends. */
  readonly replay?: Replay;
}

/** A replay changes nothing of what is known of the entries: what is refused is counted and kept by nobody. */
export interface Replay {
  /** The first position that is not replayed. */
  readonly end: Position;
  /** Others are none of its business. */
  selects(entry: Entry): boolean;
  /** Records that it selects at positions in [from, to). */
  count(range: { from: Position; to: Position }): Promise<number>;
  /** Marks the record as sent again. */
  mark(record: LogRecord): void;
  /** Records a second at most. */
  readonly rate: number;
  /** Everything is settled. Called once. */
  finished(): void;
}
