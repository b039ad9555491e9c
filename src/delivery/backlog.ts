import type { CursorState, Position } from '../journal/journal.ts';
import { insertRegion, type Region, regionsOf } from './regions.ts';

/**
 * With so many stretches waiting for another attempt nothing new is begun: what a delivery remembers, and its slot on disk,
 * stay small.
 */
const MAX_REGIONS = 500;

/**
 * What a delivery has still to send, and which stretch comes next. `now` is monotonic, and the same for every question of
 * one turn: a stretch that falls due between "is it due?" and "when will it be?" would be waited for by nobody.
 */
export class Backlog {
  readonly #regions: Region[];
  #probes = 0;
  /** The tail was read to its end, and nothing has arrived since. */
  tailRead = false;

  constructor(state: CursorState) {
    this.#regions = regionsOf(state);
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }
  /** Where the next new entry will be. */
  get tail(): Position {
    return (this.#regions.at(-1) as Region).from;
  }
  get hasFailed(): boolean {
    return this.#regions.some(({ attempts }) => attempts > 0);
  }
  /** A refused batch is being halved. */
  get isSplitting(): boolean {
    return this.#regions.some(({ half }) => half);
  }
  /** Receipt of the oldest entry that failed, milliseconds since the epoch; Infinity without one. */
  get oldest(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#regions.map(({ oldest }) => oldest ?? Number.POSITIVE_INFINITY));
  }
  /** Why something is put aside, for people; null when nothing is. */
  get asideReason(): string | null {
    const aside = this.#regions.filter(({ refused }) => refused);
    const why = aside[0]?.refused ?? null;
    if (this.#regions.length <= MAX_REGIONS) return why;
    return `${why} (${aside.length} batches are put aside; nothing new is begun)`;
  }

  put(region: Region): void {
    insertRegion(this.#regions, region);
  }

  take(region: Region): void {
    this.#regions.splice(this.#regions.indexOf(region), 1);
  }

  /**
   * What may be sent now, oldest first. Beside others, what was refused is tried one at a time, and only after something
   * was accepted; else it would make a good backend look like one that refuses everything.
   */
  eligible(
    now: number,
    {
      refusals,
      inFlight,
    }: {
      refusals: number;
      inFlight: readonly { readonly refusedBefore: boolean }[];
    },
  ): Region[] {
    const due = this.#due(now);
    const others = due.filter(({ refused }) => !refused);
    const probing = inFlight.some(({ refusedBefore }) => refusedBefore);
    const alone = others.length === 0 && inFlight.length === 0;
    return alone || (refusals === 0 && !probing) ? due : others;
  }

  /**
   * With what a held delivery tries again. One body that a firewall dislikes must not keep the rest waiting: what has waited
   * longest, and, where the backend refuses whatever it gets, in turn with that what it has not seen yet.
   */
  probe(now: number, { refusing }: { refusing: boolean }): Region | undefined {
    const due = this.#due(now);
    const tried = due.filter(({ attempts }) => attempts > 0).sort((a, b) => a.notBefore - b.notBefore)[0];
    const untried = due.find(({ attempts }) => attempts === 0);
    const turn = refusing && this.#probes++ % 2 === 1;
    return (turn ? untried : tried) ?? tried ?? untried;
  }

  /** Milliseconds until something that is not due now will be; undefined when there is nothing to wait for. */
  nextIn(now: number, atLeastMs: number): number | undefined {
    const waits = this.#regions.map(({ notBefore }) => Math.max(notBefore - now, atLeastMs)).filter((wait) => wait > 0);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  #due(now: number): Region[] {
    return this.#regions.filter((region) => {
      if (region.notBefore > now) return false;
      return Number.isFinite(region.to) || (!this.tailRead && this.#regions.length <= MAX_REGIONS);
    });
  }
}
