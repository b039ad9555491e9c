/**
 * The progress of one delivery on disk: `deliveries/<hash of its name>.state`, two slots of 64 KiB, written in turn.
 *
 *    0  8 bytes  magic
 *    8  u16      version of the format
 *   12  u32      length of the payload in bytes
 *   16  u48      sequence: the intact slot with the higher one counts
 *   24  u32      CRC-32 of the payload, begun with that of bytes 0..24
 *   32           payload: JSON {name, birth, state}
 *
 * Both slots are written in full when the file is made, so overwriting one needs no space, and the other one stays whole
 * whatever happens meanwhile.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type CursorState, JournalError, type Position } from '../journal.ts';
import { type File, type FileSystem, readWhole } from './fs.ts';
import { newerFormat } from './segment.ts';

export const SLOT_BYTES = 64 * 1024;
const HEAD_BYTES = 32;
const MAGIC = Buffer.from('IOASTAT\n', 'latin1');
const VERSION = 1;

/** What a slot holds. */
export interface Saved {
  /** The delivery's true name; the file's is only derived from it. */
  readonly name: string;
  readonly birth: Position;
  readonly state: CursorState;
}

export function stateFileName(name: string): string {
  return `${hashOf(name)}.state`;
}

export function markFileName(name: string): string {
  return `${hashOf(name)}.mark`;
}

function hashOf(name: string): string {
  return createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 40);
}

/** The first position above all that a state speaks of. */
export function beyond(birth: Position, state: CursorState): Position {
  return Math.max(birth, state.cursor, (state.settled.at(-1)?.[1] ?? 0) + 1);
}

/** As a delivery begins; what is left of one that was retired `before` goes on. */
export function stateAt(name: string, birth: Position, cursor: Position, before?: CursorState): Slot {
  const state = { cursor, settled: [], counts: before?.counts ?? {}, ...leftOver(before) };
  return { saved: { name, birth, state }, sequence: 0 };
}

/** What stays, beside its counts, of a delivery whose entries are given up. */
export function leftOver(state: CursorState | undefined): Pick<CursorState, 'redeemed' | 'memo'> {
  const { redeemed, memo } = state ?? {};
  return { ...(redeemed && { redeemed }), ...(memo && { memo }) };
}

/** One slot, as long as it need be; undefined when the state does not fit. */
export function encodeSlot({ name, birth, state }: Saved, sequence: number): Buffer | undefined {
  const payload = Buffer.from(JSON.stringify({ name, birth, state }));
  if (HEAD_BYTES + payload.length > SLOT_BYTES) return undefined;
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt16LE(VERSION, 8);
  head.writeUInt32LE(payload.length, 12);
  head.writeUIntLE(sequence, 16, 6);
  head.writeUInt32LE(crc32(payload, crc32(head.subarray(0, 24))), 24);
  return Buffer.concat([head, payload]);
}

export interface Slot {
  readonly saved: Saved;
  readonly sequence: number;
}

/** @throws {JournalError} `failed` for a slot of a newer format. */
export function decodeSlot(bytes: Buffer, path: string): Slot | undefined {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined;
  const length = bytes.readUInt32LE(12);
  if (length > bytes.length - HEAD_BYTES) return undefined;
  const payload = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
  if (bytes.readUInt32LE(24) !== crc32(payload, crc32(bytes.subarray(0, 24)))) return undefined;
  if (bytes.readUInt16LE(8) > VERSION) throw newerFormat(path, bytes.readUInt16LE(8), VERSION);
  const { name, birth, state } = JSON.parse(payload.toString());
  return { saved: { name, birth, state }, sequence: bytes.readUIntLE(16, 6) };
}

/** The newest whole slot. Undefined for an absent or empty file, `damaged` where neither slot is whole. */
export async function readState(fs: FileSystem, path: string): Promise<Slot | 'damaged' | undefined> {
  const bytes = await readWhole(fs, path);
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return undefined;
  const slots = [bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES, 2 * SLOT_BYTES)]
    .map((slot) => decodeSlot(slot, path))
    .filter((slot) => slot !== undefined)
    .sort((a, b) => b.sequence - a.sequence);
  return slots[0] ?? 'damaged';
}

/** A new file for this state, whole and durable under its name. */
export async function createStateFile(fs: FileSystem, directory: string, path: string, slot: Slot): Promise<File> {
  const bytes = Buffer.alloc(2 * SLOT_BYTES);
  encodeSlot(slot.saved, slot.sequence)?.copy(bytes, (slot.sequence % 2) * SLOT_BYTES);
  const draft = `${path}.new`;
  const file = await fs.open(draft, 'create');
  try {
    await file.write(bytes, 0);
    await file.sync();
    await fs.rename(draft, path);
    await fs.syncDirectory(directory);
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    await fs.unlink(draft).catch(() => {});
    throw error;
  }
}

export function foreignState(path: string): JournalError {
  return new JournalError(
    'failed',
    `${path} is not the state of a delivery under this name: it was renamed or copied. Nothing was changed. ` +
      'Move it elsewhere: if its delivery has no other state, that one then starts again where it was born and repeats records.',
  );
}
