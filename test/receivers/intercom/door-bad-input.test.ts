/** Each bad input has a clear answer and harms nothing else. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Answer, Client, send } from '../../support/raw-client.ts';
import { bodySign, type Door, notification, openDoor, PATH, request, sign } from './door-harness.ts';

const body = notification();
const signature = `X-Hub-Signature: ${sign(body)}`;
const hub = (value: string | undefined) => request({ body, headers: { 'X-Hub-Signature': value } });
const chunked = (payload: string, headers = '') =>
  `POST ${PATH} HTTP/1.1\r\nHost: a\r\n${signature}\r\nTransfer-Encoding: chunked\r\n${headers}\r\n${payload}`;
const raw = (firstLine: string, ...headers: string[]) =>
  `${firstLine}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const wholeChunk = `${body.length.toString(16)}\r\n${body}\r\n`;

/** What is sent, and the status of the answer; `closed` is a connection that ends without one. */
const cases: [name: string, bytes: string | Uint8Array, expected: number | 'closed'][] = [
  // Signatures
  ['no signature', hub(undefined), 401],
  ['an empty signature', hub(''), 401],
  ['sha1= and nothing', hub('sha1='), 401],
  ['hex without sha1=', hub(sign(body).slice(5)), 401],
  ['sha256= before the right digits', hub(sign(body).replace('sha1', 'sha256')), 401],
  ['SHA-256 in place of SHA-1', hub(`sha256=${bodySign(body)}`), 401],
  ['SHA1= in upper case', hub(sign(body).replace('sha1', 'SHA1')), 401],
  ['Sha1= capitalised', hub(sign(body).replace('sha1', 'Sha1')), 401],
  ['a signature that is no hex', hub(`sha1=${'g'.repeat(40)}`), 401],
  ['a digit short', hub(sign(body).slice(0, -1)), 401],
  ['a digit more', hub(`${sign(body)}0`), 401],
  ['a space inside', hub(sign(body).replace('=', '= ')), 401],
  ['quotes around', hub(`"${sign(body)}"`), 401],
  ['base64 in place of hex', hub(`sha1=${Buffer.from(sign(body).slice(5), 'hex').toString('base64')}`), 401],
  ['another secret', hub(sign(body, 'another')), 401],
  ['the empty secret', hub(sign(body, '')), 401],
  ['the signature of another body', hub(sign(`${body} `)), 401],
  [
    'the body serialised anew',
    request({ body: JSON.stringify(JSON.parse(body), null, 1), headers: { 'X-Hub-Signature': sign(body) } }),
    401,
  ],
  ['a zero digest', hub(`sha1=${'0'.repeat(40)}`), 401],
  ['two equal signatures', Buffer.from(request({ body }).toString().replace('\r\n', `\r\n${signature}\r\n`)), 401],
  [
    'a bad signature and a good one',
    Buffer.from(
      request({ body })
        .toString()
        .replace('\r\n', `\r\nX-Hub-Signature: ${sign('x')}\r\n`),
    ),
    401,
  ],
  ['two signatures in one header', hub(`${sign(body)}, ${sign(body)}`), 401],
  ['full-width digits', hub(`sha1=${'\u00b9'.repeat(40)}`), 401],
  [
    'the signature under another header name',
    request({
      body,
      headers: { 'X-Hub-Signature': undefined, 'X-Hub-Signature-256': bodySign(body), Authorization: sign(body) },
    }),
    401,
  ],
  [
    'the signature in the query',
    request({ body, path: `${PATH}?X-Hub-Signature=${sign(body)}`, headers: { 'X-Hub-Signature': undefined } }),
    401,
  ],
  [
    'a body signature with a prefix',
    request({ body, headers: { 'X-Hub-Signature': undefined, 'X-Body-Signature': `sha256=${bodySign(body)}` } }),
    401,
  ],
  [
    'a compressed body signed before compression',
    request({ body: gzipSync(body), headers: { 'Content-Encoding': 'gzip', 'X-Hub-Signature': sign(body) } }),
    401,
  ],

  // Paths
  ['the root', request({ body, path: '/' }), 404],
  ['a token that is none', request({ body, path: `/intercom/${'A'.repeat(32)}` }), 404],
  ['the path without its last letter', request({ body, path: PATH.slice(0, -1) }), 404],
  ['the path and more', request({ body, path: `${PATH}/more` }), 404],
  ['the path in upper case', request({ body, path: PATH.toUpperCase() }), 404],
  ['path traversal', request({ body, path: `/x/..${PATH}` }), 404],
  ['path traversal to a file', request({ body, path: '/../../../../etc/passwd' }), 404],
  ['path traversal, encoded', request({ body, path: '/%2e%2e/%2e%2e/etc/passwd' }), 404],
  ['an encoded slash', request({ body, path: PATH.replace('/support', '%2Fsupport') }), 404],
  ['a doubly encoded letter', request({ body, path: PATH.replace('s/', '%2573/') }), 404],
  ['a NUL in the path', request({ body, path: `${PATH}%00` }), 404],
  ['doubled slashes', request({ body, path: `/${PATH}` }), 404],
  ['an encoding that is cut', request({ body, path: `${PATH}%e0%a4%a` }), 400],
  ['a percent sign alone', request({ body, path: '/%' }), 400],
  ['a path of 10,000 letters', request({ body, path: `/${'a'.repeat(10_000)}` }), 404],
  ['1,000 path segments', request({ body, path: '/a'.repeat(1000) }), 404],
  ['another origin and path in absolute form', request({ body, path: 'http://other.example/elsewhere' }), 404],
  ['a path without its slash', request({ body, path: PATH.slice(1) }), 400],
  ['a space in the path', request({ body, path: '/hooks /support' }), 400],
  ['a raw control character in the path', request({ body, path: '/hooks\u0001' }), 400],

  // Methods
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE'].map(
    (method): (typeof cases)[number] => [`${method} on a path of ours`, request({ method }), 405],
  ),
  [
    'PUT with a signed body',
    request({ method: 'PUT', body, headers: { 'Content-Length': `${body.length}`, 'X-Hub-Signature': sign(body) } }),
    405,
  ],
  [
    'a method override',
    request({ method: 'GET', headers: { 'X-HTTP-Method-Override': 'POST', 'X-Hub-Signature': sign('') } }),
    405,
  ],
  ['GET elsewhere', request({ method: 'GET', path: '/' }), 404],
  ['HEAD elsewhere', request({ method: 'HEAD', path: '/' }), 404],
  ['OPTIONS *', raw('OPTIONS * HTTP/1.1', 'Host: a'), 404],
  ['CONNECT', raw('CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443'), 'closed'],
  ['a method that nobody knows', request({ method: 'BREW' }), 400],
  ['a method in lower case', request({ method: 'post', body, headers: { 'X-Hub-Signature': sign(body) } }), 400],
  [
    'an upgrade to a WebSocket',
    request({
      method: 'GET',
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': 'AAAA',
        'Sec-WebSocket-Version': '13',
      },
    }),
    405,
  ],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],

  // Lengths and framing
  ['a length above the limit', request({ headers: { 'Content-Length': '5242881' } }), 413],
  ['a length beyond all numbers', request({ headers: { 'Content-Length': '9'.repeat(30) } }), 400],
  ['a length beyond 2^53', request({ headers: { 'Content-Length': '9007199254740993' } }), 413],
  ['a negative length', request({ body, headers: { 'Content-Length': '-1' } }), 400],
  ['a length that is no number', request({ body, headers: { 'Content-Length': 'many' } }), 400],
  ['a length in hex', request({ body, headers: { 'Content-Length': '0x10' } }), 400],
  ['an empty length', request({ body, headers: { 'Content-Length': '' } }), 400],
  ['two lengths', Buffer.from(request({ body }).toString().replace('\r\n', '\r\nContent-Length: 5\r\n')), 400],
  ['a list of lengths', request({ body, headers: { 'Content-Length': `${body.length}, ${body.length}` } }), 400],
  ['a length shorter than the body', request({ body, headers: { 'Content-Length': `${body.length - 1}` } }), 401],
  ['no length and no chunks, but a body', request({ body, headers: { 'Content-Length': undefined } }), 401],
  ['length and chunks at once', request({ body, headers: { 'Transfer-Encoding': 'chunked' } }), 400],
  [
    'chunks and length at once, smuggling a request',
    `POST ${PATH} HTTP/1.1\r\nHost: a\r\n${signature}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n`,
    400,
  ],
  ['chunked, but not last', chunked(wholeChunk, 'Transfer-Encoding: identity\r\n'), 400],
  [
    'a transfer encoding that hides behind a space',
    raw(`POST ${PATH} HTTP/1.1`, 'Host: a', signature, 'Transfer-Encoding : chunked') + wholeChunk,
    400,
  ],
  [
    'a transfer encoding of another name',
    raw(`POST ${PATH} HTTP/1.1`, 'Host: a', signature, 'Transfer-Encoding: xchunked') + wholeChunk,
    400,
  ],
  ['a chunk length that is no hex', chunked(`zz\r\n${body}\r\n0\r\n\r\n`), 400],
  ['a negative chunk length', chunked(`-5\r\n${body}\r\n0\r\n\r\n`), 400],
  ['a chunk longer than it says', chunked(`5\r\n${body}\r\n0\r\n\r\n`), 400],
  ['a chunk length beyond all numbers', chunked(`${'f'.repeat(20)}\r\n${body}`), 400],
  ['chunk lines that end in LF alone', chunked(wholeChunk.replaceAll('\r\n', '\n')), 400],
  ['endless chunk extensions', chunked(`5;${'a'.repeat(20_000)}\r\nhello\r\n`), 400],
  ['chunks beyond the limit', chunked('10000\r\n'.concat('a'.repeat(65_536), '\r\n').repeat(81)), 413],

  // Headers
  ['headers beyond 16 KiB', request({ body, headers: { 'X-Large': 'a'.repeat(20_000) } }), 431],
  [
    '5,000 headers',
    raw(`POST ${PATH} HTTP/1.1`, 'Host: a', ...Array.from({ length: 5000 }, (_, i) => `h${i}: v`)),
    431,
  ],
  ['a path beyond 16 KiB', request({ body, path: `/${'a'.repeat(20_000)}` }), 431],
  ['no Host', request({ body, headers: { Host: undefined } }), 400],
  ['a header without a colon', raw(`POST ${PATH} HTTP/1.1`, 'Host: a', 'nonsense'), 400],
  ['a header without a name', raw(`POST ${PATH} HTTP/1.1`, 'Host: a', ': value'), 400],
  ['a space in a header name', raw(`POST ${PATH} HTTP/1.1`, 'Host: a', 'X Y: z'), 400],
  ['a folded header', raw(`POST ${PATH} HTTP/1.1`, 'Host: a', 'X-Y: a', ' b'), 400],
  ['a NUL in a header', raw(`POST ${PATH} HTTP/1.1`, 'Host: a', 'X-Y: a\0b'), 400],
  ['a CR alone in a header', raw(`POST ${PATH} HTTP/1.1`, 'Host: a', 'X-Y: a\rb'), 400],
  ['lines that end in LF alone', request({ body }).toString().replaceAll('\r\n', '\n'), 400],
  ['an expectation that nobody can meet', request({ body, headers: { Expect: 'a-miracle' } }), 417],
  [
    '__proto__ as header names',
    request({ body, headers: { ['__proto__']: 'x', constructor: 'y', 'X-Hub-Signature': undefined } }),
    401,
  ],

  // Not HTTP
  ['HTTP/3.7', request({ body }).toString().replace('HTTP/1.1', 'HTTP/3.7'), 400],
  ['HTTP/0.9', `GET ${PATH}\r\n\r\n`, 405],
  ['no version', `POST ${PATH}\r\nHost: a\r\n\r\n`, 401],
  ['a TLS handshake', Buffer.from('16030100a5010000a1030300112233445566778899aabbccddeeff', 'hex'), 400],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.9\r\n', 400],
  ['random bytes', Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 167 + 13) % 256)), 400],
  ['zeros', Buffer.alloc(1000), 400],
  ['JSON without HTTP', body, 400],
];

