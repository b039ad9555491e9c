/**
 * The state of one delivery: the newest one in memory, and a file that follows it. States that come while one is being
 * written are written as one, the last.
 *
 * A state is written at once and synced within a second. So what a killed process had settled is known to the next one
 * (the page cache survives it), while a loss of power sets the delivery back by a second at most. Between two syncs only
 * one of the file's two slots is overwritten, again and again: the other one holds what the last sync made sure of.
 */
import { join } from 'node:path';
import type { Clock, Timer } from '../../clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { type CursorState, JournalError, type Position } from '../journal.ts';
import { type File, type FileSystem, isOutOfSpace } from './fs.ts';
import { createStateFile, encodeSlot, SLOT_BYTES, type Slot, stateFileName } from './state.ts';

/** A saved state waits so long for its sync: with the sync itself it is on disk within a second. */
const SYNC_DELAY_MS = 500;

export interface CursorOptions {
  readonly fs: FileSystem;
  /** Where state files are. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A state that was saved, and the how manieth it is. */
interface Version {
  readonly state: CursorState;
  readonly number: number;
}

export class FileCursor {
  readonly name: string;
  readonly birth: Position;
  readonly #options: CursorOptions;
  readonly #path: string;
  #newest: Version;
  /** The one that the file holds. */
  #written: Version;
  /** The one that the last sync made sure of. */
  #durable: Version;
  #sequence: number;
  /** The slot that holds `#durable`; the other one is written. */
  #durableSlot: number;
  /** Undefined where a file must be made: at first, and after a failed sync, which makes the old one incredible. */
  #file: File | undefined;
  #timer: Timer | undefined;
  /** At most one write or sync at a time. */
  #busy: Promise<void> | undefined;
  /** So many wait to begin one of their own: they go before writes that nobody waits for. */
  #waiting = 0;
  #closed = false;

  private constructor(options: CursorOptions, { saved, sequence }: Slot) {
    this.#options = options;
    this.#path = join(options.directory, stateFileName(saved.name));
    this.name = saved.name;
    this.birth = saved.birth;
    this.#newest = { state: saved.state, number: 0 };
    this.#written = this.#newest;
    this.#durable = this.#newest;
    this.#sequence = sequence;
    this.#durableSlot = sequence % 2;
  }

  /**
   * With the state that was found on disk, in a new file: what depends on the state can trust it, and a former owner of the
   * directory that is not quite dead has lost its hold on it. Where there is no room for another file the old one serves.
   */
  static async adopt(options: CursorOptions, slot: Slot): Promise<FileCursor> {
    const cursor = new FileCursor(options, slot);
    try {
      cursor.#file = await createStateFile(options.fs, options.directory, cursor.#path, slot).catch(async (error) => {
        if (!isOutOfSpace(error)) throw error;
        const file = await options.fs.open(cursor.#path, 'update');
        await file.sync();
        return file;
      });
    } catch (error) {
      throw cursor.#failure(error);
    }
    return cursor;
  }

  /** With a file of its own that is durable when this resolves. It replaces the one that the name had. */
  static async create(options: CursorOptions, slot: Slot): Promise<FileCursor> {
    const cursor = new FileCursor(options, slot);
    try {
      cursor.#file = await createStateFile(options.fs, options.directory, cursor.#path, slot);
    } catch (error) {
      throw cursor.#failure(error);
    }
    return cursor;
  }

  get state(): CursorState {
    return this.#newest.state;
  }

  /** Every position below is settled, and stays so after a loss of power. */
  get durableCursor(): Position {
    return this.#durable.state.cursor;
  }

  /** As `Cursor.save`. */
  save(state: CursorState): void {
    this.#newest = { state, number: this.#newest.number + 1 };
    if (this.#closed) return;
    this.#timer ??= this.#options.clock.schedule(SYNC_DELAY_MS, () => this.#flushLater());
    this.#writeSoon();
  }

  /** As `Cursor.written`. */
  written(): Promise<void> {
    return this.#until(
      () => this.#written,
      () => this.#write(),
    );
  }

