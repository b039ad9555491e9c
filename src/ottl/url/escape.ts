/** Percent-encoding, by the part of a URL. Texts are strings of bytes. */
import { OttlError } from '../error.ts';
import { quoted } from '../sprintf/quote.ts';
import { textOfBytes } from '../strptime/layout.ts';

export type Part = 'path' | 'userinfo' | 'host' | 'zone' | 'fragment' | 'query';

const HOST = '!$&\'()*+,;=:[]<>"';
/** What needs no escape there, beside letters, digits and `-_.~`. */
const PLAIN: Readonly<Record<Part, string>> = {
  path: '$&+,/:;=@',
  userinfo: '$&+,;=',
  host: HOST,
  zone: HOST,
  fragment: '$&+,/:;=?@!()*',
  query: '',
};

export function isPlain(byte: string, part: Part): boolean {
  return /[A-Za-z0-9\-_.~]/.test(byte) || PLAIN[part].includes(byte);
}

export function escaped(bytes: string, part: Part): string {
  return bytes.replace(/[^A-Za-z0-9\-_.~]/g, (byte) =>
    isPlain(byte, part) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** @throws {OttlError} for escapes and characters that have no place there */
export function unescaped(bytes: string, part: Part): string {
  const isHost = part === 'host' || part === 'zone';
  return bytes.replace(/%[0-9A-Fa-f]{2}|%|\+|[^%+]/g, (token, at: number) => {
    if (token.length === 3) {
      const byte = String.fromCharCode(Number.parseInt(token.slice(1), 16));
      const isMisplaced =
        token !== '%25' &&
        ((part === 'host' && byte < '\x80') || (part === 'zone' && byte !== ' ' && !isPlain(byte, 'host')));
      if (isMisplaced) throw escapeError(token);
      return byte;
    }
    if (token === '%') throw escapeError(bytes.slice(at, at + 3));
    if (isHost && token < '\x80' && !isPlain(token, part)) {
      throw new OttlError(`invalid character ${quoted(token, '"', false)} in host name`);
    }
    return token === '+' && part === 'query' ? ' ' : token;
  });
}

function escapeError(wrong: string): OttlError {
  return new OttlError(`invalid URL escape ${quoted(textOfBytes(wrong), '"', false)}`);
}
