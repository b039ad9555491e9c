/** What must be true of a journal that was opened on what a crash left. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { DeadLetter } from '../../../../src/journal/dead-letters.ts';
import type { CursorState, Entry, Journal, NewEntry, Position } from '../../../../src/journal/journal.ts';
import { numberOf, readAll } from '../../entries.ts';
import {
  type CursorFacts,
  type Cursors,
  type Facts,
  type FoundCursor,
  type KeptLetter,
  type Letters,
  letterId,
} from './history.ts';

/** What the journal has, as it says itself. */
export interface Found {
  readonly entries: readonly Entry[];
  readonly cursors: readonly FoundCursor[];
  readonly letters: readonly KeptLetter[];
}

/**
 * What a loss of power explains: of frames that were written together some may be torn, and those behind them whole. None of
 * them was answered for.
 */
const TORN = / is damaged: positions \d+ to \d+ are lost| ends in a change that is not whole and was left out/;

/** @throws {AssertionError} for what breaks a promise. */
export async function check(journal: Journal, facts: Facts): Promise<Found> {
  const { notes, next } = journal.status();
  const cursors = journal.cursors().map(({ name, birth, state }) => ({ name, birth, state }));
  checkCursors(cursors, facts, next);
  const { entries, lost } = await readAll(journal, 1, 50);
  checkEntries(entries, lost, cursors, facts);
  assert.deepEqual(
    facts.powerLost ? notes.filter((note) => !TORN.test(note)) : notes,
    [],
    'nothing is damaged by a crash',
  );
  const letters: KeptLetter[] = [];
  for (const info of journal.deadLetters.list()) {
    const letter = await journal.deadLetters.get(info);
    assert.ok(letter, `the dead letter ${letterId(info)} is listed and can be read`);
    letters.push({ letter, retrying: info.retrying });
  }
  checkLetters(letters, facts);
  return { entries, cursors, letters };
}

function checkEntries(
  entries: readonly Entry[],
  lost: readonly (readonly [Position, Position])[],
  cursors: readonly FoundCursor[],
  facts: Facts,
): void {
  const numbers = new Map<number, Position>();
  for (const found of entries) {
    const { position } = found;
    const promised = facts.promised.get(position);
    // An erased one does not tell its number any more.
    const number = found.erased ? promised : numberOf(found);
    const known = number === undefined ? undefined : facts.entries.get(number);
    assert.ok(number !== undefined && known, `position ${position} holds an entry that nobody appended`);
    assert.ok(promised === undefined || promised === number, `position ${position} holds ${number}, not ${promised}`);
    assert.ok(isSame(found, known.entry, facts.erased.get(number)), `entry ${number} at ${position} has changed`);
    assert.notEqual(known.call.outcome, 'refused', `entry ${number} at ${position} was refused`);
    assert.ok(!numbers.has(number), `entry ${number} is there twice`);
    numbers.set(number, position);
  }

  // Only what every delivery has settled durably may be gone.
  const kept = cursors.filter(({ name, state }) => state.retiredAt === undefined && !facts.givenUp.has(name));
  const settledBelow = Math.min(...kept.map(({ state }) => state.cursor));
  for (const [position, number] of facts.promised) {
    // One that was just being overwritten may be torn.
    if (numbers.has(number) || facts.erased.get(number) === false) continue;
    assert.ok(position < settledBelow, `entry ${number} at ${position} is gone, and a delivery needs it`);
  }
  for (const [key, { position }] of facts.keys) {
    // The id of an entry that an erasure tore may outlive it, in a file of ids, as it outlives one that is erased: whoever
    // sends that entry again sends what a person wanted gone, and it must not come back. Its position may stand for no other id.
    const number =
      facts.promised.get(position) ??
      entries.find((entry) => entry.position === position)?.metadata.number ??
      facts.torn.get(position);
    const known = facts.entries.get(Number(number));
    const isThere = known ? known.entry.dedupKey === key : position < settledBelow;
    assert.ok(isThere, `${key} was called a duplicate of what is not at ${position}`);
  }
  checkCalls(numbers, lost, facts);
}

/** As it was appended, or overwritten where that was asked for: `erased` is true where that is done. */
function isSame(found: Entry, original: NewEntry, erased: boolean | undefined): boolean {
  const { source, receivedAt, records } = original;
  const { position, ...rest } = found;
  const blank = { source, receivedAt, records, metadata: {}, body: Buffer.alloc(0), erased: true };
  if (erased !== undefined && isDeepStrictEqual({ ...rest, body: Buffer.from(rest.body) }, blank)) return true;
  const { dedupKey: _, ...expected } = original;
  const exact = { ...expected, body: Buffer.from(expected.body) };
  return erased !== true && isDeepStrictEqual({ ...rest, body: Buffer.from(rest.body) }, exact);
}

