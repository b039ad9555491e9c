/**
 * A file that only grows, batch by batch: each is whole and on the disk before `append` resolves, or not there at all.
 *
 * What a crash leaves half-written at the end is dealt with when the file is opened again: a torn line is closed with a line
 * break, so the next one is whole, and readers skip it; a file with a torn frame is put aside, and a new one is begun. What is
 * torn was never reported as written.
 */
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Framing } from './framing.ts';

/** The part of node:fs/promises that is used here. */
export interface FileSystem {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  unlink(path: string): Promise<void>;
}

export interface AppendFileOptions {
  readonly path: string;
  readonly framing: Framing;
  /** Moves a file that can't be added to out of the way; it is closed. */
  putAside(): Promise<void>;
  /** Makes the directory when it is missing, with this mode; absent: it must be there. */
  readonly directoryMode?: number;
  /** Called with a file that would grow beyond its limit, after it was closed: moves it out of the way. */
  readonly rotation?: { readonly maxBytes: number; rotate(): Promise<void> };
}

/** A write failed, and part of it may be in the file all the same. */
export class HalfWritten extends Error {
  readonly code: string;
  constructor(cause: NodeJS.ErrnoException) {
    super(`half a batch may be left: ${cause.code}`, { cause });
    this.name = 'HalfWritten';
    this.code = cause.code ?? 'EIO';
  }
}

/** Owner reads and writes, group reads: the batches are what customers wrote. */
const FILE_MODE = 0o640;

/** Calls must not overlap. */
export class AppendFile {
  readonly #options: AppendFileOptions;
  readonly #fs: FileSystem;
  #handle: FileHandle | undefined;
  /** A file that was left whole by us needs no second look. */
  #whole: { readonly ino: number; readonly size: number } | undefined;

  constructor(options: AppendFileOptions, fs: FileSystem) {
    this.#options = options;
    this.#fs = fs;
  }

  /** Opens the file if it is not open. Rejects with Node.js' error. */
  async open(): Promise<void> {
    await this.#opened();
  }

  /**
   * Adds a batch. Resolves when it is synced, with what takes it back again as long as nothing was added after it.
   * @throws HalfWritten when the file could not be put back as it was; else Node.js' error, and nothing was added.
   */
  async append(batch: Uint8Array): Promise<() => Promise<void>> {
    const framed = this.#options.framing.frame(batch);
    const { handle, size, ino } = await this.#ready(framed.length);
    try {
      for (let written = 0; written < framed.length; ) {
        written += (await handle.write(framed, written)).bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      await this.#takeBack(handle, { size, ino }, error as NodeJS.ErrnoException);
      throw error;
    }
    this.#whole = { ino, size: size + framed.length };
    return async () => {
      // It may have been closed since, to make room for others.
      const again = await this.#opened();
      const cause = Object.assign(new Error('the file was moved'), { code: 'EIO' });
      if ((await again.stat()).ino !== ino) throw new HalfWritten(cause);
      await this.#takeBack(again, { size, ino }, cause);
    };
  }

  /** The next `append` opens the path anew. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** The open file and its size, after a rotation where one is due. */
  async #ready(bytes: number): Promise<{ handle: FileHandle; size: number; ino: number }> {
    const { rotation } = this.#options;
    let handle = await this.#opened();
    let { size, nlink, ino } = await handle.stat();
    const full = rotation !== undefined && size > 0 && size + bytes > rotation.maxBytes;
    if (full || nlink === 0) {
      await this.close();
      // A file that was deleted under us would take batches that nobody ever reads.
      if (full && nlink > 0) await rotation.rotate();
      handle = await this.#opened();
      ({ size, nlink, ino } = await handle.stat());
    }
    return { handle, size, ino };
  }

  async #opened(): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    const { path, directoryMode } = this.#options;
    if (directoryMode !== undefined) await this.#fs.mkdir(dirname(path), { recursive: true, mode: directoryMode });
    let handle = await this.#fs.open(path, 'a+', FILE_MODE);
    try {
      if (!(await this.#mended(handle))) {
        await handle.close();
        await this.#options.putAside();
        handle = await this.#fs.open(path, 'a+', FILE_MODE);
        await this.#mended(handle);
      }
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
    this.#handle = handle;
    return handle;
  }

  async #mended(handle: FileHandle): Promise<boolean> {
    const { size, ino } = await handle.stat();
    if (size === 0) {
      await this.#syncDirectory();
      return true;
    }
    const isWhole = this.#whole?.ino === ino && this.#whole.size === size;
    return isWhole || this.#options.framing.mend(handle, size);
  }

  /** The name of a new file must survive the power too. Not every directory lets itself be opened, or synced. */
  async #syncDirectory(): Promise<void> {
    const directory = await this.#fs.open(dirname(this.#options.path), 'r').catch(() => undefined);
    try {
      await directory?.sync();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    } finally {
      await directory?.close();
    }
  }

  async #takeBack(
    handle: FileHandle,
    before: { readonly ino: number; readonly size: number },
    cause: NodeJS.ErrnoException,
  ): Promise<void> {
    this.#whole = undefined;
    try {
      await handle.truncate(before.size);
      this.#whole = before;
    } catch {
      throw new HalfWritten(cause);
    } finally {
      // After a failed sync the handle is not to be believed; opening anew also deals with what is torn.
      await this.close().catch(() => {});
    }
  }
}
