/** The socket in a data directory: where it is, whether its name is one that the platform can take, whether anyone answers. */
import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

/** Bytes that the name of a socket may have: `sun_path` without its end. Node 20 binds the beginning of a longer one. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
/** Who listens answers at once; a full queue of connections means that someone does. */
const CONNECT_MS = 2000;

export function socketPath(directory: string): string {
  return join(directory, 'agent.sock');
}

/** Why no socket can have this path; undefined when one can. */
export function unusable(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return undefined;
  return `${path} is ${bytes} bytes long; the name of a socket has at most ${MAX_PATH_BYTES} on this platform`;
}

/**
 * - `none`: there is no such file. `stale`: a socket that nobody listens at. `other`: a file that is no socket.
 * - `live`: someone listens, or may do so. `forbidden`: this user may not ask.
 */
export type SocketState = 'none' | 'stale' | 'other' | 'live' | 'forbidden';

export async function socketState(path: string, clock: Clock): Promise<SocketState> {
  try {
    if (!(await lstat(path)).isSocket()) return 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'none';
    if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
    throw error;
  }
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (state: SocketState) => {
      timer.cancel();
      socket.destroy();
      resolve(state);
    };
    const timer = clock.schedule(CONNECT_MS, () => done('live'));
    socket.once('connect', () => done('live'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') done('stale');
      else if (code === 'ENOENT') done('none');
      else done(code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'live');
    });
  });
}
