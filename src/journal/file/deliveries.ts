/**
 * Every delivery that is known on disk: open, not open, or retired. What must not be deleted is decided here.
 *
 * A delivery that is alive has a birth in the log and a state file. A retired one has its state file only, which says so:
 * its counts are kept, its entries are not.
 */
import { join } from 'node:path';
import { type Cursor, type CursorInfo, type CursorState, isFull, type Orphan, type Position } from '../journal.ts';
import { assertName, assertRenamable } from '../names.ts';
import type { Births } from './births.ts';
import { type CursorOptions, FileCursor } from './cursor.ts';
import { discard } from './fs.ts';
import { Mark } from './mark.ts';
import { OpenCursor } from './open-cursor.ts';
import { refused } from './refused.ts';
import { beyond, leftOver, markFileName, stateAt, stateFileName } from './state.ts';

/** Calls `change` while nothing is appended, then makes the list of births durable. */
export type RecordBirths = (change: () => void) => Promise<void>;

export class Deliveries {
  readonly #options: CursorOptions;
  /** By name, in the order of birth: those that are alive. */
  readonly #births = new Map<string, Position>();
  readonly #cursors = new Map<string, FileCursor>();
  readonly #open = new Map<string, OpenCursor>();
  /** Of several changes of what is known one is made after the other. */
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @param cursors every one that is known */
  constructor(options: CursorOptions, cursors: readonly FileCursor[]) {
    this.#options = options;
    for (const cursor of cursors) this.#adopt(cursor);
  }

  get births(): Births {
    return this.#births;
  }

