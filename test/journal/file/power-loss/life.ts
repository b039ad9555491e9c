/** A journal from its opening on what a crash left to the next crash: does what a script says and notes what is promised. */
import assert from 'node:assert/strict';
import type { DeadLetter, LetterKey } from '../../../../src/journal/dead-letters.ts';
import { openFileJournal } from '../../../../src/journal/file/engine.ts';
import {
  type AppendResult,
  type Cursor,
  type CursorState,
  type Entry,
  type Journal,
  JournalError,
  type NewEntry,
} from '../../../../src/journal/journal.ts';
import { silentLog } from '../../../../src/telemetry/log.ts';
import { seeded } from '../../../crash/arguments.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { numberOf } from '../../entries.ts';
import { check } from './check.ts';
import { type CursorChange, type Event, type Facts, factsOf, type LetterChange } from './history.ts';
import { type DiskImage, MemoryDisk, type Operation } from './memory-disk.ts';

const DEDUP_WINDOW_MS = 3_600_000;
/** Small enough to be reached, so that room must be made. */
const MAX_BYTES = 48_000;
const SEGMENT_BYTES = 8_192;
const DIRECTORY = '/data';

/** Where a life begins. */
export interface Beginning {
  readonly image: DiskImage | undefined;
  readonly events: readonly Event[];
  /** The wall clock, ms since the epoch. */
  readonly now: number;
  /** Decides nonces, salts and how long operations take. */
  readonly seed: number;
}

/** A crash that might happen, at an operation. */
export interface Moment {
  readonly image: DiskImage;
  readonly events: readonly Event[];
  readonly now: number;
  readonly operation: string;
}

export class Life {
  readonly disk: MemoryDisk;
  readonly clock: FakeClock;
  readonly events: Event[];
  readonly cursors = new Map<string, Cursor>();
  /** Refusals are expected: something was made to fail, or the disk is full. */
  trouble = false;
  /** How many there were. */
  refusals = 0;
  readonly #seed: number;
  #openings = 0;
  #journal: Journal | undefined;
  /** What goes on beside the script. */
  readonly #background: Promise<void>[] = [];

  constructor({ image, events, now, seed }: Beginning) {
    this.#seed = seed;
    this.disk = new MemoryDisk(seeded(seed), image);
    this.clock = new FakeClock(now);
    this.events = [...events];
  }

  /** Calls back for every change on disk with what a crash in the midst of it would leave. */
  watch(moment: (moment: Moment) => void): void {
    let operations = 0;
    this.disk.observe = (operation: Operation, path: string) => {
      operations++;
      moment({
        image: this.disk.image(),
        events: [...this.events],
        now: this.clock.now(),
        operation: `operation ${operations}, ${operation} ${path}`,
      });
    };
  }

  get journal(): Journal {
    assert.ok(this.#journal);
    return this.#journal;
  }
  get facts(): Facts {
    return factsOf(this.events);
  }

  /** The volume has room for so many more bytes. */
  fill(room: number): void {
    this.trouble = true;
    this.disk.capacity = this.disk.bytes + room;
  }

  /** Opens the journal, and checks it against what was promised. */
  async open(): Promise<void> {
    const pid = this.#seed + this.#openings++;
    const random = seeded(pid ^ 0x5eed);
    this.#journal = await openFileJournal({
      directory: DIRECTORY,
      fs: this.disk,
      maxBytes: MAX_BYTES,
      segmentBytes: SEGMENT_BYTES,
      // No larger than need be: every opening writes a reserve of its size.
      deadLetters: { maxAgeMs: 30 * 86_400_000, maxBytes: 1024 * 1024 },
      retention: { maxAgeMs: 600_000, maxBytes: 60_000 },
      dedup: { windowMs: DEDUP_WINDOW_MS, maxIds: 10_000 },
      clock: this.clock,
      random,
      log: silentLog,
      platform: { pid, host: 'host', scope: 'boot', startOf: (asked) => (asked === pid ? 'today' : undefined) },
    });
    const { entries, cursors, letters } = await check(this.#journal, this.facts);
    this.events.push({ kind: 'seen', entries }, { kind: 'found', cursors }, { kind: 'letters found', letters });
  }

