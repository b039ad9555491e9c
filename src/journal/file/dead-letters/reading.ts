/** One letter, from the place where it lies. */
import type { DeadLetter, LetterKey } from '../../dead-letters.ts';
import { skippingBadBlocks } from '../bad-blocks.ts';
import { decodeHeader, FRAME_HEADER_BYTES, type Frame, isIntact } from '../frame.ts';
import type { File, FileSystem } from '../fs.ts';
import { logPath } from '../segment.ts';
import { letterOf } from './frames.ts';
import type { LetterIndex, Place } from './letter-index.ts';
import { withFile } from './loading.ts';

/** undefined where it is damaged. */
export async function readFrame(file: File, { segment, offset, bytes }: Place): Promise<Frame | undefined> {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  if ((await file.read(buffer, offset)) < bytes) return undefined;
  const header = decodeHeader(buffer, 0, offset, segment.salt);
  if (header === undefined || header.bytes !== bytes || header.erased) return undefined;
  const payload = buffer.subarray(FRAME_HEADER_BYTES);
  return isIntact(header, payload) ? { ...header, offset, payload } : undefined;
}

/** As `StoredLetters.get`. @throws errors of the volume, ENOENT when its segment is not there */
export async function readLetter(
  { fs, directory, index }: { readonly fs: FileSystem; readonly directory: string; readonly index: LetterIndex },
  key: LetterKey,
): Promise<DeadLetter | undefined> {
  for (;;) {
    const letter = index.find(key);
    if (letter === undefined) return undefined;
    const place: Place = { segment: letter.segment, offset: letter.offset, bytes: letter.bytes };
    // Copied elsewhere, replaced or removed while it was read?
    const isThere = () => {
      const now = index.find(key);
      return now !== undefined && now.segment === place.segment && now.offset === place.offset;
    };
    try {
      const frame = await withFile(fs, logPath(directory, place.segment.first), 'read', (file) =>
        readFrame(skippingBadBlocks(file), place),
      );
      if (frame) return letterOf(frame, key.delivery);
    } catch (error) {
      if (isThere()) throw error;
    }
    if (isThere()) return undefined;
  }
}
