import { createHash } from 'node:crypto';
import { isDouble, isInt, toNumber, type Value } from '../../record/value.ts';

/**
 * SHA-256 in lower-case hex, of the UTF-8 of a text, of 8 bytes of a number (little endian), of one byte of a boolean. All else
 * becomes ''.
 */
export function hashOf(value: Value): string {
  const bytes = bytesOf(value);
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex');
}

function bytesOf(value: Value): string | Uint8Array | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
  const bytes = Buffer.alloc(8);
  if (isInt(value)) bytes.writeBigInt64LE(BigInt(value));
  else if (isDouble(value)) writeDouble(bytes, toNumber(value));
  else return undefined;
  return bytes;
}

/** NaN has many forms: the one that Go writes. */
function writeDouble(bytes: Buffer, value: number): void {
  if (Number.isNaN(value)) bytes.writeBigUInt64LE(0x7ff8000000000001n);
  else bytes.writeDoubleLE(value);
}
