import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { openFileJournal } from '../journal/file/engine.ts';
import { openStoredJournal } from '../journal/file/stored.ts';
import { JournalError } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { JournalAccess } from './directory.ts';

export interface FileAccessOptions {
  /** The data directory; holds a journal. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * The journal in a directory, for commands. What is kept, and for how long, is the agent's business, whose settings a command
 * may not know: so nothing is deleted, and no id forgotten, while one has it open.
 */
export function fileAccess({ directory, clock, random, log }: FileAccessOptions) {
  return {
    stored: () => openStoredJournal({ directory, clock }),
    async owned() {
      // Opening would make one.
      if (!existsSync(join(directory, 'journal'))) throw new JournalError('failed', `${directory} holds no journal`);
      return openFileJournal({
        directory,
        maxBytes: Number.MAX_SAFE_INTEGER,
        retention: { maxAgeMs: Number.POSITIVE_INFINITY },
        deadLetters: { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes: Number.MAX_SAFE_INTEGER },
        dedup: { windowMs: Number.POSITIVE_INFINITY, maxIds: 4_000_000 },
        clock,
        random,
        log,
      });
    },
  } satisfies JournalAccess;
}
