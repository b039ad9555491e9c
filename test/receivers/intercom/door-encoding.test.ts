import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { send } from '../../support/raw-client.ts';
import { notification, openDoor, request, sign } from './door-harness.ts';

describe('Content-Encoding', () => {
  const text = notification({ text: 'again and '.repeat(500) });

  it('keeps a body as it came whose encoding compression_algorithms does not have', async (t) => {
    const door = await openDoor(t, { compression_algorithms: ['gzip'] });
    const body = brotliCompressSync(notification());
    const answer = await send(door.port, request({ body, headers: { 'Content-Encoding': 'br' } }));
    assert.equal(answer?.status, 200);
    assert.deepEqual(Buffer.from(door.accepted[0]?.body ?? []), body);
    assert.equal(door.accepted[0]?.metadata.encoding_error, 'compression_algorithms does not have br');
    const zipped = request({ body: gzipSync(notification()), headers: { 'Content-Encoding': 'gzip' } });
    assert.equal((await send(door.port, zipped))?.status, 200);
    assert.equal(String(door.accepted[1]?.body), notification());
  });

  it('is undone after the signature over the compressed bytes was checked', async (t) => {
    const door = await openDoor(t);
    const encodings: [string, Buffer][] = [
      ['gzip', gzipSync(text)],
      ['X-GZIP', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['br', brotliCompressSync(text)],
      ['identity', Buffer.from(text)],
    ];
    for (const [encoding, body] of encodings) {
      const answer = await send(door.port, request({ body, headers: { 'Content-Encoding': encoding } }));
      assert.equal(answer?.status, 200, encoding);
      const entry = door.accepted.at(-1);
      assert.equal(Buffer.from(entry?.body ?? []).toString(), text);
      assert.equal(entry?.metadata.encoding_error, undefined);
      assert.equal(entry?.dedupKey, 'intercom\0support\0id\0notif_0001');
    }
    const body = gzipSync(text);
    const headers = { 'Content-Encoding': 'gzip', 'X-Hub-Signature': sign(text) };
    assert.equal((await send(door.port, request({ body, headers })))?.status, 401, 'signed before compression');
  });

  it('that cannot be undone leaves the signed bytes as they came, and says so', async (t) => {
    const door = await openDoor(t);
    for (const [encoding, body] of [
      ['gzip', Buffer.from(text)],
      ['gzip', gzipSync(text).subarray(0, 50)],
      ['br', Buffer.from([1, 2, 3])],
      ['zstd', Buffer.from(text)],
      ['gzip, gzip', gzipSync(text)],
    ] as const) {
      assert.equal((await send(door.port, request({ body, headers: { 'Content-Encoding': encoding } })))?.status, 200);
      const entry = door.accepted.at(-1);
      assert.deepEqual(entry?.body, body);
      assert.equal(typeof entry?.metadata.encoding_error, 'string');
    }
  });

  it('is undone up to the size limit only', async (t) => {
    const door = await openDoor(t, { max_request_body_size: '10KiB' });
    const zeros = Buffer.alloc(2_000_000);
    for (const [encoding, body] of [
      ['gzip', gzipSync(zeros)],
      ['deflate', deflateSync(zeros)],
      ['br', brotliCompressSync(zeros)],
    ] as const) {
      assert.ok(body.length < 10 * 1024);
      assert.equal((await send(door.port, request({ body, headers: { 'Content-Encoding': encoding } })))?.status, 413);
    }
    assert.deepEqual(door.accepted, []);
  });
});
