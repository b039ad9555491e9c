/**
 * Old files beside the current one, named as the Collector's rotation names them: `events.json` becomes
 * `events-2026-01-31T18-00-05.123.json`, the time being that of its rotation.
 */
import { basename, dirname, extname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { FileSystem } from './append-file.ts';
import type { FileConfig } from './config.ts';

export type Rotation = NonNullable<FileConfig['rotation']>;

const DAY_MS = 86_400_000;

/** Renames the file at `path`, which is closed, and deletes the files that are too many or too old. */
export async function rotate(path: string, rotation: Rotation, clock: Clock, fs: FileSystem): Promise<void> {
  const directory = dirname(path);
  const { at, names } = await moveAside(path, rotation.localtime, clock, fs);
  const backups = names
    .map((name) => ({ name, time: timeOf(path, name, rotation.localtime) }))
    .filter((backup): backup is { name: string; time: number } => backup.time !== undefined)
    .sort((a, b) => b.time - a.time);
  const tooMany = rotation.max_backups > 0 ? backups.slice(rotation.max_backups) : [];
  const tooOld = rotation.max_days > 0 ? backups.filter(({ time }) => time < at - rotation.max_days * DAY_MS) : [];
  for (const name of new Set([...tooMany, ...tooOld].map((backup) => backup.name))) {
    // Deleting is housekeeping: what is gone or protected must not stop the lines.
    await fs.unlink(join(directory, name)).catch(() => {});
  }
}

/** Renames the file at `path` to a name that no other has, with the time in it; says which names there are then. */
export async function moveAside(
  path: string,
  localtime: boolean,
  clock: Clock,
  fs: FileSystem,
): Promise<{ at: number; name: string; names: string[] }> {
  const directory = dirname(path);
  const present = new Set(await fs.readdir(directory));
  let at = clock.now();
  // Two within a millisecond: never overwrite.
  while (present.has(backupName(path, at, localtime))) at++;
  const name = backupName(path, at, localtime);
  await fs.rename(path, join(directory, name));
  return { at, name, names: [...present, name] };
}

function backupName(path: string, time: number, local: boolean): string {
  const extension = extname(path);
  const shifted = local ? time - new Date(time).getTimezoneOffset() * 60_000 : time;
  const stamp = new Date(shifted).toISOString().replaceAll(':', '-').replace('Z', '');
  return `${basename(path, extension)}-${stamp}${extension}`;
}

/** When the file of this name was rotated; undefined when it is not one of ours. */
function timeOf(path: string, name: string, local: boolean): number | undefined {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  if (!name.startsWith(prefix) || !name.endsWith(extension)) return undefined;
  const stamp = name.slice(prefix.length, name.length - extension.length);
  const match = /^(\d{4}-\d{2}-\d{2}T)(\d{2})-(\d{2})-(\d{2}\.\d{3})$/.exec(stamp);
  if (!match) return undefined;
  const time = Date.parse(`${match[1]}${match[2]}:${match[3]}:${match[4]}${local ? '' : 'Z'}`);
  return Number.isNaN(time) ? undefined : time;
}
