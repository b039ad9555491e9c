import { createHash } from 'node:crypto';
import type { Clock, Timer } from '../clock.ts';

export interface WatchedFilesOptions {
  readonly clock: Clock;
  /** How often the files are looked at, in milliseconds. A change is told when it has stayed for as long. */
  readonly intervalMs: number;
  /** Rejects as node:fs does. */
  readFile(path: string): Promise<string>;
  /** Some file has another content, or can't be read any more, or again. The next look waits for it. Never rejects. */
  changed(): Promise<void>;
}

/** Nobody could read it, for this reason. */
const unreadable = (error: unknown) => `! ${(error as { code?: unknown } | null)?.code ?? 'unreadable'}`;

/**
 * The files that a configuration was read from: they are read again and again, and told when they are others. Reading them
 * misses nothing that watching a path does: editors that rename, links that are swapped, volumes that send no events.
 */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  /** What every file was when it was last read for use. */
  #used = new Map<string, string>();
  /** Read since `begin`. */
  #reading: Map<string, string> | undefined;
  /** What the last look saw, where that was not what is used. */
  #seen: string | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(options: WatchedFilesOptions) {
    this.#options = options;
  }

  /** Reads a file for use, and watches it from then on. */
  readonly read = async (path: string): Promise<string> => {
    const into = this.#reading ?? this.#used;
    try {
      const text = await this.#options.readFile(path);
      into.set(path, digest(text));
      return text;
    } catch (error) {
      into.set(path, unreadable(error));
      throw error;
    }
  };

  /** A configuration is about to be read, from these files or others. */
  begin(): void {
    this.#reading = new Map();
  }

  /**
   * It was read.
   * @param isWhole false: what it refers to was not all read, so that what was watched before is watched further
   */
  end(isWhole: boolean): void {
    const reading = this.#reading ?? new Map<string, string>();
    this.#reading = undefined;
    this.#used = isWhole ? reading : new Map([...this.#used, ...reading]);
    this.#seen = undefined;
  }

  /** How many there are. */
  get size(): number {
    return this.#used.size;
  }

  /** From now on changes are told. */
  start(): void {
    if (this.#isStopped) return;
    const { clock, intervalMs } = this.#options;
    this.#timer = clock.schedule(intervalMs, () => void this.#look().finally(() => this.start()));
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    // Another reload reads them right now.
    if (this.#reading) return;
    const used = this.#used;
    const now = new Map<string, string>();
    for (const path of used.keys()) now.set(path, await this.#options.readFile(path).then(digest, unreadable));
    // While they were looked at they were read for use.
    if (this.#used !== used || this.#reading || this.#isStopped) return;
    const seen = JSON.stringify([...now]);
    if (seen === JSON.stringify([...used])) this.#seen = undefined;
    else if (seen !== this.#seen) this.#seen = seen;
    else {
      // Told once, whatever becomes of it.
      this.#used = now;
      this.#seen = undefined;
      await this.#options.changed();
    }
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
