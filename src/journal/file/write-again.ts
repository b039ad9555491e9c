import type { File } from './fs.ts';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Writes what stands in the first `bytes` of a file once more, for a sync after it. Whoever wrote them may have died after a sync that failed:
 * then their pages are called clean, and no sync brings them to the disk before they are written again. Where that is not possible
 * (a bad block, a file system that needs room for it), they stay as they are.
 */
export async function writeAgain(file: File, bytes: number): Promise<void> {
  const chunk = Buffer.allocUnsafeSlow(Math.min(bytes, CHUNK_BYTES));
  for (let offset = 0; offset < bytes; offset += CHUNK_BYTES) {
    try {
      const read = await file.read(chunk.subarray(0, Math.min(chunk.length, bytes - offset)), offset);
      await file.write(chunk.subarray(0, read), offset);
    } catch {
      // The next chunks may do.
    }
  }
}
