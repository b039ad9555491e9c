import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib, { gunzipSync } from 'node:zlib';
import { compress, contentEncoding, zstdAvailable } from '../../src/net/compression.ts';

const text = Buffer.from('the same words again and again. '.repeat(1000));

describe('compression of a body', () => {
  it('is undone by gunzip, and takes the level it is given', async () => {
    const fastest = await compress(text, 'gzip');
    const stored = await compress(text, 'gzip', 0);
    assert.deepEqual(gunzipSync(fastest), text);
    assert.deepEqual(gunzipSync(stored), text);
    assert(fastest.length < text.length / 10 && stored.length > text.length);
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

  it('with zstd is a bug where the runtime lacks it', {
    skip: zstdAvailable ? 'skipped: this Node.js has zstd' : false,
  }, async () => {
    await assert.rejects(compress(text, 'zstd'), /^Error: BUG: /);
  });
});
