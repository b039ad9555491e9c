import type { SendingPolicy } from '../component.ts';
import type { Entry, Position, Range } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';

/**
 * A stretch of the journal on its way to the backend: the records of whole entries, and what the ledger will have to
 * count when it settles.
 */
export class Lot {
  readonly from: Position;
  /** Inclusive. */
  to: Position;
  /** The backend, or a processor, has refused it before. */
  refusedBefore = false;
  /** What goes to the exporter. */
  readonly records: LogRecord[] = [];
  /** Bytes of the records, as the exporter weighs them. */
  bytes = 0;
  /** Bytes of the entries that it was made of: what it weighs in the shared budget. */
  rawBytes = 0;
  /** Records as they entered, of this delivery's receivers, that will be delivered with this lot. */
  carried = 0;
  /** Entries that it carries records of. */
  entries = 0;
  /** Records as they entered that the processors withheld. */
  filtered = 0;
  /** Positions that the journal could not give back. */
  lost = 0;
  /** Receipt of its oldest entry, milliseconds since the epoch. */
  oldest = Number.POSITIVE_INFINITY;

  constructor(from: Position) {
    this.from = from;
    this.to = from - 1;
  }

  get range(): Range {
    return [this.from, this.to];
  }
  get empty(): boolean {
    return this.to < this.from;
  }

  /** True when `records` would take it beyond what one request may hold. A lot always takes one entry. */
  overflows(records: readonly LogRecord[], bytes: number, policy: SendingPolicy): boolean {
    return (
      this.records.length > 0 &&
      (this.records.length + records.length > policy.maxRecords || this.bytes + bytes > policy.maxBytes)
    );
  }

  /** True when waiting for more is not worth it. */
  isReady(policy: SendingPolicy): boolean {
    return (
      this.records.length >= Math.min(policy.minRecords, policy.maxRecords) ||
      this.bytes >= Math.min(policy.minBytes, policy.maxBytes)
    );
  }

  /** How many more entries it takes, as far as can be guessed, until the lot is ready: at least 1. */
  missing(policy: SendingPolicy): number {
    const records = Math.min(policy.minRecords, policy.maxRecords) - this.records.length;
    const bytes = Math.min(policy.minBytes, policy.maxBytes) - this.bytes;
    const each = Math.max(1, this.bytes / Math.max(1, this.records.length));
    return Math.max(1, Math.ceil(Math.min(records, bytes / each)));
  }

  add(entry: Entry, records: readonly LogRecord[], bytes: number): void {
    this.records.push(...records);
    this.bytes += bytes;
    this.rawBytes += entry.body.length;
    if (records.length > 0) {
      this.carried += entry.records;
      this.entries++;
    } else this.filtered += entry.records;
    this.oldest = Math.min(this.oldest, entry.receivedAt);
    this.to = entry.position;
  }

  /** Takes positions that carry nothing for this delivery: entries of other receivers. */
  skipTo(position: Position): void {
    this.to = Math.max(this.to, position);
  }

  lose(range: Range): void {
    this.lost += range[1] - range[0] + 1;
    this.to = Math.max(this.to, range[1]);
  }
}
