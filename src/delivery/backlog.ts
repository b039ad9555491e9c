import type { CauseKind } from '../journal/dead-letters.ts';
import type { CursorState, Position } from '../journal/journal.ts';
import { insertRegion, type Region, regionsOf, type Sentence } from './regions.ts';

/**
 * With so many stretches waiting for another attempt nothing new is begun: what a delivery remembers, and its slot on disk,
 * stay small.
 */
const MAX_REGIONS = 500;
/** With more stretches than this to try again, a delivery in trouble seldom tries another one. */
const MAX_PROBED = 16;
const SELDOM = 8;

/**
 * What a delivery has still to send, and which stretch comes next. `now` is monotonic, and the same for every question of
 * one turn: a stretch that falls due between "is it due?" and "when will it be?" would be waited for by nobody.
 */
export class Backlog {
  readonly #regions: Region[];
  #taken: Region | undefined;
  readonly #condemned: { end: Position; sentence: Sentence }[] = [];
  /** The tail was read to its end, and nothing has arrived since. */
  tailRead = false;

  /** @param end first position that is none of its business; absent: it goes on with what arrives */
  constructor(state: CursorState, end?: Position) {
    this.#regions = regionsOf(state, end);
  }

  /** Everything that is pending and not on its way. */
  get open(): readonly Region[] {
    return this.#taken ? [...this.#regions, this.#taken] : this.#regions;
  }
  get empty(): boolean {
    return this.#regions.length === 0;
  }
  /** Where the next new entry will be. */
  get tail(): Position {
    return this.#regions.at(-1)?.from ?? 0;
  }
  get hasFailed(): boolean {
    return this.#regions.some(({ attempts }) => attempts > 0);
  }
  /** A refused batch is being halved. */
  get isSplitting(): boolean {
    return this.#regions.some(({ half }) => half);
  }
  /** So much is put aside that nothing new is begun. */
  get isFull(): boolean {
    return this.#regions.length > MAX_REGIONS;
  }
  /** Receipt of the oldest entry that failed, milliseconds since the epoch; Infinity without one. */
  get oldest(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#regions.map(({ oldest }) => oldest ?? Number.POSITIVE_INFINITY));
  }
  /** Why something is put aside, for people; null when nothing is. */
  get asideReason(): string | null {
    const aside = this.#regions.filter(({ refused, unburied }) => refused ?? unburied);
    const why = aside[0]?.unburied ?? aside[0]?.refused ?? null;
    if (why === null || !this.isFull) return why;
    return `${why} (${aside.length} batches are put aside; nothing new is begun)`;
  }

