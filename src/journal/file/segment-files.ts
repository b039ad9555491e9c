import { skippingBadBlocks } from './bad-blocks.ts';
import type { File, FileSystem } from './fs.ts';
import { logPath, type Segment } from './segment.ts';

/** Files of segments that are kept open between reads. */
const OPEN_FILES = 4;

/** Files of segments, opened for reading and shared: closed when pushed out by others and nobody reads from them. */
export class SegmentFiles {
  readonly #fs: FileSystem;
  readonly #directory: string;
  /** Least recently used first. */
  readonly #open = new Map<Segment, { file: Promise<File>; users: number; wanted: boolean }>();

  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs;
    this.#directory = directory;
  }

  async acquire(segment: Segment): Promise<File> {
    const path = logPath(this.#directory, segment.first);
    const opened = this.#open.get(segment) ?? {
      file: this.#fs.open(path, 'read').then(skippingBadBlocks),
      users: 0,
      wanted: true,
    };
    this.#open.delete(segment);
    this.#open.set(segment, opened);
    opened.users++;
    try {
      return await opened.file;
    } catch (error) {
      if (this.#open.get(segment) === opened) this.#open.delete(segment);
      throw error;
    }
  }

  release(segment: Segment): void {
    const opened = this.#open.get(segment);
    if (opened === undefined) throw new Error('BUG: a file was released that is not in use');
    opened.users--;
    this.#trim();
  }

  forget(segment: Segment): void {
    const opened = this.#open.get(segment);
    if (opened) opened.wanted = false;
    this.#trim();
  }

  close(): void {
    for (const opened of this.#open.values()) opened.wanted = false;
    this.#trim();
  }

  #trim(): void {
    let excess = this.#open.size - OPEN_FILES;
    for (const [segment, { file, users, wanted }] of this.#open) {
      if (users > 0 || (wanted && excess <= 0)) continue;
      this.#open.delete(segment);
      excess--;
      file.then((open) => open.close()).catch(() => {});
    }
  }
}
