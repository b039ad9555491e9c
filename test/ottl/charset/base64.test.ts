import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BASE64_VARIANTS, Base64Error, decodeBase64, encodeBase64 } from '../../../src/ottl/charset/base64.ts';

const variants = fc.constantFrom(...Object.values(BASE64_VARIANTS));
const standard = BASE64_VARIANTS.base64 as (typeof BASE64_VARIANTS)[string];
const raw = BASE64_VARIANTS['base64-raw'] as typeof standard;
const decoded = (text: string, variant = standard) => decodeBase64(Buffer.from(text), variant).toString();

describe('base64', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), variants, (bytes, variant) => {
        const text = encodeBase64(bytes, variant);
        assert.deepEqual(new Uint8Array(decodeBase64(Buffer.from(text), variant)), bytes);
      }),
    );
  });

  it('skips line breaks, and nothing else', () => {
    assert.equal(decoded('aGVs\r\nbG8=\n'), 'hello');
    assert.throws(() => decoded('aGVs bG8='), /input byte 4/);
  });

  it('tells the first byte that is wrong', () => {
    assert.throws(() => decoded('aGVsbG8'), /input byte 4/);
    assert.throws(() => decoded('YQ='), /input byte 3/);
    assert.throws(() => decoded('YQ=x'), /input byte 2/);
    assert.throws(() => decoded('YQ==YQ=='), /input byte 4/);
    assert.throws(() => decoded('Y==='), /input byte 1/);
    assert.throws(() => decoded('YQ==', raw), /input byte 2/);
    assert.throws(() => decoded('-_'), /input byte 0/);
  });

  it('of anything is bytes or a Base64Error', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '+', '-', '=', '\n', ' ', 'é') });
    fc.assert(
      fc.property(text, variants, (input, variant) => {
        try {
          decodeBase64(Buffer.from(input), variant);
        } catch (error) {
          assert.ok(error instanceof Base64Error, String(error));
        }
      }),
    );
  });
});
