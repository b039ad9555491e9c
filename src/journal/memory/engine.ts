/**
 * The journal in memory, for trying things out and for tests: the same promises as the one on disk, for as long as the
 * process lives. What every cursor has settled is forgotten at once.
 */
import type { Clock } from '../../clock.ts';
import type { DeadLetters } from '../dead-letters.ts';
import { DurationCounter } from '../durations.ts';
import {
  type AppendResult,
  type Cursor,
  type CursorInfo,
  type CursorState,
  type Entry,
  type Journal,
  JournalError,
  type JournalStatus,
  type NewEntry,
  type Orphan,
  type Position,
  type Range,
  type ReadLimits,
  type ReadResult,
} from '../journal.ts';
import { type DedupLimits, digestOf, RecentIds } from '../recent-ids.ts';
import { Waiters } from '../waiters.ts';
import { MemoryCursors } from './cursors.ts';
import { memoryDeadLetters } from './dead-letters.ts';

export interface MemoryJournalOptions {
  readonly dedup: DedupLimits;
  readonly clock: Clock;
  /** Bytes of bodies beyond which appends are refused as `full`. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Default: 30 days and 64 MiB. */
  readonly deadLetters?: { readonly maxAgeMs: number; readonly maxBytes: number };
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_DEAD_LETTERS = { maxAgeMs: 30 * 24 * 60 * 60 * 1000, maxBytes: DEFAULT_MAX_BYTES };
/** No append is synced. */
const NO_SYNCS = new DurationCounter().durations;
/** How often letters are looked after. */
const MAINTENANCE_MS = 60_000;

interface Stored {
  entry: Entry;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
}

export async function openMemoryJournal(options: MemoryJournalOptions): Promise<Journal> {
  return new MemoryJournal(options);
}

class MemoryJournal implements Journal {
  readonly deadLetters: DeadLetters;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #ids: RecentIds;
  readonly #waiters = new Waiters();
  readonly #cursors: MemoryCursors;
  /** Entries at positions from #first on, without gaps. */
  readonly #entries: Stored[] = [];
  #first: Position = 1;
  #bytes = 0;
  #duplicates = 0;
  #full = false;
  #closed = false;
  #maintainedAt: number;

  constructor(options: MemoryJournalOptions) {
    const { dedup, clock, maxBytes = DEFAULT_MAX_BYTES, deadLetters = DEFAULT_DEAD_LETTERS } = options;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#ids = new RecentIds(dedup);
    this.#cursors = new MemoryCursors(clock, () => this.#forgetSettled());
    this.deadLetters = memoryDeadLetters(deadLetters, clock);
    this.#maintainedAt = clock.monotonic();
  }

