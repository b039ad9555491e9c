import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { httpServer } from '../../src/config/blocks/http.ts';
import type { ServerAuth, Verdict } from '../../src/net/auth.ts';
import { HttpServer } from '../../src/net/server.ts';
import { checkHttpServer } from '../../src/net/server-check.ts';
import { send } from '../support/raw-client.ts';

const schema = z.object(httpServer({ endpoint: 'localhost:0', maxRequestBodySize: '1MiB' }));

async function serve(t: TestContext, settings: object, auth?: ServerAuth) {
  const refused: string[] = [];
  let served = 0;
  const server = await HttpServer.create({
    config: schema.parse({ ...settings, ...(auth && { auth: { authenticator: 'x' } }) }),
    clock: systemClock,
    auth,
    onRefused: (reason, { status, cause }) => refused.push(`${reason} ${status} ${cause}`),
  });
  t.after(() => server.shutdown(AbortSignal.abort()));
  server.app.all('/', async () => `hello ${++served}`);
  const { port, address } = await server.listen();
  const ask = (method: string, headers: Record<string, string> = {}, path = '/') => {
    const lines = Object.entries({ Host: 'a', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return send(port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  };
  return { ask, port, address, refused, served: () => served };
}

const door = (judge: (authorization: string | undefined) => Verdict): ServerAuth => ({
  challenge: 'Bearer',
  judge: async (headers) => judge(headers.authorization),
});

describe('a server with an authenticator', () => {
  const open = door((value) => (value === 'Bearer right' ? 'admitted' : value === 'Bearer later' ? 'busy' : 'refused'));

  it('answers 401 with a challenge, whatever the path, before any route sees the request', async (t) => {
    const { ask, refused, served } = await serve(t, {}, open);
    for (const [method, path] of [
      ['GET', '/'],
      ['POST', '/'],
      ['GET', '/elsewhere'],
    ] as const) {
      const answer = await ask(method, { Authorization: 'Bearer wrong' }, path);
      assert.equal(answer?.status, 401);
      assert.equal(answer?.headers['www-authenticate'], 'Bearer');
      assert.equal(answer?.body, 'authentication is needed here\n');
    }
    assert.equal((await ask('GET'))?.status, 401);
    assert.equal(served(), 0);
    assert.deepEqual(refused, Array(4).fill('unauthorized 401 authentication is needed here'));
    assert.equal((await ask('GET', { Authorization: 'Bearer right' }))?.body, 'hello 1');
    assert.equal((await ask('GET', { Authorization: 'Bearer right' }, '/elsewhere'))?.status, 404);
  });

  it('answers 429 while the authenticator is busy', async (t) => {
    const { ask } = await serve(t, {}, open);
    const answer = await ask('GET', { Authorization: 'Bearer later' });
    assert.deepEqual([answer?.status, answer?.headers['retry-after']], [429, '60']);
  });

  it('does not begin without it', async () => {
    const config = schema.parse({ auth: { authenticator: 'x' } });
    await assert.rejects(HttpServer.create({ config, clock: systemClock }), /BUG: no authenticator x/);
  });
});

describe('CORS', () => {
  const cors = {
    allowed_origins: ['https://*.example.com', 'http://localhost:3000'],
    allowed_headers: ['X-Key'],
    exposed_headers: ['X-Answer'],
    max_age: 600,
  };
  const preflight = (origin: string, headers = 'X-KEY, content-type', method = 'POST') => ({
    Origin: origin,
    'Access-Control-Request-Method': method,
    'Access-Control-Request-Headers': headers,
  });

  it('answers preflights without credentials, for known origins, headers and methods', async (t) => {
    const { ask, served } = await serve(
      t,
      { cors },
      door(() => 'refused'),
    );
    const answer = await ask('OPTIONS', preflight('https://a.example.com'));
    assert.equal(answer?.status, 204);
    assert.equal(answer?.headers['access-control-allow-origin'], 'https://a.example.com');
    assert.equal(answer?.headers['access-control-allow-headers'], 'x-key, content-type');
    assert.equal(answer?.headers['access-control-allow-methods'], 'GET, POST, HEAD');
    assert.equal(answer?.headers['access-control-max-age'], '600');
    for (const denied of [
      preflight('https://a.example.com.evil'),
      preflight('https://aXexample.com'),
      preflight('https://a.example.com', 'X-Other'),
      preflight('https://a.example.com', '', 'DELETE'),
    ]) {
      const other = await ask('OPTIONS', denied);
      assert.deepEqual([other?.status, other?.headers['access-control-allow-origin']], [204, undefined]);
    }
    assert.equal(served(), 0);
    const refused = await ask('GET', { Origin: 'http://localhost:3000' });
    assert.equal(refused?.status, 401);
    assert.equal(
      refused?.headers['access-control-allow-origin'],
      'http://localhost:3000',
      'so that a page can read why',
    );
  });

  it('tells browsers which pages may read an answer', async (t) => {
    const { ask } = await serve(t, { cors });
    const known = await ask('GET', { Origin: 'http://localhost:3000' });
    assert.equal(known?.body, 'hello 1');
    assert.equal(known?.headers['access-control-expose-headers'], 'X-Answer');
    assert.equal(known?.headers['access-control-allow-credentials'], 'true');
    assert.equal(known?.headers.vary, 'Origin');
    const unknown = await ask('GET', { Origin: 'http://localhost:3001' });
    assert.deepEqual([unknown?.status, unknown?.headers['access-control-allow-origin']], [200, undefined]);
    const any = await (await serve(t, { cors: { allowed_origins: ['*'] } })).ask('GET', { Origin: 'http://b' });
    assert.equal(any?.headers['access-control-allow-origin'], '*');
    assert.equal(any?.headers['access-control-allow-credentials'], undefined);
  });
});

describe('the server block', () => {
  it('adds response_headers to every answer, refusals too', async (t) => {
    const response_headers = [{ name: 'X-Frame-Options', value: 'DENY' }];
    const { ask } = await serve(t, { response_headers });
    assert.equal((await ask('GET'))?.headers['x-frame-options'], 'DENY');
    assert.equal((await ask('GET', {}, '/elsewhere'))?.headers['x-frame-options'], 'DENY');
  });

  it('listens on addresses of one kind with tcp4 and tcp6', async (t) => {
    assert.equal((await serve(t, { transport: 'tcp4', endpoint: ':0' })).address, '0.0.0.0');
    assert.equal((await serve(t, { transport: 'tcp6' })).address, '::1');
    const { port } = await serve(t, { transport: 'tcp6', endpoint: ':0' });
    const code = await new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('connect', () => resolve('connected')).on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    assert.equal(code, 'ECONNREFUSED');
  });

  it('says what has no effect, and what is wrong', () => {
    const check = (settings: object) =>
      checkHttpServer(schema.parse(settings)).map(({ severity, path }) => `${severity} ${path.join('.')}`);
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ compression_algorithms: ['gzip', 'lz4'] }), ['warning compression_algorithms.1']);
    assert.deepEqual(check({ response_headers: { 'Content-Length': '1' } }), ['error response_headers.Content-Length']);
    assert.deepEqual(check({ tls: {} }), ['error tls.cert_file', 'error tls.key_file']);
    assert.throws(() => schema.parse({ transport: 'unix' }));
  });
});
