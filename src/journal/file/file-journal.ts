/** The journal on a disk as the rest of the agent has it: puts its parts to work, and says when it is over. */
import type { Log } from '../../telemetry/log.ts';
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
  type ReadLimits,
  type ReadResult,
} from '../journal.ts';
import type { RecentIds } from '../recent-ids.ts';
import { Waiters } from '../waiters.ts';
import type { FileDeadLetters } from './dead-letters/dead-letters.ts';
import type { Deliveries, RecordBirths } from './deliveries.ts';
import { EntryLog } from './entry-log.ts';
import type { FileSystem } from './fs.ts';
import { Maintenance } from './maintenance.ts';
import type { Opened } from './opening.ts';
import { DEFAULT_RETENTION, DEFAULT_SEGMENT_BYTES, defaultMaxBytes, type FileJournalOptions } from './options.ts';
import type { Ownership } from './owner.ts';
import type { Segments } from './segment.ts';

/** What a journal consists of. */
export interface Parts {
  readonly segments: Segments;
  readonly ids: RecentIds;
  readonly opened: Opened;
  readonly deliveries: Deliveries;
  readonly letters: FileDeadLetters;
  readonly owner: Ownership;
  readonly maxBytes: number;
  readonly freeBytes: number;
  readonly notes: string[];
}

export class FileJournal implements Journal {
  readonly deadLetters: FileDeadLetters;
  readonly #directory: string;
  readonly #log: Log;
  #maxBytes: number;
  readonly #owner: Ownership;
  readonly #segments: Segments;
  readonly #entries: EntryLog;
  readonly #deliveries: Deliveries;
  readonly #maintenance: Maintenance;
  readonly #waiters = new Waiters();
  readonly #notes: string[];
  readonly #onLost: (error: JournalError) => void;
  #freeBytes: number | null;
  /** Why appends are refused for good. */
  #closed: JournalError | undefined;
  #lostOwnership = false;
  #closing: Promise<void> | undefined;