  /** Beyond every position that a delivery knows of, alive or not: no entry may get one of them again. */
  get next(): Position {
    return Math.max(1, ...[...this.#cursors.values()].map(({ birth, state }) => beyond(birth, state)));
  }

  /** Every delivery has settled what lies below, durably. With no delivery at all nothing is settled. */
  get settledBelow(): Position {
    if (this.#births.size === 0) return 0;
    return Math.min(...[...this.#births].map(([name, birth]) => this.#heldFrom(name, birth)));
  }

  /** Name of the delivery that decides `settledBelow`; null without one. */
  get slowest(): string | null {
    const below = this.settledBelow;
    for (const [name, birth] of this.#births) if (this.#heldFrom(name, birth) === below) return name;
    return null;
  }

  /** As `Journal.cursors`. */
  cursors(): CursorInfo[] {
    return [...this.#cursors.values()].map(({ name, birth, state }) => {
      return { name, birth, state, open: this.#open.has(name) };
    });
  }

  /** As `Journal.openCursor`. `start` says where a new one is born. */
  openCursor(name: string, start: () => Position, record: RecordBirths): Promise<Cursor> {
    assertName(name);
    return this.#change(async () => {
      if (this.#open.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open already`);
      const known = this.#cursors.get(name);
      const cursor = known && !isRetired(known) ? known : await this.#bear(name, known?.state, start, record);
      if (cursor.state.orphanedAt !== undefined) {
        const { orphanedAt: _, ...state } = cursor.state;
        await cursor.replace(state);
      }
      const { fs, directory } = this.#options;
      const opened = new OpenCursor(cursor, await Mark.open(fs, directory, name));
      this.#open.set(name, opened);
      return opened;
    });
  }

  /** As `Journal.closeCursor`. */
  closeCursor(name: string): Promise<void> {
    return this.#change(async () => {
      const opened = this.#open.get(name);
      this.#open.delete(name);
      await opened?.end();
    });
  }

  /** As `Journal.orphans`. */
  orphans(): Promise<Orphan[]> {
    return this.#change(async () => {
      const orphans: Orphan[] = [];
      for (const cursor of this.#cursors.values()) {
        if (this.#open.has(cursor.name) || isRetired(cursor)) continue;
        const since = cursor.state.orphanedAt ?? this.#options.clock.now();
        if (cursor.state.orphanedAt === undefined) await cursor.replace({ ...cursor.state, orphanedAt: since });
        orphans.push({ name: cursor.name, since, state: cursor.state });
      }
      return orphans;
    });
  }

  /**
   * As `Journal.forget`. A state file that outlives a crash after the birth is gone only makes the delivery an orphan again.
   */
  forget(name: string, record: RecordBirths): Promise<void> {
    return this.#change(async () => {
      if (this.#open.has(name))
        throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open and can't be forgotten`);
      const cursor = this.#cursors.get(name);
      if (!cursor) return;
      await this.#unrecord(name, record);
      this.#cursors.delete(name);
      await cursor.abandon();
      await this.#discardFiles(name).catch((error: unknown) => {
        throw refused(error, `forgetting the delivery ${JSON.stringify(name)}, which may come back as an orphan`);
      });
    });
  }

  /** As `Journal.retire`; `next` is the tail. */
  retire(name: string, counts: CursorState['counts'], next: Position, record: RecordBirths): Promise<void> {
    return this.#change(async () => {
      if (this.#open.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open and can't be retired`);
      const cursor = this.#cursors.get(name);
      if (!cursor) return;
      const { retiredAt = this.#options.clock.now() } = cursor.state;
      await cursor.replace({ cursor: next, settled: [], counts, ...leftOver(cursor.state), retiredAt });
      // The state alone decides; a list of births that could not be written follows with the next segment.
      await record(() => this.#births.delete(name)).catch(() => {});
    });
  }

  /**
   * As `Journal.rename`; `letters` gives the dead letters another name. The new state is durable before anything of the
   * old one goes, so a crash leaves both names at worst: then the old one is an orphan.
   */
  rename(
    from: string,
    to: string,
    letters: (from: string, to: string) => Promise<void>,
    record: RecordBirths,
  ): Promise<void> {
    return this.#change(async () => {
      assertRenamable(from, to, this.#cursors, this.#open);
      const old = this.#cursors.get(from) as FileCursor;
      const { birth, state } = old;
      const renamed = await FileCursor.create(this.#options, { saved: { name: to, birth, state }, sequence: 0 });
      try {
        await letters(from, to);
        if (!isRetired(old)) await this.#rerecord(from, to, birth, record);
      } catch (error) {
        await renamed.abandon();
        await letters(to, from).catch(() => {});
        await this.#discardFiles(to).catch(() => {});
        throw error;
      }
      this.#cursors.delete(from);
      this.#cursors.set(to, renamed);
      await old.abandon();
      await this.#discardFiles(from).catch((error: unknown) => {
        const { log } = this.#options;
        log.warn('A delivery was renamed, and its old name may come back', { delivery: from, error: String(error) });
      });
    });
  }

  /** Resolves when every state is on disk and no file is open. @throws {JournalError} when one is not. */
  async close(): Promise<void> {
    await this.#lastChange;
    const ended = await Promise.allSettled([...this.#open.values()].map((cursor) => cursor.end()));
    const closed = await Promise.allSettled([...this.#cursors.values()].map((cursor) => cursor.close()));
    for (const result of [...ended, ...closed]) if (result.status === 'rejected') throw result.reason;
  }

  /** Lets go of the files and writes nothing. */
  async abandon(): Promise<void> {
    await Promise.all([...this.#open.values()].map((cursor) => cursor.abandon()));
    await Promise.all([...this.#cursors.values()].map((cursor) => cursor.abandon()));
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#lastChange.then(change);
    this.#lastChange = changed.catch(() => {});
    return changed;
  }

  #heldFrom(name: string, birth: Position): Position {
    return this.#cursors.get(name)?.durableCursor ?? birth;
  }

  /** Takes a name off the list of births. */
  async #unrecord(name: string, record: RecordBirths): Promise<void> {
    const birth = this.#births.get(name);
    if (birth === undefined) return;
    await record(() => this.#births.delete(name)).catch((error: unknown) => {
      // It is what makes room: the list without the name goes out with the next segment.
      if (isFull(error)) return;
      this.#births.set(name, birth);
      throw error;
    });
  }

  async #rerecord(from: string, to: string, birth: Position, record: RecordBirths): Promise<void> {
    const change = () => {
      this.#births.delete(from);
      this.#births.set(to, birth);
    };
    await record(change).catch((error: unknown) => {
      this.#births.delete(to);
      this.#births.set(from, birth);
      throw error;
    });
  }

  async #discardFiles(name: string): Promise<void> {
    const { fs, directory } = this.#options;
    await discard(fs, join(directory, stateFileName(name)));
    await discard(fs, join(directory, markFileName(name)));
    await fs.syncDirectory(directory);
  }

  /** Of a retired one `before` is what is left of it. */
  async #bear(
    name: string,
    before: CursorState | undefined,
    start: () => Position,
    record: RecordBirths,
  ): Promise<FileCursor> {
    if (!this.#births.has(name)) {
      // What it had settled, or given up, before it was retired is not its business again.
      const birth = () => Math.max(start(), before?.cursor ?? 0);
      await record(() => this.#births.set(name, birth())).catch((error) => {
        this.#births.delete(name);
        throw error;
      });
    }
    const born = this.#births.get(name);
    if (born === undefined) throw new Error(`BUG: the delivery ${JSON.stringify(name)} was not born`);
    const retired = this.#cursors.get(name);
    const cursor = await FileCursor.create(this.#options, stateAt(name, born, born, before));
    await retired?.abandon();
    this.#adopt(cursor);
    return cursor;
  }

  #adopt(cursor: FileCursor): void {
    this.#cursors.set(cursor.name, cursor);
    if (isRetired(cursor)) this.#births.delete(cursor.name);
    else this.#births.set(cursor.name, cursor.birth);
  }
}

function isRetired({ state }: FileCursor): boolean {
  return state.retiredAt !== undefined;
}
