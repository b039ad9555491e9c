/**
 * The dead letters on a disk: a log in segments like the journal's, `dead-letters/<first number, 16 digits>.log`, with the same
 * head (../segment.ts) and the same frames (../frame.ts). What a frame says is in frames.ts. Each has a number, one more than
 * the one before; where letters lie is known in memory (letter-index.ts).
 *
 * What is promised, under the death of the process and under loss of power, and why it holds:
 *
 * - A change is durable when its promise resolves: one write and one sync, which puts that come meanwhile share. What was
 *   written together is there together or not at all: a frame says how many are before it and whether one follows, and what is
 *   not whole at the end does not count.
 * - Each opening begins a new segment, as does a failed write or sync, at the first number that is not durable; whatever
 *   else the old one holds does not count. No file is synced again and believed after it failed.
 * - A volume that is full takes letters until the reserve is used up, and removals, marks and renames after that (letter-log.ts).
 * - A later letter with the same key replaces the earlier one. A removal holds for every letter of its key that lies before
 *   it, so a copy, or one that was replaced, does not come back when a frame is damaged.
 * - Room is made by copying what counts and deleting segments, the oldest first (cleaning.ts).
 * - What is erased is overwritten where it lies (erasing.ts).
 * - A damaged frame costs that frame and is told in `notes`.
 */
import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { DeadLetter, DeadLetters, DeadLettersStatus, LetterInfo, LetterKey } from '../../dead-letters.ts';
import { type Entry, JournalError } from '../../journal.ts';
import type { FileSystem } from '../fs.ts';
import { Cleaner } from './cleaning.ts';
import { Eraser } from './erasing.ts';
import { type Draft, positionsDrafts, renameDraft } from './frames.ts';
import type { LetterIndex } from './letter-index.ts';
import { LetterLog } from './letter-log.ts';
import { Expiry, type LetterLimits } from './limits.ts';
import { type Loaded, loadToWrite } from './loading.ts';
import { type Put, Putting, putOf } from './putting.ts';
import { readLetter } from './reading.ts';
import { Turns } from './turns.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** Copied by one call of `maintain`. */
const CLEANED_BYTES = 16 * 1024 * 1024;

export interface FileDeadLettersOptions {
  readonly fs: FileSystem;
  /** `<data directory>/dead-letters`; exists. Nothing else writes there. */
  readonly directory: string;
  readonly limits: LetterLimits;
  /** A segment is finished at this size; default: 16 MiB, at most an 8th of `limits.maxBytes`. */
  readonly segmentBytes?: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Called before each new segment. @throws {JournalError} `closed` when the directory has another owner now. */
  assertOwner(): Promise<void>;
}

export interface FileDeadLetters extends DeadLetters {
  /** What a person should know of: damage found at opening, files that are none of ours. */
  readonly notes: readonly string[];
  /** Finishes changes under way, refuses new ones, and leaves the log in order. Idempotent. */
  close(): Promise<void>;
  /** The directory is another's: finishes the write under way and changes nothing more. Idempotent. */
  abandon(): Promise<void>;
}

/**
 * Resolves when the letters are known, and can be changed as far as the volume has space.
 * @throws {JournalError} `failed` when something in the directory is not ours, newer than this program or damaged beyond what
 * can be skipped, or when the volume fails; nothing is overwritten then. `closed` when another owns the directory.
 */
export async function openDeadLetters(options: FileDeadLettersOptions): Promise<FileDeadLetters> {
  try {
    const store = new Store(options, await loadToWrite(options));
    try {
      await store.start();
    } catch (error) {
      await store.abandon();
      throw error;
    }
    return store;
  } catch (error) {
    throw asJournalError(error, `opening the dead letters in ${options.directory}`);
  }
}

class Store implements FileDeadLetters {
  readonly notes: readonly string[];
  readonly #options: FileDeadLettersOptions;
  readonly #letters: LetterLog;
  readonly #index: LetterIndex;
  readonly #cleaner: Cleaner;
  readonly #eraser: Eraser;
  readonly #expiry: Expiry;
  readonly #putting: Putting;
  readonly #turns: Turns<Put>;
  /** Why changes are refused for good. */
  #closed: JournalError | undefined;
  /** Nothing is written any more. */
  #isAbandoned = false;
  #closing: Promise<void> | undefined;
  #maintenance: Promise<void> | undefined;

