/**
 * A file that only grows, line by line: each line is whole and on the disk before `append` resolves, or not there at all.
 *
 * What a crash leaves half-written at the end is closed with a line break when the file is opened again, so the next line
 * is whole; readers skip the torn one. It was never reported as written.
 */
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

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
  /** Makes the directory when it is missing, with this mode; absent: it must be there. */
  readonly directoryMode?: number;
  /** Called with a file that would grow beyond its limit, after it was closed: moves it out of the way. */
  readonly rotation?: { readonly maxBytes: number; rotate(): Promise<void> };
}

/** A write failed, and part of it may be in the file all the same. */
export class HalfWritten extends Error {
  readonly code: string;
  constructor(cause: NodeJS.ErrnoException) {
    super(`half a line may be left: ${cause.code}`, { cause });
    this.name = 'HalfWritten';
    this.code = cause.code ?? 'EIO';
  }
}

/** Owner reads and writes, group reads: the lines are what customers wrote. */
const FILE_MODE = 0o640;
const LINE_BREAK = 0x0a;

/** Calls must not overlap. */
export class AppendFile {
  readonly #options: AppendFileOptions;
  readonly #fs: FileSystem;
  #handle: FileHandle | undefined;

  constructor(options: AppendFileOptions, fs: FileSystem) {
    this.#options = options;
    this.#fs = fs;
  }

  /** Opens the file if it is not open. Rejects with Node.js' error. */
  async open(): Promise<void> {
    await this.#opened();
  }

  /**
   * Adds one line, which ends with a line break. Resolves when it is synced.
   * @throws HalfWritten when the file could not be put back as it was; else Node.js' error, and nothing was added.
   */
  async append(line: Uint8Array): Promise<void> {
    const { handle, size } = await this.#ready(line.length);
    try {
      for (let written = 0; written < line.length; ) {
        written += (await handle.write(line, written)).bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      await this.#takeBack(handle, size, error as NodeJS.ErrnoException);
      throw error;
    }
  }

  /** The next `append` opens the path anew. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** The open file and its size, after a rotation where one is due. */
  async #ready(bytes: number): Promise<{ handle: FileHandle; size: number }> {
    const { rotation } = this.#options;
    let handle = await this.#opened();
    let { size, nlink } = await handle.stat();
    const full = rotation !== undefined && size > 0 && size + bytes > rotation.maxBytes;
    if (full || nlink === 0) {
      await this.close();
      // A file that was deleted under us would take lines that nobody ever reads.
      if (full && nlink > 0) await rotation.rotate();
      handle = await this.#opened();
      ({ size, nlink } = await handle.stat());
    }
    return { handle, size };
  }

  async #opened(): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    const { path, directoryMode } = this.#options;
    if (directoryMode !== undefined) await this.#fs.mkdir(dirname(path), { recursive: true, mode: directoryMode });
    const handle = await this.#fs.open(path, 'a+', FILE_MODE);
    try {
      const { size } = await handle.stat();
      if (size > 0) await closeTornLine(handle, size);
      else await this.#syncDirectory();
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handle = handle;
    return handle;
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

  async #takeBack(handle: FileHandle, size: number, cause: NodeJS.ErrnoException): Promise<void> {
    try {
      await handle.truncate(size);
    } catch {
      throw new HalfWritten(cause);
    } finally {
      // After a failed sync the handle is not to be believed; opening anew also closes a torn line.
      await this.close().catch(() => {});
    }
  }
}

async function closeTornLine(handle: FileHandle, size: number): Promise<void> {
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  if (last[0] !== LINE_BREAK) await handle.write(Buffer.from([LINE_BREAK]));
}
