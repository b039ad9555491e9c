import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Finding } from '../../telemetry/finding.ts';
import type { FileConfig } from './config.ts';
import { ADVICE } from './file.ts';

/** With less room than that the file will soon take nothing more. */
const LITTLE_ROOM_BYTES = 128 * 1024 ** 2;

/** Looks only: the file belongs to a running agent, and a record in it would be one that nobody sent. */
export async function examineFile(config: FileConfig): Promise<Finding[]> {
  const { path, group_by: groups, create_directory: create } = config;
  try {
    const directory = dirname(resolve(groups.enabled ? `${path.slice(0, path.indexOf('*'))}x` : path));
    const file = groups.enabled ? undefined : await stat(path).catch(unlessMissing);
    if (file?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (file) await access(path, constants.R_OK | constants.W_OK);
    const place = file ? path : await existing(directory, create || groups.enabled);
    if (!file) await access(place, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(place);
    const free = bavail * bsize;
    const room = `${Math.floor(free / 1024 ** 2)} MiB are free`;
    if (free < LITTLE_ROOM_BYTES) {
      return [{ severity: 'warning', message: `only ${room} for ${path}`, advice: 'make room on its volume' }];
    }
    return [{ severity: 'ok', message: `${path} can be written, ${room}` }];
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const advice = ADVICE[code];
    return [{ severity: 'error', message: `cannot write to ${path}: ${code}`, ...(advice && { advice }) }];
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** The directory, or, where it would be made, the nearest one above it that is there. */
async function existing(directory: string, create: boolean): Promise<string> {
  const found = create ? await stat(directory).catch(unlessMissing) : await stat(directory);
  if (found?.isDirectory()) return directory;
  if (found) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  return existing(dirname(directory), create);
}