/** Answered by Node before any code of ours. */
const uncounted = new Set(['CONNECT', 'no Host', 'an expectation that nobody can meet']);

describe('bad input', () => {
  let door: Door;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    door = await openDoor({ after: (task) => cleanups.push(task as () => unknown) });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  for (const [name, bytes, expected] of cases) {
    it(`${name}: ${expected}`, { timeout: 5000 }, async () => {
      const [acceptedBefore, refusedBefore] = [door.accepted.length, door.refused.length];
      const answer = await send(door.port, bytes);
      assert.equal(answer?.status ?? 'closed', expected);
      assert.deepEqual(door.accepted.length, acceptedBefore, 'nothing of it was accepted');
      if (!uncounted.has(name)) assert.equal(door.refused.length, refusedBefore + 1, 'counted');
      assert.equal((answer as Answer | undefined)?.headers.server, undefined);

      assert.equal((await send(door.port, request({ body })))?.status, 200, 'a good request afterwards');
      assert.equal(door.accepted.length, acceptedBefore + 1);
    });
  }

  it('a connection that breaks off in the middle of anything harms nothing', async () => {
    const accepted = door.accepted.length;
    const whole = request({ body });
    for (let length = 0; length < whole.length; length += 23) {
      const client = new Client(door.port);
      await new Promise((resolve) => client.socket.once('connect', resolve));
      await new Promise((resolve) => client.socket.write(whole.subarray(0, length), resolve));
      if (length % 2) client.socket.resetAndDestroy();
      else client.close();
    }
    assert.equal((await send(door.port, whole))?.status, 200);
    assert.equal(door.accepted.length, accepted + 1);
  });

  it('of any kind never gets anything accepted but the body that was signed', async () => {
    const whole = request({ body });
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(2), fc.uint8Array({ maxLength: 3 }));
    const accepted = door.accepted.length;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let bytes = whole;
        for (const [at, removed, inserted] of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
        }
        const client = new Client(door.port);
        client.socket.end(bytes);
        await client.closed();
      }),
      { numRuns: 300 },
    );
    assert.equal((await send(door.port, whole))?.status, 200);
    assert.ok(door.accepted.length > accepted);
    for (const entry of door.accepted) assert.equal(Buffer.from(entry.body).toString(), body);
  });

  it('is never answered 410, and 405 says what is taken', async () => {
    assert.ok(cases.every(([, , expected]) => expected !== 410));
    assert.equal((await send(door.port, request({ method: 'GET' })))?.headers.allow, 'HEAD, POST');
  });
});
