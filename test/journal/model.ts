/** What must be true of a journal after any history of commands. */
import assert from 'node:assert/strict';
import type fc from 'fast-check';
import type { Cursor, CursorInfo, Journal, NewEntry } from '../../src/journal/journal.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { entry, numberOf } from './entries.ts';

interface Stored {
  readonly number: number;
  readonly storedAt: number;
  erased: boolean;
}

interface Known {
  birth: number;
  cursor: number;
  counts: Record<string, number>;
  retired: boolean;
  open: boolean;
  /** The cursor is surely synced: what is deleted depends on that. */
  durable: boolean;
  attempting: number | null;
  /** What the next process is to be told, or this one was. */
  died: Cursor['died'];
}

export class Model {
  /** At position index + 1. */
  readonly entries: Stored[] = [];
  readonly keys = new Map<string, number>();
  readonly cursors = new Map<string, Known>();
  count = 0;
  first = 1;

  get next(): number {
    return this.entries.length + 1;
  }
  get alive(): Known[] {
    return [...this.cursors.values()].filter(({ retired }) => !retired);
  }
}

export interface Real {
  journal: Journal;
  readonly clock: FakeClock;
  /** Whether a death of the process can be told. */
  readonly marks: boolean;
  /** Those that are open. */
  readonly cursors: Map<string, Cursor>;
  /** Closes or kills, harms the files in a way that must not matter, and opens again. */
  reopen(how: Reopening): Promise<void>;
  /** Lets the journal do what it does now and then. */
  maintain(): Promise<void>;
}
export type Reopening = 'stop' | 'torn' | 'without ids' | 'without states' | 'crash';

/** Checks everything that can be seen at once after each command. */
abstract class Command implements fc.AsyncCommand<Model, Real> {
  check(_: Readonly<Model>): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    const { first, next, slowest } = real.journal.status();
    assert.equal(next, model.next);
    assert.ok(first >= model.first, `${first} begins before ${model.first}`);
    model.first = first;
    for (const { cursor } of model.alive)
      assert.ok(first <= cursor, `position ${cursor} is deleted: begins at ${first}`);
    if (model.alive.every(({ durable }) => durable)) {
      const least = Math.min(...model.alive.map(({ cursor }) => cursor));
      assert.equal(slowest === null ? Number.POSITIVE_INFINITY : model.cursors.get(slowest)?.cursor, least);
    }
    assert.deepEqual(real.journal.cursors().map(essence).sort(byName), [...model.cursors].map(expected).sort(byName));
  }
  protected abstract act(model: Model, real: Real): Promise<void>;
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
const essence = ({ name, birth, open, state }: CursorInfo) => {
  return { name, birth, open, cursor: state.cursor, counts: state.counts, retired: state.retiredAt !== undefined };
};
const expected = ([name, { birth, open, cursor, counts, retired }]: [string, Known]) => {
  return { name, birth, open, cursor, counts, retired };
};

export class Append extends Command {
  readonly calls: readonly (readonly { key: string | undefined; bytes: number }[])[];
  constructor(calls: Append['calls']) {
    super();
    this.calls = calls;
  }
  override async act(model: Model, { journal, clock }: Real): Promise<void> {
    const batches: NewEntry[][] = this.calls.map((call) =>
      call.map(({ key: dedupKey, bytes }) =>
        entry(++model.count, { dedupKey, body: Buffer.alloc(bytes, model.count) }),
      ),
    );
    const results = await Promise.all(batches.map((batch) => journal.append(batch)));
    for (const [at, { dedupKey, metadata }] of batches.flat().entries()) {
      const known = dedupKey === undefined ? undefined : model.keys.get(dedupKey);
      const stored = { number: Number(metadata.number), storedAt: clock.now(), erased: false };
      const position = known ?? model.entries.push(stored);
      if (dedupKey !== undefined) model.keys.set(dedupKey, position);
      assert.deepEqual(results.flat()[at], { kind: known === undefined ? 'stored' : 'duplicate', position });
    }
  }
  override toString = () => `append ${JSON.stringify(this.calls)}`;
}

