/** The parts of XXH3 that its two variants share, after its specification, with the seed 0. */

export const P32_1 = 0x9e3779b1n;
export const P32_2 = 0x85ebca77n;
export const P32_3 = 0xc2b2ae3dn;
export const P64_1 = 0x9e3779b185ebca87n;
export const P64_2 = 0xc2b2ae3d27d4eb4fn;
export const P64_3 = 0x165667b19e3779f9n;
export const P64_4 = 0x85ebca77c2b2ae63n;
export const P64_5 = 0x27d4eb2f165667c5n;
const MX1 = 0x165667919e3779f9n;
export const MX2 = 0x9fb21c651e98df25n;

/** The secret that the specification gives for where no other is chosen. */
export const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);

export function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

export function word(bytes: Buffer, at: number): bigint {
  return bytes.readBigUInt64LE(at);
}

export function secret(at: number): bigint {
  return SECRET.readBigUInt64LE(at);
}

export function avalanche(hash: bigint): bigint {
  const mixed = u64((hash ^ (hash >> 37n)) * MX1);
  return mixed ^ (mixed >> 32n);
}

/** The avalanche of XXH64, for the shortest inputs. */
export function avalanche64(hash: bigint): bigint {
  let mixed = u64((hash ^ (hash >> 33n)) * P64_2);
  mixed = u64((mixed ^ (mixed >> 29n)) * P64_3);
  return mixed ^ (mixed >> 32n);
}

export function swapped(value: bigint): bigint {
  let result = 0n;
  for (let rest = value, i = 0; i < 8; i++, rest >>= 8n) result = (result << 8n) | (rest & 0xffn);
  return result;
}

/** Both halves of the product, one over the other. */
export function folded(a: bigint, b: bigint): bigint {
  const product = a * b;
  return u64(product) ^ (product >> 64n);
}

export function mix16(input: Buffer, at: number, secretAt: number): bigint {
  return folded(word(input, at) ^ secret(secretAt), word(input, at + 8) ^ secret(secretAt + 8));
}

const STRIPE = 64;
const STRIPES_OF_BLOCK = 16;

/** The eight lanes of an input of more than 240 bytes. */
export function lanesOf(input: Buffer): readonly bigint[] {
  const lanes = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1];
  const lastStripe = Math.floor((input.length - 1) / STRIPE);
  for (let stripe = 0; stripe < lastStripe; stripe++) {
    const inBlock = stripe % STRIPES_OF_BLOCK;
    accumulate(lanes, input, stripe * STRIPE, inBlock * 8);
    if (inBlock === STRIPES_OF_BLOCK - 1) scramble(lanes);
  }
  accumulate(lanes, input, input.length - STRIPE, SECRET.length - STRIPE - 7);
  return lanes;
}

function accumulate(lanes: bigint[], input: Buffer, at: number, secretAt: number): void {
  for (let i = 0; i < 8; i++) {
    const value = word(input, at + 8 * i);
    const key = value ^ secret(secretAt + 8 * i);
    lanes[i ^ 1] = u64((lanes[i ^ 1] as bigint) + value);
    lanes[i] = u64((lanes[i] as bigint) + (key & 0xffffffffn) * (key >> 32n));
  }
}

function scramble(lanes: bigint[]): void {
  for (let i = 0; i < 8; i++) {
    const lane = lanes[i] as bigint;
    lanes[i] = u64((lane ^ (lane >> 47n) ^ secret(SECRET.length - STRIPE + 8 * i)) * P32_1);
  }
}

export function merged(lanes: readonly bigint[], secretAt: number, start: bigint): bigint {
  let result = start;
  for (let i = 0; i < 8; i += 2) {
    const [a, b] = [lanes[i] as bigint, lanes[i + 1] as bigint];
    result += folded(a ^ secret(secretAt + 8 * i), b ^ secret(secretAt + 8 * i + 8));
  }
  return avalanche(u64(result));
}
