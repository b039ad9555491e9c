/**
 * What was asked of a journal and what it promised, as a list of events: a crash image goes with the events before it. Facts
 * are what these events oblige the journal to.
 */

import type { DeadLetter, LetterKey } from '../../../../src/journal/dead-letters.ts';
import type { AppendResult, CursorState, Entry, NewEntry, Position } from '../../../../src/journal/journal.ts';
import { numberOf } from '../../entries.ts';

export type Event =
  | { readonly kind: 'append'; readonly call: number; readonly entries: readonly NewEntry[]; readonly at: number }
  | { readonly kind: 'appended'; readonly call: number; readonly results: readonly AppendResult[] }
  | { readonly kind: 'refused'; readonly call: number }
  /** Entries that a later life of the journal found and showed. */
  | { readonly kind: 'seen'; readonly entries: readonly Entry[] }
  /** The journal came near its limit: it makes room of what it can, of the ids of deleted segments too. */
  | { readonly kind: 'pressed' }
  /** What was written and not synced may be gone. */
  | { readonly kind: 'power lost' }
  | { readonly kind: 'saved'; readonly name: string; readonly state: CursorState }
  /** The states saved before so many are written, or durable. */
  | { readonly kind: 'written' | 'flushed'; readonly name: string; readonly states: number }
  | { readonly kind: 'changing'; readonly change: CursorChange }
  /** `birth` when a cursor was opened; `shaky`: on a disk that fails or is full, where what is given up may come back. */
  | { readonly kind: 'changed'; readonly birth?: Position; readonly shaky: boolean }
  /** It was refused, and nobody knows what came of it. */
  | { readonly kind: 'unchanged' }
  /** The cursors that a later life of the journal found. */
  | { readonly kind: 'found'; readonly cursors: readonly FoundCursor[] }
  /** The bytes of the entries with these numbers are to be overwritten. */
  | { readonly kind: 'erasing'; readonly numbers: readonly number[]; readonly shaky: boolean }
  | { readonly kind: 'erased'; readonly numbers: readonly number[] }
  | { readonly kind: 'letters'; readonly change: LetterChange }
  | { readonly kind: 'letters changed' }
  | { readonly kind: 'letters unchanged' }
  | { readonly kind: 'letters found'; readonly letters: readonly KeptLetter[] };

/** One at a time. */
export type CursorChange =
  | { readonly do: 'open'; readonly name: string }
  | { readonly do: 'forget'; readonly name: string }
  | { readonly do: 'retire'; readonly name: string; readonly counts: CursorState['counts'] }
  | { readonly do: 'rename'; readonly name: string; readonly to: string };

/** One at a time. */
export type LetterChange =
  | { readonly do: 'put'; readonly letters: readonly DeadLetter[] }
  | { readonly do: 'retry' | 'remove'; readonly keys: readonly LetterKey[] }
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  /** Those of the entries with these numbers. */
  | { readonly do: 'erase'; readonly numbers: readonly number[] };

export interface KeptLetter {
  readonly letter: DeadLetter;
  readonly retrying: boolean;
}

export interface FoundCursor {
  readonly name: string;
  readonly birth: Position;
  readonly state: CursorState;
}

export interface CallFacts {
  readonly entries: readonly NewEntry[];
  /** The wall clock at the call. */
  readonly at: number;
  outcome: 'open' | 'refused' | readonly AppendResult[];
}

export interface CursorFacts {
  /** Undefined while nobody was told. */
  readonly birth: Position | undefined;
  /** Its counts when it was born. */
  readonly firstCounts: CursorState['counts'];
  /** Every state that it was given, oldest first; none while its opening has not resolved. */
  readonly states: readonly CursorState[];
  /** Number of the oldest state that may be found on disk; after a loss of power it is `durable`. */
  readonly written: number;
  readonly durable: number;
  readonly isRetired: boolean;
}

export type Cursors = ReadonlyMap<string, CursorFacts>;
/** By `letterId`. */
export type Letters = ReadonlyMap<string, KeptLetter>;

export interface Facts {
  readonly calls: readonly CallFacts[];
  /** By the number that each tells. */
  readonly entries: ReadonlyMap<number, { readonly entry: NewEntry; readonly call: CallFacts }>;
  /** The number of the entry that lies at a position, for whoever asks. */
  readonly promised: ReadonlyMap<Position, number>;
  /** Of each key, the position that is known last, and a time (ms since the epoch) after which it was stored. */
  readonly keys: ReadonlyMap<string, { readonly position: Position; readonly since: number }>;
  /** Ids of entries that are deleted may be forgotten. */
  readonly isPressed: boolean;
  /** At any time before. */
  readonly powerLost: boolean;
  /** More than one where a change is under way, or failed: then nobody knows. */
  readonly cursors: readonly Cursors[];
  /** Names of cursors that were to be given up: nothing need be kept for them, also where a crash came before the end. */
  readonly givenUp: ReadonlySet<string>;
  readonly letters: readonly Letters[];
  /** Numbers of entries whose bytes may be overwritten; true: are. */
  readonly erased: ReadonlyMap<number, boolean>;
  /** Where a loss of power tore an entry that was being overwritten, and its number: it is gone, and nobody asks for it any more. */
  readonly torn: ReadonlyMap<Position, number>;
  /**
   * Numbers of entries that were to be overwritten on a disk that was full or failed: there the end of a log that is torn
   * counts as never answered for, and its positions may be given again.
   */
  readonly shaky: ReadonlySet<number>;
}

