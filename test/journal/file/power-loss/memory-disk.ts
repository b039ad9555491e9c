/**
 * A file system in memory that can lose its power, after ext4 and XFS as a careful program must see them:
 *
 * - A sync of a file makes its bytes and its length durable, and not its name. What it does not cover is decided anew at the
 *   loss, sector by sector (stored-file.ts).
 * - A sync of a directory makes the names in it durable. Of the changes since, any may have happened and any not, in whatever
 *   order they were made: stricter than a journalling file system, which keeps their order. A rename is one change: the file
 *   has its old name or its new one, and a name that it replaces keeps its old file or gets the new one.
 * - A file without a name is gone.
 * - Making a directory is durable at once: the journal's own does it step by step before it stores anything.
 * - When a sync fails, the kernel calls its pages clean: they may be on disk or not, whatever later syncs say.
 * - When a process dies, nothing is lost; nor is any of it durable.
 *
 * Every operation takes some turns of the event loop, as many as a seed says, so that concurrent work meets in many ways, and
 * always the same for one seed.
 */
import { basename, dirname, join } from 'node:path';
import type { File, FileSystem, OpenMode, Volume } from '../../../../src/journal/file/fs.ts';
import { afterLoss, type FileImage, type Luck, StoredFile } from './stored-file.ts';

export type Operation = 'create' | 'write' | 'sync' | 'truncate' | 'rename' | 'link' | 'unlink' | 'syncDirectory';

/** A change to the names of a directory that no sync has covered yet. */
type NameChange =
  | { readonly kind: 'set'; readonly name: string; readonly file: number }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly file: number };

type Names = ReadonlyMap<string, number>;

interface DirectoryImage {
  readonly durable: Names;
  readonly changes: readonly NameChange[];
}

/** A disk at one moment. Nothing in it changes any more. */
export interface DiskImage {
  readonly files: ReadonlyMap<number, FileImage>;
  readonly directories: ReadonlyMap<string, DirectoryImage>;
}

interface Directory {
  durable: Names;
  changes: NameChange[];
  /** Changes that came before those. */
  covered: number;
  current: Map<string, number>;
}

export class MemoryDisk implements FileSystem {
  /** Called when an operation has had its effect and nobody knows yet: a crash now may have left any part of it. */
  observe: (operation: Operation, path: string) => void = () => {};
  /** Throws to make an operation fail. */
  before: (operation: Operation, path: string) => void = () => {};
  /** Bytes that all files together may have. */
  capacity = Number.POSITIVE_INFINITY;
  readonly #random: () => number;
  readonly #files = new Map<number, StoredFile>();
  readonly #directories = new Map<string, Directory>();
  readonly #open: { readonly path: () => string; readonly file: StoredFile }[] = [];
  #nextFile = 1;
  #running = 0;

  /** `random`: uniform in [0, 1), decides how long operations take. */
  constructor(random: () => number, image: DiskImage = { files: new Map(), directories: new Map() }) {
    this.#random = random;
    for (const [id, file] of image.files) {
      this.#files.set(id, new StoredFile(file));
      this.#nextFile = Math.max(this.#nextFile, id + 1);
    }
    for (const [path, { durable, changes }] of image.directories) {
      const current = new Map(durable);
      for (const change of changes) applyName(change, current);
      this.#directories.set(path, { durable, changes: [...changes], covered: 0, current });
    }
  }

