/**
 * The journal on a disk: a directory with one owner, a log in segments, and the progress of each delivery.
 *
 *    <directory>/owner                            owner.ts
 *    <directory>/journal/<first position>.log     segment.ts, frame.ts, births.ts
 *    <directory>/journal/<first position>.ids     ids-file.ts
 *    <directory>/deliveries/<hash>.state          state.ts
 *
 * Promised under the death of the process and under loss of power, on a volume whose sync means something: what an append
 * answered for is there and can be read; what was refused is not; an entry is deleted only when every delivery that is
 * known has settled it durably.
 */
import { join } from 'node:path';
import type { Clock, Timer } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import {
  type AppendResult,
  type Cursor,
  type Journal,
  JournalError,
  type JournalStatus,
  type NewEntry,
  type Orphan,
  type Position,
  type ReadLimits,
  type ReadResult,
} from '../journal.ts';
import { type DedupLimits, RecentIds } from '../recent-ids.ts';
import { Waiters } from '../waiters.ts';
import { Deliveries } from './deliveries.ts';
import { type FileSystem, nodeFileSystem } from './fs.ts';
import { type Opened, openSegments } from './opening.ts';
import { acquireOwnership, HEARTBEAT_MS, type Ownership } from './owner.ts';
import { hollowVolume, type Platform, systemPlatform } from './platform.ts';
import { Reader } from './reader.ts';
import { Retention, type RetentionLimits } from './retention.ts';
import { Segments } from './segment.ts';
import { Tail } from './tail.ts';
import { Writer } from './writer.ts';

export interface FileJournalOptions {
  /** Made with mode 0700 where it does not exist. */
  readonly directory: string;
  /** Appends are refused as `full` beyond this many bytes. Default: 10 GiB or half of the free space, whichever is less. */
  readonly maxBytes?: number;
  /**
   * A segment is finished at this size, default 64 MiB, at most an 8th of `maxBytes`; and at an 8th of
   * `retention.maxAgeMs`, between a minute and a day.
   */
  readonly segmentBytes?: number;
  /** What becomes of settled entries; default: kept for 24 h. Room for new ones goes before. */
  readonly retention?: RetentionLimits;
  readonly dedup: DedupLimits;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Called at most once: the directory has another owner, and nothing is appended any more. */
  readonly onLost?: (error: JournalError) => void;
  readonly fs?: FileSystem;
  readonly platform?: Platform;
}

