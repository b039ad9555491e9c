import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Timer } from '../clock.ts';

export type ReadFile = (path: string) => Promise<Buffer>;

export interface FollowOptions<T> {
  /**
   * Makes the value. What it reads through `read` is what is followed.
   * @throws {Error} for people: which file, and what is wrong with it
   */
  load(read: ReadFile): Promise<T>;
  /** How often the files are looked at; 0: never again after the start. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly readFile?: ReadFile;
  /** The files have another content, and `value` is made of it. */
  changed(): void;
  /** The files have another content that can't be used: the value stays. Told once for each reason in a row. */
  failed(error: Error): void;
}

/**
 * A value that is made from files, and made anew when their content changes. Files are read rather than watched: what
 * mounts secrets swaps directories and links, which watching a path misses.
 */
export class Followed<T> {
  readonly #options: FollowOptions<T>;
  #current: { value: T; content: string } | undefined;
  #complaint = '';
  #timer: Timer | undefined;
  #stopped = false;
  #listener: (() => void) | undefined;

  constructor(options: FollowOptions<T>) {
    this.#options = options;
  }

  /** @throws {Error} what `load` throws */
  async start(): Promise<void> {
    this.#current = await this.#load();
    this.#wait();
  }

  /** For the one who has to hand each new `value` on. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  get value(): T {
    if (!this.#current) throw new Error('BUG: a value was wanted before its files were read');
    return this.#current.value;
  }

  #wait(): void {
    const { clock, intervalMs } = this.#options;
    if (this.#stopped || intervalMs === 0) return;
    this.#timer = clock.schedule(intervalMs, () => {
      void this.#look().finally(() => this.#wait());
    });
  }

  async #look(): Promise<void> {
    const { changed, failed } = this.#options;
    try {
      const found = await this.#load();
      this.#complaint = '';
      if (this.#stopped || found.content === this.#current?.content) return;
      this.#current = found;
      this.#listener?.();
      changed();
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (this.#stopped || error.message === this.#complaint) return;
      this.#complaint = error.message;
      failed(error);
    }
  }

  async #load(): Promise<{ value: T; content: string }> {
    const read = this.#options.readFile ?? readFile;
    const seen = new Map<string, string>();
    const value = await this.#options.load(async (path) => {
      const bytes = await read(path);
      seen.set(path, createHash('sha256').update(bytes).digest('hex'));
      return bytes;
    });
    return { value, content: JSON.stringify([...seen]) };
  }
}
