/**
 * What no backend will take: kept until a person retries or discards it, or its time is over.
 *
 * One letter stands for one entry at one delivery: a second `put` for the same two replaces the first. It holds the entry
 * itself, so it outlives the segment that the entry came in, and can be retried through another configuration.
 */
import type { Entry, Position } from './journal.ts';

/**
 * Why an entry became a letter. The list is closed: filters and docs name it.
 * - `rejected`: the backend refused just this one (400, 422 ...). `too_large`: 413, or over `max_record_bytes`.
 * - `too_old`: over `max_age`. `gave_up`: `max_elapsed_time` is over, or it failed again and again while others passed.
 * - `processing`: a processor threw. `crash`: the process died at it several times.
 * - `journal_full`: the oldest one, given up for room (`when_full`). `skipped`: by hand.
 */
export const CAUSES = [
  'rejected',
  'too_large',
  'too_old',
  'gave_up',
  'processing',
  'crash',
  'journal_full',
  'skipped',
] as const;
export type CauseKind = (typeof CAUSES)[number];

export interface Cause {
  readonly kind: CauseKind;
  /** One line, without any text of the backend or of a customer. */
  readonly summary: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** What the backend wrote, at most 64 KiB: untrusted, known secrets removed. */
  readonly body?: string;
}

export interface LetterKey {
  /** Name of the delivery's cursor. */
  readonly delivery: string;
  readonly position: Position;
}

export interface DeadLetter extends LetterKey {
  /** As it lay in the journal. */
  readonly entry: Entry;
  /** The records as they would have been sent, as OTLP/JSON; absent where there are none (a processor threw). */
  readonly sent?: Uint8Array;
  readonly cause: Cause;
  /** When it became a letter, milliseconds since the epoch. */
  readonly at: number;
  /** Requests in which it was refused. */
  readonly attempts: number;
}

/** What is known of a letter without reading it. */
export interface LetterInfo extends LetterKey {
  readonly kind: CauseKind;
  readonly at: number;
  readonly attempts: number;
  /** Records that its entry stands for. */
  readonly records: number;
  /** Bytes on disk. */
  readonly bytes: number;
  /** It is to be sent again: in the ledger it is pending. */
  readonly retrying: boolean;
}

export interface DeadLettersStatus {
  readonly letters: number;
  /** Bytes on disk, and the limit beyond which `put` rejects with `full`. */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly full: boolean;
  /** Letters deleted since the start because they were older than the limit. Each deletion was told in the log. */
  readonly expired: number;
}

/** Reading alone: what a command may do beside a running agent, or on a directory that must not change. */
export interface StoredLetters {
  /** Every letter, in order of delivery and position. */
  list(): LetterInfo[];
  /** undefined where there is none, or it is damaged. */
  get(key: LetterKey): Promise<DeadLetter | undefined>;
  status(): DeadLettersStatus;
}

/** Every change is durable when its promise resolves. @throws {JournalError} and then nothing changed, but for `erase`. */
export interface DeadLetters extends StoredLetters {
  /**
   * Keeps letters, all or none. Replaces those with the same key and clears their `retrying`. Needs no new space as long as
   * the reserve lasts. @throws {JournalError} `full` at the limit or on a full volume: the delivery then holds.
   */
  put(letters: readonly DeadLetter[]): Promise<void>;
  /** The delivery is to send them again. Keys without a letter are left out of the result. */
  retry(keys: readonly LetterKey[]): Promise<LetterKey[]>;
  /** Gives letters up: delivered after all, or discarded. Unknown keys are no error. */
  remove(keys: readonly LetterKey[]): Promise<void>;
  /** The letters of one delivery become another's. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Removes the letters of entries that match, and overwrites their bytes on disk. Resolves with how many. When it rejects
   * they may be gone already, and what is not overwritten yet is at the next `maintain`.
   */
  erase(matches: (entry: Entry) => boolean): Promise<number>;
  /** Deletes letters that are older than the limit (loudly, once a minute at most) and makes room on disk. The journal calls it. Never rejects. */
  maintain(): Promise<void>;
}
