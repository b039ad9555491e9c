/** The real file system with faults that a test switches on, and a record of what was asked of it. */
import { basename } from 'node:path';
import type { File, FileSystem } from '../../../src/journal/file/fs.ts';
import { unsyncedFileSystem } from './unsynced-fs.ts';

export type Operation =
  | 'open'
  | 'read'
  | 'write'
  | 'writeNow'
  | 'sync'
  | 'truncate'
  | 'close'
  | 'rename'
  | 'link'
  | 'unlink'
  | 'syncDirectory';

export function fault(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export class FaultyFileSystem implements FileSystem {
  /** `operation name`, in order, of what has been completed. */
  readonly done: string[] = [];
  /** Called before each operation with the file's name: throws to make it fail, or makes it wait (not `writeNow`). */
  before: (operation: Operation, name: string) => void | Promise<void> = () => {};
  /** Bytes that still fit on the volume. */
  space = Number.POSITIVE_INFINITY;
  /** Under the names that they have now. */
  readonly #open = new Set<{ path: string }>();

  async open(path: string, mode: 'read' | 'update' | 'create'): Promise<File> {
    const file = await this.#do('open', path, () => unsyncedFileSystem.open(path, mode));
    let size = await file.size();
    const opened = { path };
    this.#open.add(opened);
    return {
      read: (target, offset) => this.#do('read', opened.path, () => file.read(target, offset)),
      write: (data, offset) =>
        this.#do('write', opened.path, async () => {
          const growth = Math.max(0, offset + data.length - size);
          const fits = growth <= this.space ? data.length : data.length - growth + this.space;
          await file.write(data.subarray(0, fits), offset);
          const grown = Math.max(0, offset + fits - size);
          this.space -= grown;
          size += grown;
          if (fits < data.length) throw fault('ENOSPC');
        }),
      writeNow: (data, offset) => {
        void this.before('writeNow', basename(opened.path));
        const growth = Math.max(0, offset + data.length - size);
        if (growth > this.space) throw fault('ENOSPC');
        file.writeNow(data, offset);
        this.space -= growth;
        size += growth;
        this.done.push(`writeNow ${basename(opened.path)}`);
      },
      sync: () => this.#do('sync', opened.path, () => file.sync()),
      truncate: (bytes) =>
        this.#do('truncate', opened.path, async () => {
          await file.truncate(bytes);
          this.space += size - bytes;
          size = bytes;
        }),
      size: () => file.size(),
      close: () => {
        this.#open.delete(opened);
        return this.#do('close', opened.path, () => file.close());
      },
    };
  }
  list(directory: string): Promise<string[]> {
    return unsyncedFileSystem.list(directory);
  }
  makeDirectory(path: string): Promise<void> {
    return unsyncedFileSystem.makeDirectory(path);
  }
  rename(from: string, to: string): Promise<void> {
    return this.#do('rename', to, async () => {
      await unsyncedFileSystem.rename(from, to);
      for (const opened of this.#open) if (opened.path === from) opened.path = to;
    });
  }
  link(existing: string, path: string): Promise<void> {
    return this.#do('link', path, () => unsyncedFileSystem.link(existing, path));
  }
  unlink(path: string): Promise<void> {
    return this.#do('unlink', path, () => unsyncedFileSystem.unlink(path));
  }
  syncDirectory(path: string): Promise<void> {
    return this.#do('syncDirectory', path, () => unsyncedFileSystem.syncDirectory(path));
  }
  async volume(): Promise<{ type: number; freeBytes: number }> {
    return { type: 0xef53, freeBytes: 2 ** 40 };
  }

  async #do<T>(operation: Operation, path: string, action: () => Promise<T>): Promise<T> {
    await this.before(operation, basename(path));
    const result = await action();
    this.done.push(`${operation} ${basename(path)}`);
    return result;
  }
}

/** The next `operation` on a file whose name matches fails with `code`; later ones do not. */
export function failOnce(fs: FaultyFileSystem, operation: Operation, name: RegExp, code: string): void {
  fs.before = (asked, on) => {
    if (asked !== operation || !name.test(on)) return;
    fs.before = () => {};
    throw fault(code);
  };
}
