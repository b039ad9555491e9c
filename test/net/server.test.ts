import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { httpServer } from '../../src/config/blocks/http.ts';
import { HttpServer, type HttpServerOptions, isLoopback } from '../../src/net/server.ts';
import { type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { latch } from '../support/latch.ts';
import { type Answer, Client, until } from '../support/raw-client.ts';

const schema = z.object(httpServer({ endpoint: 'localhost:0', maxRequestBodySize: '1MiB' }));

async function serve(
  t: TestContext,
  settings: Record<string, unknown> = {},
  options: Partial<HttpServerOptions> = {},
  more: (app: HttpServer['app']) => void = () => {},
): Promise<{ server: HttpServer; port: number; refused: string[] }> {
  const refused: string[] = [];
  const server = await HttpServer.create({
    config: schema.parse(settings),
    clock: systemClock,
    onRefused: (reason, { status }) => refused.push(`${reason} ${status}`),
    ...options,
  });
  t.after(() => server.shutdown(AbortSignal.abort()));
  server.app.get('/', async () => 'hello');
  more(server.app);
  const { port } = await server.listen();
  return { server, port, refused };
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'server-test-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

describe('connections', () => {
  it('beyond the limit replace the one that has been idle for the longest time', async (t) => {
    const { server, port } = await serve(t, {}, { maxConnections: 3 });
    const ask = async (client: Client): Promise<Answer | undefined> => {
      client.write(GET);
      return client.answer();
    };
    const clients: Client[] = [];
    t.after(() => clients.map((client) => client.close()));
    for (let i = 0; i < 3; i++) {
      const client = new Client(port);
      clients.push(client);
      assert.equal((await ask(client))?.status, 200);
    }
    const [first, second, third] = clients as [Client, Client, Client];
    assert.equal((await ask(first))?.status, 200, 'now the second is the longest idle');
    const fourth = new Client(port);
    clients.push(fourth);
    assert.equal((await ask(fourth))?.status, 200);
    await second.closed();
    for (const client of [first, third, fourth]) assert.equal((await ask(client))?.status, 200);
    assert.equal(server.connections, 3);
  });

  it('that are busy are not replaced: then the newcomer goes', async (t) => {
    const held = latch<string>();
    const server = await HttpServer.create({ config: schema.parse({}), clock: systemClock, maxConnections: 2 });
    t.after(() => server.shutdown(AbortSignal.abort()));
    let arrived = 0;
    server.app.get('/', () => {
      arrived++;
      return held.promise;
    });
    const { port } = await server.listen();
    const busy = [new Client(port), new Client(port)];
    t.after(() => busy.map((client) => client.close()));
    for (const client of busy) client.write(GET);
    await until(() => arrived === 2);
    const third = new Client(port);
    await third.closed();
    held.open('at last');
    for (const client of busy) assert.equal((await client.answer())?.body, 'at last');
  });

  it('by the thousand, saying nothing, leave room for one that does', async (t) => {
    const { server, port } = await serve(t, {}, { maxConnections: 200 });
    const sockets = Array.from({ length: 1000 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    t.after(() => sockets.map((socket) => socket.destroy()));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const client = new Client(port);
    client.write(GET);
    assert.equal((await client.answer())?.status, 200);
    client.close();
    assert.ok(server.connections <= 200);
  });

  it('that bring more requests at once than they may wait for are closed, before all are looked at', async (t) => {
    let seen = 0;
    const count = () => {
      seen++;
      return 'counted';
    };
    const { port, refused } = await serve(t, {}, {}, (app) => app.get('/counted', async () => count()));
    const client = new Client(port);
    t.after(() => client.close());
    client.write('GET /counted HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1500));
    await client.closed();
    assert(seen > 0 && seen <= 32, `${seen} requests were handled`);
    assert.deepEqual(refused, ['malformed 0']);
    const patient = new Client(port);
    t.after(() => patient.close());
    patient.write(GET.repeat(20));
    for (let i = 0; i < 20; i++) assert.equal((await patient.answer())?.status, 200);
  });

  it('are not kept alive when keep_alives_enabled is false', async (t) => {
    const { port } = await serve(t, { keep_alives_enabled: false });
    const client = new Client(port);
    client.write(GET);
    assert.equal((await client.answer())?.headers.connection, 'close');
    await client.closed();
  });
});

describe('a body that no route reads', () => {
  it('is not waited for, not kept, and its type does not matter', async (t) => {
    const { port } = await serve(t, {}, {}, (app) => app.post('/', async () => 'taken'));
    for (const [path, status] of [
      ['/', 200],
      ['/nowhere', 404],
    ] as const) {
      for (const type of ['application/json', 'text/plain', 'no type at all']) {
        const client = new Client(port);
        t.after(() => client.close());
        client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n{"half`);
        assert.equal((await client.answer())?.status, status, `${path} ${type}`);
      }
    }
  });
});

describe('listening', () => {
  it('says what to do when the endpoint is taken or not there', async (t) => {
    const { port } = await serve(t);
    const again = await HttpServer.create({
      config: schema.parse({ endpoint: `localhost:${port}` }),
      clock: systemClock,
    });
    await assert.rejects(again.listen(), (error: Error) => {
      assert.match(error.message, new RegExp(`^endpoint localhost:${port}: .*EADDRINUSE.*another process`));
      return true;
    });
    await again.shutdown(AbortSignal.abort());
    const nowhere = await HttpServer.create({ config: schema.parse({ endpoint: '192.0.2.1:0' }), clock: systemClock });
    await assert.rejects(nowhere.listen(), /192\.0\.2\.1:0: .*EADDRNOTAVAIL.*0\.0\.0\.0/);
    await nowhere.shutdown(AbortSignal.abort());
  });

  it('tells an address that only this machine reaches from one that others do', () => {
    for (const local of ['localhost:1', '127.0.0.1:1', '127.9.9.9:1', '[::1]:1']) assert.ok(isLoopback(local), local);
    for (const open of ['0.0.0.0:1', ':1', '[::]:1', '10.0.0.1:1', 'localhost.example:1', '127.0.0.1.example:1']) {
      assert.ok(!isLoopback(open), open);
    }
  });
});

describe('TLS', { skip: opensslMissing }, () => {
  let certificates: Certificates;
  before(() => {
    certificates = makeCertificates();
  });

  const ask = (port: number, options: object): Promise<{ status?: number; protocol?: string | null }> =>
    new Promise((resolve, reject) => {
      const request = httpsRequest({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
        response.resume();
        const socket = response.socket as import('node:tls').TLSSocket;
        response.on('end', () => resolve({ status: response.statusCode, protocol: socket.getProtocol() }));
      });
      request.on('error', reject).end();
    });

  it('is served from files or from the text itself, and not below its lowest version', async (t) => {
    const folder = await directory(t);
    const { cert, key } = certificates.valid;
    const ca = certificates.ca.cert;
    const cert_file = join(folder, 'cert.pem');
    const key_file = join(folder, 'key.pem');
    await Promise.all([writeFile(cert_file, cert), writeFile(key_file, key)]);
    for (const tls of [
      { cert_file, key_file },
      { cert_pem: cert, key_pem: key },
    ]) {
      const { port } = await serve(t, { tls });
      assert.equal((await ask(port, { ca })).status, 200);
    }
    const { port } = await serve(t, { tls: { cert_file, key_file, min_version: '1.3' } });
    assert.equal((await ask(port, { ca })).protocol, 'TLSv1.3');
    await assert.rejects(ask(port, { ca, maxVersion: 'TLSv1.2' }), /protocol version/i);
  });

  it('with client_ca_file turns away clients without a certificate of that CA', async (t) => {
    const folder = await directory(t);
    const { ca, valid, otherCa } = certificates;
    const client_ca_file = join(folder, 'ca.pem');
    await writeFile(client_ca_file, ca.cert);
    const { port } = await serve(t, { tls: { cert_pem: valid.cert, key_pem: valid.key, client_ca_file } });
    assert.equal((await ask(port, { ca: ca.cert, ...valid })).status, 200);
    await assert.rejects(ask(port, { ca: ca.cert }));
    await assert.rejects(ask(port, { ca: ca.cert, ...otherCa }));
  });

  it('that cannot begin names the key and the file', async (t) => {
    const folder = await directory(t);
    const { cert, key } = certificates.valid;
    const cert_file = join(folder, 'cert.pem');
    const key_file = join(folder, 'key.pem');
    const junk = join(folder, 'junk.pem');
    await Promise.all([writeFile(cert_file, cert), writeFile(key_file, key), writeFile(junk, 'not a PEM')]);
    const create = (tls: object) => HttpServer.create({ config: schema.parse({ tls }), clock: systemClock });
    const missing = join(folder, 'missing.pem');
    await assert.rejects(create({ cert_file: missing, key_file }), (error: Error) =>
      error.message.startsWith(`tls.cert_file: can't read ${missing}`),
    );
    await assert.rejects(create({ cert_file, key_file: missing }), (error: Error) =>
      error.message.startsWith(`tls.key_file: can't read ${missing}`),
    );
    await assert.rejects(create({ cert_file: junk, key_file }), (error: Error) => error.message.includes(junk));
    await assert.rejects(create({ cert_file, key_pem: certificates.otherName.key }), /tls: .*cert\.pem, key_pem/);
    await assert.rejects(create({ cert_file }), /tls\.key_file: .* write key_file or key_pem/);
    await assert.rejects(create({ cert_file, cert_pem: cert, key_file }), /tls\.cert_pem: .* not both/);
  });

  it('survives clients that speak something else, and shuts down with a handshake half done', async (t) => {
    const { cert, key } = certificates.valid;
    const ca = certificates.ca.cert;
    const { server, port, refused } = await serve(t, { tls: { cert_pem: cert, key_pem: key } });
    const plain = new Client(port);
    plain.write(GET);
    await plain.closed();
    assert.deepEqual(refused, ['malformed 0']);
    assert.equal((await ask(port, { ca })).status, 200);
    const silent = new Client(port);
    await until(() => silent.socket.readyState === 'open');
    const idle = tlsConnect({ port, host: '127.0.0.1', ca });
    idle.on('error', () => {});
    await new Promise((resolve) => idle.once('secureConnect', resolve));
    const deadline = new AbortController();
    const closing = server.shutdown(deadline.signal);
    await new Promise((resolve) => idle.once('close', resolve));
    deadline.abort();
    await closing;
    await silent.closed();
  });
});

describe('shutdown', () => {
  it('waits for open requests, and is the same promise when asked again', async (t) => {
    const held = latch<string>();
    const server = await HttpServer.create({ config: schema.parse({}), clock: systemClock });
    t.after(() => server.shutdown(AbortSignal.abort()));
    const arrived = latch();
    server.app.get('/', () => {
      arrived.open();
      return held.promise;
    });
    const { port } = await server.listen();
    const client = new Client(port);
    client.write(GET);
    await arrived.promise;
    const signal = new AbortController().signal;
    const closing = server.shutdown(signal);
    assert.equal(server.shutdown(signal), closing);
    held.open('late');
    assert.deepEqual((await client.answer())?.body, 'late');
    await closing;
    assert.equal(server.connections, 0);
  });

  it('of a server that never listened does nothing', async () => {
    const server = await HttpServer.create({ config: schema.parse({}), clock: systemClock });
    await server.shutdown(new AbortController().signal);
  });
});
