import type { Stats } from 'node:fs';
import { chmod, lstat, rename, unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
import { socketPath, socketState, unusable } from './socket.ts';

/**
 * The socket of this process in the data directory that it owns. It is bound under another name and then renamed: so a
 * stale one is replaced in one step, and Node, which unlinks the name that was bound when the server closes, never takes
 * away the socket of whoever comes after us.
 */
export class OwnSocket {
  readonly path: string;
  readonly #draft: string;
  readonly #clock: Clock;
  /** What was bound, to tell it from another's. */
  #bound: Stats | undefined;

  constructor(directory: string, clock: Clock) {
    this.path = socketPath(directory);
    this.#draft = join(directory, 'agent.new');
    this.#clock = clock;
  }

  /** Resolves when `server` listens, or with the reason why it will not. Rejects with Node's errors. */
  async listen(server: Server): Promise<string | undefined> {
    const problem = unusable(this.path);
    if (problem !== undefined) return `${problem}. Choose a shorter data directory`;
    const state = await socketState(this.path, this.#clock);
    if (state === 'other') return `${this.path} is no socket; it was left alone. Move it elsewhere`;
    if (state === 'live') return `another process listens at ${this.path}`;
    if (state === 'forbidden') return `${this.path} belongs to another user`;
    if ((await socketState(this.#draft, this.#clock)) === 'stale') await unlink(this.#draft);
    await bind(server, this.#draft);
    await chmod(this.#draft, 0o600);
    const bound = await lstat(this.#draft);
    await rename(this.#draft, this.path);
    this.#bound = bound;
    return undefined;
  }

  /** Takes the socket away, unless another has got its place. Never rejects. */
  async release(): Promise<void> {
    if (!this.#bound) return;
    try {
      const { ino, dev } = await lstat(this.path);
      if (ino === this.#bound.ino && dev === this.#bound.dev) await unlink(this.path);
    } catch {
      // It is gone, or the directory is.
    }
  }
}

/** For its user alone from the first moment on: binding is synchronous. The mask is the process's, and the main thread's to set. */
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    server.once('error', failed);
    const mask = isMainThread ? process.umask(0o177) : undefined;
    try {
      server.listen(path, () => {
        server.off('error', failed);
        resolve();
      });
    } finally {
      if (mask !== undefined) process.umask(mask);
    }
  });
}
