import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { SendingPolicy } from '../component.ts';
import type { Entry, Position, Range, ReadResult, StoredJournal } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import { Ahead } from './ahead.ts';
import type { Fit } from './fitness.ts';
import type { Lot } from './lot.ts';
import type { Offload } from './offload.ts';
import type { Region } from './regions.ts';

export interface LotReaderOptions {
  readonly journal: Pick<StoredJournal, 'read'>;
  /** Entries that the delivery does not answer for are skipped. */
  carries(entry: Entry): boolean;
  /** From an entry to what its processors let through, fit for the backend or with a cause why not. Never throws. */
  process(entry: Entry): Fit;
  /** Entries may be made elsewhere; absent: none is. */
  readonly elsewhere?: Elsewhere;
  /** What is held of a record until it is sent. */
  seal(record: LogRecord): LogRecord;
  /** Nothing is sent any more: what is not in a lot yet can stay where it is. */
  isCut(): boolean;
  readonly policy: SendingPolicy;
}

export interface Elsewhere {
  readonly offload: Offload;
  /** False: this entry must be made here. */
  mayMake(entry: Entry): boolean;
  /** What was made elsewhere, where it can be sent as it is. */
  accept(records: readonly LogRecord[]): Fit | undefined;
}

/** Entries and damaged ranges of one read, in order, with a place to go on from. */
interface Chunk {
  items: (Entry | Range)[];
  index: number;
  /** Position of the next item. */
  position: Position;
  ahead?: Ahead<Entry | Range>;
}

const CHUNK = { maxEntries: 512, maxBytes: 1024 * 1024 };
/** Entries processed before others get a turn on the event loop: a millisecond of work. */
const SLICE = 8;

const isEntry = (item: Entry | Range): item is Entry => !Array.isArray(item);
const positionOf = (item: Entry | Range): Position => (isEntry(item) ? item.position : item[0]);

/** Fills lots from the journal: reads, decodes, processes, weighs. Keeps at most one chunk and one processed entry. */
export class LotReader {
  readonly #options: LotReaderOptions;
  #chunk: Chunk | undefined;
  /** Processed, but did not fit into the last lot. */
  #carry: { position: Position; fit: Fit } | undefined;
  /** Entries that were processed here, or passed over. */
  #inSlice = 0;

  constructor(options: LotReaderOptions) {
    this.#options = options;
  }

  /** Gives up what is kept in memory: while a delivery waits, it keeps its place and not its data. Not during `fill`. */
  forget(): void {
    this.#chunk = undefined;
    this.#carry = undefined;
  }

  /**
   * Goes on filling `lot` up to the end of `region`. `full`: nothing more fits, the end of the range is reached, or it is cut. `tail`:
   * all that is durable so far is in it.
   */
  async fill(lot: Lot, region: Pick<Region, 'to' | 'sentence'>): Promise<'full' | 'tail'> {
    const { policy } = this.#options;
    while (lot.to < region.to) {
      const item = await this.#peek(lot.to + 1, region.to);
      if (!item) return 'tail';
      const made = region.sentence || lot.isProbe ? undefined : await this.#made();
      if (this.#options.isCut()) return 'full';
      if (!isEntry(item)) {
        lot.lose([Math.max(item[0], lot.to + 1), Math.min(item[1], region.to)]);
      } else if (!this.#options.carries(item)) {
        lot.skipTo(item.position);
      } else if (!this.#take(lot, item, { region, made })) return 'full';
      this.#advance();
      if (lot.isFull(policy)) return 'full';
      if (!made && ++this.#inSlice % SLICE === 0) await yieldToOthers();
    }
    return 'full';
  }

  /** False: the entry belongs to the next lot. */
  #take(
    lot: Lot,
    entry: Entry,
    { region: { sentence }, made }: { region: Pick<Region, 'sentence'>; made?: Fit },
  ): boolean {
    if (sentence?.kind === 'expire') {
      lot.expire(entry);
      return true;
    }
    const fit = entry.erased ? NOTHING : sentence?.cause.kind === 'crash' ? UNTOUCHED : (made ?? this.#fit(entry));
    // What the processors withhold is filtered, whatever becomes of the rest.
    const cause = fit.cause ?? (fit.records.length > 0 || fit === UNTOUCHED ? sentence?.cause : undefined);
    const mixes = cause ? lot.records.length > 0 : fit.records.length > 0 && lot.unsent.length > 0;
    if (mixes || (!cause && lot.overflows(fit.records, fit.bytes, this.#options.policy))) {
      if (fit !== made) this.#carry = { position: entry.position, fit };
      return false;
    }
    if (cause) lot.bury({ entry, records: fit.records, cause });
    else lot.add(entry, fit === made ? fit.records : fit.records.map(this.#options.seal), fit.bytes);
    return true;
  }

  #fit(entry: Entry): Fit {
    const carried = this.#carry;
    this.#carry = undefined;
    return carried?.position === entry.position ? carried.fit : this.#options.process(entry);
  }

  /** What was made elsewhere of the present item, if it can be sent like that. */
  async #made(): Promise<Fit | undefined> {
    const { ahead, index } = this.#chunk as Chunk;
    if (!ahead) return undefined;
    if (!ahead.has(index)) await ahead.reach(index);
    const records = ahead.at(index);
    return records && this.#options.elsewhere?.accept(records);
  }

  #aheadOf(items: readonly (Entry | Range)[]): Ahead<Entry | Range> | undefined {
    const { elsewhere, carries } = this.#options;
    if (!elsewhere || items.length === 0) return undefined;
    return new Ahead(items, elsewhere.offload, (item) =>
      isEntry(item) && !item.erased && carries(item) && elsewhere.mayMake(item) ? item : undefined,
    );
  }

  /** The item at `position`: every position is an entry or lost. */
  async #peek(position: Position, to: Position): Promise<Entry | Range | undefined> {
    if (!this.#chunk || this.#chunk.position !== position || this.#chunk.index >= this.#chunk.items.length) {
      const result = await this.#options.journal.read(position, { ...CHUNK, ...(Number.isFinite(to) && { to }) });
      const items = itemsOf(result);
      const ahead = this.#aheadOf(items);
      this.#chunk = { items, index: 0, position, ...(ahead && { ahead }) };
    }
    return this.#chunk.items[this.#chunk.index];
  }

  #advance(): void {
    const chunk = this.#chunk as Chunk;
    const item = chunk.items[chunk.index++] as Entry | Range;
    chunk.position = (isEntry(item) ? item.position : item[1]) + 1;
  }
}

const NOTHING: Fit = { records: [], bytes: 0 };
/** Of an entry that may kill the process. */
const UNTOUCHED: Fit = { records: [], bytes: 0 };

function itemsOf({ entries, lost }: ReadResult): (Entry | Range)[] {
  return lost.length === 0 ? [...entries] : [...entries, ...lost].sort((a, b) => positionOf(a) - positionOf(b));
}
