import type { Cursor, CursorState, Position } from '../journal/journal.ts';

/**
 * A delivery's cursor for as long as one configuration sends with it. When another delivery goes on with it in the same
 * process, nothing that the former one still says counts: it may have been left behind with a request that does not end.
 */
export class LentCursor implements Cursor {
  readonly #cursor: Cursor;
  readonly died: Cursor['died'];
  #isTakenBack = false;

  /** @param died for the first one: the death that it has to look into. Later ones follow an orderly end. */
  constructor(cursor: Cursor, died: Cursor['died']) {
    this.#cursor = cursor;
    this.died = died;
  }

  /** From now on nothing is saved through it. */
  takeBack(): void {
    this.#isTakenBack = true;
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
  save(state: CursorState): void {
    if (!this.#isTakenBack) this.#cursor.save(state);
  }
  written(): Promise<void> {
    return this.#isTakenBack ? Promise.resolve() : this.#cursor.written();
  }
  flush(): Promise<void> {
    return this.#isTakenBack ? Promise.resolve() : this.#cursor.flush();
  }
  attempting(position: Position | null): void {
    if (!this.#isTakenBack) this.#cursor.attempting(position);
  }
}