  /** Closes the journal in order: everything that was saved is on disk, and nothing is left open. */
  async close(): Promise<void> {
    await Promise.all(this.#background.splice(0));
    const saved = [...this.cursors.keys()];
    this.cursors.clear();
    const isClosed = await this.#unlessRefused(() =>
      // What it says when something fails at the end is nobody's business but people's.
      this.journal.close().catch((error) => {
        throw this.trouble ? new JournalError('failed', String(error)) : error;
      }),
    );
    if (isClosed) for (const name of saved) this.events.push({ kind: 'flushed', name, states: this.#states(name) });
    await this.disk.idle();
    assert.deepEqual(this.disk.openFiles, [], 'a closed journal has no open file');
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const call = this.events.filter(({ kind }) => kind === 'append').length;
    const at = this.clock.now();
    const { first, bytes, maxBytes } = this.journal.status();
    if (bytes + 2 * SEGMENT_BYTES > maxBytes) this.events.push({ kind: 'pressed' });
    const { keys, promised, erased, torn, shaky, isPressed } = this.facts;
    this.events.push({ kind: 'append', call, entries, at });
    try {
      const results = await this.journal.append(entries);
      for (const [index, { dedupKey }] of entries.entries()) {
        const { kind, position } = results[index] as AppendResult;
        assert.ok(kind === 'duplicate' || !promised.has(position), `position ${position} is another entry's already`);
        const gone = torn.get(position);
        const isFree = gone === undefined || shaky.has(gone);
        assert.ok(kind === 'duplicate' || isFree, `position ${position} was another entry's`);
        const known = dedupKey === undefined ? undefined : keys.get(dedupKey);
        if (known === undefined || at - known.since >= DEDUP_WINDOW_MS) continue;
        if (isPressed && known.position < first) continue;
        // An erasure that the power did not see to its end may have taken the id with it.
        if (erased.get(promised.get(known.position) ?? 0) === false) continue;
        assert.deepEqual(results[index], { kind: 'duplicate', position: known.position }, `${dedupKey} is a duplicate`);
      }
      this.events.push({ kind: 'appended', call, results });
    } catch (error) {
      this.#expectRefusal(error);
      this.events.push({ kind: 'refused', call });
    }
  }

  /** Goes on with the script meanwhile. */
  meanwhile(work: Promise<void>): void {
    this.#background.push(work);
  }

  save(cursor: Cursor, state: CursorState): void {
    this.events.push({ kind: 'saved', name: cursor.name, state });
    cursor.save(state);
  }

  async written(cursor: Cursor): Promise<void> {
    const states = this.#states(cursor.name);
    if (await this.#unlessRefused(() => cursor.written()))
      this.events.push({ kind: 'written', name: cursor.name, states });
  }

  async flush(cursor: Cursor): Promise<void> {
    const states = this.#states(cursor.name);
    if (await this.#unlessRefused(() => cursor.flush()))
      this.events.push({ kind: 'flushed', name: cursor.name, states });
  }

  async openCursor(name: string, start: 'end' | 'beginning' | number): Promise<void> {
    await this.#change({ do: 'open', name }, async () => {
      this.cursors.set(name, await this.journal.openCursor(name, { start }));
    });
  }

  async closeCursor(name: string): Promise<void> {
    const states = this.#states(name);
    this.cursors.delete(name);
    if (await this.#unlessRefused(() => this.journal.closeCursor(name)))
      this.events.push({ kind: 'flushed', name, states });
  }

  async forget(name: string): Promise<void> {
    await this.#change({ do: 'forget', name }, () => this.journal.forget(name));
  }
  async retire(name: string, counts: CursorState['counts']): Promise<void> {
    await this.#change({ do: 'retire', name, counts }, () => this.journal.retire(name, counts));
  }
  async rename(name: string, to: string): Promise<void> {
    this.events.push({ kind: 'letters', change: { do: 'rename', from: name, to } });
    const done = await this.#change({ do: 'rename', name, to }, () => this.journal.rename(name, to));
    this.events.push({ kind: done ? 'letters changed' : 'letters unchanged' });
  }

  async erase(numbers: readonly number[]): Promise<void> {
    this.events.push({ kind: 'erasing', numbers, shaky: this.trouble });
    const matches = (entry: Entry) => numbers.includes(numberOf(entry));
    await this.#changeLetters({ do: 'erase', numbers }, async () => {
      await this.journal.erase(matches);
      this.events.push({ kind: 'erased', numbers });
    });
  }

  put(letters: readonly DeadLetter[]): Promise<void> {
    return this.#changeLetters({ do: 'put', letters }, () => this.journal.deadLetters.put(letters));
  }
  async retry(keys: readonly LetterKey[]): Promise<void> {
    await this.#changeLetters({ do: 'retry', keys }, async () => {
      assert.deepEqual(await this.journal.deadLetters.retry(keys), keys);
    });
  }
  async remove(keys: readonly LetterKey[]): Promise<void> {
    await this.#changeLetters({ do: 'remove', keys }, () => this.journal.deadLetters.remove(keys));
  }

  async #change(change: CursorChange, work: () => Promise<unknown>): Promise<boolean> {
    this.events.push({ kind: 'changing', change });
    const done = await this.#unlessRefused(work);
    const birth = change.do === 'open' ? this.cursors.get(change.name)?.birth : undefined;
    this.events.push(done ? { kind: 'changed', birth, shaky: this.trouble } : { kind: 'unchanged' });
    return done;
  }

  async #changeLetters(change: LetterChange, work: () => Promise<void>): Promise<void> {
    this.events.push({ kind: 'letters', change });
    const done = await this.#unlessRefused(work);
    this.events.push({ kind: done ? 'letters changed' : 'letters unchanged' });
  }

  /** How many states a cursor has been given so far. */
  #states(name: string): number {
    return this.facts.cursors[0]?.get(name)?.states.length ?? 0;
  }

  async #unlessRefused(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#expectRefusal(error);
      return false;
    }
  }

  #expectRefusal(error: unknown): void {
    const isFull = error instanceof JournalError && error.code === 'full';
    if (!isFull && !(error instanceof JournalError && this.trouble)) throw error;
    this.refusals++;
  }
}
