import type { Clock } from '../../src/clock.ts';
import type { Exporter } from '../../src/component.ts';
import type { DeadLetters } from '../../src/journal/dead-letters.ts';
import type { Cursor, CursorState, Journal, Position } from '../../src/journal/journal.ts';

/** What outlives the process. */
export interface Survivors {
  readonly journal: Journal;
  readonly cursor: Cursor;
  /** The cursor's engine is left to write states when it does. */
  readonly isReal?: boolean;
  /** The newest state that was written. */
  state: CursorState;
  /** What the delivery was at. */
  mark: Position | null;
  /** Thrown by every change of the dead letters. */
  letterTrouble: Error | undefined;
  /** The present one. */
  life?: Life;
}

const NEVER = new Promise<never>(() => {});

/**
 * One life of a process: the world as its delivery sees it. After `kill` nothing that the delivery does has an effect, and
 * nothing that it waits for happens.
 */
export class Life {
  readonly survivors: Survivors;
  readonly cursor: Cursor;
  readonly journal: Journal;
  /** Every position that was noted, for tests of what is noted when. */
  readonly marks: (Position | null)[] = [];
  #dead = false;
  #state: CursorState;

  constructor(survivors: Survivors, died: Cursor['died']) {
    this.survivors = survivors;
    survivors.life = this;
    this.#state = survivors.state;
    const { name, birth } = survivors.cursor;
    const life = this;
    this.cursor = {
      ...{ name, birth, died },
      get state() {
        return life.#state;
      },
      save: (state) => {
        this.#state = state;
        if (survivors.isReal && !this.#dead) survivors.cursor.save(state);
      },
      written: () => this.#alive(() => (survivors.isReal ? survivors.cursor.written() : this.#write())),
      flush: () => this.#alive(() => (survivors.isReal ? survivors.cursor.flush() : this.#write())),
      attempting: (position) => {
        if (this.#dead) return;
        this.marks.push(position);
        survivors.mark = position;
        survivors.cursor.attempting(position);
      },
    };
    this.journal = new Proxy(survivors.journal, {
      get: (journal, key) => {
        if (key === 'deadLetters') return this.#letters(journal.deadLetters);
        const value = Reflect.get(journal, key) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => (this.#dead && key !== 'status' ? NEVER : value.apply(journal, args));
      },
    });
  }

  get isOver(): boolean {
    return this.#dead;
  }

  /** @param lost what was saved since the last write is lost with the process */
  kill(lost: boolean): void {
    if (!lost) this.#write();
    this.#dead = true;
  }

  /** An orderly end. */
  end(): void {
    this.#write();
    this.#dead = true;
  }

  exporter(exporter: Exporter): Exporter {
    return {
      start: () => exporter.start(),
      shutdown: (deadline) => exporter.shutdown(deadline),
      ...(exporter.encoding && { encoding: exporter.encoding }),
      weigh: (record) => exporter.weigh(record),
      send: (batch, signal) => this.#alive(() => exporter.send(batch, signal)),
    };
  }

  /** @param look called before each timer, when what the one before has set off is done */
  clock(clock: Clock, look: () => void): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      schedule: (delayMs, task) =>
        clock.schedule(delayMs, () => {
          if (this.#dead) return;
          look();
          task();
        }),
    };
  }

  #write(): void {
    this.survivors.state = this.#state;
    this.survivors.cursor.save(this.#state);
  }

  #letters(letters: DeadLetters): DeadLetters {
    const change =
      <Args extends unknown[], Result>(work: (letters: DeadLetters) => (...args: Args) => Promise<Result>) =>
      (...args: Args) =>
        this.#alive(async () => {
          if (this.survivors.letterTrouble) throw this.survivors.letterTrouble;
          return work(letters).apply(letters, args);
        });
    return {
      list: () => letters.list(),
      get: (key) => this.#alive(() => letters.get(key)),
      status: () => letters.status(),
      put: change(({ put }) => put),
      retry: change(({ retry }) => retry),
      remove: change(({ remove }) => remove),
      rename: change(({ rename }) => rename),
      erase: change(({ erase }) => erase),
      maintain: change(({ maintain }) => maintain),
    };
  }

  /** What the dead asked for never comes. */
  async #alive<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#dead) return NEVER;
    const result = await work();
    return this.#dead ? NEVER : result;
  }
}
