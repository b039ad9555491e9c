/** XXH3 in its variants of 64 and of 128 bits, after its specification, with the seed 0. */
import {
  avalanche,
  avalanche64,
  folded,
  lanesOf,
  MX2,
  merged,
  mix16,
  P32_2,
  P64_1,
  P64_2,
  P64_4,
  SECRET,
  secret,
  swapped,
  u64,
  word,
} from './xxh3-mix.ts';

/** The hash of 64 bits, most significant byte first. */
export function xxh3Hash64(input: Buffer): Buffer {
  const output = Buffer.alloc(8);
  output.writeBigUInt64BE(hash64(input));
  return output;
}

/** The hash of 128 bits, most significant byte first. */
export function xxh3Hash128(input: Buffer): Buffer {
  const { low, high } = hash128(input);
  const output = Buffer.alloc(16);
  output.writeBigUInt64BE(high, 0);
  output.writeBigUInt64BE(low, 8);
  return output;
}

function hash64(input: Buffer): bigint {
  const size = input.length;
  const length = BigInt(size);
  if (size === 0) return avalanche64(secret(56) ^ secret(64));
  if (size <= 3)
    return avalanche64(BigInt(fewBytes(input) ^ SECRET.readInt32LE(0) ^ SECRET.readInt32LE(4)) & 0xffffffffn);
  if (size <= 8) {
    const value = (BigInt(input.readUInt32LE(0)) << 32n) | BigInt(input.readUInt32LE(size - 4));
    const keyed = value ^ secret(8) ^ secret(16);
    let mixed = u64((keyed ^ rotated(keyed, 49n) ^ rotated(keyed, 24n)) * MX2);
    mixed = u64((mixed ^ ((mixed >> 35n) + length)) * MX2);
    return mixed ^ (mixed >> 28n);
  }
  if (size <= 16) {
    const low = word(input, 0) ^ secret(24) ^ secret(32);
    const high = word(input, size - 8) ^ secret(40) ^ secret(48);
    return avalanche(u64(length + swapped(low) + high + folded(low, high)));
  }
  if (size > 240) return merged(lanesOf(input), 11, u64(length * P64_1));
  let sum = length * P64_1;
  if (size <= 128) {
    for (let i = Math.ceil(size / 32) - 1; i >= 0; i--) {
      sum += mix16(input, 16 * i, 32 * i) + mix16(input, size - 16 * (i + 1), 32 * i + 16);
    }
    return avalanche(u64(sum));
  }
  for (let i = 0; i < 8; i++) sum += mix16(input, 16 * i, 16 * i);
  sum = avalanche(u64(sum));
  for (let i = 8; i < Math.floor(size / 16); i++) sum += mix16(input, 16 * i, 16 * (i - 8) + 3);
  return avalanche(u64(sum + mix16(input, size - 16, 136 - 17)));
}

interface Hash128 {
  readonly low: bigint;
  readonly high: bigint;
}

function hash128(input: Buffer): Hash128 {
  const size = input.length;
  const length = BigInt(size);
  if (size === 0) {
    return { low: avalanche64(secret(64) ^ secret(72)), high: avalanche64(secret(80) ^ secret(88)) };
  }
  if (size <= 3) return hash128OfFew(input);
  if (size <= 8) return hash128UpTo8(input, length);
  if (size <= 16) return hash128UpTo16(input, length);
  if (size > 240) {
    const lanes = lanesOf(input);
    return {
      low: merged(lanes, 11, u64(length * P64_1)),
      high: merged(lanes, SECRET.length - 64 - 11, u64(~(length * P64_2))),
    };
  }
  let sums: Hash128 = { low: u64(length * P64_1), high: 0n };
  if (size <= 128) {
    for (let i = Math.ceil(size / 32) - 1; i >= 0; i--) {
      sums = mix32(sums, input, 16 * i, size - 16 * (i + 1), 32 * i);
    }
  } else {
    for (let at = 0; at < 128; at += 32) sums = mix32(sums, input, at, at + 16, at);
    sums = { low: avalanche(sums.low), high: avalanche(sums.high) };
    for (let at = 128; at + 32 <= size; at += 32) sums = mix32(sums, input, at, at + 16, at - 128 + 3);
    sums = mix32(sums, input, size - 16, size - 32, 136 - 17 - 16);
  }
  return {
    low: avalanche(u64(sums.low + sums.high)),
    high: u64(-avalanche(u64(sums.low * P64_1 + sums.high * P64_4 + length * P64_2))),
  };
}

function mix32({ low, high }: Hash128, input: Buffer, a: number, b: number, secretAt: number): Hash128 {
  return {
    low: u64(low + mix16(input, a, secretAt)) ^ u64(word(input, b) + word(input, b + 8)),
    high: u64(high + mix16(input, b, secretAt + 16)) ^ u64(word(input, a) + word(input, a + 8)),
  };
}

function hash128OfFew(input: Buffer): Hash128 {
  const few = Buffer.alloc(4);
  few.writeInt32LE(fewBytes(input));
  const swappedFew = few.readInt32BE();
  const low = few.readInt32LE() ^ SECRET.readInt32LE(0) ^ SECRET.readInt32LE(4);
  const high = ((swappedFew << 13) | (swappedFew >>> 19)) ^ SECRET.readInt32LE(8) ^ SECRET.readInt32LE(12);
  return { low: avalanche64(BigInt(low >>> 0)), high: avalanche64(BigInt(high >>> 0)) };
}

function hash128UpTo8(input: Buffer, length: bigint): Hash128 {
  const value = BigInt(input.readUInt32LE(0)) | (BigInt(input.readUInt32LE(input.length - 4)) << 32n);
  const product = (value ^ secret(16) ^ secret(24)) * (P64_1 + (length << 2n));
  let low = u64(product);
  const high = u64((product >> 64n) + (low << 1n));
  low ^= high >> 3n;
  low = u64((low ^ (low >> 35n)) * MX2);
  return { low: low ^ (low >> 28n), high: avalanche(high) };
}

function hash128UpTo16(input: Buffer, length: bigint): Hash128 {
  const first = word(input, 0);
  const last = word(input, input.length - 8);
  const product = (first ^ last ^ secret(32) ^ secret(40)) * P64_1;
  const keyed = last ^ secret(48) ^ secret(56);
  const high = u64((product >> 64n) + keyed + (keyed & 0xffffffffn) * (P32_2 - 1n));
  const low = u64(product + ((length - 1n) << 54n)) ^ swapped(high);
  const mixed = low * P64_2;
  return { low: avalanche(u64(mixed)), high: avalanche(u64((mixed >> 64n) + high * P64_2)) };
}

/** One to three bytes and their number in one word. */
function fewBytes(input: Buffer): number {
  const size = input.length;
  const [first, middle, last] = [input[0], input[size >> 1], input[size - 1]] as [number, number, number];
  return (first << 16) | (middle << 24) | last | (size << 8);
}

function rotated(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}
