/** What a life does, step by step. */
import type { Cause, DeadLetter } from '../../../../src/journal/dead-letters.ts';
import type { Entry, NewEntry } from '../../../../src/journal/journal.ts';
import { entry, numberOf } from '../../entries.ts';
import type { Life } from './life.ts';
import type { Operation } from './memory-disk.ts';

export type Step =
  /** Appends that are called at the same time. Not waited for: the script goes on. */
  | { readonly do: 'append'; readonly calls: readonly (readonly NewOne[])[]; readonly wait: boolean }
  /** The cursor moves on by so many entries; `ahead`: and has one settled beyond the next. */
  | {
      readonly do: 'settle';
      readonly cursor: Name;
      readonly by: number;
      readonly ahead: boolean;
      readonly until: Until;
    }
  /** The next entries at the cursor become dead letters, then the cursor moves past them. */
  | { readonly do: 'bury'; readonly cursor: Name; readonly count: number; readonly until: Until }
  /** The oldest dead letters are to be sent again, or are removed. */
  | { readonly do: 'retry' | 'remove'; readonly count: number }
  | { readonly do: 'open'; readonly cursor: Name; readonly start: 'end' | 'beginning' | 'next to last' }
  | { readonly do: 'close' | 'forget' | 'retire'; readonly cursor: Name }
  | { readonly do: 'rename'; readonly cursor: Name; readonly to: Name }
  | { readonly do: 'erase'; readonly every: number }
  | { readonly do: 'maintain dead letters' }
  | { readonly do: 'pass'; readonly ms: number }
  /** The volume has room for so many more bytes. */
  | { readonly do: 'fill'; readonly room: number }
  | { readonly do: 'make room' }
  /** The next such operation on such a file fails with EIO; after it, once, the one that comes `next`. */
  | { readonly do: 'fail'; readonly operation: Operation; readonly on: string; readonly next?: Operation }
  | { readonly do: 'restart' };

/** An entry that is to be appended. */
export interface NewOne {
  readonly key: string | undefined;
  readonly bytes: number;
}

/** What the script waits for before it goes on. */
export type Until = 'go on' | 'written' | 'flush';
export type Name = 'logs -> a' | 'logs -> b' | 'logs -> ../c';

/** Runs the steps that make sense where they come, and leaves the journal open. */
export async function run(life: Life, script: readonly Step[]): Promise<void> {
  for (const step of script) await runStep(life, step);
}

async function runStep(life: Life, step: Step): Promise<void> {
  const { disk, clock, journal } = life;
  switch (step.do) {
    case 'append': {
      let number = life.facts.entries.size;
      const calls = step.calls.map((call) => call.map((one) => newEntry(++number, one)));
      const appends = Promise.all(calls.map((entries) => life.append(entries))).then(() => {});
      return step.wait ? appends : life.meanwhile(appends);
    }
    case 'settle': {
      const cursor = life.cursors.get(step.cursor);
      if (!cursor) return;
      const { next } = journal.status();
      const to = Math.min(next, cursor.state.cursor + step.by);
      const settled = step.ahead && to + 1 < next ? [[to + 1, to + 1] as const] : [];
      // Longer than a sector, so that it can be torn.
      const memo = step.ahead ? { last: 'what the backend said '.repeat(40) } : undefined;
      life.save(cursor, { cursor: to, settled, counts: { delivered: to + settled.length }, memo });
      return follow(life, step.cursor, step.until);
    }
    case 'bury': {
      const cursor = life.cursors.get(step.cursor);
      if (!cursor) return;
      const { entries, next } = await journal.read(cursor.state.cursor, { maxEntries: step.count, maxBytes: 100_000 });
      if (entries.length === 0) return;
      const letters = entries.map((entry) => letterOf(step.cursor, entry, clock.now()));
      const refusals = life.refusals;
      await life.put(letters);
      // A delivery whose letters were refused holds.
      if (life.refusals > refusals) return;
      life.save(cursor, { cursor: next, settled: [], counts: { dead_lettered: letters.length } });
      return follow(life, step.cursor, step.until);
    }
    case 'retry':
    case 'remove': {
      const letters = journal.deadLetters.list().slice(0, step.count);
      const keys = letters.map(({ delivery, position }) => ({ delivery, position }));
      if (keys.length === 0) return;
      return step.do === 'retry' ? life.retry(keys) : life.remove(keys);
    }
    case 'open': {
      if (life.cursors.has(step.cursor)) return;
      const { first, next } = journal.status();
      const start = step.start === 'next to last' ? Math.max(first, next - 1) : step.start;
      return life.openCursor(step.cursor, start);
    }
    case 'close':
      return life.cursors.has(step.cursor) ? life.closeCursor(step.cursor) : undefined;
    case 'forget':
    case 'retire':
      if (!isClosed(life, step.cursor)) return;
      return step.do === 'forget' ? life.forget(step.cursor) : life.retire(step.cursor, { expired: 1 });
    case 'rename':
      if (!isClosed(life, step.cursor) || isKnown(life, step.to)) return;
      return life.rename(step.cursor, step.to);
    case 'erase': {
      // Of what is still being written nobody knows whether it is there to be erased.
      const numbers = [...life.facts.promised.values()].filter((number) => number % step.every === 0);
      return life.erase(numbers);
    }
    case 'maintain dead letters':
      return journal.deadLetters.maintain();
    case 'pass':
      clock.jump(Math.max(0, step.ms - 6_000));
      await clock.advance(Math.min(step.ms, 6_000));
      return disk.idle();
    case 'fill':
      return life.fill(step.room);
    case 'make room':
      disk.capacity = Number.POSITIVE_INFINITY;
      return;
    case 'fail':
      life.trouble = true;
      fail(life, [step.operation, ...(step.next ? [step.next] : [])], step.on);
      return;
    case 'restart':
      await life.close();
      disk.before = () => {};
      disk.capacity = Number.POSITIVE_INFINITY;
      return life.open();
  }
}

async function follow(life: Life, name: Name, until: Until): Promise<void> {
  const cursor = life.cursors.get(name);
  if (!cursor || until === 'go on') return;
  return until === 'written' ? life.written(cursor) : life.flush(cursor);
}

function isKnown(life: Life, name: Name): boolean {
  return life.journal.cursors().some((cursor) => cursor.name === name);
}
function isClosed(life: Life, name: Name): boolean {
  return isKnown(life, name) && !life.cursors.has(name);
}

function newEntry(number: number, { key, bytes }: NewOne): NewEntry {
  const body = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) body[at] = (number * 31 + at * 7) % 256;
  return entry(number, { dedupKey: key, body, records: 1 + (number % 3) });
}

const CAUSE: Cause = { kind: 'rejected', summary: 'the backend refused it', status: 400, body: 'no such field' };

function letterOf(delivery: string, entry: Entry, at: number): DeadLetter {
  const sent = numberOf(entry) % 2 === 0 ? Buffer.from(`{"resourceLogs":[${numberOf(entry)}]}`) : undefined;
  return { delivery, position: entry.position, entry, sent, cause: CAUSE, at, attempts: 1 };
}

/** Each of these operations fails once, in this order. */
function fail(life: Life, [operation, ...others]: readonly Operation[], on: string): void {
  const { disk } = life;
  disk.before = (present, path) => {
    if (present !== operation || !path.endsWith(on)) return;
    fail(life, others, on);
    throw Object.assign(new Error(`EIO: ${present}`), { code: 'EIO' });
  };
}
