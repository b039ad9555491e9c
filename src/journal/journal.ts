/**
 * The durable log between the doors and the deliveries: what the rest of the agent knows of storage.
 *
 * A journal is one ordered sequence of entries, each at a *position* (1, 2, 3, ... ; gaps only where entries were lost).
 * It knows nothing of Intercom or OTLP: an entry is raw bytes with a little metadata. Engines (`file/`, `memory/`) pass
 * the same test suite.
 */

import type { DeadLetters, StoredLetters } from './dead-letters.ts';

/** Place of an entry. Positions grow by one with each entry and are never used twice, not even after a loss. */
export type Position = number;

export interface NewEntry {
  /** Id of the receiver that took it, `type` or `type/name`. */
  readonly source: string;
  /** Wall clock at receipt, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** How many records the entry stands for in the ledger (1 for a notification). */
  readonly records: number;
  /** What decoding needs beside the bytes (integration, application, headers that matter ...): survives a renamed integration. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes as they came. They must not change any more, nor the metadata: the journal may keep both for readers. */
  readonly body: Uint8Array;
  /**
   * Identity for deduplication, within the engine's window; absent: never a duplicate. Callers put receiver and
   * integration into it, so that equal ids of two integrations differ.
   */
  readonly dedupKey?: string;
}

export interface Entry extends Omit<NewEntry, 'dedupKey'> {
  readonly position: Position;
  /** Its bytes were overwritten on a person's behalf: `body` is empty, and nothing of it is sent any more. */
  readonly erased?: boolean;
}

export type AppendResult =
  | { readonly kind: 'stored'; readonly position: Position }
  /** An entry with the same `dedupKey` is durable at `position`; nothing was stored. */
  | { readonly kind: 'duplicate'; readonly position: Position };

/**
 * Why nothing was stored.
 * - `full`: the size limit is reached or the volume has no space; may succeed later, without a restart.
 * - `failed`: the storage failed (a write or sync error, a directory that vanished).
 * - `closed`: `close` was called, or the directory has another owner now.
 */
export type JournalErrorCode = 'full' | 'failed' | 'closed';

export class JournalError extends Error {
  readonly code: JournalErrorCode;
  constructor(code: JournalErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'JournalError';
    this.code = code;
  }
}

/** There was no room, on the volume or within a limit: the same may go well later. */
export function isFull(error: unknown): boolean {
  return error instanceof JournalError && error.code === 'full';
}

export interface ReadLimits {
  /** At most this many entries. */
  readonly maxEntries: number;
  /** At most this many bytes of bodies, but always at least one entry when there is one. */
  readonly maxBytes: number;
  /** Highest position wanted, inclusive. Default: up to the tail. */
  readonly to?: Position;
}

export interface ReadResult {
  /** In order of position, all at or after the position asked for. Empty at the tail. */
  readonly entries: readonly Entry[];
  /** Where to read on: every position from the one asked for up to (excluding) `next` is in `entries` or in `lost`. */
  readonly next: Position;
  /** Positions in the range that are damaged or gone for good, as inclusive ranges. */
  readonly lost: readonly Range[];
}

/** Inclusive range of positions. */
export type Range = readonly [from: Position, to: Position];

/** What a delivery has settled: saved as one, so that counts and cursor never disagree. */
export interface CursorState {
  /** Every position below it is settled. */
  readonly cursor: Position;
  /** Settled positions at or beyond the cursor, as ascending, disjoint ranges. */
  readonly settled: readonly Range[];
  /** The delivery's own counters; the journal only keeps them. */
  readonly counts: Readonly<Record<string, number>>;
  /** Whose entries the delivery answers for, and where; the journal only keeps it. */
  readonly sources?: readonly SourceSpan[];
  /** Ranges that were on their way when this was saved: after a crash nobody knows what became of them. */
  readonly inFlight?: readonly Range[];
  /** Dead letters that were delivered after all: counted here, and still to be removed from their store. */
  readonly redeemed?: readonly Position[];
  /** What the delivery wants to tell people after a restart as well (the last message of a partial success). */
  readonly memo?: Readonly<Record<string, string>>;
  /** The journal's own: since when it is an orphan, milliseconds since the epoch. Opening the cursor clears it. */
  readonly orphanedAt?: number;
  /** The journal's own: since when nothing is kept for it any more (`retire`). Its counts stay for the ledger. */
  readonly retiredAt?: number;
}

/** A cursor that is known on disk, in whatever state. */
export interface CursorInfo {
  readonly name: string;
  readonly birth: Position;
  readonly state: CursorState;
  readonly open: boolean;
}

/** A cursor that is known on disk and not open: its exporter, or its pipeline, is no longer in the configuration. */
export interface Orphan {
  readonly name: string;
  /** Milliseconds since the epoch: when it was first found so. */
  readonly since: number;
  readonly state: CursorState;
}

/** The positions from `since` up to (excluding) `before`, or without end, of one receiver. */
export interface SourceSpan {
  readonly source: string;
  readonly since: Position;
  readonly before?: Position;
}