export function letterId({ delivery, position }: LetterKey): string {
  return `${position} ${delivery}`;
}

export function factsOf(events: readonly Event[]): Facts {
  const calls: CallFacts[] = [];
  const entries = new Map<number, { entry: NewEntry; call: CallFacts }>();
  const promised = new Map<Position, number>();
  const keys = new Map<string, { position: Position; since: number }>();
  /** `isBefore`: as things were when the change that is under way began. */
  let cursors: { known: Map<string, CursorFacts>; isBefore: boolean }[] = [{ known: new Map(), isBefore: true }];
  const update = (name: string, change: (facts: CursorFacts) => CursorFacts) => {
    cursors = cursors.map(({ known, isBefore }) => ({ known: withCursor(known, name, change), isBefore }));
  };
  let letters: Map<string, KeptLetter>[] = [new Map()];
  const erased = new Map<number, boolean>();
  const torn = new Map<Position, number>();
  const shaky = new Set<number>();
  const givenUp = new Set<string>();
  let isPressed = false;
  let powerLost = false;
  let pending: CursorChange | undefined;
  let pendingLetters: LetterChange['do'] | undefined;

  for (const event of events) {
    switch (event.kind) {
      case 'append': {
        const call: CallFacts = { entries: event.entries, at: event.at, outcome: 'open' };
        calls[event.call] = call;
        for (const entry of event.entries) entries.set(Number(entry.metadata.number), { entry, call });
        break;
      }
      case 'refused':
        (calls[event.call] as CallFacts).outcome = 'refused';
        break;
      case 'appended': {
        const call = calls[event.call] as CallFacts;
        call.outcome = event.results;
        for (const [index, { kind, position }] of event.results.entries()) {
          const { metadata, dedupKey } = call.entries[index] as NewEntry;
          if (kind === 'stored') promised.set(position, Number(metadata.number));
          if (dedupKey === undefined || keys.get(dedupKey)?.position === position) continue;
          keys.set(dedupKey, { position, since: kind === 'stored' ? call.at : Number.NEGATIVE_INFINITY });
        }
        break;
      }
      case 'seen':
        for (const found of event.entries) {
          // An erased one does not tell its number any more.
          const number = found.erased ? (promised.get(found.position) ?? 0) : numberOf(found);
          promised.set(found.position, number);
          if (!found.erased) erased.delete(number);
          const known = entries.get(number);
          if (known?.entry.dedupKey !== undefined)
            keys.set(known.entry.dedupKey, { position: found.position, since: known.call.at });
        }
        for (const [position, number] of promised) {
          if (erased.get(number) !== false || event.entries.some((found) => found.position === position)) continue;
          torn.set(position, number);
          promised.delete(position);
          for (const [key, known] of keys) if (known.position === position) keys.delete(key);
        }
        break;
      case 'saved':
        update(event.name, (facts) => ({ ...facts, states: [...facts.states, event.state] }));
        break;
      case 'written':
        update(event.name, (facts) => ({ ...facts, written: Math.max(facts.written, event.states - 1) }));
        break;
      case 'flushed':
        update(event.name, (facts) => {
          const durable = Math.max(facts.durable, event.states - 1);
          return { ...facts, durable, written: Math.max(facts.written, durable) };
        });
        break;
      case 'changing': {
        const { change } = event;
        pending = change;
        const isNew = cursors.every(({ known }) => known.get(change.name)?.isRetired ?? true);
        if (change.do === 'forget' || change.do === 'retire') givenUp.add(change.name);
        else if (change.do === 'open' && isNew) givenUp.delete(change.name);
        else if (change.do === 'rename' && givenUp.has(change.name)) givenUp.add(change.to);
        cursors = cursors.flatMap(({ known }) => [
          { known, isBefore: true },
          { known: changed(known, change, undefined), isBefore: false },
          { known: halfChanged(known, change), isBefore: false },
        ]);
        break;
      }
      case 'changed': {
        const change = pending as CursorChange;
        const before = cursors.filter(({ isBefore }) => isBefore).map(({ known }) => known);
        const after = before.map((known) => changed(known, change, event.birth));
        if (event.shaky) after.push(...before.map((known) => halfChanged(known, change)));
        cursors = after.map((known) => ({ known, isBefore: false }));
        break;
      }
      case 'unchanged':
        break;
      case 'pressed':
        isPressed = true;
        break;
      case 'power lost':
        powerLost = true;
        cursors = cursors.map(({ known, isBefore }) => ({ known: onlyDurable(known), isBefore }));
        break;
      case 'found':
        cursors = [{ known: foundCursors(event.cursors), isBefore: false }];
        break;
      case 'erasing':
        for (const number of event.numbers) {
          erased.set(number, erased.get(number) ?? false);
          if (event.shaky) shaky.add(number);
        }
        break;
      case 'erased':
        for (const number of event.numbers) erased.set(number, true);
        break;
      case 'letters':
        pendingLetters = event.change.do;
        letters = letters.flatMap((known) => [known, lettersChanged(known, event.change)]);
        break;
      case 'letters changed':
        letters = letters.filter((_, index) => index % 2 === 1);
        break;
      case 'letters unchanged':
        // The others are several changes.
        if (pendingLetters === 'put' || pendingLetters === 'retry' || pendingLetters === 'remove')
          letters = letters.filter((_, index) => index % 2 === 0);
        break;
      case 'letters found':
        letters = [new Map(event.letters.map((kept) => [letterId(kept.letter), kept]))];
        break;
    }
  }
  return {
    calls,
    entries,
    promised,
    keys,
    isPressed,
    powerLost,
    cursors: cursors.map(({ known }) => known),
    letters,
    givenUp,
    erased,
    torn,
    shaky,
  };
}