  put(region: Region): void {
    for (const doom of this.#condemned) {
      if (region.from >= doom.end || !isStronger(doom.sentence, region.sentence)) continue;
      if (region.to >= doom.end) this.put({ ...region, from: doom.end });
      insertRegion(this.#regions, condemned(region, doom));
      return;
    }
    insertRegion(this.#regions, region);
  }

  /** It is being read; until `release` it is nobody else's. */
  take(region: Region): void {
    this.#regions.splice(this.#regions.indexOf(region), 1);
    this.#taken = region;
  }
  release(): void {
    this.#taken = undefined;
  }

  /**
   * Whatever lies below `end` is not sent any more; what is on its way, only if it fails. To expire is stronger than to
   * become a dead letter.
   */
  condemn(end: Position, sentence: Sentence): void {
    const stronger = this.#condemned.filter((other) => other.end > end);
    this.#condemned.splice(0, this.#condemned.length, { end, sentence }, ...stronger);
    for (const region of this.#regions.splice(0)) this.put(region);
  }

  /** Takes back what was condemned to become letters of this kind. */
  pardon(kind: CauseKind): void {
    const isOf = (sentence: Sentence | undefined) => sentence?.kind === 'letter' && sentence.cause.kind === kind;
    const others = this.#condemned.filter(({ sentence }) => !isOf(sentence));
    this.#condemned.splice(0, this.#condemned.length, ...others);
    for (const region of this.#regions.splice(0))
      this.put(isOf(region.sentence) ? { ...region, sentence: undefined } : region);
  }

  /** Makes one position a stretch of its own, with other properties. False where it is not pending. */
  isolate(position: Position, changes: Partial<Region>): boolean {
    const index = this.#regions.findIndex(({ from, to }) => from <= position && to >= position);
    const [region] = index < 0 ? [] : this.#regions.splice(index, 1);
    if (!region) return false;
    if (region.from < position) this.put({ ...region, to: position - 1 });
    this.put({ ...region, from: position, to: position, ...changes });
    if (region.to > position) this.put({ ...region, from: position + 1 });
    return true;
  }

  /** The backend accepted something: what it had refused before is worth a second look now, rather than later. */
  secondLook(accepted: number): void {
    for (const [index, region] of this.#regions.entries()) {
      const refused = region.history?.refused;
      if (refused === undefined || refused >= accepted || !region.lone) continue;
      this.#regions[index] = { ...region, notBefore: Number.NEGATIVE_INFINITY };
    }
  }

  /** A stretch that is settled without the backend: that needs no mode. */
  sentenced(now: number): Region | undefined {
    return this.#regions.find(({ sentence, notBefore }) => sentence && notBefore <= now);
  }

  /**
   * What may be sent now, oldest first. Beside others, what was refused is tried one at a time, and only after something
   * was accepted; else it would make a good backend look like one that refuses everything.
   */
  eligible(
    now: number,
    given: { refusals: number; inFlight: readonly { readonly refusedBefore: boolean }[] },
  ): Region[] {
    const due = this.#due(now);
    const others = due.filter(({ refused }) => !refused);
    const probing = given.inFlight.some(({ refusedBefore }) => refusedBefore);
    const alone = others.length === 0 && given.inFlight.length === 0;
    return alone || (given.refusals === 0 && !probing) ? due : others;
  }

  /**
   * With what a delivery in trouble tries again. One record that the backend can't bear must not keep the rest waiting: in
   * turn something that it has not seen yet, and what was tried longest ago.
   * @param probes how often it was asked since the trouble began
   * @param mustBeNew what was tried has still to wait
   */
  probe(now: number, { probes, mustBeNew }: { probes: number; mustBeNew: boolean }): Region | undefined {
    const due = this.#due(now);
    if (mustBeNew) return due.find(({ attempts }) => attempts === 0);
    const tried = due.filter(({ attempts }) => attempts > 0).sort((a, b) => a.notBefore - b.notBefore);
    const untried = due.find(({ attempts }) => attempts === 0);
    if (tried.length === 0 || !untried) return tried[0] ?? untried;
    return probes % (tried.length < MAX_PROBED ? 2 : SELDOM) === 0 ? untried : tried[0];
  }

  /** There is something that the backend has not seen yet. */
  hasNew(now: number): boolean {
    return this.#due(now).some(({ attempts }) => attempts === 0);
  }

  /** Milliseconds until something that is not due now will be; undefined when there is nothing to wait for. */
  nextIn(now: number, atLeastMs: number): number | undefined {
    const waits = this.#regions
      .map(({ notBefore, sentence }) => Math.max(notBefore - now, sentence ? 0 : atLeastMs))
      .filter((wait) => wait > 0);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  #due(now: number): Region[] {
    return this.#regions.filter(({ notBefore, sentence, to }) => {
      if (notBefore > now || sentence) return false;
      return Number.isFinite(to) || (!this.tailRead && !this.isFull);
    });
  }
}

function isStronger(sentence: Sentence, present: Sentence | undefined): boolean {
  return !present || (sentence.kind === 'expire' && present.kind === 'letter');
}

function condemned(
  { from, to, attempts, ambiguous, oldest }: Region,
  doom: { end: Position; sentence: Sentence },
): Region {
  const { end, sentence } = doom;
  return {
    from,
    to: Math.min(to, end - 1),
    attempts,
    ambiguous,
    oldest,
    sentence,
    notBefore: Number.NEGATIVE_INFINITY,
  };
}