  /** Everything as it is now; a process that dies leaves this. */
  image(): DiskImage {
    const directories = new Map<string, DirectoryImage>();
    const named = new Set<number>();
    for (const [path, { durable, changes, current }] of this.#directories) {
      directories.set(path, { durable, changes: [...changes] });
      for (const id of durable.values()) named.add(id);
      for (const id of current.values()) named.add(id);
      for (const change of changes) if (change.kind !== 'remove') named.add(change.file);
    }
    const files = new Map<number, FileImage>();
    for (const id of named) files.set(id, this.#file(id).image());
    return { files, directories };
  }

  /** Paths of the files that are open. */
  get openFiles(): string[] {
    return this.#open.map(({ path }) => path());
  }

  /** What all files take together, those too that have no name any more and are still open. */
  get bytes(): number {
    const files = new Set(this.#open.map(({ file }) => file));
    for (const { current } of this.#directories.values()) for (const id of current.values()) files.add(this.#file(id));
    let bytes = 0;
    for (const { length } of files) bytes += length;
    return bytes;
  }

  /** Resolves when no operation has been under way for a while. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 4; quiet++) {
      await turn();
      if (this.#running > 0) quiet = -1;
    }
  }

  async open(path: string, mode: OpenMode): Promise<File> {
    const { current, changes } = this.#directory(path);
    const name = basename(path);
    let id = current.get(name);
    if (mode === 'create') {
      id = await this.#operate('create', path, () => {
        const existing = current.get(name);
        if (existing !== undefined) {
          this.#file(existing).truncate(0);
          return existing;
        }
        const made = this.#nextFile++;
        this.#files.set(made, new StoredFile());
        current.set(name, made);
        changes.push({ kind: 'set', name, file: made });
        return made;
      });
    } else await this.#turns();
    if (id === undefined) throw failure('ENOENT', `open ${path}`);
    return this.#handle(path, id, mode);
  }

  async list(directory: string): Promise<string[]> {
    await this.#turns();
    return [...this.#directoryAt(directory).current.keys()];
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#turns();
    for (let at = path; !this.#directories.has(at); at = dirname(at)) {
      this.#directories.set(at, { durable: new Map(), changes: [], covered: 0, current: new Map() });
    }
  }

  async rename(from: string, to: string): Promise<void> {
    if (dirname(from) !== dirname(to)) throw new Error(`BUG: ${from} was renamed into another directory`);
    await this.#operate('rename', to, () => {
      const directory = this.#directory(from);
      const file = directory.current.get(basename(from));
      if (file === undefined) throw failure('ENOENT', `rename ${from}`);
      this.#changeNames(directory, { kind: 'rename', from: basename(from), to: basename(to), file });
    });
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#operate('link', path, () => {
      const file = this.#directory(existing).current.get(basename(existing));
      const directory = this.#directory(path);
      if (file === undefined) throw failure('ENOENT', `link ${existing}`);
      if (directory.current.has(basename(path))) throw failure('EEXIST', `link ${path}`);
      this.#changeNames(directory, { kind: 'set', name: basename(path), file });
    });
  }

  async unlink(path: string): Promise<void> {
    await this.#operate('unlink', path, () => {
      const directory = this.#directory(path);
      if (!directory.current.has(basename(path))) throw failure('ENOENT', `unlink ${path}`);
      this.#changeNames(directory, { kind: 'remove', name: basename(path) });
    });
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this.#directoryAt(path);
    const mark = directory.covered + directory.changes.length;
    await this.#operate('syncDirectory', path, () => {});
    const durable = new Map(directory.durable);
    // Another sync of the same directory may have covered some of them meanwhile.
    const changes = directory.changes.splice(0, Math.max(0, mark - directory.covered));
    for (const change of changes) applyName(change, durable);
    directory.covered += changes.length;
    directory.durable = durable;
  }

  async volume(): Promise<Volume> {
    await this.#turns();
    return { type: 0xef53, freeBytes: Math.min(2 ** 40, this.#free) };
  }

  #handle(openedAs: string, id: number, mode: OpenMode): File {
    const file = this.#file(id);
    const { current } = this.#directory(openedAs);
    /** Under the name that it has now. */
    const path = () => {
      const name = [...current].find(([, known]) => known === id)?.[0];
      return name === undefined ? openedAs : join(dirname(openedAs), name);
    };
    const opened = { path, file };
    this.#open.push(opened);
    let isOpen = true;
    const use = (forWriting: boolean) => {
      if (!isOpen) throw new Error(`BUG: ${path()} was used after it was closed`);
      if (forWriting && mode === 'read') throw failure('EBADF', `write ${path()}`);
    };
    const write = (data: Uint8Array, offset: number) => {
      use(true);
      const growth = Math.max(0, offset + data.length - file.length);
      const missing = growth === 0 || this.capacity === Number.POSITIVE_INFINITY ? 0 : growth - this.#free;
      file.write(data.subarray(0, data.length - Math.max(0, missing)), offset);
      if (missing > 0) throw failure('ENOSPC', `write ${path()}`);
    };
    return {
      read: async (target, offset) => {
        use(false);
        await this.#turns();
        return file.read(target, offset);
      },
      write: (data, offset) => this.#operate('write', path(), () => write(data, offset)),
      writeNow: (data, offset) => {
        this.before('write', path());
        write(data, offset);
        this.observe('write', path());
      },
      sync: async () => {
        use(false);
        const mark = file.mark;
        try {
          await this.#operate('sync', path(), () => {});
        } catch (error) {
          file.syncFailed(mark);
          throw error;
        }
        file.synced(mark);
      },
      truncate: (bytes) =>
        this.#operate('truncate', path(), () => {
          use(true);
          file.truncate(bytes);
        }),
      size: async () => {
        use(false);
        await this.#turns();
        return file.length;
      },
      close: async () => {
        use(false);
        isOpen = false;
        this.#open.splice(this.#open.indexOf(opened), 1);
      },
    };
  }

  async #operate<T>(operation: Operation, path: string, effect: () => T): Promise<T> {
    this.#running++;
    try {
      this.before(operation, path);
      for (let left = Math.floor(this.#random() * 3); left > 0; left--) await turn();
      const result = effect();
      await this.#turns();
      this.observe(operation, path);
      return result;
    } finally {
      this.#running--;
    }
  }

  /** At least one, so that whoever waits for something that was done before has heard of it. */
  async #turns(): Promise<void> {
    this.#running++;
    try {
      for (let left = 1 + Math.floor(this.#random() * 3); left > 0; left--) await turn();
    } finally {
      this.#running--;
    }
  }

  get #free(): number {
    return Math.max(0, this.capacity - this.bytes);
  }

  #changeNames(directory: Directory, change: NameChange): void {
    applyName(change, directory.current);
    directory.changes.push(change);
  }

  #directory(path: string): Directory {
    return this.#directoryAt(dirname(path));
  }
  #directoryAt(path: string): Directory {
    const directory = this.#directories.get(path);
    if (directory === undefined) throw failure('ENOENT', path);
    return directory;
  }
  #file(id: number): StoredFile {
    return this.#files.get(id) as StoredFile;
  }
}

/** What a loss of power leaves. */
export function afterPowerLoss({ files, directories }: DiskImage, luck: Luck): DiskImage {
  const left = new Map<number, FileImage>();
  const names = new Map<string, DirectoryImage>();
  for (const [path, { durable, changes }] of directories) {
    const kept = new Map(durable);
    for (const change of changes) if (luck.pick(1) === 1) applyName(change, kept);
    names.set(path, { durable: kept, changes: [] });
    for (const id of kept.values()) if (!left.has(id)) left.set(id, afterLoss(files.get(id) as FileImage, luck));
  }
  return { files: left, directories: names };
}

function applyName(change: NameChange, names: Map<string, number>): void {
  if (change.kind === 'set') names.set(change.name, change.file);
  else if (change.kind === 'remove') names.delete(change.name);
  else {
    if (names.get(change.from) === change.file) names.delete(change.from);
    names.set(change.to, change.file);
  }
}

function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
