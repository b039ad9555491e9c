import { type Cursor, type CursorState, JournalError, type Position } from '../journal.ts';
import type { FileCursor } from './cursor.ts';
import type { Mark } from './mark.ts';

/** A cursor for as long as its delivery has it open. What is saved after the end is not taken any more. */
export class OpenCursor implements Cursor {
  readonly #cursor: FileCursor;
  readonly #mark: Mark;
  #ended = false;
  /** Something was saved after the end. */
  #refused = false;

  constructor(cursor: FileCursor, mark: Mark) {
    this.#cursor = cursor;
    this.#mark = mark;
  }

  get name(): string {
    return this.#cursor.name;
  }
  get birth(): Position {
    return this.#cursor.birth;
  }
  get state(): CursorState {
    return this.#cursor.state;
  }
  get died(): Cursor['died'] {
    return this.#mark.died;
  }
  save(state: CursorState): void {
    if (this.#ended) this.#refused = true;
    else this.#cursor.save(state);
  }
  async written(): Promise<void> {
    this.#assertTaken();
    await this.#cursor.written();
  }
  async flush(): Promise<void> {
    this.#assertTaken();
    await this.#cursor.flush();
  }
  attempting(position: Position | null): void {
    this.#mark.attempting(position);
  }

  /** An orderly end. @throws {JournalError} when the newest state is not on disk; it has ended all the same. */
  async end(): Promise<void> {
    this.#ended = true;
    try {
      await this.#cursor.flush();
    } finally {
      await this.#mark.end();
    }
  }

  /** The directory is another's. */
  abandon(): Promise<void> {
    return this.#mark.abandon();
  }

  #assertTaken(): void {
    if (!this.#refused) return;
    throw new JournalError('closed', `the cursor ${JSON.stringify(this.name)} is closed; its state was not saved`);
  }
}
