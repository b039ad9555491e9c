import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer, type Server, Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { httpClient } from '../../src/config/blocks/http.ts';
import { createHttpClient, type HttpClient, type HttpClientDeps } from '../../src/net/client.ts';
import { RequestError } from '../../src/net/client-error.ts';
import { type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { OtlpSink, type SinkOptions } from '../support/otlp-sink.ts';

const block = z.strictObject(httpClient({ timeout: '30s', compression: 'none' }));
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startSink(options?: SinkOptions): Promise<OtlpSink> {
  const sink = await OtlpSink.start(options);
  cleanups.push(() => sink.close());
  return sink;
}

async function startClient(config: object = {}, deps: Partial<HttpClientDeps> = {}): Promise<HttpClient> {
  const client = createHttpClient(block.parse(config), { clock: systemClock, environment: {}, ...deps });
  await client.start();
  cleanups.push(() => client.shutdown());
  return client;
}

function post(client: HttpClient, url: string, body = 'body', signal?: AbortSignal) {
  return client.request({ method: 'POST', url: new URL(url), body: Buffer.from(body), signal });
}

async function failure(request: Promise<unknown>): Promise<RequestError> {
  const error = await request.then(
    () => assert.fail('expected the request to fail'),
    (reason: unknown) => reason,
  );
  assert(error instanceof RequestError, String(error));
  return error;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return (server.address() as { port: number }).port;
}

describe('an HTTP client', () => {
  it('posts a body with its own length and gives back the whole answer', async () => {
    const sink = await startSink({ answer: () => ({ status: 418, headers: { 'x-pot': 'short' }, body: 'no coffee' }) });
    const client = await startClient({ headers: { 'X-Key': 'k1' } });
    const response = await post(client, `${sink.url}/a/b?c=d`);
    assert.equal(response.status, 418);
    assert.equal(response.headers['x-pot'], 'short');
    assert.equal(response.body.toString(), 'no coffee');
    assert.equal(response.truncated, false);
    const [request] = sink.requests;
    assert.equal(request?.url, '/a/b?c=d');
    assert.equal(request?.body.toString(), 'body');
    assert.equal(request?.headers['content-length'], '4');
    assert.equal(request?.headers['transfer-encoding'], undefined);
    assert.equal(request?.headers['x-key'], 'k1');
    assert.equal(request?.headers.host, `localhost:${sink.port}`);
  });

  it('keeps its connection between requests, unless told not to', async () => {
    const sink = await startSink();
    const keeping = await startClient();
    for (let i = 0; i < 3; i++) await post(keeping, sink.url);
    assert.equal(sink.connections, 1);
    const closing = await startClient({ disable_keep_alives: true });
    for (let i = 0; i < 3; i++) await post(closing, sink.url);
    assert.equal(sink.connections, 4);
  });

  it('follows no redirect', async () => {
    const sink = await startSink();
    sink.answerWith({ status: 307, headers: { location: `${sink.url}/elsewhere` } });
    const client = await startClient();
    assert.equal((await post(client, sink.url)).status, 307);
    assert.equal(sink.requests.length, 1);
  });

  it('reads 64 KiB of an answer without an end and drops the connection', async () => {
    const sink = await startSink({ answer: () => ({ action: 'flood', status: 200 }) });
    const client = await startClient();
    const response = await post(client, sink.url);
    assert.equal(response.truncated, true);
    assert.equal(response.body.length, 64 * 1024);
    sink.answerWith({});
    await post(client, sink.url);
    assert.equal(sink.connections, 2);
  });

  it('takes an answer of exactly 64 KiB as whole', async () => {
    const sink = await startSink({ answer: () => ({ body: Buffer.alloc(64 * 1024, 'x') }) });
    const response = await post(await startClient(), sink.url);
    assert.equal(response.body.length, 64 * 1024);
    assert.equal(response.truncated, false);
  });

  it('sends no header of OTEL_* variables, and none of another client', async () => {
    const sink = await startSink();
    process.env.OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer from-the-environment';
    cleanups.push(() => delete process.env.OTEL_EXPORTER_OTLP_HEADERS);
    const environment = process.env;
    await post(await startClient({ headers: { authorization: 'Bearer one' } }, { environment }), sink.url);
    await post(await startClient({}, { environment }), sink.url);
    assert.deepEqual(
      sink.requests.map((request) => request.headers.authorization),
      ['Bearer one', undefined],
    );
  });

  for (const [what, headers] of Object.entries({
    'a line break in a value': { 'x-a': 'secret-value\r\nx-b: 1' },
    'a name that is none': { 'x a': 'secret-value' },
    'a header of the framing': { 'Content-Length': 'secret-value' },
    'one header in two spellings': { 'x-a': 'secret-value', 'X-A': 'secret-value' },
    'a character beyond Latin-1': { 'x-a': 'secret-value\u2192' },
  })) {
    it(`refuses ${what} when it is made, without showing the value`, () => {
      assert.throws(
        () => createHttpClient(block.parse({ headers }), { clock: systemClock, environment: {} }),
        (error: Error) => /^header "/.test(error.message) && !error.message.includes('secret-value'),
      );
    });
  }
});

describe('a request that fails', () => {
  it('was not sent when nothing listens', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const error = await failure(post(await startClient(), `http://127.0.0.1:${port}`));
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal(error.phase, 'connect');
    assert.equal(error.atProxy, false);
  });

  it('was not sent when the name is unknown', async () => {
    const error = await failure(post(await startClient(), 'http://nobody.invalid'));
    assert.match(error.code, /^(ENOTFOUND|EAI_AGAIN)$/);
    assert.equal(error.phase, 'connect');
  });

  it('was sent when the connection breaks after the whole request', async () => {
    const sink = await startSink({ answer: () => ({ action: 'reset' }) });
    const error = await failure(post(await startClient(), sink.url));
    assert.equal(error.code, 'ECONNRESET');
    assert.equal(error.phase, 'sent');
    assert.equal(error.response, undefined);
  });

  it('was not sent when the connection breaks while most of the body has yet to leave', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.resetAndDestroy());
    });
    const port = await listen(server);
    const error = await failure(post(await startClient(), `http://127.0.0.1:${port}`, 'x'.repeat(32 * 1024 * 1024)));
    assert.match(error.code, /^(ECONNRESET|EPIPE)$/);
    assert.equal(error.phase, 'connect');
  });

  it('tells what had arrived when the answer breaks off', async () => {
    const sink = await startSink({ answer: () => ({ action: 'reset mid-body', status: 429 }) });
    const error = await failure(post(await startClient(), sink.url));
    assert.equal(error.code, 'ECONNRESET');
    assert.equal(error.phase, 'sent');
    assert.equal(error.response?.status, 429);
    assert.equal(error.response?.truncated, true);
  });

  it('has an answer all the same when it was whole, and surplus bytes came behind it', async () => {
    for (const answer of ['204 No Content\r\n\r\n', '200 OK\r\ncontent-length: 4\r\n\r\nbody']) {
      const sink = await startSink({ answer: () => ({ action: 'raw', bytes: `HTTP/1.1 ${answer}surplus` }) });
      const client = await startClient();
      for (let i = 0; i < 2; i++) {
        const response = await post(client, sink.url);
        assert.equal(response.status, Number(answer.slice(0, 3)));
        assert.equal(response.body.toString(), answer.split('\r\n\r\n')[1]);
        assert.equal(response.truncated, false);
      }
    }
  });

  it('ends when the answer is not HTTP', async () => {
    const sink = await startSink({ answer: () => ({ action: 'raw', bytes: '\x00\x00\x12\x04not http' }) });
    const error = await failure(post(await startClient(), sink.url));
    assert.match(error.code, /^HPE_/);
  });

  it('ends when the server switches to another protocol', async () => {
    const bytes = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n';
    const sink = await startSink({ answer: () => ({ action: 'raw', bytes }) });
    const error = await failure(post(await startClient(), sink.url));
    assert.equal(error.code, 'ECONNRESET');
  });

  it('gives the early answer of a server that does not read the body', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 5\r\n\r\nlarge');
      });
    });
    const port = await listen(server);
    const response = await post(await startClient(), `http://127.0.0.1:${port}`, 'x'.repeat(32 * 1024 * 1024));
    assert.equal(response.status, 413);
    assert.equal(response.body.toString(), 'large');
  });
});

