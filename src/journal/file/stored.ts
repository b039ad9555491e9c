/** A journal that is only read: that of an agent that does not run, or of one that does. */
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import type { StoredLetters } from '../dead-letters.ts';
import { DurationCounter } from '../durations.ts';
import {
  type CursorInfo,
  JournalError,
  type JournalStatus,
  type Position,
  type ReadLimits,
  type ReadResult,
  type StoredJournal,
} from '../journal.ts';
import type { Births } from './births.ts';
import { readDeadLetters } from './dead-letters/stored-letters.ts';
import { type DeliveryFiles, findDeliveryFiles } from './delivery-files.ts';
import { type FileSystem, isMissing, nodeFileSystem } from './fs.ts';
import { openSegments } from './opening.ts';
import { defaultMaxBytes } from './options.ts';
import { ownerOf } from './owner.ts';
import { hollowVolume, type Platform, systemPlatform } from './platform.ts';
import { Reader } from './reader.ts';
import { Segments } from './segment.ts';
import { beyond, stateAt, stateFileName } from './state.ts';

export interface StoredJournalOptions {
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly fs?: FileSystem;
  readonly platform?: Platform;
}

export interface StoredFileJournal extends StoredJournal {
  /**
   * A process owns the directory. What is read is then a picture of the moment: the newest entries may not have been
   * answered for yet, and what is deleted meanwhile can no longer be read.
   */
  readonly running: boolean;
}

/** A segment may be deleted between being listed and being opened. */
const ATTEMPTS = 5;

/**
 * Needs no lock and changes not a byte: a torn tail is passed over and what is missing or damaged is told in `notes`. A
 * delivery whose state is gone stands where it was born.
 * @throws {JournalError} `failed` when there is no journal, when something in it is not the journal's or newer than this
 * program, or when the volume fails.
 */
export async function openStoredJournal(options: StoredJournalOptions): Promise<StoredFileJournal> {
  const { directory } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await look(options);
    } catch (error) {
      if (error instanceof JournalError) throw error;
      if (isMissing(error) && attempt < ATTEMPTS) continue;
      const what = isMissing(error) ? `${directory} holds no journal` : `reading the journal in ${directory}`;
      throw new JournalError('failed', `${what}: ${String(error)}`, { cause: error });
    }
  }
}

async function look(options: StoredJournalOptions): Promise<StoredFileJournal> {
  const { directory, clock, fs = nodeFileSystem, platform = systemPlatform } = options;
  const notes: string[] = [];
  const segments = new Segments();
  const journal = join(directory, 'journal');
  const opened = await openSegments({
    access: 'look',
    fs,
    directory: journal,
    segments,
    dedup: { windowMs: 0, maxIds: 0 },
    now: clock.now(),
    log: silentLog,
  });
  notes.push(...opened.notes);
  const found = await findDeliveryFiles(fs, join(directory, 'deliveries')).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  const cursors = cursorsIn(found, opened.births, segments.first, notes);
  const next = Math.max(opened.next, ...cursors.map(({ birth, state }) => beyond(birth, state)));
  if (next > segments.next) {
    notes.push(
      `Positions ${segments.next} to ${next - 1} are lost: other files know of them, the log has not got them.`,
    );
    segments.pushPlaceholder(next);
  }
  const letters = await readDeadLetters({ fs, directory: join(directory, 'dead-letters') });
  const volume = await fs.volume(directory).catch(() => undefined);
  const hollow = volume && hollowVolume(directory, volume.type);
  if (hollow) notes.unshift(hollow);
  const owner = await ownerOf({ fs, directory, platform, clock }).catch((error: unknown) => {
    if (!(error instanceof JournalError)) throw error;
    notes.push(error.message);
    return undefined;
  });
  const freeBytes = volume?.freeBytes ?? null;
  const reader = new Reader(fs, journal, segments);
  return new Stored({ segments, reader, cursors, letters, notes, freeBytes, running: owner?.isAlive ?? false });
}

function cursorsIn(found: DeliveryFiles | undefined, births: Births, first: Position, notes: string[]): CursorInfo[] {
  const cursors = (found?.states ?? []).map(({ slot }): CursorInfo => ({ ...slot.saved, open: false }));
  const known = new Set(cursors.map(({ name }) => name));
  const files = new Map([...births.keys()].map((name) => [stateFileName(name), name]));
  for (const [file, harm] of found?.broken ?? []) {
    const name = files.get(file);
    const whose = name === undefined ? 'of a delivery that the log does not know' : `of the delivery ${name}`;
    notes.push(`deliveries/${file} is ${harm}: the state ${whose} is lost.`);
  }
  for (const [name, birth] of births) {
    if (known.has(name)) continue;
    if (!found?.broken.has(stateFileName(name))) notes.push(`The state of the delivery ${name} is missing.`);
    cursors.push({ ...stateAt(name, birth, Math.max(birth, first)).saved, open: false });
  }
  return cursors;
}

interface Parts {
  readonly segments: Segments;
  readonly reader: Reader;
  readonly cursors: readonly CursorInfo[];
  readonly letters: Awaited<ReturnType<typeof readDeadLetters>>;
  readonly notes: readonly string[];
  readonly freeBytes: number | null;
  readonly running: boolean;
}

class Stored implements StoredFileJournal {
  readonly running: boolean;
  readonly #parts: Parts;
  #isClosed = false;

  constructor(parts: Parts) {
    this.running = parts.running;
    this.#parts = parts;
  }

  get deadLetters(): StoredLetters {
    return this.#parts.letters;
  }

  async read(from: Position, limits: ReadLimits): Promise<ReadResult> {
    return this.#reader.read(from, limits);
  }

  async tally(range: { from: Position; to: Position }, sources: readonly string[]): Promise<number> {
    return this.#reader.tally(range.from, range.to, new Set(sources));
  }

  async seek(time: number): Promise<Position> {
    return this.#reader.seek(time);
  }

  cursors(): CursorInfo[] {
    return [...this.#parts.cursors];
  }

  status(): JournalStatus {
    const { segments, cursors, letters, notes, freeBytes } = this.#parts;
    const alive = cursors.filter(({ state }) => state.retiredAt === undefined);
    const slowest = alive.toSorted((a, b) => a.state.cursor - b.state.cursor)[0]?.name ?? null;
    return {
      first: segments.first,
      next: segments.next,
      bytes: segments.bytes,
      maxBytes: defaultMaxBytes(freeBytes ?? Number.POSITIVE_INFINITY, segments.bytes),
      full: false,
      failure: null,
      slowest,
      oldestEnd: segments.oldestEnd,
      freeBytes,
      syncs: new DurationCounter().durations,
      duplicates: 0,
      notes: [...notes, ...letters.notes],
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.reader.close();
    await this.#parts.letters.close();
  }

  get #reader(): Reader {
    if (this.#isClosed) throw new JournalError('closed', 'the journal is closed');
    return this.#parts.reader;
  }
}
