/** Letters on their way to the disk: admitted within the limit, stored together, and known once they are durable. */
import type { DeadLetter } from '../../dead-letters.ts';
import { isFull } from '../../journal.ts';
import type { Cleaner } from './cleaning.ts';
import { type Draft, type LetterHead, letterDraft } from './frames.ts';
import type { LetterIndex, Place } from './letter-index.ts';
import type { LetterLog } from './letter-log.ts';
import { type LetterLimits, tooFull } from './limits.ts';

/** Copied before one put at the limit. */
const CLEANED_BYTES = 16 * 1024 * 1024;
/** At the limit, letters are not copied for less garbage than this part of it. */
const LEAST_GARBAGE = 1 / 16;

/** The letters of one call. */
export interface Put {
  readonly heads: readonly LetterHead[];
  readonly drafts: readonly Draft[];
  readonly bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** @throws as `letterDraft` */
export function putOf(letters: readonly DeadLetter[], settle: Pick<Put, 'resolve' | 'reject'>): Put {
  const drafts = letters.map(letterDraft);
  const heads = letters.map(({ delivery, position, entry, cause, at, attempts }) => {
    return { delivery, position, kind: cause.kind, at, attempts, records: entry.records, retrying: false };
  });
  return { heads, drafts, bytes: drafts.reduce((sum, { bytes }) => sum + bytes, 0), ...settle };
}

export interface PuttingOptions {
  readonly letters: LetterLog;
  readonly index: LetterIndex;
  readonly cleaner: Cleaner;
  readonly limits: LetterLimits;
}

export class Putting {
  readonly #options: PuttingOptions;
  #full: 'limit' | 'volume' | undefined;

  constructor(options: PuttingOptions) {
    this.#options = options;
  }

  /** The last put was refused for want of space, and none was made since. */
  get isFull(): boolean {
    return this.#full !== undefined;
  }

  /** Letters are refused, and copying others would make room. */
  get isPressing(): boolean {
    return this.#full === 'limit' && this.#options.cleaner.garbage >= this.#options.limits.maxBytes * LEAST_GARBAGE;
  }

  /** Space was made: below the limit, or on the volume. */
  relieved(where: 'limit' | 'volume'): void {
    if (this.#full === where) this.#full = undefined;
  }

  /** Settles every put. */
  async store(puts: readonly Put[]): Promise<void> {
    const { letters, limits } = this.#options;
    const admitted: Put[] = [];
    let bytes = 0;
    for (const put of puts) {
      try {
        if (await this.#makeRoom(bytes + put.bytes)) {
          admitted.push(put);
          bytes += put.bytes;
        } else {
          this.#full = 'limit';
          put.reject(tooFull(letters.bytes, limits));
        }
      } catch (error) {
        put.reject(error);
      }
    }
    if (admitted.length === 0) return;
    try {
      await this.#append(admitted);
    } catch (error) {
      // A large one takes no room from small ones.
      if (isFull(error) && admitted.length > 1) return this.#storeEach(admitted);
      if (isFull(error)) this.#full = 'volume';
      for (const put of admitted) put.reject(error);
    }
  }

  async #storeEach(puts: readonly Put[]): Promise<void> {
    for (const put of puts) await this.store([put]);
  }

  async #append(puts: readonly Put[]): Promise<void> {
    const { index } = this.#options;
    const places = await this.#appendFrames(puts.flatMap(({ drafts }) => drafts));
    this.#full = undefined;
    let next = 0;
    for (const { heads, resolve } of puts) {
      for (const head of heads) index.put(head, places[next++] as Place);
      resolve();
    }
  }

  async #appendFrames(drafts: readonly Draft[]): Promise<Place[]> {
    const { letters, cleaner } = this.#options;
    for (;;) {
      try {
        return await letters.append(drafts, 'letters');
      } catch (error) {
        // On a full volume a segment without letters can be deleted at once.
        if (!isFull(error) || !cleaner.isOldestEmpty) throw error;
        await cleaner.step();
      }
    }
  }

  /** False where the limit leaves none, and little would be won by copying. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const { letters, cleaner, limits } = this.#options;
    let budget = CLEANED_BYTES;
    for (;;) {
      const excess = letters.bytes + bytes - limits.maxBytes;
      if (excess <= 0) return true;
      const isWorthIt = budget > 0 && cleaner.garbage >= Math.max(excess, limits.maxBytes * LEAST_GARBAGE);
      if (!cleaner.isOldestEmpty && !isWorthIt) return false;
      try {
        const copied = await cleaner.step();
        if (copied === undefined) return false;
        budget -= copied;
      } catch (error) {
        if (isFull(error)) return false;
        throw error;
      }
    }
  }
}
