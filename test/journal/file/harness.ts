/** A file journal in a directory of its own, and what tests do to its files. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FileJournalOptions, openFileJournal } from '../../../src/journal/file/engine.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { copyDirectory } from '../../support/copy-directory.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { unsyncedFileSystem } from './unsynced-fs.ts';

export interface Setting {
  readonly directory: string;
  readonly clock: FakeClock;
  /** Opens the journal; it is closed at the end of the test. */
  open(options?: Partial<FileJournalOptions>): Promise<Journal>;
  /** Paths of the segments (`log`) or their files of ids, in order. */
  files(kind: 'log' | 'ids'): string[];
  states(): string[];
  /** Leaves every file as a process does that is killed at this moment; nobody owns the directory then. */
  killed(journal: Journal): Promise<void>;
}

/** A copy of a directory at this moment, without an owner. */
export function copyOf(directory: string, to: string): void {
  copyDirectory(directory, to);
  rmSync(join(to, 'owner'), { force: true });
}

/** Every file with its content and times: equal when not a byte has changed. */
export function picture(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = files.map((file) => join(file.parentPath, file.name)).concat(directory);
  return new Map(
    paths.sort().map((path) => {
      const { mtimeNs, ctimeNs, size } = statSync(path, { bigint: true });
      const content = statSync(path).isFile() ? readFileSync(path).toString('latin1') : '';
      return [path, `${mtimeNs} ${ctimeNs} ${size} ${content}`];
    }),
  );
}

export function setting(t: TestContext, defaults: Partial<FileJournalOptions> = {}): Setting {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  const journals: Journal[] = [];
  t.after(async () => {
    await Promise.allSettled(journals.map((journal) => journal.close()));
    rmSync(directory, { recursive: true, force: true });
  });
  const clock = new FakeClock();
  const inside = (folder: string, ending: string) =>
    readdirSync(join(directory, folder))
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => join(directory, folder, name));
  return {
    directory,
    clock,
    files: (kind) => inside('journal', `.${kind}`),
    states: () => inside('deliveries', '.state'),
    async killed(journal) {
      const kept = `${directory}-kept`;
      copyOf(directory, kept);
      await journal.close();
      rmSync(directory, { recursive: true });
      renameSync(kept, directory);
    },
    async open(options) {
      const journal = await openFileJournal({
        directory,
        dedup: { windowMs: 3_600_000, maxIds: 1000 },
        // Every opening writes a reserve that depends on it.
        deadLetters: { maxAgeMs: 30 * 86_400_000, maxBytes: 256 * 1024 },
        fs: unsyncedFileSystem,
        clock,
        // Most tests are about what is on the disk.
        recentBytes: 0,
        random: Math.random,
        log: silentLog,
        ...defaults,
        ...options,
      });
      journals.push(journal);
      return journal;
    },
  };
}
