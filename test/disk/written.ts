/** A data directory with something of everything in it, closed in order, and what it holds. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DeadLetter } from '../../src/journal/dead-letters.ts';
import { openFileJournal } from '../../src/journal/file/engine.ts';
import { decodeHeader } from '../../src/journal/file/frame.ts';
import { type FileSystem, nodeFileSystem, readWhole } from '../../src/journal/file/fs.ts';
import { decodeHead, SEGMENT_HEAD_BYTES } from '../../src/journal/file/segment.ts';
import type { CursorState, Journal, NewEntry, Position } from '../../src/journal/journal.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { entry, letterOf } from '../journal/entries.ts';
import { unsyncedFileSystem } from '../journal/file/unsynced-fs.ts';
import { FakeClock } from '../support/fake-clock.ts';

export const ENTRIES = 60;
/** An append of several entries after each such number. */
const TOGETHER = 4;

export interface Written {
  readonly directory: string;
  /** By position. */
  readonly entries: ReadonlyMap<Position, NewEntry>;
  /** Positions that were appended together, by each of them. */
  readonly together: ReadonlyMap<Position, readonly Position[]>;
  /** Every state that each cursor was given, oldest first, the birth's before them. */
  readonly states: ReadonlyMap<string, readonly CursorState[]>;
  /** Those that are there at the end; of the others one was removed. */
  readonly letters: readonly DeadLetter[];
  readonly removed: DeadLetter;
  /** Paths inside the directory. */
  readonly files: readonly string[];
}

/** The journal of these tests. Syncs are left out: nothing here loses its power. */
export function openJournal(directory: string, fs: FileSystem = unsyncedFileSystem): Promise<Journal> {
  return openFileJournal({
    directory,
    fs,
    segmentBytes: 8_192,
    maxBytes: 1024 ** 3,
    deadLetters: { maxAgeMs: 1e12, maxBytes: 1024 * 1024 },
    dedup: { windowMs: 3_600_000, maxIds: 10_000 },
    clock: new FakeClock(),
    random: Math.random,
    log: silentLog,
  });
}

export function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'disk-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function write(t: TestContext): Promise<Written> {
  const directory = temporary(t);
  const journal = await openJournal(directory);
  const entries = new Map<Position, NewEntry>();
  const together = new Map<Position, readonly Position[]>();
  const states = new Map<string, CursorState[]>();
  for (const name of ['logs -> a', 'logs -> b']) {
    const { state } = await journal.openCursor(name);
    states.set(name, [state]);
  }
  for (let number = 1; number <= ENTRIES; ) {
    const count = number % TOGETHER === 0 ? 3 : 1;
    const call = Array.from({ length: count }, () => made(number++));
    const results = await journal.append(call);
    const positions = results.map(({ position }) => position);
    for (const [index, position] of positions.entries()) {
      entries.set(position, call[index] as NewEntry);
      together.set(position, positions);
    }
  }

  await journal.closeCursor('logs -> a');
  await journal.closeCursor('logs -> b');
  for (const [name, known] of states) {
    const cursor = await journal.openCursor(name);
    for (const at of [10, 20, 30]) {
      const state = { cursor: at, settled: [[at + 2, at + 4]] as const, counts: { delivered: at + 2 } };
      known.push(state);
      cursor.save(state);
      await cursor.flush();
    }
  }

  const read = await journal.read(1, { maxEntries: 9, maxBytes: 1e6 });
  const letters = read.entries.map((found) => letterOf(found, 'logs -> a', Date.UTC(2026, 0, 1)));
  for (const letter of letters) await journal.deadLetters.put([letter]);
  const [removed, ...left] = letters as [DeadLetter, ...DeadLetter[]];
  await journal.deadLetters.remove([removed]);
  await journal.close();
  const files = ['journal', 'deliveries', 'dead-letters'].flatMap((folder) =>
    readdirSync(join(directory, folder))
      .sort()
      .map((name) => join(folder, name)),
  );
  return { directory, entries, together, states, letters: left, removed, files };
}

export function made(number: number): NewEntry {
  const body = Buffer.alloc(20 + ((number * 97) % 900), `entry ${number} `);
  return entry(number, { body, dedupKey: `id ${number}` });
}

export function copyOf(t: TestContext, written: Written): string {
  const directory = temporary(t);
  cpSync(written.directory, directory, { recursive: true });
  return directory;
}

/** A frame of a segment, or of a log of dead letters. */
export interface FoundFrame {
  readonly from: number;
  readonly to: number;
  /** Undefined for a control frame. */
  readonly position: Position | undefined;
}

/** The frames of a file that is whole. */
export async function framesOf(path: string): Promise<FoundFrame[]> {
  const bytes = (await readWhole(nodeFileSystem, path)) as Buffer;
  const { salt } = decodeHead(bytes, path);
  const frames: FoundFrame[] = [];
  for (let at = SEGMENT_HEAD_BYTES; at + 32 <= bytes.length; ) {
    const header = decodeHeader(bytes, at, at, salt);
    if (!header) break;
    frames.push({ from: at, to: at + header.bytes, position: header.kind === 1 ? header.position : undefined });
    at += header.bytes;
  }
  return frames;
}
