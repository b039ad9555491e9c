import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { SendingPolicy } from '../component.ts';
import type { Entry, Journal, Position, Range } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Lot } from './lot.ts';

export interface LotReaderOptions {
  readonly journal: Journal;
  /** Entries that the delivery does not answer for are skipped. */
  carries(source: string, position: Position): boolean;
  /** From an entry to what its processors let through. May throw: then that entry can't be processed. */
  process(entry: Entry): LogRecord[];
  weigh(record: LogRecord): number;
  readonly policy: SendingPolicy;
}

/** An entry whose processing threw. The lot ends before it. */
export class ProcessingError extends Error {
  readonly position: Position;
  constructor(position: Position, cause: unknown) {
    super(
      `processing the entry at position ${position} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
    this.name = 'ProcessingError';
    this.position = position;
  }
}

/** Entries and damaged ranges of one read, in order, with a place to go on from. */
interface Chunk {
  items: (Entry | Range)[];
  index: number;
  /** Position of the next item. */
  position: Position;
}

const CHUNK = { maxEntries: 512, maxBytes: 1024 * 1024 };
/** Entries processed before others get a turn on the event loop: some milliseconds of work. */
const SLICE = 32;

const isEntry = (item: Entry | Range): item is Entry => !Array.isArray(item);
const positionOf = (item: Entry | Range): Position => (isEntry(item) ? item.position : item[0]);

/** Fills lots from the journal: reads, decodes, processes, weighs. Keeps at most one chunk and one processed entry. */
export class LotReader {
  readonly #options: LotReaderOptions;
  #chunk: Chunk | undefined;
  /** Processed, but did not fit into the last lot. */
  #carry: { position: Position; records: LogRecord[]; bytes: number } | undefined;

  constructor(options: LotReaderOptions) {
    this.#options = options;
  }

  /** Gives up what is kept in memory: while a delivery waits, it keeps its place and not its data. Not during `fill`. */
  forget(): void {
    this.#chunk = undefined;
    this.#carry = undefined;
  }

  /**
   * Goes on filling `lot` up to position `to` (inclusive). `full`: nothing more fits or the end of the range is reached.
   * `tail`: all that is durable so far is in it.
   * @throws {ProcessingError} when the lot is empty and the next entry can't be processed
   */
  async fill(lot: Lot, to: Position): Promise<'full' | 'tail'> {
    const { policy } = this.#options;
    for (let processed = 1; lot.to < to; processed++) {
      const item = await this.#peek(lot.to + 1, to);
      if (!item) return 'tail';
      if (!isEntry(item)) {
        lot.lose([Math.max(item[0], lot.to + 1), Math.min(item[1], to)]);
      } else if (!this.#options.carries(item.source, item.position)) {
        lot.skipTo(item.position);
      } else {
        const done = this.#process(item, lot.empty);
        if (!done) return 'full';
        if (lot.overflows(done.records, done.bytes, policy)) {
          this.#carry = done;
          return 'full';
        }
        lot.add(item, done.records, done.bytes);
      }
      this.#advance();
      if (lot.bytes >= policy.maxBytes || lot.records.length >= policy.maxRecords) return 'full';
      if (processed % SLICE === 0) await yieldToOthers();
    }
    return 'full';
  }

  /** undefined: the entry fails, and belongs to the next lot. */
  #process(entry: Entry, throws: boolean): { position: Position; records: LogRecord[]; bytes: number } | undefined {
    const carried = this.#carry;
    this.#carry = undefined;
    if (carried?.position === entry.position) return carried;
    try {
      const records = this.#options.process(entry);
      let bytes = 0;
      for (const record of records) bytes += this.#options.weigh(record);
      return { position: entry.position, records, bytes };
    } catch (error) {
      if (throws) throw new ProcessingError(entry.position, error);
      return undefined;
    }
  }

  /** The item at `position`: every position is an entry or lost. */
  async #peek(position: Position, to: Position): Promise<Entry | Range | undefined> {
    if (!this.#chunk || this.#chunk.position !== position || this.#chunk.index >= this.#chunk.items.length) {
      const { entries, lost } = await this.#options.journal.read(position, {
        ...CHUNK,
        ...(Number.isFinite(to) && { to }),
      });
      const items = [...entries, ...lost].sort((a, b) => positionOf(a) - positionOf(b));
      this.#chunk = { items, index: 0, position };
    }
    return this.#chunk.items[this.#chunk.index];
  }

  #advance(): void {
    const chunk = this.#chunk as Chunk;
    const item = chunk.items[chunk.index++] as Entry | Range;
    chunk.position = (isEntry(item) ? item.position : item[1]) + 1;
  }
}
