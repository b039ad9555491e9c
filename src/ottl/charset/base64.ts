/** Base64 as Go's decoder reads it: line breaks are skipped, padding is checked, and errors tell the place. */

export interface Base64Variant {
  readonly isUrl: boolean;
  readonly isPadded: boolean;
}

export const BASE64_VARIANTS: Readonly<Record<string, Base64Variant>> = {
  base64: { isUrl: false, isPadded: true },
  'base64-raw': { isUrl: false, isPadded: false },
  'base64-url': { isUrl: true, isPadded: true },
  'base64-raw-url': { isUrl: true, isPadded: false },
};

/** Tells the place of the first byte that can't be. */
export class Base64Error extends Error {
  override readonly name = 'Base64Error';

  constructor(at: number) {
    super(`illegal base64 data at input byte ${at}`);
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = digitsOf(`${LETTERS}+/`);
const URL_SAFE = digitsOf(`${LETTERS}-_`);
const PADDING = 0x3d;

export function encodeBase64(bytes: Uint8Array, { isUrl, isPadded }: Base64Variant): string {
  const text = Buffer.from(bytes).toString(isUrl ? 'base64url' : 'base64');
  if (isUrl) return isPadded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
  return isPadded ? text : text.replace(/=+$/, '');
}

/** @throws {Base64Error} */
export function decodeBase64(input: Uint8Array, { isUrl, isPadded }: Base64Variant): Buffer {
  const digits = isUrl ? URL_SAFE : STANDARD;
  const output = Buffer.alloc(Math.ceil((input.length * 3) / 4));
  let length = 0;
  let bits = 0;
  /** How many of a group of four are read. */
  let count = 0;
  for (let at = 0; at < input.length; at++) {
    const byte = input[at] as number;
    const digit = digits[byte] as number;
    if (digit >= 0) {
      bits = (bits << 6) | digit;
      if (++count < 4) continue;
      length = output.writeUIntBE(bits, length, 3);
      bits = count = 0;
    } else if (!isLineBreak(byte)) {
      if (byte !== PADDING || !isPadded) throw new Base64Error(at);
      checkPadding(input, at, count);
      return finish();
    }
  }
  if (count === 1 || (count > 0 && isPadded)) throw new Base64Error(input.length - count);
  return finish();

  function finish(): Buffer {
    if (count === 2) output[length++] = (bits >> 4) & 0xff;
    if (count === 3) length = output.writeUInt16BE((bits >> 2) & 0xffff, length);
    return output.subarray(0, length);
  }
}

/** @param at the first padding character; nothing but what is missing of it may follow */
function checkPadding(input: Uint8Array, at: number, count: number): void {
  if (count < 2) throw new Base64Error(at);
  let next = afterLineBreaks(input, at + 1);
  if (count === 2) {
    if (next === input.length) throw new Base64Error(next);
    if (input[next] !== PADDING) throw new Base64Error(next - 1);
    next = afterLineBreaks(input, next + 1);
  }
  if (next < input.length) throw new Base64Error(next);
}

function afterLineBreaks(input: Uint8Array, at: number): number {
  let next = at;
  while (isLineBreak(input[next])) next++;
  return next;
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}

function digitsOf(alphabet: string): Int8Array {
  const digits = new Int8Array(256).fill(-1);
  for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i;
  return digits;
}