describe('the timeout of a request', () => {
  it('ends a connection that is never established', async () => {
    const clock = new FakeClock();
    const blackHole = new Socket();
    const client = await startClient({ timeout: '2s' }, { clock, connect: () => blackHole });
    const failing = failure(post(client, 'http://10.255.255.1'));
    await clock.advance(1999);
    assert.equal(blackHole.destroyed, false);
    await clock.advance(1);
    const error = await failing;
    assert.equal(error.code, 'TIMEOUT');
    assert.equal(error.phase, 'connect');
    assert.equal(blackHole.destroyed, true);
    assert.equal(clock.pending, 0);
  });

  it('ends a silence', async () => {
    const clock = new FakeClock();
    const sink = await startSink({ answer: () => ({ action: 'hang' }) });
    const failing = failure(post(await startClient({ timeout: '2s' }, { clock }), sink.url));
    await sink.received(1);
    await clock.advance(2000);
    const error = await failing;
    assert.equal(error.code, 'TIMEOUT');
    assert.equal(error.phase, 'sent');
  });

  it('covers the answer to its last byte', async () => {
    const clock = new FakeClock();
    const sink = await startSink({ answer: () => ({ action: 'stall', status: 200 }) });
    const failing = failure(post(await startClient({ timeout: '2s' }, { clock }), sink.url));
    await sink.received(1);
    await settle();
    await clock.advance(2000);
    const error = await failing;
    assert.equal(error.code, 'TIMEOUT');
    assert.equal(error.phase, 'sent');
  });

  it('leaves no timer behind', async () => {
    const clock = new FakeClock();
    const sink = await startSink();
    await post(await startClient({}, { clock }), sink.url);
    assert.equal(clock.pending, 0);
  });
});