  constructor(options: FileDeadLettersOptions, { segments, index, notes, unerased }: Loaded) {
    const { limits, clock, log } = options;
    const segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.floor(limits.maxBytes / 8));
    const letters = new LetterLog({ ...options, segmentBytes }, segments);
    const deleted = () => this.#putting.relieved('limit');
    const cleaner = new Cleaner({ ...options, segmentBytes, letters, index, deleted });
    this.notes = notes;
    this.#options = options;
    this.#letters = letters;
    this.#index = index;
    this.#cleaner = cleaner;
    this.#eraser = new Eraser({ ...options, letters, index }, unerased);
    this.#expiry = new Expiry(clock, log);
    this.#putting = new Putting({ letters, index, cleaner, limits });
    this.#turns = new Turns((puts) => this.#store(puts));
  }

  async start(): Promise<void> {
    await this.#eraser.finish().catch((error) => {
      this.#options.log.warn('The dead letters could not finish an erasure', { error: String(error) });
    });
    // On a full volume the letters can be read, and the first change that finds room begins the segment.
    await this.#letters.replenish();
  }

  list(): LetterInfo[] {
    return this.#index.list();
  }

  async get(key: LetterKey): Promise<DeadLetter | undefined> {
    if (this.#isAbandoned) throw this.#closed;
    try {
      return await readLetter({ ...this.#options, index: this.#index }, key);
    } catch (error) {
      throw this.#failure(error, 'reading');
    }
  }

  status(): DeadLettersStatus {
    return {
      letters: this.#index.size,
      bytes: this.#letters.bytes,
      maxBytes: this.#options.limits.maxBytes,
      full: this.#putting.isFull,
      expired: this.#expiry.total,
    };
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    if (this.#closed) throw this.#closed;
    if (letters.length === 0) return;
    try {
      await new Promise<void>((resolve, reject) => this.#turns.put(putOf(letters, { resolve, reject })));
    } catch (error) {
      throw this.#failure(error, 'writing');
    }
  }

  retry(keys: readonly LetterKey[]): Promise<LetterKey[]> {
    return this.#change(async () => {
      const known = this.#known(keys);
      const unmarked = known.filter((key) => !this.#index.find(key)?.retrying);
      await this.#note(positionsDrafts('retry', unmarked, this.#options.clock.now()));
      for (const key of unmarked) this.#index.retry(key);
      return known;
    });
  }

  remove(keys: readonly LetterKey[]): Promise<void> {
    return this.#change(() => this.#remove(this.#known(keys)));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(async () => {
      if (from === to || this.#index.of(from).length === 0) return;
      await this.#note([renameDraft(from, to, this.#options.clock.now())]);
      this.#index.rename(from, to);
    });
  }

  /** When it rejects, letters may be gone already and bytes still be there: `maintain` goes on, and it may be asked again. */
  erase(matches: (entry: Entry) => boolean): Promise<number> {
    return this.#change(() => this.#eraser.erase(matches));
  }

  /** Does not reject: what fails is told in the log and tried again by the next call. */
  maintain(): Promise<void> {
    this.#maintenance ??= this.#maintain().finally(() => {
      this.#maintenance = undefined;
    });
    return this.#maintenance;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    this.#closed ??= this.#closedError();
    await this.#turns.drain();
    await this.#letters.abandon();
    this.#expiry.tell(true);
  }

  async #close(): Promise<void> {
    this.#closed ??= this.#closedError();
    await this.#maintenance;
    await this.#turns.drain();
    if (!this.#isAbandoned) await this.#letters.close();
    this.#expiry.tell(true);
  }

  async #maintain(): Promise<void> {
    const tasks = {
      'delete what is too old': () => this.#expire(),
      'finish an erasure': () => this.#eraser.finish(),
      'make their reserve': () => this.#replenish(),
    };
    for (const [doing, task] of Object.entries(tasks)) await this.#attempt(doing, () => this.#inTurn(task));
    await this.#attempt('make room on disk', () => this.#clean());
  }

  async #attempt(doing: string, task: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    try {
      await task();
    } catch (error) {
      if (this.#closed) return;
      this.#options.log.warn('The dead letters could not be maintained', { while: doing, error: String(error) });
    }
  }

  async #expire(): Promise<void> {
    const { limits, clock } = this.#options;
    if (limits.maxAgeMs > 0) {
      const expired = this.#index.olderThan(clock.now() - limits.maxAgeMs);
      await this.#remove(expired);
      this.#expiry.count(expired);
    }
    this.#expiry.tell();
  }

  async #replenish(): Promise<void> {
    await this.#letters.replenish();
    if (this.#letters.hasReserve) this.#putting.relieved('volume');
  }

  async #clean(): Promise<void> {
    let budget = CLEANED_BYTES;
    while (budget > 0 && !this.#closed && (this.#cleaner.isWorthIt || this.#putting.isPressing)) {
      const copied = await this.#inTurn(() => this.#cleaner.step());
      if (copied === undefined) return;
      budget -= copied;
    }
  }

  async #store(puts: readonly Put[]): Promise<void> {
    if (!this.#isAbandoned) return this.#putting.store(puts);
    for (const { reject } of puts) reject(this.#closed);
  }

  async #remove(keys: readonly LetterKey[]): Promise<void> {
    await this.#note(positionsDrafts('remove', keys, this.#options.clock.now()));
    for (const key of keys) this.#index.remove(key);
  }

  async #note(drafts: readonly Draft[]): Promise<void> {
    if (drafts.length > 0) await this.#letters.append(drafts, 'notes');
  }

  /** Those with a letter, each once. */
  #known(keys: readonly LetterKey[]): LetterKey[] {
    const known = new Set(keys.map((key) => this.#index.find(key)).filter((letter) => letter !== undefined));
    return [...known].map(({ delivery, position }) => ({ delivery, position }));
  }

  async #change<T>(change: () => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closed;
    try {
      return await this.#inTurn(change);
    } catch (error) {
      throw this.#failure(error, 'changing');
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.run(() => {
      if (this.#isAbandoned) throw this.#closed;
      return task();
    });
  }

  #closedError(): JournalError {
    return new JournalError('closed', `the store of dead letters in ${this.#options.directory} is closed`);
  }

  #failure(error: unknown, doing: string): JournalError {
    return asJournalError(error, `${doing} the dead letters in ${this.#options.directory}`);
  }
}

function asJournalError(error: unknown, doing: string): JournalError {
  if (error instanceof JournalError) return error;
  return new JournalError('failed', `${doing}: ${String(error)}`, { cause: error });
}
