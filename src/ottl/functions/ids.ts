/** Ids of traces, spans and profiles, from their bytes or their hexadecimal form. */
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { mapped } from '../getter.ts';
import { bytesLike } from '../parameter.ts';
import { OttlId } from '../value.ts';

function idFunction(name: string, kind: OttlId['kind'], length: number) {
  const read = (bytes: Uint8Array = new Uint8Array()): OttlId => {
    if (bytes.length === length) return new OttlId(kind, bytes);
    if (bytes.length === 2 * length) return new OttlId(kind, fromHex(bytes, name));
    throw new OttlError(
      `${name}: could not decode ID: invalid length: expected ${length} or ${2 * length} bytes, got ${bytes.length}`,
    );
  };
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { target: bytesLike },
    summary: `The ${kind} id of ${length} bytes, given as they are or as ${2 * length} hexadecimal digits.`,
    example: {
      statement: `set(log.body, String(${name}(log.body)))`,
      before: { body: '01'.repeat(length) },
      after: { body: `[${new Array(length).fill(1).join(',')}]` },
    },
    create({ target }) {
      const id = mapped(target, read);
      return (context) => id(context);
    },
  });
}

function fromHex(digits: Uint8Array, name: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < digits.length; i++) {
    const code = digits[i] as number;
    const digit = Number.parseInt(String.fromCharCode(code), 16);
    if (Number.isNaN(digit)) {
      throw new OttlError(
        `${name}: could not decode ID: invalid hex: encoding/hex: invalid byte: ${unicodeName(code)}`,
      );
    }
    bytes[i >> 1] = ((bytes[i >> 1] as number) << 4) | digit;
  }
  return bytes;
}

function unicodeName(code: number): string {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const isShown = (code >= 0x20 && code < 0x7f) || (code >= 0xa1 && code !== 0xad);
  return isShown ? `${name} '${String.fromCharCode(code)}'` : name;
}

export const profileId = idFunction('ProfileID', 'profile', 16);
export const spanId = idFunction('SpanID', 'span', 8);
export const traceId = idFunction('TraceID', 'trace', 16);
