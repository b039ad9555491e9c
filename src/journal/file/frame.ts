/**
 * The frame: how one entry, or one control note, lies in a segment. Numbers are little-endian.
 *
 *    0  u32  CRC-32 of bytes 4..32, begun with (seed of the segment + offset of the frame in its file)
 *    4  u32  CRC-32 of the payload
 *    8  u32  length of the payload in bytes
 *   12  u32  length of the metadata inside the payload
 *   16  u48  position
 *   22  u8   kind: 1 entry, 2 births; a reader skips other kinds
 *   23  u8   flags: bit 0 = the next frame belongs to the same append, bit 1 = erased
 *   24  u32  records
 *   28  u32  marker of the segment
 *   32       payload
 *
 * Payload: f64 received at, f64 stored at (both ms since the epoch), metadata as JSON, the raw bytes.
 *
 * Metadata of an entry: `{"s": source, "m": metadata, "k": deduplication key}` (metadata.ts).
 *
 * An erased entry was overwritten in place: the frame is as long as before, "m" is empty, and the raw bytes are zeros that
 * stand for none.
 *
 * Only entries use up positions. A control frame carries the position of the entry that follows it.
 *
 * Seed and marker are random per segment and the offset is part of the header's CRC, so bytes inside a body cannot pass
 * for a frame: their author would have to know numbers that never leave the data directory, and the place on disk.
 */
import { crc32 } from 'node:zlib';
import type { Position } from '../journal.ts';
import { decodeMetadata, encodeMetadata, type FrameMetadata } from './metadata.ts';

export const FRAME_HEADER_BYTES = 32;
const TIMES_BYTES = 16;
const MARKER_OFFSET = 28;
/** No frame is smaller: how many can lie in a stretch of damage. */
export const MIN_FRAME_BYTES = FRAME_HEADER_BYTES + TIMES_BYTES;
/** A longer payload is neither written nor believed. */
export const MAX_PAYLOAD_BYTES = 2 ** 28;
/** Positions are kept in 48 bits. */
export const MAX_POSITION = 2 ** 48 - 1;

export const ENTRY = 1;
export const BIRTHS = 2;

const MORE = 1;
const ERASED = 2;

/** What makes the frames of one segment its own. The marker is never 0, so written zeros are never a frame. */
export interface Salt {
  readonly seed: number;
  readonly marker: number;
}

export interface FrameHeader {
  readonly position: Position;
  readonly kind: number;
  readonly records: number;
  /** The next frame belongs to the same append: they are stored together or not at all. */
  readonly more: boolean;
  /** The raw bytes are gone. */
  readonly erased: boolean;
  readonly payloadCrc: number;
  readonly metadataBytes: number;
  /** The whole frame. */
  readonly bytes: number;
}

export interface Frame extends FrameHeader {
  /** Where it begins in its file. */
  readonly offset: number;
  readonly payload: Buffer;
}

export interface FrameContent {
  readonly position: Position;
  readonly kind: number;
  readonly records: number;
  readonly more: boolean;
  readonly erased?: boolean;
  readonly receivedAt: number;
  readonly storedAt: number;
  readonly metadata: string;
  readonly body: Uint8Array;
}

export function frameBytes(metadataBytes: number, bodyBytes: number): number {
  return MIN_FRAME_BYTES + metadataBytes + bodyBytes;
}

/** Writes a frame into `target` at `at` for the place `offset` of its file. Returns its length. */
export function encodeFrame(target: Buffer, at: number, offset: number, salt: Salt, content: FrameContent): number {
  const payload = at + FRAME_HEADER_BYTES;
  target.writeDoubleLE(content.receivedAt, payload);
  target.writeDoubleLE(content.storedAt, payload + 8);
  const metadataBytes = target.write(content.metadata, payload + TIMES_BYTES, 'utf8');
  target.set(content.body, payload + TIMES_BYTES + metadataBytes);
  const end = payload + TIMES_BYTES + metadataBytes + content.body.length;

  target.writeUInt32LE(crc32(target.subarray(payload, end)), at + 4);
  target.writeUInt32LE(end - payload, at + 8);
  target.writeUInt32LE(metadataBytes, at + 12);
  target.writeUIntLE(content.position, at + 16, 6);
  target.writeUInt8(content.kind, at + 22);
  target.writeUInt8((content.more ? MORE : 0) | (content.erased ? ERASED : 0), at + 23);
  target.writeUInt32LE(content.records, at + 24);
  target.writeUInt32LE(salt.marker, at + MARKER_OFFSET);
  target.writeUInt32LE(headerCrc(target, at, offset, salt), at);
  return end - at;
}