  async append(entries: readonly NewEntry[]): Promise<AppendResult[]> {
    this.#assertOpen();
    this.#maintain();
    const storedAt = this.#clock.now();
    const first = this.#next;
    const accepted: Entry[] = [];
    const keys = new Map<string, Position>();
    const results = entries.map(({ dedupKey, body, ...rest }): AppendResult => {
      const known =
        dedupKey === undefined ? undefined : (keys.get(dedupKey) ?? this.#ids.find(digestOf(dedupKey), storedAt));
      if (known !== undefined) return { kind: 'duplicate', position: known };
      const position = first + accepted.length;
      accepted.push({ ...rest, body: Buffer.from(body), position });
      if (dedupKey !== undefined) keys.set(dedupKey, position);
      return { kind: 'stored', position };
    });
    const bytes = accepted.reduce((sum, { body }) => sum + body.length, 0);
    if (accepted.length > 0 && this.#bytes + bytes > this.#maxBytes) {
      this.#full = true;
      const message = `the journal in memory holds ${this.#bytes} of at most ${this.#maxBytes} bytes, and none of them is settled by every delivery`;
      throw new JournalError('full', message);
    }
    for (const entry of accepted) this.#entries.push({ entry, storedAt });
    this.#bytes += bytes;
    this.#duplicates += entries.length - accepted.length;
    for (const [key, position] of keys) this.#ids.add({ digest: digestOf(key), position, storedAt });
    if (accepted.length > 0) {
      this.#full = false;
      this.#waiters.wake(this.#next);
    }
    return results;
  }

  async read(from: Position, { maxEntries, maxBytes, to = Number.POSITIVE_INFINITY }: ReadLimits): Promise<ReadResult> {
    this.#assertOpen();
    const end = Math.min(this.#next, to + 1);
    const lost: Range[] = from < Math.min(this.#first, end) ? [[from, Math.min(this.#first, end) - 1]] : [];
    let next = Math.max(from, Math.min(this.#first, end));
    const entries: Entry[] = [];
    let bytes = 0;
    for (; next < end && entries.length < maxEntries; next++) {
      const { entry } = this.#entries[next - this.#first] as Stored;
      bytes += entry.body.length;
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(entry);
    }
    return { entries, next, lost };
  }

  wait(from: Position, signal: AbortSignal): Promise<void> {
    return this.#closed || from < this.#next ? Promise.resolve() : this.#waiters.wait(from, signal);
  }

  async tally({ from, to }: { from: Position; to: Position }, sources: readonly string[]): Promise<number> {
    this.#assertOpen();
    return this.#entries
      .map(({ entry }) => entry)
      .filter(({ position, source }) => position >= from && position < to && sources.includes(source))
      .reduce((sum, { records }) => sum + records, 0);
  }

  async seek(time: number): Promise<Position> {
    this.#assertOpen();
    return this.#entries.find(({ storedAt }) => storedAt >= time)?.entry.position ?? this.#next;
  }

  cursors(): CursorInfo[] {
    return this.#cursors.list();
  }

  async openCursor(name: string, options: { start?: 'end' | 'beginning' | Position } = {}): Promise<Cursor> {
    this.#assertOpen();
    const { start = 'end' } = options;
    const wanted = start === 'end' ? this.#next : start === 'beginning' ? this.#first : start;
    return this.#cursors.open(name, Math.min(Math.max(wanted, this.#first), this.#next));
  }

  async closeCursor(name: string): Promise<void> {
    this.#assertOpen();
    this.#cursors.close(name);
  }

  async orphans(): Promise<Orphan[]> {
    this.#assertOpen();
    return this.#cursors.orphans();
  }

  async forget(name: string): Promise<void> {
    this.#assertOpen();
    this.#cursors.forget(name);
  }

  async retire(name: string, counts: CursorState['counts']): Promise<void> {
    this.#assertOpen();
    this.#cursors.retire(name, counts, this.#next);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#assertOpen();
    this.#cursors.assertRenamable(from, to);
    await this.deadLetters.rename(from, to);
    this.#cursors.rename(from, to);
  }

  async erase(matches: (entry: Entry) => boolean): Promise<{ entries: number; letters: number }> {
    this.#assertOpen();
    let entries = 0;
    for (const stored of this.#entries) {
      if (stored.entry.erased || !matches(stored.entry)) continue;
      this.#bytes -= stored.entry.body.length;
      stored.entry = { ...stored.entry, metadata: {}, body: Buffer.alloc(0), erased: true };
      entries++;
    }
    return { entries, letters: await this.deadLetters.erase(matches) };
  }

  status(): JournalStatus {
    return {
      first: this.#first,
      next: this.#next,
      bytes: 0,
      maxBytes: this.#maxBytes,
      full: this.#full,
      failure: this.#full ? 'the journal in memory is full' : null,
      slowest: this.#cursors.slowest,
      oldestEnd: Math.min(this.#first + 1, this.#next),
      freeBytes: null,
      syncs: NO_SYNCS,
      duplicates: this.#duplicates,
      notes: ['The journal is in memory: what it holds is lost when the agent stops.'],
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cursors.closeAll();
    this.#waiters.wake(Number.POSITIVE_INFINITY);
  }

  get #next(): Position {
    return this.#first + this.#entries.length;
  }

  #forgetSettled(): void {
    const settledBelow = Math.min(this.#next, this.#cursors.settledBelow);
    if (settledBelow <= this.#first) return;
    for (const { entry } of this.#entries.splice(0, settledBelow - this.#first)) this.#bytes -= entry.body.length;
    this.#first = settledBelow;
    this.#full = false;
  }

  /** Now and then; a timer of its own would wake an idle process. */
  #maintain(): void {
    const now = this.#clock.monotonic();
    if (now - this.#maintainedAt < MAINTENANCE_MS) return;
    this.#maintainedAt = now;
    void this.deadLetters.maintain();
  }

  #assertOpen(): void {
    if (this.#closed) throw new JournalError('closed', 'the journal in memory is closed');
  }
}