  /** As `Cursor.flush`. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.#until(
      () => this.#durable,
      () => this.#sync(),
    ).catch((error: unknown) => {
      if (!this.#closed) this.#timer ??= this.#options.clock.schedule(SYNC_DELAY_MS, () => this.#flushLater());
      throw error;
    });
  }

  /** A state to which the journal itself came; it does not stay when it cannot be made durable. */
  async replace(state: CursorState): Promise<void> {
    const before = this.#newest.state;
    this.save(state);
    await this.flush().catch((error) => {
      if (this.#newest.state === state) this.save(before);
      throw error;
    });
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.abandon();
    }
  }

  /** Writes nothing any more. */
  async abandon(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#busy?.catch(() => {});
    await this.#abandonFile();
  }

  /** Resolves when the newest state has come as far as `reached`; `work` takes it there. */
  async #until(reached: () => Version, work: () => Promise<void>): Promise<void> {
    const wanted = this.#newest.number;
    this.#waiting++;
    try {
      // What is under way may have begun with an older state.
      while (this.#busy && reached().number < wanted) await this.#busy.catch(() => {});
      if (reached().number < wanted) {
        if (this.#closed) {
          throw new JournalError('closed', `the journal is closed; the state of ${this.#path} was not saved`);
        }
        await this.#begin(work);
      }
    } finally {
      this.#waiting--;
    }
    this.#writeSoon();
  }

  #flushLater(): void {
    this.flush().catch((error: unknown) => {
      this.#options.log.warn('The progress of a delivery could not be saved; trying again', {
        delivery: this.name,
        error: error instanceof Error ? error.message : String(error),
      });
      if (!this.#closed) this.#timer ??= this.#options.clock.schedule(SYNC_DELAY_MS, () => this.#flushLater());
    });
  }

  /** Where a newer state came than is written, and nobody waits to do more. A failed write is told by the sync that follows it. */
  #writeSoon(): void {
    if (this.#busy || this.#waiting > 0 || this.#closed || this.#written === this.#newest) return;
    this.#begin(() => this.#write()).catch(() => {});
  }

  #begin(work: () => Promise<void>): Promise<void> {
    this.#busy = work().then(
      () => {
        this.#busy = undefined;
        this.#writeSoon();
      },
      (error: unknown) => {
        this.#busy = undefined;
        throw error;
      },
    );
    return this.#busy;
  }

  async #sync(): Promise<void> {
    await this.#write();
    const written = this.#written;
    try {
      await this.#file?.sync();
    } catch (error) {
      await this.#abandonFile();
      throw this.#failure(error);
    }
    this.#durable = written;
    this.#durableSlot = this.#sequence % 2;
  }

  /** So that the file has what is the newest state now. */
  async #write(): Promise<void> {
    if (this.#written !== this.#newest || this.#file === undefined) await this.#writeSlot(this.#newest);
  }

  async #writeSlot(version: Version): Promise<void> {
    const { fs, directory } = this.#options;
    const saved = { name: this.name, birth: this.birth, state: version.state };
    // Its parity says which slot it is in, so that it grows by two while the same slot is overwritten.
    const sequence = this.#sequence + (this.#sequence % 2 === this.#durableSlot ? 1 : 2);
    const bytes = encodeSlot(saved, sequence);
    if (bytes === undefined) throw this.#failure(`the state is larger than ${SLOT_BYTES} bytes`);
    try {
      if (this.#file === undefined) {
        this.#file = await createStateFile(fs, directory, this.#path, { saved, sequence });
        this.#durable = version;
        this.#durableSlot = sequence % 2;
      } else {
        await this.#file.write(bytes, (sequence % 2) * SLOT_BYTES);
      }
    } catch (error) {
      await this.#abandonFile();
      throw this.#failure(error);
    }
    this.#sequence = sequence;
    this.#written = version;
  }

  async #abandonFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  #failure(cause: unknown): JournalError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new JournalError(
      isOutOfSpace(cause) ? 'full' : 'failed',
      `saving the progress of ${JSON.stringify(this.name)} in ${this.#path}: ${reason}`,
      { cause },
    );
  }
}