/** The durable, named progress of one delivery. */
export interface Cursor {
  /** The true name (any string up to 2,048 characters). */
  readonly name: string;
  /** First position that this delivery is responsible for. */
  readonly birth: Position;
  /** As last saved; at the start the state found on disk, or `{cursor: birth, settled: [], counts: {}}`. */
  readonly state: CursorState;
  /**
   * Takes a new state. It counts at once for `state`, is written at once (so it survives the process), synced within a
   * second, and never needs new disk space. A state lost with the power sets the delivery back: records repeat, nothing is
   * lost.
   */
  save(state: CursorState): void;
  /** Resolves when the newest saved state would survive the death of the process (it is written, not synced). */
  written(): Promise<void>;
  /** Resolves when the newest saved state is on disk. */
  flush(): Promise<void>;
  /**
   * What is known of earlier deaths of the process: null after an orderly end. `position`: the entry that was being
   * processed at the last death, where that is known; `deaths`: how often in a row the process died at it, at least 1.
   */
  readonly died: { readonly position: Position | null; readonly deaths: number } | null;
  /**
   * Notes, at once and beyond the death of the process, which entry is about to be processed; null: none. Synchronous and
   * some microseconds long: for use after a death, not for every record.
   */
  attempting(position: Position | null): void;
}

export interface JournalStatus {
  /** Oldest position still stored, and the position that the next entry will get. */
  readonly first: Position;
  readonly next: Position;
  /** Bytes of the segments on disk (0 for the memory engine), and the limit beyond which appends are refused as `full`. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** True while appends are refused for want of space. */
  readonly full: boolean;
  /** Why appends fail, for a person, until one succeeds again; null when they do not fail. */
  readonly failure: string | null;
  /** The cursor that keeps the oldest entry from being deleted; null without one. */
  readonly slowest: string | null;
  /** First position beyond what can be deleted next: settling everything below it frees space. */
  readonly oldestEnd: Position;
  /** Bytes free on the volume when last looked, some seconds ago at most; null where that means nothing. */
  readonly freeBytes: number | null;
  /** How long the syncs of appends took. */
  readonly syncs: Durations;
  /** Duplicates recognised since the journal was opened. */
  readonly duplicates: number;
  /** Warnings that a person should know of (hollow file system, damage found at opening, ...). */
  readonly notes: readonly string[];
}

/** Durations in seconds, counted in buckets: `counts[i]` of at most `bounds[i]` and more than the bound before, the last one of any length. */
export interface Durations {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Reading alone: what a command may do on a directory that must not change. */
export interface StoredJournal {
  /** Durable entries from a position on; never one whose append has not resolved. Returns empty at the tail. */
  read(from: Position, limits: ReadLimits): Promise<ReadResult>;
  /** Number of records of the given sources at positions in [from, to): for the ledger's `pending`. */
  tally(range: { from: Position; to: Position }, sources: readonly string[]): Promise<number>;
  /** The first position whose entry was stored at or after `time` (ms since the epoch); the tail when there is none. */
  seek(time: number): Promise<Position>;
  /** Every cursor that is known on disk. */
  cursors(): CursorInfo[];
  readonly deadLetters: StoredLetters;
  status(): JournalStatus;
  close(): Promise<void>;
}

export interface Journal extends StoredJournal {
  readonly deadLetters: DeadLetters;
  /**
   * Stores entries in the order given. Resolves when every one is durable (synced), with a result for each, in order.
   * A duplicate of an entry that is still being written waits for that write and shares its outcome, failure too.
   * @throws {JournalError} and then nothing of this call was stored.
   */
  append(entries: readonly NewEntry[]): Promise<AppendResult[]>;
  /** Resolves when an entry at or after `from` is durable, or `signal` aborts, or the journal closes. */
  wait(from: Position, signal: AbortSignal): Promise<void>;
  /**
   * Opens the cursor with this name. A new name is born at the tail (`start: 'end'`, the default), at the oldest entry, or at
   * a position; its birth is durable when this resolves, so a lost state file restarts there: repeats, never loss. At most one open
   * cursor per name. While a name is not opened its entries are kept all the same. A retired name is born anew,
   * never below where it stood when it was retired, and keeps its counts.
   */
  openCursor(name: string, options?: { start?: 'end' | 'beginning' | Position }): Promise<Cursor>;
  /**
   * To be called when every cursor that is wanted is open: those that are known besides. Their entries are kept until
   * `forget`. Resolves when the time since which they are orphans is durable.
   */
  orphans(): Promise<Orphan[]>;
  /** Gives up a cursor that is not open: nothing is kept for it any more, nor known of it. Durable when it resolves. */
  forget(name: string): Promise<void>;
  /**
   * Gives up the entries of a cursor that is not open, and keeps its counts: `counts` replaces them, with what expired.
   * Durable when it resolves.
   */
  retire(name: string, counts: CursorState['counts']): Promise<void>;
  /** Gives a cursor that is not open another name, that of no other cursor; its dead letters follow. Durable when it resolves. */
  rename(from: string, to: string): Promise<void>;
  /** Lets go of an open cursor: it is flushed, and may be forgotten, renamed or opened again. */
  closeCursor(name: string): Promise<void>;
  /**
   * Overwrites the bytes of entries that match, here and in the dead letters, durably. Positions and ids for deduplication
   * stay. Resolves with how many. What a delivery has read already may still be sent.
   */
  erase(matches: (entry: Entry) => boolean): Promise<{ entries: number; letters: number }>;
  /** Finishes appends under way, refuses new ones, flushes cursors, gives the directory up. Idempotent. */
  close(): Promise<void>;
}