/** An append that was under way is there whole or not at all, unless its bytes were torn. */
function checkCalls(
  stored: ReadonlyMap<number, Position>,
  lost: readonly (readonly [Position, Position])[],
  facts: Facts,
): void {
  for (const { entries, outcome } of facts.calls) {
    if (outcome !== 'open') continue;
    const numbers = entries.map(({ metadata }) => Number(metadata.number));
    const found = numbers.filter((number) => stored.has(number));
    if (found.length === 0) continue;
    const positions = found.map((number) => stored.get(number) as Position);
    const low = Math.min(...positions) - entries.length;
    const high = Math.max(...positions) + entries.length;
    const isTorn = lost.some(([from, to]) => from <= high && to >= low);
    // What is missing of it was torn, or a duplicate.
    for (const [index, { dedupKey }] of entries.entries()) {
      if (stored.has(numbers[index] as number)) continue;
      assert.ok(isTorn || dedupKey !== undefined, `of the append of ${numbers} only ${found} are there`);
    }
  }
}

function checkCursors(found: readonly FoundCursor[], facts: Facts, next: Position): void {
  for (const { name, birth, state } of found) {
    assert.ok(state.cursor <= next, `the cursor ${name} is at ${state.cursor}, the log ends at ${next}`);
    assert.ok(birth <= next, `the cursor ${name} was born at ${birth}, the log ends at ${next}`);
  }
  const reasons = facts.cursors.map((known) => disagreement(found, known));
  if (!reasons.includes(undefined)) assert.fail(`cursors: ${reasons.join('; or ')}`);
}

/** Why the cursors on disk are not what is expected; undefined when they are. */
function disagreement(found: readonly FoundCursor[], known: Cursors): string | undefined {
  const missing = [...known.keys()].find((name) => !found.some((cursor) => cursor.name === name));
  if (missing !== undefined) return `${missing} is missing`;
  for (const { name, birth, state } of found) {
    const facts = known.get(name);
    if (!facts) return `nobody opened ${name}`;
    if (facts.birth !== undefined && facts.birth !== birth) return `${name} was born at ${facts.birth}, not ${birth}`;
    if (facts.isRetired !== (state.retiredAt !== undefined))
      return `${name} is ${facts.isRetired ? 'not ' : ''}retired`;
    if (!isPossible(state, birth, facts)) return `${name} has the state ${JSON.stringify(state)}`;
  }
  return undefined;
}

function isPossible(state: CursorState, birth: Position, facts: CursorFacts): boolean {
  if (facts.isRetired) return isDeepStrictEqual(state.counts, facts.states.at(-1)?.counts);
  if (facts.states.length === 0) return state.cursor >= birth && isDeepStrictEqual(state.counts, facts.firstCounts);
  return facts.states.slice(facts.written).some((saved) => isDeepStrictEqual(plain(saved), plain(state)));
}

/** As the delivery saved it. */
function plain({ orphanedAt: _, ...state }: CursorState): unknown {
  return JSON.parse(JSON.stringify(state));
}

function checkLetters(found: readonly KeptLetter[], facts: Facts): void {
  const reasons = facts.letters.map((known) => lettersDisagreement(found, known));
  if (!reasons.includes(undefined)) assert.fail(`dead letters: ${reasons.join('; or ')}`);
}

function lettersDisagreement(found: readonly KeptLetter[], known: Letters): string | undefined {
  const ids = new Set(found.map(({ letter }) => letterId(letter)));
  const missing = [...known.keys()].find((id) => !ids.has(id));
  if (missing !== undefined) return `${missing} is missing`;
  for (const { letter, retrying } of found) {
    const id = letterId(letter);
    const expected = known.get(id);
    if (!expected) return `${id} is there, which was removed or never put`;
    if (!isDeepStrictEqual(comparable(letter), comparable(expected.letter))) return `${id} is not as it was put`;
    if (retrying !== expected.retrying) return `${id} is ${retrying ? '' : 'not '}to be sent again`;
  }
  return undefined;
}

function comparable({ entry, sent, ...rest }: DeadLetter): unknown {
  const bytes = (data: Uint8Array | undefined) => data && Buffer.from(data).toString('latin1');
  return JSON.parse(JSON.stringify({ ...rest, sent: bytes(sent), entry: { ...entry, body: bytes(entry.body) } }));
}
