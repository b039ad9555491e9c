/** A data directory with deliveries in whatever state a test wants, and the operations on it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DirectoryOperations, type DirectoryOptions } from '../../src/control/directory.ts';
import type { EntryFacts } from '../../src/control/entry-facts.ts';
import { fileAccess } from '../../src/control/file-access.ts';
import type { DeadLetter } from '../../src/journal/dead-letters.ts';
import { openFileJournal } from '../../src/journal/file/engine.ts';
import type { CursorState, Entry, Journal, NewEntry, Position } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporary } from './fixtures.ts';

export const NAME = 'logs coralogix';

/** As an Intercom receiver has them, but readable at a glance. */
export const facts: EntryFacts = {
  topicOf: ({ metadata }) => metadata.topic,
  mentions: ({ metadata }, person) => metadata.person === person,
};

export interface Directory {
  readonly directory: string;
  readonly clock: FakeClock;
  /** The journal as an agent has it, for as long as `work` takes. */
  withJournal<Result>(work: (journal: Journal) => Promise<Result>): Promise<Result>;
  operations(options?: Partial<DirectoryOptions>): DirectoryOperations;
  /** Every file and what is in it. */
  files(): Record<string, string>;
}

export function onDisk(t: TestContext): Directory {
  const directory = temporary(t);
  const clock = new FakeClock();
  const parts = { directory, clock, random: Math.random, log: silentLog };
  return {
    directory,
    clock,
    async withJournal(work) {
      const journal = await openFileJournal({ ...parts, dedup: { windowMs: 3_600_000, maxIds: 1000 } });
      try {
        return await work(journal);
      } finally {
        await journal.close();
      }
    },
    operations: (options = {}) =>
      new DirectoryOperations({ journal: fileAccess(parts), facts, clock, random: Math.random, ...options }),
    files: () => Object.fromEntries(filesIn(directory)),
  };
}

function filesIn(directory: string): [string, string][] {
  return readdirSync(directory, { recursive: true })
    .map(String)
    .sort()
    .map((file): [string, string] => {
      const path = join(directory, file);
      const { mtimeMs, ino } = statSync(path);
      if (statSync(path).isDirectory()) return [file, String(mtimeMs)];
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
      return [file, [mtimeMs, ino, digest].join(' ')];
    });
}

/** One journal in memory that outlives its being opened and closed. */
export async function inMemory(): Promise<Pick<Directory, 'clock' | 'operations'> & { journal: Journal }> {
  const clock = new FakeClock();
  const journal = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 1000 }, clock });
  const kept = new Proxy(journal, {
    get(target, key) {
      if (key === 'close') return () => Promise.resolve();
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const access = { stored: () => Promise.resolve(kept), owned: () => Promise.resolve(kept) };
  return {
    journal,
    clock,
    operations: (options = {}) =>
      new DirectoryOperations({ journal: access, facts, clock, random: Math.random, ...options }),
  };
}

export function entry(number: number, more: Partial<NewEntry> = {}): NewEntry {
  return {
    source: 'intercom',
    receivedAt: Date.UTC(2026, 0, 1) + number * 1000,
    records: 1,
    metadata: { number: String(number), topic: number % 2 === 0 ? 'ticket.created' : 'conversation.user.replied' },
    body: Buffer.from(`{"number":${number}}`),
    ...more,
  };
}

export const entries = (count: number): NewEntry[] => Array.from({ length: count }, (_, index) => entry(index + 1));

/** A delivery that answers for all entries of `intercom`, born at the beginning, in this state. */
export async function born(journal: Journal, name = NAME, state: Partial<CursorState> = {}): Promise<void> {
  const cursor = await journal.openCursor(name, { start: 'beginning' });
  cursor.save({ ...cursor.state, sources: [{ source: 'intercom', since: cursor.birth }], ...state });
  await journal.closeCursor(name);
}

export async function entryAt(journal: Journal, position: Position): Promise<Entry> {
  const { entries: found } = await journal.read(position, { maxEntries: 1, maxBytes: 1 });
  return found[0] as Entry;
}

export async function letterAt(
  journal: Journal,
  position: Position,
  more: Partial<DeadLetter> = {},
): Promise<DeadLetter> {
  return {
    delivery: NAME,
    position,
    entry: await entryAt(journal, position),
    cause: { kind: 'rejected', summary: 'the backend answered 400', status: 400, body: 'no such field' },
    at: Date.UTC(2026, 0, 2) + position * 1000,
    attempts: 2,
    ...more,
  };
}