const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;
const DEFAULT_SEGMENT_BYTES = 64 * 1024 ** 2;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Resolves when the journal is this process's, sound and ready.
 * @throws {JournalError} `failed` when another process owns the directory, when something in it is not the journal's, newer
 * than this program or damaged beyond what can be skipped, or when the volume fails. Nothing is overwritten then.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<Journal> {
  const { directory, fs = nodeFileSystem, platform = systemPlatform, clock, random, log } = options;
  try {
    for (const path of [directory, join(directory, 'journal'), join(directory, 'deliveries')])
      await fs.makeDirectory(path);
    const owner = await acquireOwnership({ fs, directory, platform, clock, random, log });
    try {
      return await FileJournal.open({ ...options, fs }, owner);
    } catch (error) {
      await owner.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw new JournalError('failed', `opening the journal in ${directory}: ${String(error)}`, { cause: error });
  }
}

class FileJournal implements Journal {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxBytes: number;
  readonly #owner: Ownership;
  readonly #segments: Segments;
  readonly #deliveries: Deliveries;
  readonly #tail: Tail;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #retention: Retention;
  readonly #waiters = new Waiters();
  readonly #notes: string[];
  readonly #onLost: (error: JournalError) => void;
  #timer: Timer | undefined;
  #tick: Promise<void> = Promise.resolve();
  /** Why appends are refused for good. */
  #closed: JournalError | undefined;
  #lostOwnership = false;
  #closing: Promise<void> | undefined;

  private constructor(parts: {
    options: FileJournalOptions & { fs: FileSystem };
    maxBytes: number;
    owner: Ownership;
    segments: Segments;
    ids: RecentIds;
    deliveries: Deliveries;
    opened: Opened;
    notes: string[];
  }) {
    const { options, maxBytes, owner, segments, ids, deliveries, opened } = parts;
    const { fs, clock, random, log, dedup } = options;
    const { retention: limits = { maxAgeMs: DAY_MS }, segmentBytes = DEFAULT_SEGMENT_BYTES } = options;
    const directory = join(options.directory, 'journal');
    this.#directory = options.directory;
    this.#clock = clock;
    this.#log = log;
    this.#maxBytes = maxBytes;
    this.#owner = owner;
    this.#segments = segments;
    this.#deliveries = deliveries;
    this.#notes = parts.notes;
    this.#onLost = options.onLost ?? (() => {});
    this.#reader = new Reader(fs, directory, segments);
    this.#retention = new Retention(
      {
        fs,
        directory,
        segments,
        ids,
        limits,
        dedupWindowMs: dedup.windowMs,
        clock,
        log,
        settledBelow: () => deliveries.settledBelow,
        deleted: (segment) => {
          this.#reader.forget(segment);
          this.#writer.relieved();
        },
      },
      opened.orphans,
    );
    this.#tail = new Tail({
      fs,
      directory,
      segments,
      segmentBytes: Math.min(segmentBytes, Math.floor(maxBytes / 8)),
      segmentMaxAgeMs: Math.max(MINUTE_MS, Math.min(limits.maxAgeMs / 8, DAY_MS)),
      clock,
      random,
      log,
      births: () => deliveries.births,
      assertOwner: () => owner.assert(),
      reclaim: () => this.#retention.reclaim(),
      finished: (segment) => this.#retention.finished(segment),
    });
    this.#writer = new Writer({
      tail: this.#tail,
      segments,
      ids,
      maxBytes,
      clock,
      reclaim: () => this.#retention.reclaim(),
      appended: () => this.#waiters.wake(segments.next),
      slowest: () => deliveries.slowest,
    });
  }

  static async open(options: FileJournalOptions & { fs: FileSystem }, owner: Ownership): Promise<FileJournal> {
    const { fs, directory, dedup, clock, log } = options;
    const segments = new Segments();
    const ids = new RecentIds(dedup);
    const journal = join(directory, 'journal');
    const opened = await openSegments({ fs, directory: journal, segments, ids, dedup, now: clock.now(), log });
    const cursors = { fs, directory: join(directory, 'deliveries'), clock, log };
    const { deliveries, notes } = await Deliveries.open(cursors, opened.births, segments.first);
    try {
      const { type, freeBytes } = await fs.volume(directory);
      const maxBytes = options.maxBytes ?? Math.min(DEFAULT_MAX_BYTES, Math.floor((freeBytes + segments.bytes) / 2));
      const hollow = hollowVolume(directory, type);
      const found = [...(hollow === undefined ? [] : [hollow]), ...opened.notes, ...notes];
      const parts = { options, maxBytes, owner, segments, ids, deliveries, opened, notes: found };
      const result = new FileJournal(parts);
      await result.#start(opened);
      return result;
    } catch (error) {
      await deliveries.abandon();
      throw error;
    }
  }

  async append(entries: readonly NewEntry[]): Promise<AppendResult[]> {
    if (this.#closed) throw this.#closed;
    return this.#writer.append(entries);
  }

  async read(from: Position, limits: ReadLimits): Promise<ReadResult> {
    this.#assertOpen();
    try {
      return await this.#reader.read(from, limits);
    } catch (error) {
      throw this.#failure('reading', error);
    }
  }

  wait(from: Position, signal: AbortSignal): Promise<void> {
    if (this.#closing || from < this.#segments.next) return Promise.resolve();
    return this.#waiters.wait(from, signal);
  }

  async tally(range: { from: Position; to: Position }, sources: readonly string[]): Promise<number> {
    this.#assertOpen();
    try {
      return await this.#reader.tally(range.from, range.to, new Set(sources));
    } catch (error) {
      throw this.#failure('reading', error);
    }
  }

  async openCursor(name: string, { start = 'end' }: { start?: 'end' | 'beginning' } = {}): Promise<Cursor> {
    if (this.#closed) throw this.#closed;
    return this.#deliveries.openCursor(name, (record) =>
      this.#writer.recordBirths(() => {
        record(start === 'end' ? this.#segments.next : this.#segments.first);
        return this.#deliveries.births;
      }),
    );
  }

  async orphans(): Promise<Orphan[]> {
    if (this.#closed) throw this.#closed;
    return this.#deliveries.orphans();
  }

  async forget(name: string): Promise<void> {
    if (this.#closed) throw this.#closed;
    await this.#deliveries.forget(name, (forgotten) =>
      this.#writer.recordBirths(() => {
        forgotten();
        return this.#deliveries.births;
      }),
    );
  }

  status(): JournalStatus {
    return {
      first: this.#segments.first,
      next: this.#segments.next,
      bytes: this.#segments.bytes,
      maxBytes: this.#maxBytes,
      full: this.#writer.full,
      failure: this.#closed && this.#lostOwnership ? this.#closed.message : this.#writer.failure,
      slowest: this.#deliveries.slowest,
      duplicates: this.#writer.duplicates,
      notes: [...this.#notes],
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(opened: Opened): Promise<void> {
    const next = Math.max(opened.next, this.#deliveries.next);
    const end = this.#segments.all.at(-1)?.end ?? 1;
    if (next > end) {
      this.#notes.push(`Positions ${end} to ${next - 1} are lost: other files know of them, the log has not got them.`);
    }
    try {
      await this.#tail.begin(next);
    } catch (error) {
      // On a full volume the deliveries go on, and the first append that finds room begins the segment.
      const canWait =
        next === end && this.#segments.all.length > 0 && error instanceof JournalError && error.code === 'full';
      if (!canWait) throw error;
    }
    // Deliveries that only their state files knew, because segments were taken away.
    if (this.#deliveries.births.size > opened.births.size) {
      await this.#writer.recordBirths(() => this.#deliveries.births);
    }
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    this.#timer = this.#clock.schedule(HEARTBEAT_MS, () => {
      this.#tick = this.#maintain().finally(() => {
        if (!this.#closed) this.#scheduleTick();
      });
    });
  }

  /** What has to be done now and then: show that this process lives, finish an aged segment, delete what is past its time. */
  async #maintain(): Promise<void> {
    try {
      await this.#owner.beat();
    } catch (error) {
      if (error instanceof JournalError && error.code === 'closed') return this.#lose(error);
      this.#log.warn('The journal could not show that it lives', { error: String(error) });
    }
    try {
      await this.#writer.exclusively(() => this.#tail.roll());
    } catch (error) {
      this.#log.debug('The journal could not begin a new segment', { error: String(error) });
    }
    await this.#retention.expire();
  }

  /** The directory is another's: nothing is written to it any more. */
  async #lose(error: JournalError): Promise<void> {
    this.#closed = error;
    this.#lostOwnership = true;
    this.#notes.push(error.message);
    this.#log.error('The journal has lost its directory and takes nothing any more', { reason: error.message });
    await this.#deliveries.abandon();
    this.#onLost(error);
  }

  async #close(): Promise<void> {
    this.#closed ??= new JournalError('closed', `the journal in ${this.#directory} is closed`);
    this.#timer?.cancel();
    await this.#tick;
    this.#timer?.cancel();
    await this.#writer.drain();
    try {
      if (!this.#lostOwnership) await this.#deliveries.close();
    } finally {
      await (this.#lostOwnership ? this.#tail.abandon() : this.#tail.close());
      await this.#retention.settled();
      this.#reader.close();
      this.#waiters.wake(Number.POSITIVE_INFINITY);
      await this.#owner.release();
    }
  }

  #assertOpen(): void {
    if (this.#closing) throw this.#closed;
  }

  #failure(doing: string, error: unknown): JournalError {
    if (error instanceof JournalError) return error;
    return new JournalError('failed', `${doing} the journal in ${this.#directory}: ${String(error)}`, { cause: error });
  }
}