export class Read extends Command {
  readonly from: number;
  readonly maxEntries: number;
  constructor(from: number, maxEntries: number) {
    super();
    this.from = from;
    this.maxEntries = maxEntries;
  }
  override async act(model: Model, { journal }: Real): Promise<void> {
    const from = 1 + (this.from % model.next);
    const { entries, next, lost } = await journal.read(from, { maxEntries: this.maxEntries, maxBytes: 1_000_000 });
    const { first } = journal.status();
    assert.deepEqual(lost, from < first ? [[from, first - 1]] : []);
    const start = Math.max(from, first);
    const expected = model.entries.slice(start - 1, start - 1 + this.maxEntries);
    assert.equal(next, start + expected.length);
    assert.deepEqual(
      entries.map(({ position }) => position),
      expected.map((_, index) => start + index),
    );
    for (const [index, { erased, number }] of expected.entries()) {
      const found = entries[index];
      assert.ok(found);
      assert.equal(found.erased ?? false, erased);
      if (erased) assert.deepEqual([found.body.length, found.metadata], [0, {}]);
      else assert.ok(numberOf(found) === number && found.body.every((byte) => byte === number % 256));
    }
  }
  override toString = () => `read ${this.from} ${this.maxEntries}`;
}

export class Tally extends Command {
  readonly from: number;
  constructor(from: number) {
    super();
    this.from = from;
  }
  override async act(model: Model, { journal }: Real): Promise<void> {
    const from = Math.max(1 + (this.from % model.next), journal.status().first);
    assert.equal(await journal.tally({ from, to: model.next }, ['intercom']), model.next - from);
  }
  override toString = () => `tally ${this.from}`;
}

export class Seek extends Command {
  readonly ago: number;
  constructor(ago: number) {
    super();
    this.ago = ago;
  }
  override async act(model: Model, { journal, clock }: Real): Promise<void> {
    const time = clock.now() - this.ago;
    const { first } = journal.status();
    const found = model.entries.findIndex(({ storedAt }, index) => index + 1 >= first && storedAt >= time);
    assert.equal(await journal.seek(time), found === -1 ? model.next : found + 1);
  }
  override toString = () => `seek -${this.ago}`;
}

export class Erase extends Command {
  readonly divisor: number;
  constructor(divisor: number) {
    super();
    this.divisor = divisor;
  }
  override async act(model: Model, { journal }: Real): Promise<void> {
    const { first } = journal.status();
    const wanted = model.entries.filter(
      ({ number, erased }, index) => index + 1 >= first && !erased && number % this.divisor === 0,
    );
    const erased = await journal.erase((found) => numberOf(found) % this.divisor === 0);
    assert.deepEqual(erased, { entries: wanted.length, letters: 0 });
    for (const found of wanted) found.erased = true;
  }
  override toString = () => `erase every ${this.divisor}.`;
}

export class Pass extends Command {
  readonly ms: number;
  constructor(ms: number) {
    super();
    this.ms = ms;
  }
  override async act(_: Model, { clock }: Real): Promise<void> {
    clock.jump(this.ms);
  }
  override toString = () => `the clock jumps ${this.ms}`;
}

export class Open extends Command {
  readonly name: string;
  readonly start: 'end' | 'beginning' | number;
  constructor(name: string, start: Open['start']) {
    super();
    this.name = name;
    this.start = start;
  }
  override check(model: Readonly<Model>): boolean {
    return !model.cursors.get(this.name)?.open;
  }
  override async act(model: Model, { journal, cursors, marks }: Real): Promise<void> {
    const { first } = journal.status();
    const cursor = await journal.openCursor(this.name, { start: this.start });
    cursors.set(this.name, cursor);
    let known = model.cursors.get(this.name);
    if (!known || known.retired) {
      const wanted = this.start === 'end' ? model.next : this.start === 'beginning' ? 1 : this.start;
      // What a retired one gave up is not its business again.
      const birth = Math.max(known?.cursor ?? 1, Math.min(model.next, Math.max(first, wanted)));
      const counts = known?.counts ?? {};
      const died = known?.died ?? null;
      known = { birth, cursor: birth, counts, retired: false, open: true, durable: true, attempting: null, died };
      model.cursors.set(this.name, known);
    }
    known.open = true;
    known.attempting = null;
    assert.deepEqual(cursor.died, marks ? known.died : null);
  }
  override toString = () => `open ${this.name} at ${this.start}`;
}

export class Close extends Command {
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
  override async act(model: Model, { journal, cursors }: Real): Promise<void> {
    await journal.closeCursor(this.name);
    cursors.delete(this.name);
    const known = model.cursors.get(this.name);
    if (known?.open) Object.assign(known, { open: false, died: null, durable: true });
  }
  override toString = () => `close ${this.name}`;
}

