import type { MadeElsewhere } from '../../delivery/offload.ts';
import type { Entry, Position } from '../../journal/journal.ts';

type Make = (entries: readonly Entry[]) => Promise<readonly MadeElsewhere[]>;

/** Bytes of the entries whose records are kept; encoded they are about as large. */
const MAX_BYTES = 2 * 1024 * 1024;

/** What was made of the last entries, or is being made, for several deliveries that ask for the same. */
export class Recent {
  readonly #kept = new Map<Position, { readonly made: Promise<MadeElsewhere>; readonly bytes: number }>();
  #bytes = 0;

  /** Has only those made that are not here. */
  make(entries: readonly Entry[], make: Make): Promise<readonly MadeElsewhere[]> {
    const missing = entries.filter(({ position }) => !this.#kept.has(position));
    const made = missing.length > 0 ? make(missing) : Promise.resolve([]);
    for (const [index, { position, body }] of missing.entries()) {
      this.#kept.set(position, { made: made.then((all) => all[index]), bytes: body.length });
      this.#bytes += body.length;
    }
    const asked = entries.map(({ position }) => this.#kept.get(position)?.made);
    this.#makeRoom();
    return Promise.all(asked);
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  /** Those that were asked for first go first. */
  #makeRoom(): void {
    for (const [first, { bytes }] of this.#kept) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#kept.delete(first);
      this.#bytes -= bytes;
    }
  }
}
