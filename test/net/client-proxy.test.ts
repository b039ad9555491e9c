import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { httpClient } from '../../src/config/blocks/http.ts';
import { createHttpClient, type HttpClient, type HttpClientDeps } from '../../src/net/client.ts';
import { RequestError } from '../../src/net/client-error.ts';
import { parseProxy, proxyChoice } from '../../src/net/proxy.ts';
import { type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { OtlpSink, type SinkOptions } from '../support/otlp-sink.ts';

const block = z.strictObject(httpClient({ timeout: '30s', compression: 'none' }));
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A proxy that records what it is asked, and lets everything through to 127.0.0.1. */
async function startProxy(refusal?: number) {
  const seen: { method: string; url: string; authorization?: string }[] = [];
  const note = ({ method = '', url = '', headers }: IncomingMessage) =>
    seen.push({ method, url, authorization: headers['proxy-authorization'] });
  const server = createServer((request, response) => {
    note(request);
    request.resume().on('end', () => response.writeHead(refusal ?? 299).end());
  });
  const sockets = new Set<Duplex>();
  server.on('connect', (request, socket: Duplex) => {
    note(request);
    sockets.add(socket);
    socket.on('error', () => {});
    if (refusal) return void socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
    const onwards = connect(Number(request.url?.split(':')[1]), '127.0.0.1');
    sockets.add(onwards);
    onwards.on('error', () => socket.destroy());
    onwards.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onwards).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

async function startSink(options?: SinkOptions): Promise<OtlpSink> {
  const sink = await OtlpSink.start(options);
  cleanups.push(() => sink.close());
  return sink;
}

async function startClient(config: object, deps: Partial<HttpClientDeps> = {}): Promise<HttpClient> {
  const client = createHttpClient(block.parse(config), { clock: systemClock, environment: {}, ...deps });
  await client.start();
  cleanups.push(() => client.shutdown());
  return client;
}

function post(client: HttpClient, url: string) {
  return client.request({ method: 'POST', url: new URL(url), body: Buffer.from('body') });
}

async function failure(request: Promise<unknown>): Promise<RequestError> {
  const error = await request.then(
    () => assert.fail('expected the request to fail'),
    (reason: unknown) => reason,
  );
  assert(error instanceof RequestError, String(error));
  return error;
}

const BASIC = `Basic ${Buffer.from('us er:p@ss').toString('base64')}`;

describe('a request through a proxy', () => {
  it('names the whole URL of a plain request, with the credentials of the proxy and no others', async () => {
    const proxy = await startProxy();
    const client = await startClient({ proxy_url: `http://us%20er:p%40ss@127.0.0.1:${proxy.port}` });
    const response = await post(client, 'http://backend.example:4318/v1/logs?x=1');
    assert.equal(response.status, 299);
    const url = 'http://backend.example:4318/v1/logs?x=1';
    assert.deepEqual(proxy.seen, [{ method: 'POST', url, authorization: BASIC }]);
  });

  it('goes through a tunnel when it is secure, verified end to end', { skip: opensslMissing }, async () => {
    const { ca, valid } = makeCertificates() as Certificates;
    const proxy = await startProxy();
    const sink = await startSink({ tls: valid });
    const client = await startClient({
      proxy_url: `http://us%20er:p%40ss@127.0.0.1:${proxy.port}`,
      tls: { ca_pem: ca.cert },
    });
    for (let i = 0; i < 2; i++) assert.equal((await post(client, sink.url)).status, 200);
    assert.deepEqual(proxy.seen, [{ method: 'CONNECT', url: `localhost:${sink.port}`, authorization: BASIC }]);
    assert.equal(sink.requests[0]?.headers['proxy-authorization'], undefined);
    const suspicious = await startClient({ proxy_url: `http://127.0.0.1:${proxy.port}` });
    const error = await failure(post(suspicious, sink.url));
    assert.match(error.code, /UNABLE_TO_|SELF_SIGNED/);
    assert.equal(error.atProxy, false);
    assert.equal(sink.requests.length, 2);
  });

  for (const status of [407, 403, 502]) {
    it(`fails at the proxy that answers CONNECT with ${status}`, async () => {
      const proxy = await startProxy(status);
      const error = await failure(
        post(await startClient({ proxy_url: `http://u:secret@127.0.0.1:${proxy.port}` }), 'https://backend.example'),
      );
      assert.equal(error.code, 'PROXY_ANSWER');
      assert.equal(error.atProxy, true);
      assert.equal(error.proxyStatus, status);
      assert.equal(error.phase, 'connect');
      assert(!error.message.includes('secret'));
    });
  }

  for (const scheme of ['http', 'https']) {
    it(`fails at a proxy that is not there, for ${scheme}`, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, 'close');
      const client = await startClient({ proxy_url: `http://127.0.0.1:${port}` });
      const error = await failure(post(client, `${scheme}://backend.example`));
      assert.equal(error.code, 'ECONNREFUSED');
      assert.equal(error.atProxy, true);
    });
  }

  it('ends in time when the proxy does not answer CONNECT', async () => {
    const clock = new FakeClock();
    const socket = new Socket();
    const client = await startClient(
      { proxy_url: 'http://10.255.255.1:3128', timeout: '3s' },
      { clock, connect: () => socket },
    );
    const failing = failure(post(client, 'https://backend.example'));
    await clock.advance(3000);
    assert.equal((await failing).code, 'TIMEOUT');
    assert.equal(socket.destroyed, true);
  });
});

describe('the choice of a proxy', () => {
  const choose = (url: string, environment: Record<string, string>, own?: string) => {
    const proxy = proxyChoice(own, environment)(new URL(url));
    return proxy && `${proxy.host}:${proxy.port}`;
  };

  it('goes by the scheme of the target; upper case wins over lower case', () => {
    const environment = { HTTPS_PROXY: 'http://s:1', http_proxy: 'p:2', https_proxy: 'http://ignored:3' };
    assert.equal(choose('https://a.example', environment), 's:1');
    assert.equal(choose('http://a.example', environment), 'p:2');
    assert.equal(choose('https://a.example', { HTTP_PROXY: 'http://p:2' }), undefined);
  });

  it('is never asked for this machine, unless proxy_url says so', () => {
    const environment = { HTTP_PROXY: 'http://p:1' };
    for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']) {
      assert.equal(choose(`http://${host}:4318`, environment), undefined, host);
      assert.equal(choose(`http://${host}:4318`, {}, 'http://own:3128'), 'own:3128', host);
    }
  });

  it('prefers proxy_url to the environment, exceptions included', () => {
    assert.equal(choose('https://a.example', { HTTPS_PROXY: 'http://s:1', NO_PROXY: '*' }, 'http://own'), 'own:80');
  });

  for (const [entry, matching, others] of [
    ['*', ['https://a.example'], []],
    ['a.example', ['https://a.example', 'https://b.a.example', 'https://A.EXAMPLE'], ['https://ba.example']],
    ['.a.example', ['https://b.a.example'], ['https://a.example']],
    ['*.a.example', ['https://b.a.example'], ['https://a.example']],
    ['a.example:8443', ['https://a.example:8443'], ['https://a.example']],
    ['a.example:443', ['https://a.example'], []],
    ['10.1.2.3', ['https://10.1.2.3'], ['https://10.1.2.4']],
    ['10.0.0.0/8', ['https://10.200.0.1'], ['https://11.0.0.1', 'https://ten.example']],
    ['fd00::/8', ['https://[fd00::1]'], ['https://[fe00::1]']],
    ['[fd00::1]:443', ['https://[fd00::1]'], ['https://[fd00::2]']],
    ['10.0.0.0/99', [], ['https://10.0.0.1']],
    [' x.example , a.example ', ['https://a.example', 'https://x.example'], ['https://b.example']],
  ] as const) {
    it(`goes direct by NO_PROXY=${entry}`, () => {
      const environment = { HTTPS_PROXY: 'http://s:1', NO_PROXY: entry };
      for (const url of matching) assert.equal(choose(url, environment), undefined, url);
      for (const url of others) assert.equal(choose(url, environment), 's:1', url);
    });
  }

  it('refuses what is no proxy in words that keep its secrets', () => {
    for (const text of ['socks5://u:hunter2@h:1', 'http://u:hunter2@h:port', 'http://u:hunter2%zz@h:1']) {
      assert.throws(
        () => parseProxy(text, 'proxy_url'),
        (error: Error) => error.message.startsWith('proxy_url ') && !error.message.includes('hunter2'),
        text,
      );
    }
    assert.throws(() => proxyChoice(undefined, { HTTPS_PROXY: 'ftp://h' }), /the environment variable HTTPS_PROXY/);
  });
});
