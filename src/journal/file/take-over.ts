import type { File } from './fs.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface LeftBehind {
  /** What lies beyond was not completely written, and goes. */
  readonly bytes: number;
  /** Its owner closed it: nothing of it is in doubt. */
  readonly isClosed: boolean;
  /** Called with the number of bytes that go. */
  onCut(bytes: number): void;
}

/** Resolves when the log that a former owner was writing to has, durably, what counts of it and nothing else. */
export async function takeOver(file: File, { bytes, isClosed, onCut }: LeftBehind): Promise<void> {
  const size = await file.size();
  if (size > bytes) {
    onCut(size - bytes);
    await file.truncate(bytes);
  }
  if (!isClosed) await writeAgain(file, bytes);
  await file.sync();
}

/**
 * The former owner may have died after a sync that failed: then pages of it are called clean, and no sync brings them to the disk before they
 * are written again. Where that is not possible (a bad block, a file system that needs room for it), they stay as they are.
 */
async function writeAgain(file: File, bytes: number): Promise<void> {
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
