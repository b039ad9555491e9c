/**
 * The journal in memory, for trying things out and for tests: the same promises as the one on disk, for as long as the
 * process lives. What every cursor has settled is forgotten at once.
 */
import type { Clock } from '../../clock.ts';
import {
  type AppendResult,
  type Cursor,
  type CursorState,
  type Entry,
  type Journal,
  JournalError,
  type JournalStatus,
  type NewEntry,
  type Position,
  type Range,
  type ReadLimits,
  type ReadResult,
} from '../journal.ts';
import { type DedupLimits, digestOf, RecentIds } from '../recent-ids.ts';
import { Waiters } from '../waiters.ts';

export interface MemoryJournalOptions {
  readonly dedup: DedupLimits;
  readonly clock: Clock;
  /** Bytes of bodies beyond which appends are refused as `full`. Default 64 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

export async function openMemoryJournal(options: MemoryJournalOptions): Promise<Journal> {
  return new MemoryJournal(options);
}

class MemoryJournal implements Journal {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #ids: RecentIds;
  readonly #waiters = new Waiters();
  readonly #cursors = new Map<string, MemoryCursor>();
  /** Entries at positions from #first on, without gaps. */
  #entries: Entry[] = [];
  #first: Position = 1;
  #bytes = 0;
  #duplicates = 0;
  #full = false;
  #closed = false;

  constructor({ dedup, clock, maxBytes = DEFAULT_MAX_BYTES }: MemoryJournalOptions) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#ids = new RecentIds(dedup);
  }

  async append(entries: readonly NewEntry[]): Promise<AppendResult[]> {
    this.#assertOpen();
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
    this.#entries.push(...accepted);
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
      const entry = this.#entries[next - this.#first] as Entry;
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
      .filter(({ position, source }) => position >= from && position < to && sources.includes(source))
      .reduce((sum, { records }) => sum + records, 0);
  }

  async openCursor(name: string, { start = 'end' }: { start?: 'end' | 'beginning' } = {}): Promise<Cursor> {
    this.#assertOpen();
    if (this.#cursors.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open already`);
    const cursor = new MemoryCursor(name, start === 'end' ? this.#next : this.#first, () => this.#forgetSettled());
    this.#cursors.set(name, cursor);
    return cursor;
  }

  /** None: the cursors of another run are gone with its memory. */
  async orphans(): Promise<[]> {
    return [];
  }

  async forget(name: string): Promise<void> {
    if (this.#cursors.has(name))
      throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open and can't be forgotten`);
  }

  status(): JournalStatus {
    return {
      first: this.#first,
      next: this.#next,
      bytes: 0,
      maxBytes: this.#maxBytes,
      full: this.#full,
      failure: this.#full ? 'the journal in memory is full' : null,
      slowest: null,
      duplicates: this.#duplicates,
      notes: ['The journal is in memory: what it holds is lost when the agent stops.'],
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.wake(Number.POSITIVE_INFINITY);
  }

  get #next(): Position {
    return this.#first + this.#entries.length;
  }

  #forgetSettled(): void {
    const settledBelow = Math.min(this.#next, ...[...this.#cursors.values()].map(({ state }) => state.cursor));
    if (settledBelow <= this.#first) return;
    for (const { body } of this.#entries.splice(0, settledBelow - this.#first)) this.#bytes -= body.length;
    this.#first = settledBelow;
    this.#full = false;
  }

  #assertOpen(): void {
    if (this.#closed) throw new JournalError('closed', 'the journal in memory is closed');
  }
}

class MemoryCursor implements Cursor {
  readonly name: string;
  readonly birth: Position;
  readonly #saved: () => void;
  #state: CursorState;

  constructor(name: string, birth: Position, saved: () => void) {
    this.name = name;
    this.birth = birth;
    this.#saved = saved;
    this.#state = { cursor: birth, settled: [], counts: {} };
  }

  get state(): CursorState {
    return this.#state;
  }

  save(state: CursorState): void {
    this.#state = state;
    this.#saved();
  }

  async flush(): Promise<void> {}
}
