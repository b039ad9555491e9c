import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib, { gunzipSync, inflateSync } from 'node:zlib';
import { compress, contentEncoding, zstdAvailable } from '../../src/net/compression.ts';

const text = Buffer.from('the same words again and again. '.repeat(1000));

describe('compression of a body', () => {
  it('is undone by gunzip, and takes the level it is given', async () => {
    const fastest = await compress(text, 'gzip');
    const best = await compress(text, 'gzip', 9);
    const huffman = await compress(text, 'gzip', -2);
    for (const body of [fastest, best, huffman]) assert.deepEqual(gunzipSync(body), text);
    assert(best.length <= fastest.length && fastest.length < huffman.length && huffman.length < text.length);
    assert.deepEqual(await compress(text, 'gzip', 0), fastest);
  });

  it('of zlib and deflate is one, and goes by its own name', async () => {
    for (const compression of ['zlib', 'deflate'] as const) {
      assert.deepEqual(inflateSync(await compress(text, compression)), text);
      assert.equal(contentEncoding(compression), compression);
    }
  });

  it('is gzip for what Node.js does not have', async () => {
    for (const compression of ['snappy', 'x-snappy-framed', 'lz4'] as const) {
      assert.deepEqual(gunzipSync(await compress(text, compression)), text);
      assert.equal(contentEncoding(compression), 'gzip');
    }
  });

  it('does not happen for none and the empty name', async () => {
    assert.equal(await compress(text, 'none'), text);
    assert.equal(await compress(text, ''), text);
    assert.deepEqual([contentEncoding('none'), contentEncoding('')], [undefined, undefined]);
  });

  it('with zstd is undone by zstd', { skip: zstdAvailable ? false : 'skipped: this Node.js has no zstd' }, async () => {
    const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync(data: Uint8Array): Buffer };
    assert.deepEqual(zstdDecompressSync(await compress(text, 'zstd')), text);
  });

  it('with zstd is gzip where the runtime lacks it', {
    skip: zstdAvailable ? 'skipped: this Node.js has zstd' : false,
  }, async () => {
    assert.deepEqual(gunzipSync(await compress(text, 'zstd')), text);
    assert.equal(contentEncoding('zstd'), 'gzip');
  });
});
