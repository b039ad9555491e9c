/** What must be true of a store: a map. */
import type { DeadLetter, LetterKey } from '../../../src/journal/dead-letters.ts';
import { plain } from './letters.ts';

interface Kept {
  readonly letter: DeadLetter;
  readonly retrying: boolean;
}

export class Model {
  readonly #kept: Map<string, Kept>;

  constructor(kept: ReadonlyMap<string, Kept> = new Map()) {
    this.#kept = new Map(kept);
  }

  copy(): Model {
    return new Model(this.#kept);
  }

  get letters(): DeadLetter[] {
    return [...this.#kept.values()].map(({ letter }) => letter);
  }

  put(letters: readonly DeadLetter[]): void {
    for (const letter of letters) this.#kept.set(nameOf(letter), { letter, retrying: false });
  }

  retry(keys: readonly LetterKey[]): void {
    for (const key of keys) {
      const kept = this.#kept.get(nameOf(key));
      if (kept) this.#kept.set(nameOf(key), { ...kept, retrying: true });
    }
  }

  remove(keys: readonly LetterKey[]): void {
    for (const key of keys) this.#kept.delete(nameOf(key));
  }

  rename(from: string, to: string): void {
    if (from === to) return;
    for (const { letter, retrying } of [...this.#kept.values()]) {
      if (letter.delivery !== from) continue;
      const renamed = { ...letter, delivery: to };
      this.remove([letter]);
      this.#kept.set(nameOf(renamed), { letter: renamed, retrying });
    }
  }

  /** Gives up what matches. */
  removeWhere(matches: (letter: DeadLetter, retrying: boolean) => boolean): DeadLetter[] {
    const gone = [...this.#kept.values()].filter(({ letter, retrying }) => matches(letter, retrying));
    this.remove(gone.map(({ letter }) => letter));
    return gone.map(({ letter }) => letter);
  }

  /** As `everything` finds it. */
  everything(): unknown[] {
    return [...this.#kept.values()]
      .sort(
        ({ letter: a }, { letter: b }) =>
          (a.delivery === b.delivery ? 0 : a.delivery < b.delivery ? -1 : 1) || a.position - b.position,
      )
      .map(({ letter, retrying }) => ({ ...(plain(letter) as object), retrying }));
  }
}

function nameOf({ delivery, position }: LetterKey): string {
  return JSON.stringify([delivery, position]);
}