  constructor(options: FileJournalOptions & { readonly fs: FileSystem }, parts: Parts) {
    const { fs, directory, clock, random, log, dedup } = options;
    const { segments, ids, opened, deliveries, letters, owner, maxBytes } = parts;
    this.deadLetters = letters;
    this.#directory = directory;
    this.#log = log;
    this.#maxBytes = maxBytes;
    this.#owner = owner;
    this.#segments = segments;
    this.#deliveries = deliveries;
    this.#notes = parts.notes;
    this.#onLost = options.onLost ?? (() => {});
    this.#freeBytes = parts.freeBytes;
    this.#entries = new EntryLog({
      fs,
      directory,
      segments,
      orphans: opened.orphans,
      ids,
      maxBytes: () => this.#maxBytes,
      segmentBytes: options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
      retention: options.retention ?? DEFAULT_RETENTION,
      dedupWindowMs: dedup.windowMs,
      ...(options.recentBytes !== undefined && { recentBytes: options.recentBytes }),
      clock,
      random,
      log,
      deliveries,
      assertOwner: () => owner.assert(),
      appended: (next) => this.#waiters.wake(next),
    });
    const chores = {
      beat: () => owner.beat(),
      roll: () => this.#entries.roll(),
      expire: () => this.#entries.expire(),
      maintainLetters: () => letters.maintain(),
      measure: async () => {
        const volume = await fs.volume(directory).catch((error: unknown) => {
          this.#freeBytes = null;
          throw error;
        });
        this.#freeBytes = volume.freeBytes;
        if (options.maxBytes !== undefined) return;
        // Others that take room of the volume are no reason to refuse what still fits.
        this.#maxBytes = Math.max(this.#maxBytes, defaultMaxBytes(volume.freeBytes, segments.bytes));
      },
    };
    this.#maintenance = new Maintenance(clock, log, chores, (error) => this.#lose(error));
  }

  /** The next entry gets the position `next`, or a later one that is free. */
  async begin(next: Position): Promise<void> {
    const end = this.#segments.next;
    if (next > end) {
      this.#notes.push(`Positions ${end} to ${next - 1} are lost: other files know of them, the log has not got them.`);
    }
    await this.#entries.begin(next);
    this.#maintenance.start();
  }

  append(entries: readonly NewEntry[]): Promise<AppendResult[]> {
    return this.#closed ? Promise.reject(this.#closed) : this.#entries.writer.append(entries);
  }

  async read(from: Position, limits: ReadLimits): Promise<ReadResult> {
    this.#assertReadable();
    return this.#entries.read(from, limits);
  }

  wait(from: Position, signal: AbortSignal): Promise<void> {
    if (this.#closing || from < this.#segments.next) return Promise.resolve();
    return this.#waiters.wait(from, signal);
  }

  async tally(range: { from: Position; to: Position }, sources: readonly string[]): Promise<number> {
    this.#assertReadable();
    return this.#entries.reader.tally(range.from, range.to, new Set(sources));
  }

  async seek(time: number): Promise<Position> {
    this.#assertReadable();
    return this.#entries.reader.seek(time);
  }

  cursors(): CursorInfo[] {
    return this.#deliveries.cursors();
  }

  async openCursor(name: string, options: { start?: 'end' | 'beginning' | Position } = {}): Promise<Cursor> {
    if (this.#closed) throw this.#closed;
    const { start = 'end' } = options;
    return this.#deliveries.openCursor(name, () => this.#entries.clamp(start), this.#recordBirths);
  }

  async closeCursor(name: string): Promise<void> {
    if (this.#closed) throw this.#closed;
    await this.#deliveries.closeCursor(name);
  }

  async orphans(): Promise<Orphan[]> {
    if (this.#closed) throw this.#closed;
    return this.#deliveries.orphans();
  }

  async forget(name: string): Promise<void> {
    if (this.#closed) throw this.#closed;
    await this.#deliveries.forget(name, this.#recordBirths);
  }

  async retire(name: string, counts: CursorState['counts']): Promise<void> {
    if (this.#closed) throw this.#closed;
    await this.#deliveries.retire(name, counts, this.#segments.next, this.#recordBirths);
  }

  async rename(from: string, to: string): Promise<void> {
    if (this.#closed) throw this.#closed;
    await this.#deliveries.rename(from, to, (old, now) => this.deadLetters.rename(old, now), this.#recordBirths);
  }

  async erase(matches: (entry: Entry) => boolean): Promise<{ entries: number; letters: number }> {
    if (this.#closed) throw this.#closed;
    const entries = await this.#entries.erase(matches);
    return { entries, letters: await this.deadLetters.erase(matches) };
  }

  status(): JournalStatus {
    return {
      first: this.#segments.first,
      next: this.#segments.next,
      bytes: this.#segments.bytes,
      maxBytes: this.#maxBytes,
      full: this.#entries.writer.full,
      failure: this.#closed && this.#lostOwnership ? this.#closed.message : this.#entries.writer.failure,
      slowest: this.#deliveries.slowest,
      oldestEnd: this.#segments.oldestEnd,
      freeBytes: this.#freeBytes,
      syncs: this.#entries.syncs,
      duplicates: this.#entries.writer.duplicates,
      notes: [...this.#notes, ...this.deadLetters.notes],
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #recordBirths: RecordBirths = (change) => this.#entries.recordBirths(change);

  /** The directory is another's: nothing is written to it any more. */
  async #lose(error: JournalError): Promise<void> {
    this.#closed = error;
    this.#lostOwnership = true;
    this.#notes.push(error.message);
    this.#log.error('The journal has lost its directory and takes nothing any more', { reason: error.message });
    await this.#deliveries.abandon();
    await this.deadLetters.abandon();
    this.#onLost(error);
  }

  async #close(): Promise<void> {
    this.#closed ??= new JournalError('closed', `the journal in ${this.#directory} is closed`);
    await this.#maintenance.stop();
    await this.#entries.drain();
    try {
      if (!this.#lostOwnership) await this.#deliveries.close();
    } finally {
      try {
        if (!this.#lostOwnership) await this.deadLetters.close();
      } finally {
        await (this.#lostOwnership ? this.#entries.abandon() : this.#entries.close());
        this.#waiters.wake(Number.POSITIVE_INFINITY);
        await this.#owner.release();
      }
    }
  }

  #assertReadable(): void {
    if (this.#closing) throw this.#closed;
  }
}
