/**
 * Walks the frames of a segment in order: the one way that reading, counting, rebuilding and opening see a file.
 *
 * A frame with a damaged payload costs that frame: its header says where the next one begins. A damaged header costs what
 * lies up to the next header that belongs exactly there and carries one of the positions that can follow.
 *
 * What looks damaged is read a second time before that is believed: an erasure may have overwritten it just then.
 */
import type { Position } from '../journal.ts';
import {
  decodeHeader,
  ENTRY,
  FRAME_HEADER_BYTES,
  type Frame,
  type FrameHeader,
  findFrame,
  isIntact,
  MIN_FRAME_BYTES,
  markerBytes,
  type Salt,
} from './frame.ts';
import type { File } from './fs.ts';

/** A place between two frames, and the position of the next entry there. */
export interface Place {
  readonly offset: number;
  readonly position: Position;
}

export interface Scan {
  readonly file: File;
  readonly salt: Salt;
  readonly from: Place;
  /** The first byte that does not count. */
  readonly limit: number;
  /** The first position that does not count. Infinity: as far as the frames go, and what does not follow is not missing. */
  readonly end: Position;
  /** Bytes read at once. */
  readonly chunkBytes: number;
  /** Payloads are views of a chunk. True: of a chunk that is theirs for good; false: of one that is used again. */
  readonly keep: boolean;
  /** Every intact frame in order. False stops the scan before this frame. */
  frame(frame: Frame): boolean;
  /** Positions that are damaged or absent, inclusive. */
  lost(from: Position, to: Position): void;
}

/** Resolves with the place where it stopped. */
export async function scan(options: Scan): Promise<Place> {
  const { salt, end } = options;
  const window = new Window(options);
  let { offset, position } = options.from;
  /** Where a header, and a whole frame, was read a second time. */
  let headerAgain = -1;
  let frameAgain = -1;

  while (position < end) {
    if (!window.holds(offset, FRAME_HEADER_BYTES) && !(await window.load(offset, FRAME_HEADER_BYTES))) break;
    let header = decodeHeader(window.bytes, offset - window.base, offset, salt);
    if (header === undefined || header.position !== position || !window.fits(offset, header.bytes)) {
      if (headerAgain !== offset) {
        headerAgain = offset;
        await window.refresh(offset, FRAME_HEADER_BYTES);
        continue;
      }
      const found = await resynchronise(window, salt, { offset, position }, end);
      if (found === undefined) break;
      ({ header, offset } = found);
      if (header.position > position) options.lost(position, header.position - 1);
      position = header.position;
      if (position >= end) break;
    }
    if (!window.holds(offset, header.bytes) && !(await window.load(offset, header.bytes))) break;
    const at = offset - window.base;
    const payload = window.bytes.subarray(at + FRAME_HEADER_BYTES, at + header.bytes);
    if (isIntact(header, payload)) {
      if (!options.frame({ ...header, offset, payload })) return { offset, position };
    } else if (frameAgain !== offset) {
      frameAgain = offset;
      await window.refresh(offset, header.bytes);
      continue;
    } else if (header.kind === ENTRY) {
      options.lost(position, position);
    }
    offset += header.bytes;
    if (header.kind === ENTRY) position++;
  }

  if (end === Number.POSITIVE_INFINITY || position >= end) return { offset, position };
  options.lost(position, end - 1);
  return { offset, position: end };
}

/** The next frame behind damage that begins at `from`. */
async function resynchronise(
  window: Window,
  salt: Salt,
  from: Place,
  end: Position,
): Promise<{ header: FrameHeader; offset: number } | undefined> {
  const marker = markerBytes(salt);
  let offset = from.offset + 1;
  while (window.holds(offset, FRAME_HEADER_BYTES) || (await window.load(offset, FRAME_HEADER_BYTES))) {
    const at = findFrame(window.bytes, offset - window.base, marker);
    if (at === -1) {
      offset = window.base + window.bytes.length - FRAME_HEADER_BYTES + 1;
      continue;
    }
    offset = window.base + at;
    const header = decodeHeader(window.bytes, at, offset, salt);
    // So many frames can have been in the damage, and no more.
    const highest = Math.min(end, from.position + Math.floor((offset - from.offset) / MIN_FRAME_BYTES));
    if (header && header.position >= from.position && header.position <= highest && window.fits(offset, header.bytes)) {
      return { header, offset };
    }
    offset++;
  }
  return undefined;
}

/** The part of the file that is in memory. */
class Window {
  readonly #file: File;
  readonly #chunkBytes: number;
  readonly #keep: boolean;
  #limit: number;
  #memory = Buffer.alloc(0);
  base = 0;
  bytes = this.#memory;

  constructor({ file, limit, chunkBytes, keep }: Scan) {
    this.#file = file;
    this.#limit = limit;
    this.#chunkBytes = chunkBytes;
    this.#keep = keep;
  }

  holds(offset: number, bytes: number): boolean {
    return offset >= this.base && offset + bytes <= this.base + this.bytes.length;
  }

  fits(offset: number, bytes: number): boolean {
    return offset + bytes <= this.#limit;
  }

  /** False where the file has not so many bytes there. */
  async load(offset: number, bytes: number): Promise<boolean> {
    if (!this.fits(offset, bytes)) return false;
    const size = Math.max(bytes, Math.min(this.#chunkBytes, this.#limit - offset));
    if (this.#keep || this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(size);
    const read = await this.#file.read(this.#memory.subarray(0, size), offset);
    this.base = offset;
    this.bytes = this.#memory.subarray(0, read);
    // A file that is shorter than it was said to be ends here.
    if (read < size) this.#limit = offset + read;
    return read >= bytes;
  }

  /** Reads again what is held. */
  async refresh(offset: number, bytes: number): Promise<void> {
    const at = offset - this.base;
    await this.#file.read(this.bytes.subarray(at, at + bytes), offset);
  }
}
