import { readFile } from 'node:fs/promises';

/** Memory is read from /proc: a reason to skip, or false. */
export const memoryMissing = process.platform === 'linux' ? false : 'skipped: memory is read from /proc';

/** Resident memory of a process in MiB. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Resident memory that belongs to no file, in MiB: what the process itself made. */
export async function anonymousMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Looks at a process every few milliseconds, and keeps the highest figure since it was last asked. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #read: (pid: number) => Promise<number>;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(pid: number, everyMs = 50, read = residentMemory) {
    this.#pid = pid;
    this.#read = read;
    this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  /** The highest figure, in MiB, since the last call. */
  async peak(): Promise<number> {
    await this.#look();
    const peak = this.#peak;
    this.#peak = 0;
    return peak;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The process may be gone by now. */
  async #look(): Promise<void> {
    this.#peak = Math.max(this.#peak, await this.#read(this.#pid).catch(() => 0));
  }
}
