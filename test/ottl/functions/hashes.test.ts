import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fnv, md5, murmur3Hash, murmur3Hash128Function, xxh3, xxh128 } from '../../../src/ottl/functions/hashes.ts';
import { call } from './call.ts';

/** Of as many letters of the same text, one length for each way in which the algorithms take their input. */
const HASHES = [
  {
    length: 0,
    fnv: -3750763034362895579n,
    murmur3: '00000000',
    murmur3Wide: '00000000000000000000000000000000',
    xxh3: '2d06800538d394c2',
    xxh3Wide: '99aa06d3014798d86001c324468d497f',
  },
  {
    length: 2,
    fnv: 633691465149391529n,
    murmur3: '2f9a1211',
    murmur3Wide: '41fa7dd8265719cadc7a5c0979d11813',
    xxh3: '426a5ce63f17d773',
    xxh3Wide: '0dc93a4f423eaa01426a5ce63f17d773',
  },
  {
    length: 7,
    fnv: 3599692439285255110n,
    murmur3: '2ecb3ed2',
    murmur3Wide: '05cb1283faac05387fd3335e05ce1f52',
    xxh3: '6ffdd0023870cac7',
    xxh3Wide: 'b2f11fac322212c1d4e547c683b96159',
  },
  {
    length: 13,
    fnv: -7647226284597915567n,
    murmur3: 'a2c13379',
    murmur3Wide: 'b9714885240855c60c8ec1b37e8bc2a4',
    xxh3: '6e0f82d366bec68f',
    xxh3Wide: 'e4822f43bd8840ff1a60d5db6e203fb5',
  },
  {
    length: 100,
    fnv: 8252965251125073123n,
    murmur3: 'ee566e6f',
    murmur3Wide: 'e918003b441067e661a24855ea5471b3',
    xxh3: 'd642fe464a315bb7',
    xxh3Wide: '38753e22276e2ee040c3d0026fb93194',
  },
  {
    length: 200,
    fnv: -6801455538982311262n,
    murmur3: 'e669666d',
    murmur3Wide: '4ff2c25374cb6023c0134a4a9be8feef',
    xxh3: '180c71b77afcf6b1',
    xxh3Wide: 'f5b795eb4e2d45af314fe151caf36b3e',
  },
  {
    length: 3000,
    fnv: -1754500549284454850n,
    murmur3: 'a5932233',
    murmur3Wide: '9e138c3cccf913bb906825c4b9c31d3e',
    xxh3: 'eef95cc04e1ebdf4',
    xxh3Wide: '1a951b88121d41a5eef95cc04e1ebdf4',
  },
];

describe('hashes', () => {
  for (const { length, ...wanted } of HASHES) {
    it(`are those of other implementations for ${length} bytes`, () => {
      const target = 'webhook '.repeat(400).slice(0, length);
      assert.equal(BigInt(call(fnv, { target }) as bigint), wanted.fnv);
      assert.equal(call(murmur3Hash, { target }), wanted.murmur3);
      assert.equal(call(murmur3Hash128Function, { target }), wanted.murmur3Wide);
      assert.equal(call(xxh3, { target }), wanted.xxh3);
      assert.equal(call(xxh128, { target }), wanted.xxh3Wide);
    });
  }

  it('are of the UTF-8 of a text, and of nothing but a text', () => {
    assert.equal(call(md5, { target: 'é' }), '66ddcd97cfdeabb2f6fb8a999b4bc76f');
    assert.throws(() => call(md5, { target: 1 }), /expected string but got int64/);
    assert.throws(() => call(fnv, { target: undefined }), /expected string but got nil/);
  });
});
