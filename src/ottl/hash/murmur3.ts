/** MurmurHash3 with the seed 0. */

/** The variant of 32 bits, least significant byte first. */
export function murmur3Hash32(input: Buffer): Buffer {
  let hash = 0;
  const end = input.length - (input.length % 4);
  for (let at = 0; at < end; at += 4) {
    hash ^= scramble(input.readUInt32LE(at));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (end < input.length) hash ^= scramble(input.readUIntLE(end, input.length - end));
  hash ^= input.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  const output = Buffer.alloc(4);
  output.writeInt32LE(hash ^ (hash >>> 16));
  return output;
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

/** The variant of 128 bits for machines of 64, both halves with the least significant byte first. */
export function murmur3Hash128(input: Buffer): Buffer {
  // The tail is mixed in as if zeros followed, which change nothing.
  const end = input.length - (input.length % 16);
  const tail = Buffer.alloc(16);
  input.copy(tail, 0, end);
  let [h1, h2] = [0n, 0n];
  for (let at = 0; at < end; at += 16) {
    h1 ^= scramble1(input.readBigUInt64LE(at));
    h1 = u64(u64(rotated(h1, 27n) + h2) * 5n + 0x52dce729n);
    h2 ^= scramble2(input.readBigUInt64LE(at + 8));
    h2 = u64(u64(rotated(h2, 31n) + h1) * 5n + 0x38495ab5n);
  }
  h2 ^= scramble2(tail.readBigUInt64LE(8));
  h1 ^= scramble1(tail.readBigUInt64LE(0));
  h1 ^= BigInt(input.length);
  h2 ^= BigInt(input.length);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  h1 = finished(h1);
  h2 = finished(h2);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  const output = Buffer.alloc(16);
  output.writeBigUInt64LE(h1, 0);
  output.writeBigUInt64LE(h2, 8);
  return output;
}

function scramble1(word: bigint): bigint {
  return u64(rotated(u64(word * C1), 31n) * C2);
}

function scramble2(word: bigint): bigint {
  return u64(rotated(u64(word * C2), 33n) * C1);
}

function finished(hash: bigint): bigint {
  let mixed = u64((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  mixed = u64((mixed ^ (mixed >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}

function rotated(word: bigint, bits: bigint): bigint {
  return u64((word << bits) | (word >> (64n - bits)));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
