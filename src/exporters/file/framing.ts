/**
 * How batches follow one another in a file. A line each, where a batch is JSON; else, as in the Collector's files, its length
 * in four bytes, the highest first, and then the batch.
 */
import type { FileHandle } from 'node:fs/promises';

export interface Framing {
  frame(batch: Uint8Array): Uint8Array;
  /**
   * Called with a file that holds something, before anything is added. Resolves with whether the file can be added to: a torn
   * line is closed, but of a torn frame nobody could tell where the next one begins.
   */
  mend(handle: FileHandle, size: number): Promise<boolean>;
}

const LINE_BREAK = 0x0a;

export const LINES: Framing = {
  frame: (batch) => Buffer.concat([batch, Buffer.of(LINE_BREAK)]),
  async mend(handle, size) {
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    if (last[0] !== LINE_BREAK) await handle.write(Buffer.of(LINE_BREAK));
    return true;
  },
};

/** Bytes read at a time. */
const WINDOW = 256 * 1024;
const LENGTH_BYTES = 4;

export const FRAMES: Framing = {
  frame(batch) {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(batch.length);
    return Buffer.concat([length, batch]);
  },
  /** Follows the lengths from the first to the last: of small frames that reads the whole file. */
  async mend(handle, size) {
    const window = Buffer.alloc(WINDOW);
    let from = 0;
    let filled = 0;
    let at = 0;
    while (at + LENGTH_BYTES <= size) {
      if (at < from || at + LENGTH_BYTES > from + filled) {
        from = at;
        filled = (await handle.read(window, 0, WINDOW, at)).bytesRead;
        if (filled < LENGTH_BYTES) return false;
      }
      at += LENGTH_BYTES + window.readUInt32BE(at - from);
    }
    return at === size;
  },
};
