/** Bytes in any character set into text, as the Collector's decoders do it. */
import { createRequire } from 'node:module';
import { ebcdicDecoder } from './ebcdic.ts';
import { charsetOf } from './names.ts';

export type Decoder = (bytes: Uint8Array) => string;

/** The decoder of a character set by any of its names; undefined for an unknown one. */
export function decoderOf(name: string): Decoder | undefined {
  const charset = charsetOf(name);
  if (charset === undefined) return undefined;
  if (charset === 'raw') return (bytes) => Buffer.from(bytes).toString('utf8');
  if (charset === 'us-ascii') return (bytes) => Buffer.from(bytes).toString('latin1').replace(NOT_ASCII, '\ufffd');
  if (charset === 'utf-16') return decodeUtf16;
  if (/^utf-|^iso-2022-jp$/.test(charset)) {
    const decoder = new TextDecoder(charset, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  }
  const ebcdic = ebcdicDecoder(charset);
  if (ebcdic) return ebcdic;
  const patch = patchOf(charset);
  const library = LIBRARY_NAMES[charset] ?? charset;
  const { decode } = createRequire(import.meta.url)('iconv-lite') as typeof import('iconv-lite');
  return (bytes) => patch(decode(Buffer.from(bytes), library, { stripBOM: false }));
}

const NOT_ASCII = /[\x80-\xff]/g;

/** With the most significant byte first, unless a byte order mark says otherwise. */
function decodeUtf16(bytes: Uint8Array): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(bytes);
}

const LIBRARY_NAMES: Readonly<Record<string, string>> = { cp858: 'cp850' };

/** Where the library's tables differ from the Collector's. */
const PATCHES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cp858: { ı: '€' },
  'koi8-u': { '╝': 'ў', '╬': 'Ў' },
  macintosh: { '\u2126': '\u03a9', '¤': '€', '\ufffd': '\uf8ff' },
};

/** These sets of ISO have no control characters above 0x7f in the Collector. */
const WITHOUT_CONTROLS = /^iso-8859-(?:[2-8]|1[0-6])$/;

function patchOf(charset: string): (text: string) => string {
  if (WITHOUT_CONTROLS.test(charset)) return (text) => text.replace(/[\x80-\x9f]/g, '\ufffd');
  const patches = PATCHES[charset];
  if (!patches) return (text) => text;
  const patched = new RegExp(`[${Object.keys(patches).join('')}]`, 'g');
  return (text) => text.replace(patched, (character) => patches[character] ?? character);
}
