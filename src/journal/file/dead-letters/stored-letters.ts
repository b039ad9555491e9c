/** The dead letters of a directory that is not to be changed, or that another process is writing to. */
import type { DeadLetter, DeadLettersStatus, LetterInfo, LetterKey, StoredLetters } from '../../dead-letters.ts';
import { JournalError } from '../../journal.ts';
import { type FileSystem, isMissing } from '../fs.ts';
import { type Loaded, loadToRead } from './loading.ts';
import { readLetter } from './reading.ts';

export interface ReadDeadLettersOptions {
  readonly fs: FileSystem;
  /** Need not exist: then there are no letters. */
  readonly directory: string;
  /** As the store's, for `status`. Default: no limit. */
  readonly maxBytes?: number;
}

export interface StoredFileLetters extends StoredLetters {
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * Resolves with what is there now. Letters that the other process puts, removes or marks later are not noticed, but
 * each that is listed can be read as long as it is there.
 * @throws {JournalError} `failed` when something in the directory is not ours, newer than this program or damaged beyond what
 * can be skipped, or when the volume fails.
 */
export async function readDeadLetters(options: ReadDeadLettersOptions): Promise<StoredFileLetters> {
  try {
    return new Reading(options, await loadToRead(options));
  } catch (error) {
    throw failure(error, options);
  }
}

class Reading implements StoredFileLetters {
  readonly #options: ReadDeadLettersOptions;
  #loaded: Loaded;

  constructor(options: ReadDeadLettersOptions, loaded: Loaded) {
    this.#options = options;
    this.#loaded = loaded;
  }

  get notes(): readonly string[] {
    return this.#loaded.notes;
  }

  list(): LetterInfo[] {
    return this.#loaded.index.list();
  }

  async get(key: LetterKey): Promise<DeadLetter | undefined> {
    try {
      return await readLetter({ ...this.#options, index: this.#loaded.index }, key).catch(async (error) => {
        if (!isMissing(error)) throw error;
        // Its segment was deleted, so the letter is elsewhere, or no more.
        this.#loaded = await loadToRead(this.#options);
        return readLetter({ ...this.#options, index: this.#loaded.index }, key);
      });
    } catch (error) {
      throw failure(error, this.#options);
    }
  }

  status(): DeadLettersStatus {
    const { maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    const bytes = this.#loaded.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { letters: this.#loaded.index.size, bytes, maxBytes, full: false, expired: 0 };
  }

  async close(): Promise<void> {}
}

function failure(error: unknown, { directory }: ReadDeadLettersOptions): JournalError {
  if (error instanceof JournalError) return error;
  return new JournalError('failed', `reading the dead letters in ${directory}: ${String(error)}`, { cause: error });
}
