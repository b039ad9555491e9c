/**
 * Thresholds and randomness of OpenTelemetry's probability sampling: integers of 56 bits. A record is kept where its randomness
 * is not below the threshold.
 */

/** One more than every randomness. */
export const NEVER = 2n ** 56n;
export const ALWAYS = 0n;
/** Is kept by every threshold but `NEVER`. */
export const KEPT_BY_ALL = NEVER - 1n;

const DIGITS = 14;
const MIN_PROBABILITY = 2 ** -56;

/** `sampling.threshold`: trailing zeros may be left out. Undefined for what is none. */
export function parseThreshold(text: string): bigint | undefined {
  if (!/^[\da-fA-F]{1,14}$/.test(text)) return undefined;
  return BigInt(`0x${text.padEnd(DIGITS, '0')}`);
}

/** `sampling.randomness`. Undefined for what is none. */
export function parseRandomness(text: string): bigint | undefined {
  return /^[\da-fA-F]{14}$/.test(text) ? BigInt(`0x${text}`) : undefined;
}

export function thresholdText(threshold: bigint): string {
  return threshold === ALWAYS ? '0' : randomnessText(threshold).replace(/0+$/, '');
}

export function randomnessText(randomness: bigint): string {
  return randomness.toString(16).padStart(DIGITS, '0');
}

export function probabilityOf(threshold: bigint): number {
  return Number(NEVER - threshold) / Number(NEVER);
}

/**
 * With so many digits, and more near 0 and 1, where they are needed to tell rates apart. Undefined for what is no probability,
 * and for one below 2^-56.
 */
export function thresholdOf(probability: number, precision: number): bigint | undefined {
  if (!(probability >= MIN_PROBABILITY && probability <= 1)) return undefined;
  if (probability === 1) return ALWAYS;
  const leading = Math.max(leadingDigits(probability), leadingDigits(1 - probability));
  const digits = Math.min(DIGITS, precision + leading);
  let threshold = NEVER - BigInt(Math.round(probability * Number(NEVER)));
  const shift = BigInt(4 * (DIGITS - digits));
  if (shift > 0n) {
    threshold += BigInt.asUintN(64, 1n << (shift - 1n));
    threshold = BigInt.asUintN(64, (BigInt.asUintN(64, threshold) >> shift) << shift);
  }
  return threshold;
}

/** Hexadecimal zeros behind the point of a fraction. */
function leadingDigits(fraction: number): number {
  return Math.trunc(-binaryExponent(fraction) / 4);
}

/** Of a number from 2^-56 up to 1: the e for which it is at least half of 2^e, and less than 2^e. */
function binaryExponent(value: number): number {
  let exponent = 0;
  for (let left = value; left < 0.5; left *= 2) exponent--;
  return exponent;
}

/** The last 56 bits of a trace id, in hexadecimal. */
export function randomnessOfTrace(traceId: string): bigint {
  return BigInt(`0x${traceId.slice(-DIGITS)}`);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, 32 bits, of the seed (little endian) and the bytes. */
export function seededHash(bytes: Uint8Array, seed: number): number {
  let hash = FNV_OFFSET;
  for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((seed >>> shift) & 0xff), FNV_PRIME);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** Decided by the lowest 14 bits of the hash, turned around, so that a threshold keeps what hashes low; the rest fills up. */
export function randomnessOfHash(hash: number): bigint {
  const bucket = hash & 0x3fff;
  const unused = BigInt(hash >>> 18);
  const mixed = unused ^ (unused << 10n);
  return (BigInt(0x3fff - bucket) << 42n) | (mixed << 14n) | BigInt(bucket);
}

/** Of a percentage in single precision, in steps of 1/16384. `NEVER` where it is less than one of them. */
export function thresholdOfBuckets(percentage: number): bigint {
  const buckets = Math.trunc(Math.fround(percentage * Math.fround(163.84)));
  return buckets === 0 ? NEVER : BigInt(0x4000 - buckets) << 42n;
}
