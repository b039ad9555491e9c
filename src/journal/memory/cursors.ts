import type { Clock } from '../../clock.ts';
import {
  type Cursor,
  type CursorInfo,
  type CursorState,
  JournalError,
  type Orphan,
  type Position,
} from '../journal.ts';
import { assertName, assertRenamable } from '../names.ts';

/** What is known of one delivery, whether it is open or not. */
interface Known {
  name: string;
  birth: Position;
  state: CursorState;
}

/** The cursors of a journal in memory. */
export class MemoryCursors {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #known = new Map<string, Known>();
  readonly #open = new Map<string, MemoryCursor>();

  /** @param changed what is settled may have changed */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Every delivery that is not retired has settled what lies below; 0 without any. */
  get settledBelow(): Position {
    return this.#oldest()?.state.cursor ?? 0;
  }
  get slowest(): string | null {
    return this.#oldest()?.name ?? null;
  }

  list(): CursorInfo[] {
    return [...this.#known.values()].map((known) => ({ ...known, open: this.#open.has(known.name) }));
  }

  open(name: string, start: Position): Cursor {
    assertName(name);
    if (this.#open.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open already`);
    const before = this.#known.get(name);
    const known =
      before === undefined || before.state.retiredAt !== undefined ? born(name, start, before?.state) : before;
    const { orphanedAt: _, ...state } = known.state;
    known.state = state;
    this.#known.set(name, known);
    const cursor = new MemoryCursor(known, this.#changed);
    this.#open.set(name, cursor);
    return cursor;
  }

  close(name: string): void {
    this.#open.get(name)?.end();
    this.#open.delete(name);
  }

  closeAll(): void {
    for (const name of [...this.#open.keys()]) this.close(name);
  }

  orphans(): Orphan[] {
    return [...this.#known.values()]
      .filter(({ name, state }) => !this.#open.has(name) && state.retiredAt === undefined)
      .map((known) => {
        const since = known.state.orphanedAt ?? this.#clock.now();
        known.state = { ...known.state, orphanedAt: since };
        return { name: known.name, since, state: known.state };
      });
  }

  forget(name: string): void {
    this.#assertNotOpen(name, 'forgotten');
    this.#known.delete(name);
    this.#changed();
  }

  retire(name: string, counts: CursorState['counts'], next: Position): void {
    this.#assertNotOpen(name, 'retired');
    const known = this.#known.get(name);
    if (!known) return;
    const { retiredAt = this.#clock.now() } = known.state;
    known.state = { cursor: next, settled: [], ...leftOver(known.state), counts, retiredAt };
    this.#changed();
  }

  assertRenamable(from: string, to: string): void {
    assertRenamable(from, to, this.#known, this.#open);
  }

  rename(from: string, to: string): void {
    const known = this.#known.get(from);
    if (!known) return;
    this.#known.delete(from);
    this.#known.set(to, { ...known, name: to });
  }

  #oldest(): Known | undefined {
    const alive = [...this.#known.values()].filter(({ state }) => state.retiredAt === undefined);
    return alive.reduce<Known | undefined>(
      (oldest, known) => (oldest && oldest.state.cursor <= known.state.cursor ? oldest : known),
      undefined,
    );
  }

  #assertNotOpen(name: string, what: string): void {
    if (this.#open.has(name)) throw new Error(`BUG: the cursor ${JSON.stringify(name)} is open and can't be ${what}`);
  }
}

function born(name: string, start: Position, before: CursorState | undefined): Known {
  // What it had settled, or given up, before it was retired is not its business again.
  const birth = Math.max(start, before?.cursor ?? 0);
  return { name, birth, state: { cursor: birth, settled: [], ...(before ? leftOver(before) : { counts: {} }) } };
}

/** What stays when the entries are given up. */
function leftOver({ counts, redeemed, memo }: CursorState): Pick<CursorState, 'counts' | 'redeemed' | 'memo'> {
  return { counts, ...(redeemed && { redeemed }), ...(memo && { memo }) };
}

class MemoryCursor implements Cursor {
  readonly #known: Known;
  readonly #saved: () => void;
  #ended = false;
  /** Something was saved after the end. */
  #refused = false;
  /** The process that dies takes this journal along. */
  readonly died = null;

  constructor(known: Known, saved: () => void) {
    this.#known = known;
    this.#saved = saved;
  }

  get name(): string {
    return this.#known.name;
  }
  get birth(): Position {
    return this.#known.birth;
  }
  get state(): CursorState {
    return this.#known.state;
  }

  save(state: CursorState): void {
    if (this.#ended) {
      this.#refused = true;
      return;
    }
    this.#known.state = state;
    this.#saved();
  }

  end(): void {
    this.#ended = true;
  }

  written(): Promise<void> {
    return this.flush();
  }

  async flush(): Promise<void> {
    if (!this.#refused) return;
    throw new JournalError('closed', `the cursor ${JSON.stringify(this.name)} is closed; its state was not saved`);
  }

  attempting(): void {}
}