describe('ending a request from outside', () => {
  it('follows the signal of the caller', async () => {
    const sink = await startSink({ answer: () => ({ action: 'hang' }) });
    const controller = new AbortController();
    const failing = failure(post(await startClient(), sink.url, 'body', controller.signal));
    await sink.received(1);
    controller.abort();
    const error = await failing;
    assert.equal(error.code, 'ABORTED');
    assert.equal(error.phase, 'sent');
  });

  it('sends nothing when the signal has fired before', async () => {
    const sink = await startSink();
    const error = await failure(post(await startClient(), sink.url, 'body', AbortSignal.abort()));
    assert.equal(error.code, 'ABORTED');
    assert.equal(error.phase, 'connect');
    assert.equal(sink.connections, 0);
  });

  it('ends what is under way, and refuses what comes, when the client shuts down', async () => {
    const sink = await startSink({ answer: () => ({ action: 'hang' }) });
    const client = await startClient();
    const failing = failure(post(client, sink.url));
    await sink.received(1);
    client.shutdown();
    client.shutdown();
    assert.equal((await failing).code, 'ABORTED');
    assert.equal((await failure(post(client, sink.url))).code, 'ABORTED');
  });

  it('closes idle connections, and those in the making, when the client shuts down', async () => {
    const closed = latch();
    const server = createTcpServer((socket) => {
      socket.on('close', () => closed.open());
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    });
    const port = await listen(server);
    const client = await startClient();
    await post(client, `http://127.0.0.1:${port}`);
    client.shutdown();
    await closed.promise;

    const blackHole = new Socket();
    const waiting = await startClient({}, { connect: () => blackHole });
    const failing = failure(post(waiting, 'http://10.255.255.1'));
    waiting.shutdown();
    await failing;
    assert.equal(blackHole.destroyed, true);
  });
});

describe('TLS of a client', { skip: opensslMissing }, () => {
  const certificates: Certificates | undefined = opensslMissing ? undefined : makeCertificates();
  const { ca, valid, expired, otherName, otherCa } = certificates as Certificates;

  it('reaches a server whose certificate it can verify, by name and by address', async () => {
    const sink = await startSink({ tls: valid });
    const client = await startClient({ tls: { ca_pem: ca.cert } });
    assert.equal((await post(client, sink.url)).status, 200);
    assert.equal((await post(client, `https://127.0.0.1:${sink.port}`)).status, 200);
  });

  const refused = { tls: { ca_pem: ca?.cert } };
  for (const [what, server, config, code] of [
    ['an unknown authority', () => valid, {}, /UNABLE_TO_|SELF_SIGNED/],
    ['another authority', () => valid, { tls: { ca_pem: otherCa?.cert } }, /UNABLE_TO_|SELF_SIGNED/],
    ['an expired certificate', () => expired, refused, /^CERT_HAS_EXPIRED$/],
    ['a certificate for another name', () => otherName, refused, /^ERR_TLS_CERT_ALTNAME_INVALID$/],
  ] as const) {
    it(`sends nothing over a connection with ${what}`, async () => {
      const sink = await startSink({ tls: server() });
      const error = await failure(post(await startClient(config), sink.url));
      assert.match(error.code, code);
      assert.equal(error.phase, 'connect');
      assert.equal(sink.requests.length, 0);
    });
  }

  it('expects the name of server_name_override, and none with insecure_skip_verify', async () => {
    const sink = await startSink({ tls: otherName });
    const overridden = { tls: { ca_pem: ca.cert, server_name_override: 'other.example' } };
    assert.equal((await post(await startClient(overridden), sink.url)).status, 200);
    const trusting = { tls: { insecure_skip_verify: true } };
    assert.equal((await post(await startClient(trusting), sink.url)).status, 200);
  });

  it('reads its files at the start, and says which one it cannot use', async () => {
    const files: Record<string, string> = { '/ca.pem': ca.cert, '/other': 'not PEM' };
    const readFile = async (path: string) => {
      if (path in files) return Buffer.from(files[path] as string);
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    };
    const sink = await startSink({ tls: valid });
    const client = await startClient({ tls: { ca_file: '/ca.pem' } }, { readFile });
    assert.equal((await post(client, sink.url)).status, 200);
    await assert.rejects(
      startClient({ tls: { ca_file: '/absent.pem' } }, { readFile }),
      /^Error: tls\.ca_file: cannot read \/absent\.pem: ENOENT$/,
    );
    await assert.rejects(
      startClient({ tls: { ca_file: '/other' } }, { readFile }),
      /tls\.ca_file: \/other holds no PEM/,
    );
    const pair = { cert_pem: valid.cert, key_pem: otherName.key };
    await assert.rejects(startClient({ tls: pair }), /^Error: tls: the certificates or the key cannot be used/);
  });

  it('says that TLS is the trouble when the server does not speak it', async () => {
    const sink = await startSink();
    const error = await failure(post(await startClient(), `https://localhost:${sink.port}`));
    assert.match(error.code, /^(EPROTO|ERR_SSL_)/);
  });
});
