import type { Position } from '../../journal.ts';
import { digestOf, encodeId, ID_BYTES } from '../../recent-ids.ts';
import type { Frame } from '../frame.ts';

/** Whether every id in the file is that of the entry at its position. The file may lack some: the window had passed. */
export class IdComparison {
  readonly #ids: Buffer;
  readonly #own = Buffer.alloc(ID_BYTES);
  #at = 0;
  different = 0;

  constructor(ids: Buffer | undefined) {
    this.#ids = ids ?? Buffer.alloc(0);
  }

  /** Entries come in order of position. */
  entry({ position }: Frame, dedupKey: string | undefined): void {
    while (this.#position < position) this.#at += ID_BYTES;
    if (this.#position !== position) return;
    if (dedupKey === undefined) this.different++;
    else {
      encodeId(this.#own, 0, { digest: digestOf(dedupKey), position, storedAt: 0 });
      const digest = this.#ids.subarray(this.#at, this.#at + 16);
      if (!digest.equals(this.#own.subarray(0, 16))) this.different++;
    }
    this.#at += ID_BYTES;
  }

  get #position(): Position {
    return this.#at < this.#ids.length ? this.#ids.readDoubleLE(this.#at + 16) : Number.POSITIVE_INFINITY;
  }
}
