import type { File } from './fs.ts';

/** Smaller than any file system's blocks would only ask more often. */
const BLOCK_BYTES = 4096;

/**
 * A file for readers: a block that the volume can't give back (EIO) reads as zeros. The frame in it is damaged then like any
 * other damaged frame: it costs itself, and not the queue behind it. Every other error (too many open files, say) passes
 * through, for it says nothing of the data.
 */
export function skippingBadBlocks(file: File): File {
  const read = async (target: Uint8Array, offset: number): Promise<number> => {
    try {
      return await file.read(target, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
    }
    let done = 0;
    while (done < target.length) {
      const bytes = Math.min(target.length - done, BLOCK_BYTES - ((offset + done) % BLOCK_BYTES));
      const block = target.subarray(done, done + bytes);
      const got = await file.read(block, offset + done).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EIO') throw error;
        block.fill(0);
        return bytes;
      });
      done += got;
      if (got < bytes) break;
    }
    return done;
  };
  return {
    read,
    write: (data, offset) => file.write(data, offset),
    writeNow: (data, offset) => file.writeNow(data, offset),
    sync: () => file.sync(),
    truncate: (bytes) => file.truncate(bytes),
    size: () => file.size(),
    close: () => file.close(),
  };
}