export class Save extends Command {
  readonly name: string;
  readonly step: number;
  /** How far it goes before the next command. */
  readonly until: 'flush' | 'written';
  constructor(name: string, step: number, until: Save['until']) {
    super();
    this.name = name;
    this.step = step;
    this.until = until;
  }
  override check(model: Readonly<Model>): boolean {
    return model.cursors.get(this.name)?.open ?? false;
  }
  override async act(model: Model, { cursors }: Real): Promise<void> {
    const known = model.cursors.get(this.name) as Known;
    const cursor = cursors.get(this.name) as Cursor;
    const { cursor: position } = cursor.state;
    assert.equal(position, known.cursor);
    known.cursor = Math.min(model.next, position + this.step);
    known.counts = { settled: known.cursor };
    known.durable = this.until === 'flush';
    cursor.save({ cursor: known.cursor, settled: [], counts: known.counts });
    await cursor[this.until]();
  }
  override toString = () => `save ${this.name} +${this.step}, ${this.until}`;
}

export class Attempt extends Command {
  readonly name: string;
  readonly position: number | null;
  constructor(name: string, position: number | null) {
    super();
    this.name = name;
    this.position = position;
  }
  override check(model: Readonly<Model>): boolean {
    return model.cursors.get(this.name)?.open ?? false;
  }
  override async act(model: Model, { cursors }: Real): Promise<void> {
    cursors.get(this.name)?.attempting(this.position);
    (model.cursors.get(this.name) as Known).attempting = this.position;
  }
  override toString = () => `attempt ${this.name} ${this.position}`;
}

export class GiveUp extends Command {
  readonly name: string;
  readonly how: 'forget' | 'retire';
  constructor(name: string, how: GiveUp['how']) {
    super();
    this.name = name;
    this.how = how;
  }
  override check(model: Readonly<Model>): boolean {
    return !model.cursors.get(this.name)?.open;
  }
  override async act(model: Model, { journal }: Real): Promise<void> {
    const known = model.cursors.get(this.name);
    if (this.how === 'forget') {
      await journal.forget(this.name);
      model.cursors.delete(this.name);
      return;
    }
    const counts = { expired: 1 };
    await journal.retire(this.name, counts);
    if (known) Object.assign(known, { retired: true, durable: true, cursor: model.next, counts });
  }
  override toString = () => `${this.how} ${this.name}`;
}

export class Rename extends Command {
  readonly from: string;
  readonly to: string;
  constructor(from: string, to: string) {
    super();
    this.from = from;
    this.to = to;
  }
  override async act(model: Model, { journal }: Real): Promise<void> {
    const known = model.cursors.get(this.from);
    const renaming = journal.rename(this.from, this.to);
    if (!known || known.open || model.cursors.has(this.to)) return assert.rejects(renaming, { code: 'failed' });
    await renaming;
    model.cursors.delete(this.from);
    model.cursors.set(this.to, { ...known, died: null });
  }
  override toString = () => `rename ${this.from} to ${this.to}`;
}

export class Orphans extends Command {
  override async act(model: Model, { journal }: Real): Promise<void> {
    const found = (await journal.orphans()).map(({ name }) => name).sort();
    const expected = [...model.cursors].filter(([, { open, retired }]) => !open && !retired).map(([name]) => name);
    assert.deepEqual(found, expected.sort());
  }
  override toString = () => 'orphans';
}

export class Maintain extends Command {
  override async act(_: Model, real: Real): Promise<void> {
    await real.maintain();
  }
  override toString = () => 'maintain';
}

export class Reopen extends Command {
  readonly how: Reopening;
  constructor(how: Reopening) {
    super();
    this.how = how;
  }
  override async act(model: Model, real: Real): Promise<void> {
    const { first } = real.journal.status();
    await real.reopen(this.how);
    real.cursors.clear();
    for (const [name, known] of model.cursors) {
      if (known.open && this.how === 'crash') known.died = deathOf(known);
      else if (known.open) known.died = null;
      known.open = false;
      known.durable = true;
      if (this.how !== 'without states') continue;
      if (known.retired) model.cursors.delete(name);
      else Object.assign(known, { cursor: Math.max(known.birth, first), counts: {} });
    }
  }
  override toString = () => `reopen: ${this.how}`;
}

function deathOf({ attempting, died }: Known): Cursor['died'] {
  return { position: attempting, deaths: died?.position === attempting && died ? died.deaths + 1 : 1 };
}