/** The header at `at`, or undefined where there is none that belongs to this place of this segment. */
export function decodeHeader(buffer: Buffer, at: number, offset: number, salt: Salt): FrameHeader | undefined {
  if (buffer.readUInt32LE(at + MARKER_OFFSET) !== salt.marker) return undefined;
  if (buffer.readUInt32LE(at) !== headerCrc(buffer, at, offset, salt)) return undefined;
  const length = buffer.readUInt32LE(at + 8);
  const metadataBytes = buffer.readUInt32LE(at + 12);
  if (length > MAX_PAYLOAD_BYTES || length < TIMES_BYTES + metadataBytes) return undefined;
  return {
    position: buffer.readUIntLE(at + 16, 6),
    kind: buffer.readUInt8(at + 22),
    records: buffer.readUInt32LE(at + 24),
    more: (buffer.readUInt8(at + 23) & MORE) !== 0,
    erased: (buffer.readUInt8(at + 23) & ERASED) !== 0,
    payloadCrc: buffer.readUInt32LE(at + 4),
    metadataBytes,
    bytes: FRAME_HEADER_BYTES + length,
  };
}

export function isIntact(header: FrameHeader, payload: Buffer): boolean {
  return crc32(payload) === header.payloadCrc;
}

/** Where in `buffer`, at or after `at`, a frame of the segment might begin; -1 for nowhere. */
export function findFrame(buffer: Buffer, at: number, marker: Buffer): number {
  const found = buffer.indexOf(marker, at + MARKER_OFFSET);
  return found === -1 ? -1 : found - MARKER_OFFSET;
}

export function markerBytes(salt: Salt): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(salt.marker);
  return bytes;
}

export function storedAtOf(frame: Frame): number {
  return frame.payload.readDoubleLE(8);
}

export function receivedAtOf(frame: Frame): number {
  return frame.payload.readDoubleLE(0);
}

/** A view of the raw bytes. */
export function bodyOf(frame: Frame): Buffer {
  return frame.erased ? Buffer.alloc(0) : frame.payload.subarray(TIMES_BYTES + frame.metadataBytes);
}

/** What stands in it as JSON (metadata.ts). */
export function metadataBytesOf(frame: Frame): Buffer {
  return frame.payload.subarray(TIMES_BYTES, TIMES_BYTES + frame.metadataBytes);
}

export function metadataOf(frame: Frame): FrameMetadata {
  return decodeMetadata(metadataBytesOf(frame));
}

/** The frame that takes this one's place when its entry is erased. */
export function erasedFrame(frame: Frame, salt: Salt): Buffer {
  const { source, dedupKey } = metadataOf(frame);
  const metadata = encodeMetadata({ source, metadata: {}, dedupKey });
  const body = Buffer.alloc(frame.bytes - frameBytes(Buffer.byteLength(metadata), 0));
  const times = { receivedAt: receivedAtOf(frame), storedAt: storedAtOf(frame) };
  const { position, kind, records, more, offset } = frame;
  const bytes = Buffer.alloc(frame.bytes);
  encodeFrame(bytes, 0, offset, salt, { position, kind, records, more, erased: true, metadata, body, ...times });
  return bytes;
}

function headerCrc(buffer: Buffer, at: number, offset: number, salt: Salt): number {
  return crc32(buffer.subarray(at + 4, at + FRAME_HEADER_BYTES), (salt.seed + offset) >>> 0);
}
