/**
 * Appending: checks for duplicates, forms groups, gives positions.
 *
 * What arrives while one group is written and synced goes into the next, so that many appends share a sync. An append is in
 * one group whole. Until its group is durable an entry has no position that anyone could see, so a refused group leaves no
 * hole: the next one takes the same positions.
 */
import type { Clock } from '../../clock.ts';
import { type AppendResult, type Entry, JournalError, type NewEntry, type Position } from '../journal.ts';
import { type Digest, digestOf, type RecentIds } from '../recent-ids.ts';
import { type Births, encodeBirths } from './births.ts';
import { ENTRY, encodeFrame, frameBytes, MAX_PAYLOAD_BYTES, type Salt } from './frame.ts';
import { encodeMetadata } from './metadata.ts';
import type { Segments } from './segment.ts';
import { birthsFrame, type Tail } from './tail.ts';

/** A group holds at most so many bytes, or one append. */
const GROUP_BYTES = 4 * 1024 * 1024;

export interface WriterOptions {
  readonly tail: Tail;
  readonly segments: Segments;
  readonly ids: RecentIds;
  readonly clock: Clock;
  /** Appends are refused beyond it. */
  maxBytes(): number;
  /** See `TailOptions`. */
  reclaim(): Promise<boolean>;
  /** An entry is durable: called for each, in order. */
  stored(entry: Entry): void;
  /** New entries are durable. */
  appended(): void;
  /** Name of the delivery that keeps the oldest entry from being deleted, for people. */
  slowest(): string | null;
}

/** An entry that is to be stored, from its append until it is durable or refused. */
interface Pending {
  readonly entry: NewEntry;
  readonly digest: Digest | undefined;
  readonly metadata: string;
  readonly bytes: number;
  readonly call: Call;
  position: Position;
}

interface Call {
  /** The entries of this append that are no duplicates. */
  readonly pending: Pending[];
  /** What is known for each entry of the append: its own pending one, another's with the same id, or a stored one. */
  readonly outcomes: (Pending | AppendResult)[];
  /** Earlier appends whose fate this one shares, since it holds a duplicate of theirs. */
  follows: Set<Call> | undefined;
  bytes: number;
  error?: JournalError;
  resolve(results: AppendResult[]): void;
  reject(error: JournalError): void;
}

