/** The data directory from outside: whether an agent could work in it. `checkDirectory` looks at what is in its files. */
import { constants, type Stats } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { socketPath, unusable } from '../control/socket.ts';
import { checkOwner, checkVolume } from '../journal/file/doctor.ts';
import { nodeFileSystem } from '../journal/file/fs.ts';
import type { Platform } from '../journal/file/platform.ts';
import { findUrlKey, urlKeyPath } from '../receivers/intercom/urls.ts';
import type { Finding } from '../telemetry/finding.ts';

export interface DataCheck {
  /** The data directory. Need not be there. */
  readonly directory: string;
  /** Most that the journal may take, where the configuration says it. */
  readonly maxBytes?: number;
  /** The paths of URLs come from the key in the directory. */
  readonly needsUrlKey: boolean;
  /** `checkDirectory` is asked as well: what it tells is left to it. */
  readonly contentsFollow?: boolean;
  readonly clock: Clock;
  readonly platform?: Platform;
  /** Who asks; undefined where the system has no such ids. */
  readonly uid?: number;
}

export type DataFinding = Finding & { readonly file: string };

/** Changes nothing, and makes nothing. Never rejects. */
export async function* checkData(options: DataCheck): AsyncGenerator<DataFinding> {
  const { directory, clock, platform } = options;
  try {
    const found = await stat(directory).catch(unlessMissing);
    if (!found) {
      yield* checkAbsent(directory);
      return;
    }
    if (!found.isDirectory()) {
      yield { severity: 'error', file: '.', message: `${directory} is not a directory` };
      return;
    }
    const trouble = await accessTrouble(directory, found, options.uid);
    yield trouble ?? accessible(directory, found);
    if (trouble) return;
    if (!options.contentsFollow) yield (await checkOwner({ directory, clock, ...(platform && { platform }) })).finding;
  } catch (error) {
    yield { severity: 'error', file: '.', message: inWords(directory, error) };
    return;
  }
  if (!options.contentsFollow) yield* checkVolume(directory, directory);
  yield* checkLimit(options);
  yield* checkSocket(directory);
  if (options.needsUrlKey) yield await checkUrlKey(directory);
}

async function* checkAbsent(directory: string): AsyncGenerator<DataFinding> {
  const place = await existing(dirname(directory));
  try {
    if (!(await stat(place)).isDirectory()) throw new Error(`${place} is not a directory`);
    await access(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `${directory} does not exist and cannot be made: ${inWords(place, error)}`;
    yield { severity: 'error', file: '.', message, advice: 'Make it, and give it to the user of the agent.' };
    return;
  }
  yield { severity: 'ok', file: '.', message: `${directory} does not exist yet; the agent makes it` };
  yield* checkVolume(place, directory);
}

async function accessTrouble(directory: string, found: Stats, uid?: number): Promise<DataFinding | undefined> {
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const isOthers = uid !== undefined && uid !== found.uid;
    const advice = isOthers
      ? `It belongs to the user with the id ${found.uid}, and this is the one with the id ${uid}: run doctor, and the agent, as its owner, or change the owner.`
      : 'Look at its mode, and whether its volume is read-only.';
    return { severity: 'error', file: '.', message: inWords(directory, error), advice };
  }
}

function accessible(directory: string, { mode, uid }: Stats): DataFinding {
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & 0o002) === 0 || process.platform === 'win32') {
    const whose = process.platform === 'win32' ? '' : ` (owner ${uid}, mode ${octal})`;
    return { severity: 'ok', file: '.', message: `${directory} can be written${whose}` };
  }
  return {
    severity: 'warning',
    file: '.',
    message: `anyone on this machine may replace files of ${directory}: its mode is ${octal}`,
    advice: `There are conversations of customers in it: chmod 700 ${directory}`,
  };
}

async function* checkLimit({ directory, maxBytes }: DataCheck): AsyncGenerator<DataFinding> {
  if (maxBytes === undefined) return;
  const { freeBytes } = await nodeFileSystem.volume(directory);
  const room = freeBytes + (await bytesIn(join(directory, 'journal')));
  if (room >= maxBytes) return;
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 1024 ** 2)} MiB`;
  yield {
    severity: 'warning',
    file: '.',
    message: `the journal may take ${mebibytes(maxBytes)} (max_bytes), and its volume has room for ${mebibytes(room)}`,
    advice: 'Lower max_bytes, or enlarge the volume: otherwise the disk is full before the journal is.',
  };
}

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function* checkSocket(directory: string): AsyncGenerator<DataFinding> {
  const problem = unusable(socketPath(directory));
  if (problem === undefined) return;
  const advice = 'Choose a shorter directory: commands cannot reach an agent here.';
  yield { severity: 'warning', file: 'agent.sock', message: problem, advice };
}

async function checkUrlKey(directory: string): Promise<DataFinding> {
  const file = 'url_key';
  try {
    const key = await findUrlKey(directory);
    if (!key) return { severity: 'ok', file, message: 'the key of the URLs is not there yet; the agent makes it' };
    const { mode } = await stat(urlKeyPath(directory));
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      const message = `the mode of the key of the URLs is ${(mode & 0o777).toString(8).padStart(4, '0')}`;
      return { severity: 'warning', file, message, advice: `chmod 600 ${urlKeyPath(directory)}` };
    }
    return { severity: 'ok', file, message: 'the key of the URLs is there' };
  } catch (error) {
    return { severity: 'error', file, message: error instanceof Error ? error.message : String(error) };
  }
}

/** The nearest directory that is there, at or above the given one. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : existing(dirname(path));
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read and write it',
  EPERM: 'this user may not read and write it',
  EROFS: 'its volume is read-only',
  ENOTDIR: 'part of its path is a file',
};

function inWords(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `${path}: ${REASONS[code] ?? code} (${code})`;
}
