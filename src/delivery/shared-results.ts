import type { Position } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';

/** Bytes of the entries whose records are kept; as records they take some times as much. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * What the processors of one pipeline made of the last entries, for its deliveries: those that stand at the same place
 * process an entry once between them, and an exporter's encoding is kept with its records. Nobody waits for anybody: what is
 * not here, or not any more, a delivery makes itself. The records are everybody's, and must not change.
 */
export class SharedResults {
  readonly #kept = new Map<Position, { readonly records: readonly LogRecord[]; readonly bytes: number }>();
  #bytes = 0;

  get(position: Position): readonly LogRecord[] | undefined {
    return this.#kept.get(position)?.records;
  }

  /** @param bytes of the entry. Those that were put first make room. */
  put(position: Position, records: readonly LogRecord[], bytes: number): void {
    if (this.#kept.has(position)) return;
    this.#kept.set(position, { records, bytes });
    this.#bytes += bytes;
    for (const [first, { bytes: size }] of this.#kept) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#kept.delete(first);
      this.#bytes -= size;
    }
  }

  /** What was made before is not what would be made now. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}