export class Writer {
  readonly #options: WriterOptions;
  readonly #calls: Call[] = [];
  /** Done between groups. */
  readonly #tasks: (() => Promise<void>)[] = [];
  /** Entries with an id that are not yet durable. A new one after each group: see `LinkedSet` for what one that lives on would keep. */
  #inFlight = new Map<string, Pending>();
  #running: Promise<void> | undefined;
  #duplicates = 0;
  #full = false;
  /** Why the last append was refused; null when it was not. */
  #failure: string | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  get duplicates(): number {
    return this.#duplicates;
  }
  get full(): boolean {
    return this.#full;
  }
  get failure(): string | null {
    return this.#failure;
  }
  /** Space was made. */
  relieved(): void {
    if (this.#full) this.#failure = null;
    this.#full = false;
  }

  /** As `Journal.append`. */
  append(entries: readonly NewEntry[]): Promise<AppendResult[]> {
    return new Promise((resolve, reject) => {
      const call: Call = { pending: [], outcomes: [], follows: undefined, bytes: 0, resolve, reject };
      const prepared = entries.map((entry) => this.#prepare(entry, call));
      // Nothing is registered before every entry has been found sound.
      for (const pending of prepared) call.outcomes.push(this.#admit(pending, call));
      if (call.pending.length === 0 && !call.follows) return this.#resolve(call);
      this.#calls.push(call);
      this.#run();
    });
  }

  /** Makes the list that `births` returns durable. It is called when no group is being written. */
  recordBirths(births: () => Births): Promise<void> {
    return this.exclusively(async () => {
      const { tail, segments, clock } = this.#options;
      const list = births();
      const body = encodeBirths(list);
      await tail.append(frameBytes(0, body.length), (target, salt, offset) =>
        encodeFrame(target, 0, offset, salt, birthsFrame(body, segments.next, clock.now())),
      );
      segments.last.births = new Map(list);
    });
  }

  /** Runs a task while no group is being written. */
  exclusively(task: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject));
      this.#run();
    });
  }

  /** Resolves when everything asked for so far is done. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #prepare(entry: NewEntry, call: Call): Pending {
    const { source, records, dedupKey } = entry;
    if (!Number.isInteger(records) || records < 0 || records >= 2 ** 32) {
      throw new TypeError(`BUG: an entry of ${source} stands for ${records} records`);
    }
    const metadata = encodeMetadata(entry);
    const bytes = frameBytes(Buffer.byteLength(metadata), entry.body.length);
    if (bytes > MAX_PAYLOAD_BYTES) {
      throw new JournalError(
        'failed',
        `an entry of ${bytes} bytes is over the limit of ${MAX_PAYLOAD_BYTES} for one entry`,
      );
    }
    const digest = dedupKey === undefined ? undefined : digestOf(dedupKey);
    return { entry, digest, metadata, bytes, call, position: 0 };
  }

  #admit(pending: Pending, call: Call): Pending | AppendResult {
    const { dedupKey } = pending.entry;
    if (dedupKey !== undefined && pending.digest !== undefined) {
      const { ids, clock } = this.#options;
      const position = ids.find(pending.digest, clock.now());
      if (position !== undefined) return { kind: 'duplicate', position };
      const earlier = this.#inFlight.get(dedupKey);
      if (earlier) {
        if (earlier.call !== call) {
          call.follows ??= new Set();
          call.follows.add(earlier.call);
        }
        return earlier;
      }
      this.#register(pending);
    }
    call.pending.push(pending);
    call.bytes += pending.bytes;
    return pending;
  }

  #register(pending: Pending): void {
    const { dedupKey } = pending.entry;
    if (dedupKey !== undefined && pending.digest !== undefined) this.#inFlight.set(dedupKey, pending);
  }

  #run(): void {
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    // Requests that the same turn of the event loop brought share a group.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#tasks.length > 0 || this.#calls.length > 0) {
        for (const task of this.#tasks.splice(0)) await task();
        const group = await this.#takeGroup();
        if (group.length > 0) await this.#store(group);
      }
    } finally {
      this.#running = undefined;
    }
  }

  async #takeGroup(): Promise<Call[]> {
    const group: Call[] = [];
    let bytes = 0;
    let room = this.#room;
    for (;;) {
      const call = this.#calls[0];
      if (call === undefined || (group.length > 0 && bytes + call.bytes > GROUP_BYTES)) return group;
      this.#calls.shift();
      const failed = call.follows && [...call.follows].find(({ error }) => error)?.error;
      if (failed) {
        this.#reject(call, failed);
        continue;
      }
      if (call.pending.length > 0 && bytes + call.bytes > room) {
        await this.#makeRoom(bytes + call.bytes);
        room = this.#room;
        if (bytes + call.bytes > room) {
          this.#reject(call, this.#tooFull());
          continue;
        }
      }
      group.push(call);
      bytes += call.bytes;
    }
  }

  /** Bytes that may be appended now. */
  get #room(): number {
    const { segments, maxBytes } = this.#options;
    return maxBytes() - segments.bytes;
  }

  async #makeRoom(bytes: number): Promise<void> {
    while (bytes > this.#room) if (!(await this.#options.reclaim())) return;
  }

  #tooFull(): JournalError {
    const { segments, maxBytes, slowest } = this.#options;
    const name = slowest();
    const why = name === null ? 'no delivery has begun yet' : `the delivery ${name} has not settled what is oldest`;
    const message = `the journal holds ${segments.bytes} of at most ${maxBytes()} bytes: ${why}`;
    return new JournalError('full', message);
  }

  async #store(group: readonly Call[]): Promise<void> {
    const entries = group.flatMap(({ pending }) => pending);
    const storedAt = this.#options.clock.now();
    try {
      if (entries.length > 0) await this.#write(entries, storedAt);
    } catch (error) {
      const refusal =
        error instanceof JournalError ? error : new JournalError('failed', String(error), { cause: error });
      for (const call of group) this.#reject(call, refusal);
      return;
    }
    this.#inFlight = new Map();
    for (const { pending } of this.#calls) for (const one of pending) this.#register(one);
    for (const call of group) this.#resolve(call);
    if (entries.length > 0) {
      this.#full = false;
      this.#failure = null;
      this.#options.appended();
    }
  }

  /** Resolves when the entries are durable, have their positions and are known to readers and for duplicates. */
  async #write(entries: readonly Pending[], storedAt: number): Promise<void> {
    const { tail, segments, ids } = this.#options;
    const first = segments.next;
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const encode = (target: Buffer, salt: Salt, offset: number): number => {
      let at = 0;
      for (const [index, { entry, metadata, call }] of entries.entries()) {
        const { records, receivedAt, body } = entry;
        const more = entries[index + 1]?.call === call;
        const content = { position: first + index, kind: ENTRY, records, more, receivedAt, storedAt, metadata, body };
        at += encodeFrame(target, at, offset + at, salt, content);
      }
      return at;
    };
    let offset = await tail.append(bytes, encode);
    const segment = segments.last;
    for (const pending of entries) {
      const { source, records, receivedAt, metadata, body, dedupKey } = pending.entry;
      pending.position = segment.end;
      segment.note({ offset, source, records, storedAt });
      this.#options.stored({ position: pending.position, source, receivedAt, records, metadata, body });
      offset += pending.bytes;
      if (dedupKey !== undefined && pending.digest !== undefined) {
        ids.add({ digest: pending.digest, position: pending.position, storedAt });
      }
    }
  }

  #resolve(call: Call): void {
    let own = 0;
    const results = call.outcomes.map((outcome): AppendResult => {
      if (outcome === call.pending[own]) {
        own++;
        return { kind: 'stored', position: outcome.position };
      }
      this.#duplicates++;
      return { kind: 'duplicate', position: outcome.position };
    });
    call.resolve(results);
  }

  #reject(call: Call, error: JournalError): void {
    call.error = error;
    this.#failure = error.message;
    if (error.code === 'full') this.#full = true;
    for (const pending of call.pending) {
      const { dedupKey } = pending.entry;
      if (dedupKey !== undefined && this.#inFlight.get(dedupKey) === pending) this.#inFlight.delete(dedupKey);
    }
    call.reject(error);
  }
}
