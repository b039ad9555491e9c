/**
 * The journal on a disk: a directory with one owner, a log in segments, the progress of each delivery, and dead letters.
 *
 *    <directory>/spare                            engine.ts: room for the next claim
 *    <directory>/owner                            owner.ts
 *    <directory>/journal/<first position>.log     segment.ts, frame.ts, births.ts
 *    <directory>/journal/<first position>.ids     ids-file.ts
 *    <directory>/deliveries/<hash>.state          state.ts
 *    <directory>/deliveries/<hash>.mark           mark.ts
 *    <directory>/dead-letters/                    dead-letters/
 *
 * Promised under the death of the process and under loss of power, on a volume whose sync means something: what an append
 * answered for is there and can be read; what was refused is not; an entry is deleted only when every delivery that is
 * known has settled it durably.
 */
import { join } from 'node:path';
import { type Journal, JournalError } from '../journal.ts';
import { RecentIds } from '../recent-ids.ts';
import { openDeadLetters } from './dead-letters/dead-letters.ts';
import { loadDeliveries } from './delivery-loading.ts';
import { FileJournal } from './file-journal.ts';
import { discard, type FileSystem, nodeFileSystem, replaceWhole } from './fs.ts';
import { openSegments } from './opening.ts';
import { DEFAULT_DEAD_LETTERS, defaultMaxBytes, type FileJournalOptions } from './options.ts';
import { acquireOwnership, type Ownership } from './owner.ts';
import { hollowVolume, type Platform, systemPlatform } from './platform.ts';
import { Segments } from './segment.ts';

export type { FileJournalOptions } from './options.ts';

const FOLDERS = ['journal', 'deliveries', 'dead-letters'];

type OwnOptions = FileJournalOptions & { readonly fs: FileSystem; readonly platform: Platform };

/**
 * Resolves when the journal is this process's, sound and ready.
 * @throws {JournalError} `failed` when another process owns the directory, when something in it is not the journal's, newer
 * than this program or damaged beyond what can be skipped, or when the volume fails. Nothing is overwritten then.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<Journal> {
  const { directory, fs = nodeFileSystem, platform = systemPlatform, clock, random, log } = options;
  try {
    for (const path of [directory, ...FOLDERS.map((name) => join(directory, name))]) await fs.makeDirectory(path);
    const owner = await acquireOwnership({ fs, directory, platform, clock, random, log });
    await keepSpare(fs, directory);
    try {
      return await open({ ...options, fs, platform }, owner);
    } catch (error) {
      await owner.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw new JournalError('failed', `opening the journal in ${directory}: ${String(error)}`, { cause: error });
  }
}

/** Room that is kept for the next claim: the only thing that a start can't do on a full volume. */
const SPARE_BYTES = 4096;

async function keepSpare(fs: FileSystem, directory: string): Promise<void> {
  if ((await fs.list(directory)).includes('spare')) return;
  // Where there is no room for it, the next start needs other room.
  await replaceWhole(fs, join(directory, 'spare'), Buffer.alloc(SPARE_BYTES, 's')).catch(() =>
    discard(fs, join(directory, 'spare.new')).catch(() => {}),
  );
}

async function open(options: OwnOptions, owner: Ownership): Promise<Journal> {
  const { fs, directory, dedup, clock, random, log } = options;
  const segments = new Segments();
  const ids = new RecentIds(dedup);
  const found = { access: 'own', fs, directory: join(directory, 'journal'), segments, ids, dedup } as const;
  const opened = await openSegments({ ...found, now: clock.now(), log });
  const cursors = { fs, directory: join(directory, 'deliveries'), clock, log };
  const { deliveries, notes } = await loadDeliveries(cursors, opened.births, segments.first);
  try {
    const letters = await openDeadLetters({
      fs,
      directory: join(directory, 'dead-letters'),
      limits: options.deadLetters ?? DEFAULT_DEAD_LETTERS,
      clock,
      random,
      log,
      assertOwner: () => owner.assert(),
    });
    try {
      const { type, freeBytes } = await fs.volume(directory);
      const maxBytes = options.maxBytes ?? defaultMaxBytes(freeBytes, segments.bytes);
      const hollow = hollowVolume(directory, type);
      const all = [...(hollow === undefined ? [] : [hollow]), ...opened.notes, ...notes];
      const parts = { segments, ids, opened, deliveries, letters, owner, maxBytes, freeBytes, notes: all };
      const journal = new FileJournal(options, parts);
      await journal.begin(Math.max(opened.next, deliveries.next));
      return journal;
    } catch (error) {
      await letters.abandon();
      throw error;
    }
  } catch (error) {
    await deliveries.abandon();
    throw error;
  }
}
