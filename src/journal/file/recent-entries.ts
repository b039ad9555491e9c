import type { Entry, Position, ReadLimits, ReadResult } from '../journal.ts';

/** What deliveries that are in step with the doors still have to read: some tens of milliseconds of a busy agent. */
export const DEFAULT_RECENT_BYTES = 512 * 1024;
const MAX_ENTRIES = 128;

/**
 * The last entries that were appended, as they came: a delivery that is in step reads them here, and not from the disk, where they
 * are as well. Those that are behind read there.
 */
export class RecentEntries {
  /** In order, without a gap. */
  readonly #entries: Entry[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes of bodies; the newest entry is kept however large it is. 0: none is */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** An entry is durable. */
  put(entry: Entry): void {
    if (this.#maxBytes === 0) return;
    if (entry.position !== this.#next) this.clear();
    this.#entries.push(entry);
    this.#bytes += entry.body.length;
    while (this.#entries.length > MAX_ENTRIES || (this.#entries.length > 1 && this.#bytes > this.#maxBytes)) {
      const first = this.#entries.shift();
      if (!first) break;
      this.#bytes -= first.body.length;
    }
  }

  /** As `Journal.read`; undefined where what is wanted is not all here. @param end nothing from it on is wanted */
  read(from: Position, end: Position, { maxEntries, maxBytes }: ReadLimits): ReadResult | undefined {
    const first = this.#entries[0]?.position;
    if (first === undefined || from < first || from >= end || end > this.#next) return undefined;
    const entries: Entry[] = [];
    let bytes = 0;
    for (let index = from - first; entries.length < maxEntries && from + entries.length < end; index++) {
      const entry = this.#entries[index] as Entry;
      bytes += entry.body.length;
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(entry);
    }
    return { entries, next: from + entries.length, lost: [] };
  }

  /** Those below `position` are deleted. */
  forgetBelow(position: Position): void {
    const first = this.#entries[0]?.position ?? position;
    for (const { body } of this.#entries.splice(0, Math.max(0, position - first))) this.#bytes -= body.length;
  }

  /** What is stored has changed. */
  clear(): void {
    this.#entries.length = 0;
    this.#bytes = 0;
  }

  get #next(): Position {
    return (this.#entries.at(-1)?.position ?? 0) + 1;
  }
}
