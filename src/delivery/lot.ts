import type { Joined, SendingPolicy } from '../component.ts';
import type { Cause } from '../journal/dead-letters.ts';
import type { Entry, Position, Range } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';

/** An entry that will not be sent. */
export interface Unsent {
  readonly entry: Entry;
  /** As they would have been sent, where that is known. */
  readonly records: readonly LogRecord[];
  readonly cause: Cause;
}

/** Dead letters that are put at once. */
const MAX_UNSENT = 256;
const MAX_UNSENT_BYTES = 1024 * 1024;
/** A lot passes over so many entries that it has nothing to send of, so that what is settled is seen and saved now and then. */
const MAX_PASSED = 4096;

export interface LotOptions {
  /** Its first position. */
  readonly from: Position;
  /** Part of it may have reached the backend before: it is counted when it is sent. */
  readonly ambiguous?: boolean;
  /** The backend has refused it before. */
  readonly refusedBefore?: boolean;
  /** It takes so many entries with records at most. Default: what the policy allows. */
  readonly most?: number;
  /** Position of the dead letter that it is: it stands at no place of the journal any more. */
  readonly letter?: Position;
}

/**
 * A stretch of the journal on its way: whole entries, and what the ledger will have to count when it settles. It is either
 * to be sent (`records`) or not (`unsent`, `expired`), never both.
 */
export class Lot {
  readonly from: Position;
  /** Inclusive. */
  to: Position;
  readonly ambiguous: boolean;
  readonly refusedBefore: boolean;
  readonly letter: Position | undefined;
  /** What goes to the exporter. */
  readonly records: LogRecord[] = [];
  /** Bytes of the records, as the exporter weighs them. */
  bytes = 0;
  /** What becomes dead letters. */
  readonly unsent: Unsent[] = [];
  /** Bytes of the entries that it was made of: what it weighs in the shared budget. */
  rawBytes = 0;
  /** Records as they entered, of this delivery's receivers, that will be delivered with this lot. */
  carried = 0;
  /** Records as they entered that the processors withheld. */
  filtered = 0;
  /** Records as they entered that become dead letters. */
  buried = 0;
  /** Records as they entered that are given up. */
  expired = 0;
  /** Positions that the journal could not give back. */
  lost = 0;
  /** Receipt of its oldest entry, milliseconds since the epoch. */
  oldest = Number.POSITIVE_INFINITY;
  /** Ordinal of its request; 0 before it was begun. */
  ordinal = 0;
  readonly #most: number;
  /** Records that it does not hold any more. */
  #gone = 0;
  /** The entries that it carries records of: where, how many records entered, and how many came out. */
  #parts: { readonly position: Position; readonly entered: number; readonly records: number }[] = [];
  #passed = 0;

  constructor({ from, ambiguous = false, refusedBefore = false, most = Number.POSITIVE_INFINITY, letter }: LotOptions) {
    this.from = from;
    this.to = from - 1;
    this.ambiguous = ambiguous;
    this.refusedBefore = refusedBefore;
    this.letter = letter;
    this.#most = most;
  }

  get range(): Range {
    return [this.from, this.to];
  }
  /** Entries that it carries records of. */
  get entries(): number {
    return this.#parts.length;
  }
  /** Records that go, or went, to the exporter. */
  get size(): number {
    return this.records.length + this.#gone;
  }
  /** Last position of its first half: half of the entries, wherever they stand. */
  get middle(): Position {
    return this.#parts[Math.ceil(this.#parts.length / 2) - 1]?.position ?? this.from;
  }
  /** It takes one entry alone. */
  get isProbe(): boolean {
    return this.#most === 1;
  }
  get empty(): boolean {
    return this.to < this.from;
  }
  /** Everything of it that is pending. */
  get pending(): number {
    return this.carried + this.filtered + this.buried + this.expired;
  }

  /** True when `records` would take it beyond what one request may hold. A lot always takes one entry. */
  overflows(records: readonly LogRecord[], bytes: number, policy: SendingPolicy): boolean {
    return (
      this.records.length > 0 &&
      (this.records.length + records.length > policy.maxRecords || this.bytes + bytes > policy.maxBytes)
    );
  }

  /** True when nothing more fits. */
  isFull(policy: SendingPolicy): boolean {
    if (this.unsent.length >= MAX_UNSENT || (this.unsent.length > 0 && this.rawBytes >= MAX_UNSENT_BYTES)) return true;
    if (this.#passed - this.entries >= MAX_PASSED || this.entries >= this.#most) return true;
    return this.bytes >= policy.maxBytes || this.records.length >= policy.maxRecords;
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
    for (const record of records) this.records.push(record);
    this.bytes += bytes;
    if (records.length > 0) {
      this.carried += entry.records;
      this.#parts.push({ position: entry.position, entered: entry.records, records: records.length });
    } else this.filtered += entry.records;
    this.#pass(entry);
  }

  /** Its records were joined to fewer. Entries of which nothing is left were filtered. */
  join(joined: readonly Joined[], bytes: number): void {
    const used = new Set(joined.flatMap(({ of }) => of));
    let next = 0;
    this.#parts = this.#parts.filter(({ entered, records }) => {
      const first = next;
      next += records;
      for (let index = first; index < next; index++) if (used.has(index)) return true;
      this.carried -= entered;
      this.filtered += entered;
      return false;
    });
    this.records.splice(0, this.records.length, ...joined.map(({ record }) => record));
    this.bytes = bytes;
  }

  /** Its records are not needed any more: the exporter has made of them what it sends, and what fails is read anew. */
  letGo(): void {
    this.#gone = this.size;
    this.records.length = 0;
  }

  bury(unsent: Unsent): void {
    this.unsent.push(unsent);
    this.buried += unsent.entry.records;
    this.#pass(unsent.entry);
  }

  /** What would become dead letters is only counted, as refused by the backend. */
  refuse(): void {
    this.carried += this.buried;
    this.buried = 0;
  }

  expire(entry: Entry): void {
    this.expired += entry.records;
    this.#pass(entry);
  }

  /** Takes positions that carry nothing for this delivery: entries of other receivers. */
  skipTo(position: Position): void {
    this.#passed++;
    this.to = Math.max(this.to, position);
  }

  lose(range: Range): void {
    this.lost += range[1] - range[0] + 1;
    this.to = Math.max(this.to, range[1]);
  }

  #pass({ body, receivedAt, position }: Entry): void {
    this.#passed++;
    this.rawBytes += body.length;
    this.oldest = Math.min(this.oldest, receivedAt);
    this.to = position;
  }
}
