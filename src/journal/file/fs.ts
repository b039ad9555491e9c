/**
 * The file system as the journal needs it: narrow, so that tests can put one in its place that runs full, fails a sync or
 * forgets what was not synced. Errors are Node's, with their `code`.
 */
import * as fs from 'node:fs';
import { dirname } from 'node:path';

export interface File {
  /** Fills `target` from `offset` on. Resolves with the number of bytes read, fewer only at the end of the file. */
  read(target: Uint8Array, offset: number): Promise<number>;
  /** Resolves when all of `data` is written; after a rejection any part of it may be. */
  write(data: Uint8Array, offset: number): Promise<void>;
  /** As `write`, at once and on this thread: for a few bytes that must be there if the process dies in the next moment. */
  writeNow(data: Uint8Array, offset: number): void;
  /** Resolves when what was written, and the file's length, would survive a loss of power. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  size(): Promise<number>;
  /** Called once. */
  close(): Promise<void>;
}

/** `read`: an existing file. `update`: an existing one, to read and write. `create`: a new one, or an old one emptied. */
export type OpenMode = 'read' | 'update' | 'create';

export interface FileSystem {
  open(path: string, mode: OpenMode): Promise<File>;
  list(directory: string): Promise<string[]>;
  /** Makes the directory and its parents, durably. Does nothing where it exists. */
  makeDirectory(path: string): Promise<void>;
  /** Replaces `to` in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Rejects with EEXIST where `path` exists: the one atomic "mine" that every file system has. */
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Resolves when births, renames and removals in the directory would survive a loss of power. */
  syncDirectory(path: string): Promise<void>;
  volume(path: string): Promise<Volume>;
}

export interface Volume {
  /** Magic number of the file system's type, as statfs(2) gives it. */
  readonly type: number;
  /** Bytes that this process may still use. */
  readonly freeBytes: number;
}

const FLAGS: Record<OpenMode, string> = { read: 'r', update: 'r+', create: 'w+' };

/** On descriptors and callbacks: FileHandle costs some 10 µs more per call, and every group of appends makes two. */
class NodeFile implements File {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const read = await new Promise<number>((resolve, reject) =>
        fs.read(this.#fd, target, done, target.length - done, offset + done, (error, count) =>
          error ? reject(error) : resolve(count),
        ),
      );
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  async write(data: Uint8Array, offset: number): Promise<void> {
    let done = 0;
    while (done < data.length) {
      done += await new Promise<number>((resolve, reject) =>
        fs.write(this.#fd, data, done, data.length - done, offset + done, (error, count) =>
          error ? reject(error) : resolve(count),
        ),
      );
    }
  }

  writeNow(data: Uint8Array, offset: number): void {
    let done = 0;
    while (done < data.length) done += fs.writeSync(this.#fd, data, done, data.length - done, offset + done);
  }

  sync(): Promise<void> {
    return settled((done) => fs.fdatasync(this.#fd, done));
  }

  truncate(bytes: number): Promise<void> {
    return settled((done) => fs.ftruncate(this.#fd, bytes, done));
  }

  async size(): Promise<number> {
    return new Promise((resolve, reject) =>
      fs.fstat(this.#fd, (error, stats) => (error ? reject(error) : resolve(stats.size))),
    );
  }

  close(): Promise<void> {
    return settled((done) => fs.close(this.#fd, done));
  }
}

export const nodeFileSystem: FileSystem = {
  open: (path, mode) =>
    new Promise((resolve, reject) =>
      fs.open(path, FLAGS[mode], 0o600, (error, fd) => (error ? reject(error) : resolve(new NodeFile(fd)))),
    ),
  list: (directory) => fs.promises.readdir(directory),
  rename: (from, to) => fs.promises.rename(from, to),
  link: (existing, path) => fs.promises.link(existing, path),
  unlink: (path) => fs.promises.unlink(path),
  syncDirectory,

  async makeDirectory(path) {
    // Step by step: Node's recursive mkdir never returns where the parent takes no directories at all (/proc).
    const missing: string[] = [];
    for (let at = path; !(await isDirectory(at)); at = dirname(at)) missing.push(at);
    for (const directory of missing.reverse()) {
      await fs.promises.mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await syncDirectory(dirname(directory));
    }
  },

  async volume(path) {
    const { type, bavail, bsize } = await fs.promises.statfs(path);
    return { type, freeBytes: bavail * bsize };
  },
};

async function syncDirectory(path: string): Promise<void> {
  const handle = await fs.promises.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** No space, or none for this user: passes when someone makes room. */
export function isOutOfSpace(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** Removes a file that may be gone already. */
export async function discard(fs: FileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch((error) => {
    if (!isMissing(error)) throw error;
  });
}

/** A whole small file, or undefined where there is none. */
export async function readWhole(fs: FileSystem, path: string): Promise<Buffer | undefined> {
  let file: File;
  try {
    file = await fs.open(path, 'read');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

/** Puts a whole file into place: readers see the old one or the new one, also after a loss of power. */
export async function replaceWhole(fs: FileSystem, path: string, data: Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  const file = await fs.open(draft, 'create');
  try {
    await file.write(data, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.rename(draft, path);
  await fs.syncDirectory(dirname(path));
}

/** @throws {Error} ENOTDIR, in words, where something else has the name. */
async function isDirectory(path: string): Promise<boolean> {
  const stat = await fs.promises.stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stat && !stat.isDirectory()) throw new Error(`${path} is not a directory`);
  return stat !== undefined;
}
