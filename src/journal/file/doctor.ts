/** What `doctor` asks of a data directory: every file of it, frame by frame, and not a byte is changed. */
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { checkDeliveries } from './doctor/deliveries.ts';
import { type Finding, mebibytes } from './doctor/finding.ts';
import { checkLetters } from './doctor/letters.ts';
import { checkLog } from './doctor/log.ts';
import { type FileSystem, nodeFileSystem } from './fs.ts';
import { ownerOf } from './owner.ts';
import { hollowVolume, type Platform, systemPlatform } from './platform.ts';

export type { Finding } from './doctor/finding.ts';

/** With less room than that the agent will soon refuse events. */
const LITTLE_ROOM_BYTES = 128 * 1024 ** 2;
/** What else than the journal is in a data directory. */
const KNOWN =
  /^(owner|spare(\.new)?|owner-[0-9a-f]{32}\.new.*|owner(\.[0-9a-f]{32})+|agent\.sock|agent\.new|url_key(\.[0-9a-f]+)?|audit\.log)$/;
const FOLDERS = ['journal', 'deliveries', 'dead-letters'];

export interface DirectoryCheck {
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly fs?: FileSystem;
  readonly platform?: Platform;
}

/**
 * Findings as they are made, the last one a summary. May be asked beside a running agent, and then it does not wonder at
 * what is just being written.
 */
export async function* checkDirectory(options: DirectoryCheck): AsyncGenerator<Finding> {
  const { directory, clock, fs = nodeFileSystem, platform = systemPlatform } = options;
  const names = await fs.list(directory).catch((error: unknown) => String(error));
  if (typeof names === 'string' || !names.includes('journal')) {
    const message = typeof names === 'string' ? `it cannot be read: ${names}` : 'there is no journal in it';
    yield { severity: 'error', file: '.', message, advice: 'Is it the directory of `file_storage`?' };
    return;
  }
  const found = { warning: 0, error: 0, ok: 0 };
  const count = (finding: Finding): Finding => {
    found[finding.severity]++;
    return finding;
  };

  const owner = await checkOwner({ fs, directory, platform, clock });
  const { isRunning } = owner;
  yield count(owner.finding);
  for await (const finding of checkVolume(join(directory, 'journal'), directory, fs)) yield count(finding);
  for (const file of names.sort()) {
    if (FOLDERS.includes(file) || KNOWN.test(file)) continue;
    yield count({ severity: 'warning', file, message: 'it is not a file of the agent; it is left alone' });
  }

  const shared = { fs, directory, isRunning };
  const log = yield* counted(checkLog(shared), count);
  const deliveries = yield* counted(checkDeliveries(shared, log), count);
  const letters = yield* counted(checkLetters(fs, directory), count);
  const { segments, entries, bytes, first, next } = log;
  yield {
    severity: 'ok',
    file: '.',
    message:
      `${entries} entries in ${segments} segments (${mebibytes(bytes)}), positions ${first} to ${next - 1}; ` +
      `${deliveries} deliveries; ${letters} dead letters; ${found.error} errors, ${found.warning} warnings`,
  };
}

/** Whether an agent runs on the directory. Takes up to 15 s where its process cannot be seen from here. Never rejects. */
export async function checkOwner({
  directory,
  clock,
  fs = nodeFileSystem,
  platform = systemPlatform,
}: DirectoryCheck): Promise<{ isRunning: boolean; finding: Finding }> {
  try {
    const owner = await ownerOf({ fs, directory, platform, clock });
    return { isRunning: owner?.isAlive ?? false, finding: ownerFinding(owner) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { isRunning: false, finding: { severity: 'error', file: 'owner', message } };
  }
}

function ownerFinding(owner: { pid: number; host: string; isAlive: boolean } | undefined): Finding {
  const file = 'owner';
  if (owner === undefined) return { severity: 'ok', file, message: 'no agent runs on this directory' };
  const { pid, host, isAlive } = owner;
  if (isAlive) return { severity: 'ok', file, message: `process ${pid} on ${host} runs on this directory` };
  const message = `process ${pid} on ${host} had this directory and is dead; the next start takes it over`;
  return { severity: 'ok', file, message };
}

/**
 * What kind of volume a data directory is on, and the room there.
 * @param place what is there of it: the journal, or, where the directory is yet to be made, what it will be made in
 */
export async function* checkVolume(
  place: string,
  directory: string,
  fs: FileSystem = nodeFileSystem,
): AsyncGenerator<Finding> {
  try {
    const { type, freeBytes } = await fs.volume(place);
    const hollow = hollowVolume(directory, type);
    if (hollow) yield { severity: 'warning', file: '.', message: hollow };
    const message = `${mebibytes(freeBytes)} are free on its volume`;
    yield freeBytes < LITTLE_ROOM_BYTES
      ? { severity: 'warning', file: '.', message, advice: 'Make room: Intercom is refused when there is none.' }
      : { severity: 'ok', file: '.', message };
  } catch (error) {
    yield { severity: 'warning', file: '.', message: `how much room there is cannot be seen: ${String(error)}` };
  }
}

async function* counted<T>(
  findings: AsyncGenerator<Finding, T>,
  count: (finding: Finding) => Finding,
): AsyncGenerator<Finding, T> {
  for (;;) {
    const { value, done } = await findings.next();
    if (done) return value;
    yield count(value);
  }
}
