/** Characters collected as a string before they are written as bytes: large enough to be cheap, small enough to be flat. */
const PIECE = 8 * 1024;

/** Builds UTF-8 text piece by piece, without ever holding the whole of it as a string. */
export class JsonWriter {
  #buffer = Buffer.allocUnsafeSlow(16 * 1024);
  #length = 0;
  #pending = '';
  readonly #limit: number;

  /** Beyond `limit` bytes a write throws a RangeError. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** `text` is well-formed: it comes from `quote` or is our own. */
  add(text: string): void {
    this.#pending += text;
    if (this.#pending.length > PIECE) this.#flush();
  }

  raw(bytes: Uint8Array): void {
    this.#flush();
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Calls `add` for each item, with commas between what it writes. */
  list<T>(items: readonly T[], add: (item: T) => void): void {
    for (let i = 0; i < items.length; i++) {
      if (i > 0) this.add(',');
      add(items[i] as T);
    }
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  clear(): void {
    this.#length = 0;
    this.#pending = '';
  }

  /** What was written, in a buffer of its own. The writer is used again only after it was cleared. */
  bytes(): Buffer {
    this.#flush();
    const bytes = Buffer.allocUnsafeSlow(this.#length);
    this.#buffer.copy(bytes, 0, 0, this.#length);
    return bytes;
  }

  #flush(): void {
    if (this.#pending === '') return;
    this.#reserve(Buffer.byteLength(this.#pending, 'utf8'));
    this.#length += this.#buffer.write(this.#pending, this.#length, 'utf8');
    this.#pending = '';
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    if (needed > this.#limit) throw new RangeError(`more than ${this.#limit} bytes`);
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON wants escaped
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A JSON string; a lone surrogate becomes U+FFFD. */
export function quote(text: string): string {
  return NEEDS_CARE.test(text) ? JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')) : `"${text}"`;
}
