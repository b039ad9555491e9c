/** The bytes of a file, in pages: copies share what has not changed, and stretches of zeros take nothing. */
const PAGE_BYTES = 4096;
const BLANK = Buffer.alloc(PAGE_BYTES);

export class Content {
  #length: number;
  /** By number; absent: zeros. A page in here is never changed, only replaced. */
  readonly #pages: Map<number, Buffer>;

  constructor(original?: Content) {
    this.#length = original?.length ?? 0;
    this.#pages = new Map(original?.pages);
  }

  get length(): number {
    return this.#length;
  }
  private get pages(): ReadonlyMap<number, Buffer> {
    return this.#pages;
  }

  /** Returns the number of bytes read. */
  read(target: Uint8Array, offset: number): number {
    const end = Math.min(this.#length, offset + target.length);
    for (let at = offset; at < end; ) {
      const stop = Math.min(end, pageEnd(at));
      const start = at % PAGE_BYTES;
      target.set(this.#page(at).subarray(start, start + stop - at), at - offset);
      at = stop;
    }
    return Math.max(0, end - offset);
  }

  /** From `from` to `to`; zeros without `data`. The length grows where need be. */
  write(from: number, to: number, data?: Uint8Array): void {
    for (let at = from; at < to; ) {
      const stop = Math.min(to, pageEnd(at));
      const number = Math.floor(at / PAGE_BYTES);
      if (data === undefined && stop - at === PAGE_BYTES) this.#pages.delete(number);
      else if (data !== undefined || this.#pages.has(number)) {
        const page = Buffer.from(this.#page(at));
        const start = at % PAGE_BYTES;
        if (data) page.set(data.subarray(at - from, stop - from), start);
        else page.fill(0, start, start + stop - at);
        if (page.equals(BLANK)) this.#pages.delete(number);
        else this.#pages.set(number, page);
      }
      at = stop;
    }
    this.#length = Math.max(this.#length, to);
  }

  /** What is cut off reads as zeros if the file grows again. */
  resize(length: number): void {
    const before = this.#length;
    if (length < before) this.write(length, before);
    this.#length = length;
  }

  #page(offset: number): Buffer {
    return this.#pages.get(Math.floor(offset / PAGE_BYTES)) ?? BLANK;
  }
}

function pageEnd(offset: number): number {
  return offset - (offset % PAGE_BYTES) + PAGE_BYTES;
}
