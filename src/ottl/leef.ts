/** The Log Event Extended Format: a header of fields between bars, then pairs. */
import { setOwn, type ValueMap } from '../record/value.ts';
import { OttlError } from './error.ts';
import { quoted } from './sprintf/quote.ts';
import { bytesOf, textOfBytes } from './strptime/layout.ts';

const START = 'LEEF:';

/** What stands before the header, as that of syslog, is skipped. @throws {OttlError} */
export function parseLeefMessage(text: string): ValueMap {
  const start = text.indexOf(START);
  if (start < 0) throw new OttlError("invalid LEEF message: 'LEEF:' not found");
  const bar = text.indexOf('|', start);
  if (bar < 0) throw new OttlError('invalid LEEF message: missing pipe delimiter in header');
  const version = text.slice(start + START.length, bar);
  if (version !== '1.0' && version !== '2.0') {
    throw new OttlError(`unsupported LEEF version: ${version} (supported: 1.0, 2.0)`);
  }
  const { fields, rest } = cut(text.slice(bar + 1), 4);
  if (fields.length < 4) {
    throw new OttlError(
      `invalid LEEF ${version} header: expected at least 4 fields (vendor, product, version, eventID), got ${fields.length}`,
    );
  }
  const { delimiter, attributes } = version === '2.0' ? withDelimiter(rest) : { delimiter: '\t', attributes: rest };
  const [vendor, product, productVersion, eventId] = fields;
  return {
    'leef.version': version,
    'leef.vendor': vendor,
    'leef.product.name': product,
    'leef.product.version': productVersion,
    'leef.event.id': eventId,
    'leef.attributes': pairs(attributes, delimiter),
  };
}

/** The first fields, and what stands behind the bar after them. */
function cut(text: string, count: number): { fields: string[]; rest: string } {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count) {
    const bar = text.indexOf('|', at);
    fields.push(text.slice(at, bar < 0 ? undefined : bar));
    if (bar < 0) return { fields, rest: '' };
    at = bar + 1;
  }
  return { fields, rest: text.slice(at) };
}

/** Version 2.0 has a field for the delimiter, which may be left out: then the attributes stand there. */
function withDelimiter(rest: string): { delimiter: string; attributes: string } {
  const { fields, rest: attributes } = cut(rest, 1);
  const spec = fields[0] ?? '';
  if (spec.includes('=')) return { delimiter: '\t', attributes: rest };
  return { delimiter: delimiterOf(spec), attributes };
}

function delimiterOf(spec: string): string {
  const wrong = (what: string) => new OttlError(`invalid LEEF 2.0 delimiter: ${what}`);
  if (spec === '') return '\t';
  if (!/^0[xX]/.test(spec)) {
    if (Buffer.byteLength(spec) === 1) return spec;
    throw wrong(`delimiter must be a single character or 0x-prefixed hex value, got ${quoted(spec, '"', false)}`);
  }
  const digits = spec.slice(2);
  if (digits === '') throw wrong('empty hex value');
  const bad = /[^0-9a-fA-F]/.exec(bytesOf(digits));
  const invalid = (what: string) => wrong(`invalid hex delimiter ${quoted(spec, '"', false)}: encoding/hex: ${what}`);
  if (bad && (digits.length % 2 === 0 || bad.index < digits.length)) {
    const byte = bad[0].charCodeAt(0);
    throw invalid(`invalid byte: ${codePoint(byte)}`);
  }
  if (digits.length % 2 === 1) throw invalid('odd length hex string');
  if (digits.length !== 2) throw wrong(`hex delimiter must decode to a single byte, got ${digits.length / 2} bytes`);
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** As Go's %#U. */
function codePoint(byte: number): string {
  const char = String.fromCharCode(byte);
  const isPrinted = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char);
  return `U+${byte.toString(16).toUpperCase().padStart(4, '0')}${isPrinted ? ` '${char}'` : ''}`;
}

/** @param delimiter a byte */
function pairs(attributes: string, delimiter: string): ValueMap {
  const map: ValueMap = {};
  for (const pair of bytesOf(attributes).split(delimiter)) {
    const equals = pair.indexOf('=');
    if (equals > 0) setOwn(map, textOfBytes(pair.slice(0, equals)), textOfBytes(pair.slice(equals + 1)));
  }
  return map;
}
