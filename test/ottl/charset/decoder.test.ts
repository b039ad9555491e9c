import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decoderOf } from '../../../src/ottl/charset/decoder.ts';

function decoded(charset: string, ...bytes: number[]): string | undefined {
  return decoderOf(charset)?.(Uint8Array.from(bytes));
}

describe('character sets', () => {
  it('are found by any of their names', () => {
    assert.equal(decoded('windows-1252', 0x80), '€');
    assert.equal(decoded(' Latin1 ', 0xe9), 'é');
    assert.equal(decoded('MS_Kanji', 0x83, 0x65), 'テ');
    assert.equal(decoded('csBig5', 0xa7, 0x41), '你');
    assert.equal(decoded('', 0xc3, 0xa9), 'é');
    assert.equal(decoderOf('utf16le'), undefined);
    assert.equal(decoderOf('toString'), undefined);
  });

  it('keep a byte order mark but where it is asked for', () => {
    assert.equal(decoded('utf-16', 0xff, 0xfe, 0x61, 0), '\ufeffa');
    assert.equal(decoded('utf-8', 0xef, 0xbb, 0xbf, 0x61), '\ufeffa');
    assert.equal(decoded('csUTF16', 0xff, 0xfe, 0x61, 0), 'a');
    assert.equal(decoded('csUTF16', 0, 0x61), 'a');
  });

  it('put U+FFFD for what can not be', () => {
    assert.equal(decoded('utf-8', 0xff, 0xfe), '\ufffd\ufffd');
    assert.equal(decoded('utf-16', 0x61, 0x62, 0x63), '扡\ufffd');
    assert.equal(decoded('cp367', 0x61, 0xe9), 'a\ufffd');
    assert.equal(decoded('iso-8859-2', 0x80), '\ufffd');
    assert.equal(decoded('iso-8859-1', 0x80), '\u0080');
  });

  it('have the tables of the Collector where those of the library differ', () => {
    assert.equal(decoded('ibm00858', 0xd5, 0x82), '€é');
    assert.equal(decoded('koi8-u', 0xae, 0xbe), 'ўЎ');
    assert.equal(decoded('ibm037', 0xc8, 0x85, 0x93, 0x93, 0x96, 0xba, 0x9f), 'Hello[¤');
    assert.equal(decoded('ibm1047', 0xad, 0x9f), '[¤');
    assert.equal(decoded('ibm01140', 0x9f), '€');
    assert.equal(decoded('macintosh', 0xbd, 0xdb, 0xf0), '\u03a9€\uf8ff');
  });
});
