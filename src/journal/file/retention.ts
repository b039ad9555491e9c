/**
 * What happens to segments that are finished: their ids get a file, and later they are deleted whole, oldest
 * first: never one with an entry that some delivery has not settled durably. Settled segments stay for a while, as long as
 * there is room.
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
  /** Settled segments stay while the journal has at most so many bytes. */
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

  constructor(options: RetentionOptions, orphans: readonly Segment[]) {
    this.#options = options;
    this.#orphans = [...orphans];
    this.#countOrphans();
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

  /** Makes room: deletes the oldest segment if it is settled, whatever its age. False when it is not, or cannot be deleted. */
  async reclaim(): Promise<boolean> {
    const oldest = this.#oldestSettled();
    return oldest !== undefined && (await this.#delete(oldest));
  }

  /** Deletes what is settled and past its time, and ids past the window. */
  async expire(): Promise<void> {
    const { segments, limits, clock } = this.#options;
    for (;;) {
      const oldest = this.#oldestSettled();
      if (oldest === undefined) break;
      const isOld = clock.now() - oldest.newestAt >= limits.maxAgeMs;
      const isOver = limits.maxBytes !== undefined && segments.bytes > limits.maxBytes;
      if (!(isOld || isOver) || !(await this.#delete(oldest))) break;
    }
    await this.#expireIds();
  }

  #oldestSettled(): Segment | undefined {
    const { segments, settledBelow } = this.#options;
    const oldest = segments.all[0];
    return oldest !== undefined && oldest !== segments.last && oldest.end <= settledBelow() ? oldest : undefined;
  }

  async #delete(segment: Segment): Promise<boolean> {
    const { fs, directory, segments, log, deleted } = this.#options;
    const path = logPath(directory, segment.first);
    await this.#writing.get(segment);
    try {
      await discard(fs, path);
    } catch (error) {
      log.warn('The journal could not delete a settled segment', { file: path, error: String(error) });
      return false;
    }
    // Two callers may have chosen the same one.
    if (segments.all[0] === segment) {
      segments.shift();
      if (segment.idsBytes > 0) this.#orphans.push(segment);
      this.#countOrphans();
      deleted(segment);
    }
    return true;
  }

  async #expireIds(): Promise<void> {
    const { fs, directory, ids, dedupWindowMs, clock, log } = this.#options;
    for (let oldest = this.#orphans[0]; oldest; oldest = this.#orphans[0]) {
      const isNeeded = clock.now() - oldest.newestAt < dedupWindowMs && oldest.end > ids.oldestPosition;
      if (isNeeded) break;
      const path = idsPath(directory, oldest.first);
      try {
        await discard(fs, path);
      } catch (error) {
        log.warn('The journal could not delete a file of ids', { file: path, error: String(error) });
        break;
      }
      this.#orphans.shift();
    }
    this.#countOrphans();
  }

  #countOrphans(): void {
    this.#options.segments.orphanBytes = this.#orphans.reduce((sum, { idsBytes }) => sum + idsBytes, 0);
  }
}
