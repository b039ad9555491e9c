/** Every delivery that is known on disk, whether its cursor is open or not: what must not be deleted is decided here. */
import { join } from 'node:path';
import { type Cursor, JournalError, type Orphan, type Position } from '../journal.ts';
import type { Births } from './births.ts';
import { type CursorOptions, FileCursor } from './cursor.ts';
import { discard } from './fs.ts';
import { foreignState, readState, type Slot, stateFileName } from './state.ts';

/** Longest name of a cursor, in characters. */
const MAX_NAME_LENGTH = 2048;

export class Deliveries {
  readonly #options: CursorOptions;
  /** By name, in the order of birth. A delivery has a birth, and a cursor once its state file is there. */
  readonly #births = new Map<string, Position>();
  readonly #cursors = new Map<string, FileCursor>();
  readonly #open = new Set<string>();

  private constructor(options: CursorOptions) {
    this.#options = options;
  }

  /**
   * Reads every state file and syncs it. `births` are those that the log knows. A state that is missing or damaged
   * although the log knows of its delivery starts again at the birth, or at `first` where what lies below is deleted.
   * @throws {JournalError} `failed` for files that are not ours.
   */
  static async open(
    options: CursorOptions,
    births: Births,
    first: Position,
  ): Promise<{ deliveries: Deliveries; notes: string[] }> {
    const deliveries = new Deliveries(options);
    try {
      return { deliveries, notes: await deliveries.#load(births, first) };
    } catch (error) {
      await deliveries.abandon();
      throw error;
    }
  }

  get births(): Births {
    return this.#births;
  }

  /** Beyond every position that a delivery knows of. */
  get next(): Position {
    return Math.max(
      1,
      ...[...this.#cursors.values()].flatMap(({ birth, state }) => [
        birth,
        state.cursor,
        (state.settled.at(-1)?.[1] ?? 0) + 1,
      ]),
    );
  }

  /** Every delivery has settled what lies below, durably. With no delivery at all nothing is settled. */
  get settledBelow(): Position {
    if (this.#births.size === 0) return 0;
    return Math.min(...[...this.#births].map(([name, birth]) => this.#cursors.get(name)?.durableCursor ?? birth));
  }

  /** Name of the delivery that decides `settledBelow`; null without one. */
  get slowest(): string | null {
    const below = this.settledBelow;
    for (const [name, birth] of this.#births)
      if ((this.#cursors.get(name)?.durableCursor ?? birth) === below) return name;
    return null;
  }

  /** As `Journal.openCursor`. `born` makes the birth durable and says where it is. */
  async openCursor(name: string, born: (record: (birth: Position) => void) => Promise<void>): Promise<Cursor> {
    if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
      throw new RangeError(`BUG: the name of a cursor has 1 to ${MAX_NAME_LENGTH} characters, not ${name.length}`);
    }
    if (this.#open.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open already`);
    this.#open.add(name);
    try {
      const known = this.#cursors.get(name);
      if (!known) return await this.#bear(name, born);
      if (known.state.orphanedAt !== undefined) {
        const { orphanedAt: _, ...state } = known.state;
        known.save(state);
        await known.flush();
      }
      return known;
    } catch (error) {
      this.#open.delete(name);
      throw error;
    }
  }

  /** As `Journal.orphans`. */
  async orphans(): Promise<Orphan[]> {
    const orphans: Orphan[] = [];
    for (const cursor of this.#cursors.values()) {
      if (this.#open.has(cursor.name)) continue;
      const since = cursor.state.orphanedAt ?? this.#options.clock.now();
      if (cursor.state.orphanedAt === undefined) {
        cursor.save({ ...cursor.state, orphanedAt: since });
        await cursor.flush();
      }
      orphans.push({ name: cursor.name, since, state: cursor.state });
    }
    return orphans;
  }

  /**
   * As `Journal.forget`. `record` makes the list of births durable, from which the name is gone then. A state file that
   * outlives a crash in between only makes the delivery an orphan again.
   */
  async forget(name: string, record: (forgotten: () => void) => Promise<void>): Promise<void> {
    if (this.#open.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open and can't be forgotten`);
    const cursor = this.#cursors.get(name);
    if (!cursor) return;
    await record(() => this.#births.delete(name)).catch((error: unknown) => {
      // It is what makes room: the list without the name goes out with the next segment.
      if (!(error instanceof JournalError && error.code === 'full')) throw error;
    });
    this.#cursors.delete(name);
    await cursor.abandon();
    const { fs, directory } = this.#options;
    await fs.unlink(join(directory, stateFileName(name)));
    await fs.syncDirectory(directory);
  }

  /** Resolves when every state is on disk and no file is open. @throws {JournalError} when one is not. */
  async close(): Promise<void> {
    const results = await Promise.allSettled([...this.#cursors.values()].map((cursor) => cursor.close()));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Lets go of the files and writes nothing. */
  async abandon(): Promise<void> {
    await Promise.all([...this.#cursors.values()].map((cursor) => cursor.abandon()));
  }

  /** Returns what people should know of. */
  async #load(births: Births, first: Position): Promise<string[]> {
    const { fs, directory, clock } = this.#options;
    const notes: string[] = [];
    for (const [name, birth] of births) this.#births.set(name, birth);
    const known = new Set([...births.keys()].map(stateFileName));

    for (const file of (await fs.list(directory)).sort()) {
      const path = join(directory, file);
      if (/^[0-9a-f]{40}\.state\.new$/.test(file)) await discard(fs, path);
      else if (/\.state\.damaged-\d+$/.test(file))
        notes.push(`${path} is a damaged state that was kept; delete it when you have seen it.`);
      else if (!file.endsWith('.state')) notes.push(`${path} is not the state of a delivery; it was left alone.`);
      else {
        const slot = await readState(fs, path);
        if (slot === 'damaged' && known.has(file)) {
          const kept = `${path}.damaged-${clock.now()}`;
          await fs.rename(path, kept);
          notes.push(`${path} was damaged and is kept as ${kept}; its delivery repeats records.`);
        } else if (slot === undefined && known.has(file)) {
          notes.push(`${path} was empty; its delivery repeats records.`);
        } else if (slot === undefined || slot === 'damaged' || stateFileName(slot.saved.name) !== file) {
          throw foreignState(path);
        } else this.#adopt(await FileCursor.adopt(this.#options, slot));
      }
    }

    for (const [name, birth] of this.#births) {
      if (this.#cursors.has(name)) continue;
      this.#adopt(await FileCursor.create(this.#options, stateAt(name, birth, Math.max(birth, first))));
    }
    return notes;
  }

  async #bear(name: string, born: (record: (birth: Position) => void) => Promise<void>): Promise<FileCursor> {
    if (!this.#births.has(name)) {
      try {
        await born((birth) => this.#births.set(name, birth));
      } catch (error) {
        this.#births.delete(name);
        throw error;
      }
    }
    const birth = this.#births.get(name);
    if (birth === undefined) throw new Error(`BUG: the delivery ${JSON.stringify(name)} was not born`);
    const cursor = await FileCursor.create(this.#options, stateAt(name, birth, birth));
    this.#adopt(cursor);
    return cursor;
  }

  #adopt(cursor: FileCursor): void {
    this.#cursors.set(cursor.name, cursor);
    this.#births.set(cursor.name, cursor.birth);
  }
}

function stateAt(name: string, birth: Position, cursor: Position): Slot {
  return { saved: { name, birth, state: { cursor, settled: [], counts: {} } }, sequence: 0 };
}