function foundCursors(found: readonly FoundCursor[]): Map<string, CursorFacts> {
  return new Map(
    found.map(({ name, birth, state }) => {
      return [
        name,
        { birth, firstCounts: {}, states: [state], written: 0, durable: 0, isRetired: state.retiredAt !== undefined },
      ];
    }),
  );
}

function onlyDurable(known: Cursors): Map<string, CursorFacts> {
  return new Map([...known].map(([name, facts]) => [name, { ...facts, written: facts.durable }]));
}

function withCursor(
  known: Cursors,
  name: string,
  change: (facts: CursorFacts) => CursorFacts,
): Map<string, CursorFacts> {
  const facts = known.get(name);
  const result = new Map(known);
  if (facts) result.set(name, change(facts));
  return result;
}

function changed(known: Cursors, change: CursorChange, birth: Position | undefined): Map<string, CursorFacts> {
  const result = new Map(known);
  const facts = known.get(change.name);
  switch (change.do) {
    case 'open': {
      if (facts && !facts.isRetired) break;
      // A retired one keeps its counts, and what it noted.
      const { counts = {}, memo } = facts?.states.at(-1) ?? {};
      result.set(change.name, {
        birth,
        firstCounts: counts,
        states: birth === undefined ? [] : [{ cursor: birth, settled: [], counts, ...(memo && { memo }) }],
        written: 0,
        durable: 0,
        isRetired: false,
      });
      break;
    }
    case 'forget':
      result.delete(change.name);
      break;
    case 'retire':
      if (!facts) break;
      result.set(change.name, {
        ...facts,
        states: [{ ...(facts.states.at(-1) as CursorState), counts: change.counts }],
        written: 0,
        durable: 0,
        isRetired: true,
      });
      break;
    case 'rename':
      if (!facts) break;
      result.delete(change.name);
      result.set(change.to, facts);
      break;
  }
  return result;
}

/** What a crash may leave besides: both names of a renamed one, and a forgotten one that starts again at its birth. */
function halfChanged(known: Cursors, change: CursorChange): Map<string, CursorFacts> {
  const result = new Map(known);
  const facts = known.get(change.name);
  if (facts && change.do === 'rename') result.set(change.to, facts);
  if (facts && change.do === 'forget')
    result.set(change.name, { ...facts, firstCounts: {}, states: [], isRetired: false });
  return result;
}

function lettersChanged(known: Letters, change: LetterChange): Map<string, KeptLetter> {
  const result = new Map(known);
  if (change.do === 'put') {
    for (const letter of change.letters) result.set(letterId(letter), { letter, retrying: false });
  }
  if (change.do === 'remove') for (const key of change.keys) result.delete(letterId(key));
  if (change.do === 'retry') {
    for (const key of change.keys) {
      const kept = known.get(letterId(key));
      if (kept) result.set(letterId(key), { ...kept, retrying: true });
    }
  }
  if (change.do === 'erase') {
    for (const [id, { letter }] of known) if (change.numbers.includes(numberOf(letter.entry))) result.delete(id);
  }
  if (change.do === 'rename') {
    for (const { letter, retrying } of known.values()) {
      if (letter.delivery !== change.from) continue;
      result.delete(letterId(letter));
      const renamed = { ...letter, delivery: change.to };
      result.set(letterId(renamed), { letter: renamed, retrying });
    }
  }
  return result;
}
