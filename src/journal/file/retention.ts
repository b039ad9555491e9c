/**
 * What happens to segments that are finished: their ids get a file, and later they are deleted whole, oldest first: never
 * one with an entry that some delivery has not settled durably. Settled segments stay for a while, as long as there is room.
 * Nothing here needs space on the volume: what cannot be written is derived, and can be made again.
 */
import type { Clock } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Position } from '../journal.ts';
import type { RecentIds } from '../recent-ids.ts';
import { discard, type FileSystem } from './fs.ts';
import { writeIdsFile } from './ids-file.ts';
import { idsPath, logPath, type Segment, type Segments } from './segment.ts';

export interface RetentionLimits {
  /** Settled segments stay for so long after their newest entry was stored. */
  readonly maxAgeMs: number;
  /** Settled segments stay while they have at most so many bytes. */
  readonly maxBytes?: number;
}

export interface RetentionOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly segments: Segments;
  readonly ids: RecentIds;
  readonly limits: RetentionLimits;
  readonly dedupWindowMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Every delivery has settled all positions below, durably. */
  settledBelow(): Position;
  /** A segment is gone. */
  deleted(segment: Segment): void;
}

export class Retention {
  readonly #options: RetentionOptions;
  /** Segments whose entries are gone while their ids may still recognise a duplicate; oldest first. */
  readonly #orphans: Segment[];
  /** Files of ids that are being written. */
  readonly #writing = new Map<Segment, Promise<void>>();
  /** When segments were first seen whose newest entry is of the future: the clock was set back since. */
  readonly #futureSeenAt = new WeakMap<Segment, number>();
  /** Positions below it may be going. */
  #deletingBelow: Position = 0;
  /** Trouble is told when it begins, or changes. */
  #told: string | undefined;

  constructor(options: RetentionOptions, orphans: readonly Segment[]) {
    this.#options = options;
    this.#orphans = [...orphans];
  }

  /** Writes the file of ids of a segment that has got its final form, while the journal goes on. */
  finished(segment: Segment): void {
    const { fs, directory, ids, log } = this.#options;
    const path = idsPath(directory, segment.first);
    const written = writeIdsFile(fs, path, segment, ids.records(segment.first, segment.end))
      .then((bytes) => {
        segment.idsBytes = bytes;
      })
      // Derived: the next opening makes it again.
      .catch((error) => log.warn('The journal could not write a file of ids', { file: path, error: String(error) }))
      .finally(() => this.#writing.delete(segment));
    this.#writing.set(segment, written);
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  /** The first position that nobody is about to delete. */
  get floor(): Position {
    return Math.max(this.#options.segments.first, this.#deletingBelow);
  }

  /** Makes room: deletes the oldest segment if it is settled, whatever its age. False when it is not, or cannot be deleted. */
  async reclaim(): Promise<boolean> {
    const oldest = this.#oldestSettled();
    return oldest !== undefined && this.#delete(oldest);
  }

  /** As `TailOptions.reclaimLast`. */
  async reclaimLast(letGo: () => Promise<void>): Promise<boolean> {
    const { segments, settledBelow } = this.#options;
    const only = segments.last;
    if (only !== segments.all[0] || only.end === only.first || only.end > settledBelow()) return false;
    await letGo();
    return this.#delete(only);
  }

  /** Deletes what is settled and past its time, and ids past the window. */
  async expire(): Promise<void> {
    const { limits, clock, segments } = this.#options;
    // From when on they are looked at, not from when each is the oldest.
    for (const segment of [...segments.all, ...this.#orphans]) this.#newestAt(segment);
    for (;;) {
      const oldest = this.#oldestSettled();
      if (oldest === undefined) break;
      const isOld = clock.now() - this.#newestAt(oldest) >= limits.maxAgeMs;
      const isOver = limits.maxBytes !== undefined && this.#settledBytes() > limits.maxBytes;
      if (!(isOld || isOver) || !(await this.#delete(oldest))) break;
    }
    await this.#expireIds();
  }

  #oldestSettled(): Segment | undefined {
    const { segments, settledBelow } = this.#options;
    const oldest = segments.all[0];
    return oldest !== undefined && oldest !== segments.last && oldest.end <= settledBelow() ? oldest : undefined;
  }

  #settledBytes(): number {
    const { segments, settledBelow } = this.#options;
    const below = settledBelow();
    return segments.all
      .filter((segment) => segment !== segments.last && segment.end <= below)
      .reduce((sum, { bytes, idsBytes }) => sum + bytes + idsBytes, 0);
  }

  /** When the newest entry was stored, or seen, where that seems to be still to come. */
  #newestAt(segment: Segment): number {
    const now = this.#options.clock.now();
    if (segment.newestAt <= now) return segment.newestAt;
    const seenAt = Math.min(now, this.#futureSeenAt.get(segment) ?? now);
    this.#futureSeenAt.set(segment, seenAt);
    return seenAt;
  }

  async #delete(segment: Segment): Promise<boolean> {
    const { fs, directory, segments, deleted } = this.#options;
    const path = logPath(directory, segment.first);
    this.#deletingBelow = segment.end;
    await this.#writing.get(segment);
    try {
      await discard(fs, path);
    } catch (error) {
      this.#deletingBelow = 0;
      this.#tell('The journal could not delete a settled segment', path, error);
      return false;
    }
    this.#told = undefined;
    // Two callers may have chosen the same one.
    if (segments.all[0] === segment) {
      segments.shift();
      if (segments.all.length === 0) segments.pushPlaceholder(segment.end);
      this.#orphans.push(segment);
      // There was no room for it before.
      if (segment.idsBytes === 0) this.finished(segment);
      deleted(segment);
    }
    return true;
  }

  async #expireIds(): Promise<void> {
    const { ids, dedupWindowMs, clock } = this.#options;
    for (let oldest = this.#orphans[0]; oldest; oldest = this.#orphans[0]) {
      const isNeeded = clock.now() - this.#newestAt(oldest) < dedupWindowMs && oldest.end > ids.oldestPosition;
      if (isNeeded || !(await this.#deleteIds(oldest))) break;
    }
  }

  /** The ids of a segment that is deleted. */
  async #deleteIds(segment: Segment): Promise<boolean> {
    const path = idsPath(this.#options.directory, segment.first);
    await this.#writing.get(segment);
    try {
      await discard(this.#options.fs, path);
    } catch (error) {
      this.#tell('The journal could not delete a file of ids', path, error);
      return false;
    }
    if (this.#orphans[0] === segment) this.#orphans.shift();
    return true;
  }

  #tell(message: string, file: string, error: unknown): void {
    const telling = `${message} ${file} ${String(error)}`;
    if (telling !== this.#told) this.#options.log.warn(message, { file, error: String(error) });
    this.#told = telling;
  }
}
