/**
 * How the last process ended, as one delivery sees it: `deliveries/<hash of its name>.mark`, 64 bytes, numbers little-endian.
 *
 *    0  8 bytes  magic
 *    8  u16      version of the format
 *   10  u8       1 while a process has the cursor open, 0 after an orderly end
 *   12  u32      deaths in a row at the position of the last death; 0 when the last end was an orderly one
 *   16  u48      position that is being processed, 0 for none
 *   22  u48      position of the last death, 0 for an unknown one
 *   60  u32      CRC-32 of bytes 0..60
 *
 * It is never synced: it is about the death of the process, which the page cache survives. It is a help and no promise, so a
 * mark that cannot be read says nothing, and one that cannot be written is left as it is.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Cursor, Position } from '../journal.ts';
import { discard, type File, type FileSystem, isOutOfSpace, readWhole } from './fs.ts';
import { markFileName } from './state.ts';

const MARK_BYTES = 64;
const CRC_OFFSET = 60;
const MAGIC = Buffer.from('IOAMARK\n', 'latin1');
const VERSION = 1;

type Died = Cursor['died'];

/** What a mark holds. */
export interface Marked {
  readonly running: boolean;
  readonly attempting: Position | null;
  /** As the process that wrote it found it. */
  readonly died: Died;
}

export function encodeMark({ running, attempting, died }: Marked): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt16LE(VERSION, 8);
  bytes.writeUInt8(running ? 1 : 0, 10);
  bytes.writeUInt32LE(died?.deaths ?? 0, 12);
  bytes.writeUIntLE(attempting ?? 0, 16, 6);
  bytes.writeUIntLE(died?.position ?? 0, 22, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_OFFSET)), CRC_OFFSET);
  return bytes;
}

/** Undefined for what is damaged or newer than this program: it says nothing then. */
export function decodeMark(bytes: Buffer): Marked | undefined {
  if (bytes.length !== MARK_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined;
  if (bytes.readUInt32LE(CRC_OFFSET) !== crc32(bytes.subarray(0, CRC_OFFSET))) return undefined;
  if (bytes.readUInt16LE(8) > VERSION) return undefined;
  const deaths = bytes.readUInt32LE(12);
  return {
    running: bytes.readUInt8(10) === 1,
    attempting: bytes.readUIntLE(16, 6) || null,
    died: deaths === 0 ? null : { position: bytes.readUIntLE(22, 6) || null, deaths },
  };
}

/** The mark of a cursor that is open. */
export class Mark {
  readonly died: Died;
  readonly #file: File | undefined;
  #ended = false;

  private constructor(died: Died, file: File | undefined) {
    this.died = died;
    this.#file = file;
  }

  /** Never rejects. */
  static async open(fs: FileSystem, directory: string, name: string): Promise<Mark> {
    const path = join(directory, markFileName(name));
    const before = await readWhole(fs, path).then(
      (bytes) => bytes && decodeMark(bytes),
      () => undefined,
    );
    const died = before?.running ? deathOf(before) : null;
    const bytes = encodeMark({ running: true, attempting: null, died });
    return new Mark(died, await replace(fs, path, bytes).catch(() => undefined));
  }

  /** As `Cursor.attempting`. */
  attempting(position: Position | null): void {
    if (this.#ended) return;
    try {
      this.#file?.writeNow(encodeMark({ running: true, attempting: position, died: this.died }), 0);
    } catch {
      // The next process knows less then.
    }
  }

  /** An orderly end. Never rejects. */
  async end(): Promise<void> {
    if (this.#ended) return;
    await this.#file?.write(encodeMark({ running: false, attempting: null, died: null }), 0).catch(() => {});
    await this.abandon();
  }

  /** Writes nothing any more. Never rejects. */
  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#file?.close().catch(() => {});
  }
}

function deathOf({ attempting, died }: Marked): Died {
  const again = died !== null && died.position === attempting;
  return { position: attempting, deaths: again ? died.deaths + 1 : 1 };
}

/**
 * In a new file, so that a former owner of the directory that is not quite dead writes into none that counts; where there is
 * no room for one, in the old file.
 */
async function replace(fs: FileSystem, path: string, bytes: Buffer): Promise<File> {
  const draft = `${path}.new`;
  let file: File | undefined;
  try {
    file = await fs.open(draft, 'create');
    await file.write(bytes, 0);
    await fs.rename(draft, path);
    return file;
  } catch (error) {
    await file?.close().catch(() => {});
    await discard(fs, draft).catch(() => {});
    if (!isOutOfSpace(error)) throw error;
  }
  const old = await fs.open(path, 'update');
  try {
    await old.write(bytes, 0);
    return old;
  } catch (error) {
    await old.close();
    throw error;
  }
}
