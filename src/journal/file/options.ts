import type { Clock } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { JournalError } from '../journal.ts';
import type { DedupLimits } from '../recent-ids.ts';
import type { FileSystem } from './fs.ts';
import type { Platform } from './platform.ts';
import type { RetentionLimits } from './retention.ts';

export interface FileJournalOptions {
  /** Made with mode 0700 where it does not exist. */
  readonly directory: string;
  /** Appends are refused as `full` beyond this many bytes. Default: 10 GiB or half of the free space, whichever is less, and more when room is made. */
  readonly maxBytes?: number;
  /**
   * A segment is finished at this size, default 64 MiB, at most an 8th of `maxBytes`; and at an 8th of
   * `retention.maxAgeMs`, between a minute and a day.
   */
  readonly segmentBytes?: number;
  /** What becomes of settled entries; default: kept for 24 h. Room for new ones goes before. */
  readonly retention?: RetentionLimits;
  /** How old dead letters become, and how many bytes they take; default: 30 days and 1 GiB. */
  readonly deadLetters?: { readonly maxAgeMs: number; readonly maxBytes: number };
  readonly dedup: DedupLimits;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Called at most once: the directory has another owner, and nothing is appended any more. */
  readonly onLost?: (error: JournalError) => void;
  readonly fs?: FileSystem;
  readonly platform?: Platform;
  /** Bytes of the last entries that are kept in memory for readers that are in step. 0: every read goes to the disk. Default: 512 KiB. */
  readonly recentBytes?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;
export const DEFAULT_SEGMENT_BYTES = 64 * 1024 ** 2;
export const DEFAULT_RETENTION: RetentionLimits = { maxAgeMs: DAY_MS };
export const DEFAULT_DEAD_LETTERS = { maxAgeMs: 30 * DAY_MS, maxBytes: 1024 ** 3 };

/** The limit of a journal that nobody gave one; `usedBytes` are its own. */
export function defaultMaxBytes(freeBytes: number, usedBytes: number): number {
  return Math.min(DEFAULT_MAX_BYTES, Math.floor((freeBytes + usedBytes) / 2));
}
