/** A file journal in a directory of its own, and what tests do to its files. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FileJournalOptions, openFileJournal } from '../../../src/journal/file/engine.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export interface Setting {
  readonly directory: string;
  readonly clock: FakeClock;
  /** Opens the journal; it is closed at the end of the test. */
  open(options?: Partial<FileJournalOptions>): Promise<Journal>;
  /** Paths of the segments (`log`) or their files of ids, in order. */
  files(kind: 'log' | 'ids'): string[];
  states(): string[];
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
    async open(options) {
      const journal = await openFileJournal({
        directory,
        dedup: { windowMs: 3_600_000, maxIds: 1000 },
        clock,
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
