/** Longest text that is tried byte by byte: below it a loop beats a call into the runtime. */
const SHORT_TEXT = 28;

/** Bounds of the table of keys: whoever makes up keys without end fills it, and then costs nobody but time. */
const MAX_KEYS = 2048;
const MAX_KEY_LENGTH = 64;
const encodedKeys = new Map<string, Uint8Array>();

/**
 * Writes protobuf from the end of a buffer towards its start. A message's length stands before its content, and written
 * backwards the content is already there: one pass, no sizes computed beforehand, no buffer per value. So callers write
 * everything in reverse: last field first, and of a field first the content, then the length, then the tag.
 */
export class ProtobufWriter {
  #buffer: Buffer;
  /** Everything from here to the end is written. */
  #start: number;
  readonly #limit: number;

  /** Beyond `limit` bytes a write throws a RangeError. */
  constructor(capacity: number, limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#start = capacity;
  }

  /** Bytes written so far: the difference between two of these is the length of what was written between. */
  get written(): number {
    return this.#buffer.length - this.#start;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  clear(): void {
    this.#start = this.#buffer.length;
  }

  /** The bytes written, not copied: the writer is not used again, or cleared only after they are copied. */
  bytes(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[--this.#start] = value;
  }

  /** An unsigned integer up to 2^53 - 1. */
  varint(value: number): void {
    if (value < 128) this.byte(value);
    else this.#longVarint(value);
  }

  #longVarint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    this.#reserve(size);
    this.#start -= size;
    let at = this.#start;
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[at++] = (rest % 128) | 128;
    this.#buffer[at] = rest;
  }

  /** An int64: a negative one takes ten bytes. */
  varint64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    for (let i = bytes.length - 1; i >= 0; i--) this.byte(bytes[i] as number);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#start -= 4;
    this.#buffer.writeUInt32LE(value, this.#start);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#buffer.writeBigUInt64LE(value, this.#start);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#buffer.writeDoubleLE(value, this.#start);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  text(text: string): void {
    if (text.length <= SHORT_TEXT && this.#shortAscii(text)) return;
    const size = Buffer.byteLength(text, 'utf8');
    this.#reserve(size);
    this.#start -= size;
    this.#buffer.write(text, this.#start, size, size === text.length ? 'latin1' : 'utf8');
  }

  /** A length-delimited field whose content was written since `before`, a value of `written`. @param tag below 128 */
  field(tag: number, before: number): void {
    this.varint(this.written - before);
    this.byte(tag);
  }

  textField(tag: number, text: string): void {
    const before = this.written;
    this.text(text);
    this.field(tag, before);
  }

  /** The text field 0x0a, a map's key. Keys come back for ever: most are written from a table. */
  key(key: string): void {
    const known = encodedKeys.get(key);
    if (known) this.raw(known);
    else this.#newKey(key);
  }

  #newKey(key: string): void {
    const before = this.written;
    this.textField(0x0a, key);
    if (key.length > MAX_KEY_LENGTH || encodedKeys.size >= MAX_KEYS) return;
    encodedKeys.set(key, Uint8Array.from(this.#buffer.subarray(this.#start, this.#start + this.written - before)));
  }

  #shortAscii(text: string): boolean {
    this.#reserve(text.length);
    let at = this.#start;
    for (let i = text.length - 1; i >= 0; i--) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#buffer[--at] = code;
    }
    this.#start = at;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#start < bytes) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const { written } = this;
    if (written + bytes > this.#limit) throw new RangeError(`more than ${this.#limit} bytes`);
    const larger = Buffer.allocUnsafeSlow(Math.max(written + bytes, 2 * this.#buffer.length));
    this.#buffer.copy(larger, larger.length - written, this.#start);
    this.#start = larger.length - written;
    this.#buffer = larger;
  }
}
