import type { Cursor, Position } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import type { Backlog } from './backlog.ts';
import type { Lot } from './lot.ts';

/** Deaths at one entry until it becomes a dead letter without another look. */
const DEATHS_TO_BURY = 3;
/** What a delivery may have been processing when it died lies within so many positions behind what it had taken. */
const REACH = 10_000;

/**
 * After the death of the process: an entry may have killed it (out of memory, a stack that overflowed, a loop that the
 * watchdog ended). So the delivery notes each entry before it touches it, as far as it may have come. An entry at which the
 * process dies again and again becomes a dead letter.
 */
export class PostMortem {
  readonly #cursor: Cursor;
  /** First position beyond what is watched; 0: nothing is. */
  #until: Position = 0;
  /** One at which it died more than once: nothing else is under way with it. */
  #suspect: Position | undefined;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** True until the suspect was tried. */
  get isUnderWay(): boolean {
    return this.#suspect !== undefined;
  }

  /** Called once, before the delivery begins. */
  begin(backlog: Backlog, log: Log): void {
    const { died, state } = this.#cursor;
    if (!died) return;
    const taken = [...state.settled, ...(state.inFlight ?? [])].map(([, to]) => to);
    this.#until = Math.max(state.cursor, ...taken) + REACH;
    const { position, deaths } = died;
    if (position === null) return;
    const fields = { position, deaths };
    if (deaths >= DEATHS_TO_BURY) {
      const summary = `the process died ${deaths} times while it processed this entry`;
      if (backlog.isolate(position, { sentence: { kind: 'letter', cause: { kind: 'crash', summary } } }))
        log.error('The process died at one entry again and again: it becomes a dead letter.', fields);
    } else if (deaths > 1 && backlog.isolate(position, { lone: true })) {
      this.#suspect = position;
      log.warn('The process died twice at one entry: it is tried alone.', fields);
    }
  }

  /** True where an entry must be processed by `watch`. */
  watches(position: Position): boolean {
    return position < this.#until;
  }

  /** Runs the processing of one entry of the journal. */
  watch<T>(position: Position, work: () => T): T {
    return this.watches(position) ? this.note(position, work) : work();
  }

  /** Should the process die meanwhile, the next one knows where. */
  note<T>(position: Position, work: () => T): T {
    this.#cursor.attempting(position);
    try {
      return work();
    } finally {
      this.#cursor.attempting(null);
    }
  }

  /** It was processed, and the process lives. */
  passed({ from, to }: Pick<Lot, 'from' | 'to'>): void {
    if (this.#suspect !== undefined && from <= this.#suspect && this.#suspect <= to) this.#suspect = undefined;
  }
}
