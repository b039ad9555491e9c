/** The entries of a journal on a disk: who appends to the segments, who reads them, what deletes and erases in them. */
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Durations, Entry, Position, ReadLimits, ReadResult } from '../journal.ts';
import { isFull } from '../journal.ts';
import type { RecentIds } from '../recent-ids.ts';
import type { Births } from './births.ts';
import { eraseEntries } from './eraser.ts';
import type { FileSystem } from './fs.ts';
import { Reader } from './reader.ts';
import { DEFAULT_RECENT_BYTES, RecentEntries } from './recent-entries.ts';
import { Retention, type RetentionLimits } from './retention.ts';
import type { Segment, Segments } from './segment.ts';
import { Tail } from './tail.ts';
import { Writer } from './writer.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface EntryLogOptions {
  readonly fs: FileSystem;
  /** The data directory. */
  readonly directory: string;
  readonly segments: Segments;
  /** Segments that are gone while their ids are still there. */
  readonly orphans: readonly Segment[];
  readonly ids: RecentIds;
  readonly segmentBytes: number;
  readonly retention: RetentionLimits;
  readonly dedupWindowMs: number;
  readonly recentBytes?: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** As `FileJournalOptions`, now. */
  maxBytes(): number;
  /** What the deliveries say of themselves. */
  readonly deliveries: {
    readonly births: Births;
    readonly settledBelow: Position;
    readonly slowest: string | null;
  };
  /** @throws {JournalError} `closed` when the directory has another owner now. */
  assertOwner(): Promise<void>;
  /** Entries below it are durable. */
  appended(next: Position): void;
}

export class EntryLog {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly #options: EntryLogOptions;
  readonly #directory: string;
  readonly #tail: Tail;
  readonly #recent: RecentEntries;
  readonly #retention: Retention;
  #erasing: Promise<unknown> = Promise.resolve();

  constructor(options: EntryLogOptions) {
    const { fs, segments, ids, segmentBytes, retention: limits, clock, random, log, deliveries } = options;
    const directory = join(options.directory, 'journal');
    this.#options = options;
    this.#directory = directory;
    this.#recent = new RecentEntries(options.recentBytes ?? DEFAULT_RECENT_BYTES);
    this.reader = new Reader(fs, directory, segments);
    this.#retention = new Retention(
      {
        fs,
        directory,
        segments,
        ids,
        limits,
        dedupWindowMs: options.dedupWindowMs,
        clock,
        log,
        settledBelow: () => deliveries.settledBelow,
        deleted: (segment) => {
          this.reader.forget(segment);
          this.#recent.forgetBelow(segment.end);
          this.writer.relieved();
        },
      },
      options.orphans,
    );
    this.#tail = new Tail({
      fs,
      directory,
      segments,
      segmentBytes: Math.min(segmentBytes, Math.floor(options.maxBytes() / 8)),
      segmentMaxAgeMs: Math.max(MINUTE_MS, Math.min(limits.maxAgeMs / 8, DAY_MS)),
      clock,
      random,
      log,
      births: () => deliveries.births,
      assertOwner: options.assertOwner,
      reclaim: () => this.#retention.reclaim(),
      reclaimLast: (letGo) => this.#retention.reclaimLast(letGo),
      finished: (segment) => this.#retention.finished(segment),
    });
    this.writer = new Writer({
      tail: this.#tail,
      segments,
      ids,
      maxBytes: () => options.maxBytes(),
      clock,
      reclaim: () => this.#retention.reclaim(),
      stored: (entry) => this.#recent.put(entry),
      appended: () => options.appended(segments.next),
      slowest: () => deliveries.slowest,
    });
  }

  /** As `Journal.read`. */
  async read(from: Position, limits: ReadLimits): Promise<ReadResult> {
    const end = Math.min(this.#options.segments.next, (limits.to ?? Number.MAX_SAFE_INTEGER) + 1);
    return this.#recent.read(from, end, limits) ?? this.reader.read(from, limits);
  }

  get syncs(): Durations {
    return this.#tail.syncs.durations;
  }

  /** Begins a segment at `next`; on a full volume, where it can wait for room, with the first append that finds some. */
  async begin(next: Position): Promise<void> {
    try {
      await this.#tail.begin(next);
    } catch (error) {
      unlessFull(error);
      this.#options.segments.pushPlaceholder(next);
    }
  }

  /** Where a cursor may be born that wants to begin there: no entry from it on is about to be deleted. */
  clamp(start: 'end' | 'beginning' | Position): Position {
    const { floor } = this.#retention;
    const { next } = this.#options.segments;
    if (start === 'end') return next;
    return start === 'beginning' ? Math.min(floor, next) : Math.min(Math.max(start, floor), next);
  }

  /** Calls `change`, while nothing is appended, then makes the list of births durable. */
  recordBirths(change: () => void): Promise<void> {
    return this.writer.recordBirths(() => {
      change();
      return this.#options.deliveries.births;
    });
  }

  /** Resolves with the number of entries that were overwritten. @throws {JournalError} */
  erase(matches: (entry: Entry) => boolean): Promise<number> {
    const { fs, segments } = this.#options;
    const spoilt = async (segment: Segment): Promise<void> => {
      if (segment === segments.last) await this.writer.exclusively(() => this.#tail.giveUp());
    };
    const erased = this.#erasing.then(async () => {
      // What is torn at the end of an unfinished segment passes for an append that was never answered for. A full volume is
      // no reason not to erase: positions that nobody had settled may be given again then.
      await this.writer.exclusively(() => this.#tail.seal().catch(unlessFull));
      try {
        return await eraseEntries({ fs, directory: this.#directory, segments, spoilt }, matches);
      } finally {
        this.#recent.clear();
      }
    });
    this.#erasing = erased.catch(() => {});
    return erased;
  }

  /** Begins a new segment where the last one is old, or gone. @throws {JournalError} */
  async roll(): Promise<void> {
    await this.writer.exclusively(async () => {
      await this.#tail.verify();
      await this.#tail.roll();
    });
  }

  /** Deletes what is settled and past its time. */
  expire(): Promise<void> {
    return this.#retention.expire();
  }

  /** Resolves when everything asked for so far is done. */
  async drain(): Promise<void> {
    await this.#erasing;
    await this.writer.drain();
  }

  async close(): Promise<void> {
    await this.#tail.close();
    await this.#letGo();
  }

  /** Lets go of the files and leaves them as they are. */
  async abandon(): Promise<void> {
    await this.#tail.abandon();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#retention.settled();
    this.reader.close();
  }
}

/** For errors that a full volume is no reason for. */
function unlessFull(error: unknown): void {
  if (!isFull(error)) throw error;
}
