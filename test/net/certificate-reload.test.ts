import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { httpClient, httpServer } from '../../src/config/blocks/http.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { RequestError } from '../../src/net/client-error.ts';
import { HttpServer } from '../../src/net/server.ts';
import { type LogLine, recordingLog } from '../receivers/intercom/door-harness.ts';
import { type Certificate, type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';

const serverSchema = z.object(httpServer({ endpoint: 'localhost:0', maxRequestBodySize: '1MiB' }));
const clientSchema = z.object(httpClient({ timeout: '5s', compression: 'none' }));

async function folderOf(t: TestContext, files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  for (const [name, text] of Object.entries(files)) await writeFile(path(name), text);
  return path;
}

async function serve(t: TestContext, tls: object) {
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const config = serverSchema.parse({ tls });
  const server = await HttpServer.create({ config, clock, log: recordingLog(lines) });
  t.after(() => server.shutdown(AbortSignal.abort()));
  server.app.get('/', async (request) => subject(request.raw.socket as TLSSocket));
  server.app.post('/', async (request) => subject(request.raw.socket as TLSSocket));
  const { port } = await server.listen();
  return { server, port, clock, lines };
}

/** The client's name in its certificate; empty without one. */
const subject = (socket: TLSSocket) => String(socket.getPeerCertificate().subject?.CN ?? '');

/** Looks at the files until there are so many lines in the log. */
async function look(clock: FakeClock, lines: readonly LogLine[], count: number): Promise<void> {
  for (let i = 0; i < 400 && lines.length < count; i++) {
    await clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(lines.length, count);
}

/** Serial number of the certificate that the server shows to a new connection. */
function serialAt(port: number, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume().on('end', () => resolve(serialNumber));
    });
    request.on('error', reject).end();
  });
}

/** Both CAs have the same name. */
const UNTRUSTED = /UNABLE_TO_|SELF_SIGNED|CERT_SIGNATURE_FAILURE/;

const serialOf = ({ cert }: Certificate) => new X509Certificate(cert).serialNumber;

describe('certificates that change on disk', { skip: opensslMissing }, () => {
  let old: Certificates;
  let renewed: Certificates;
  before(() => {
    old = makeCertificates();
    renewed = makeCertificates();
  });

  it('are shown by a running server; a pair that does not fit, or is gone, leaves the old one', async (t) => {
    const path = await folderOf(t, { 'c.pem': old.valid.cert, 'c.key': old.valid.key });
    const [cert_file, key_file] = [path('c.pem'), path('c.key')];
    const { port, clock, lines } = await serve(t, { cert_file, key_file, reload_interval: '1s' });
    assert.equal(await serialAt(port, { ca: old.ca.cert }), serialOf(old.valid));

    await writeFile(cert_file, renewed.valid.cert);
    await look(clock, lines, 1);
    assert.match(
      `${lines[0]?.message} ${lines[0]?.fields.error}`,
      /the old ones stay.* tls: .*c\.pem, .*c\.key can't be used/,
    );
    assert.equal(await serialAt(port, { ca: old.ca.cert }), serialOf(old.valid));

    await writeFile(key_file, renewed.valid.key);
    await look(clock, lines, 2);
    assert.match(lines[1]?.message ?? '', /changed on disk/);
    assert.equal(await serialAt(port, { ca: renewed.ca.cert }), serialOf(renewed.valid));
    await assert.rejects(serialAt(port, { ca: old.ca.cert }));

    await rm(cert_file);
    await look(clock, lines, 3);
    assert.match(String(lines[2]?.fields.error), /tls\.cert_file: can't read .*ENOENT/);
    assert.equal(await serialAt(port, { ca: renewed.ca.cert }), serialOf(renewed.valid));
  });

  it('stay as they are without reload_interval', async (t) => {
    const path = await folderOf(t, { 'c.pem': old.valid.cert, 'c.key': old.valid.key });
    const { server, clock } = await serve(t, { cert_file: path('c.pem'), key_file: path('c.key') });
    assert.equal(clock.pending, 0);
    await server.shutdown(AbortSignal.abort());
  });

  it('decide which clients are admitted: with client_ca_file_reload those of the new CA, and no old session', async (t) => {
    const path = await folderOf(t, { 'ca.pem': old.ca.cert });
    const server = { cert_pem: old.valid.cert, key_pem: old.valid.key, client_ca_file: path('ca.pem') };
    const { port, clock, lines } = await serve(t, { ...server, client_ca_file_reload: true });
    let session: Buffer | undefined;
    const ask = (client: object) =>
      new Promise<boolean>((resolve, reject) => {
        const options = { host: '127.0.0.1', port, agent: false, ca: old.ca.cert, ...client };
        const request = httpsRequest(options, (response) => {
          const reused = (response.socket as TLSSocket).isSessionReused();
          response.resume().on('end', () => resolve(reused));
        });
        request.on('socket', (socket) =>
          socket.on('session', (ticket: Buffer) => {
            session ??= ticket;
          }),
        );
        request.on('error', reject).end();
      });
    const before = { ...old.valid, maxVersion: 'TLSv1.2' };
    assert.equal(await ask(before), false);
    assert.equal(await ask({ ...before, session }), true, 'sessions are resumed at all');
    await assert.rejects(ask(renewed.valid), 'a certificate of another CA');
    await writeFile(path('ca.pem'), renewed.ca.cert);
    await look(clock, lines, 1);
    assert.equal(await ask(renewed.valid), false);
    await assert.rejects(ask(before), 'the CA that was taken away');
    await assert.rejects(ask({ ...before, session }), 'a session from before');
  });

  it('are shown and trusted by a running client', async (t) => {
    const path = await folderOf(t, { 'ca.pem': old.ca.cert, 'c.pem': old.valid.cert, 'c.key': old.valid.key });
    const doors = await folderOf(t, { 'ca.pem': old.ca.cert + renewed.ca.cert });
    const tls = (pair: Certificate) => ({ cert_pem: pair.cert, key_pem: pair.key, client_ca_file: doors('ca.pem') });
    const first = await serve(t, tls(old.valid));
    const second = await serve(t, tls(renewed.expired));
    const third = await serve(t, tls(renewed.otherName));
    const fourth = await serve(t, tls(renewed.valid));
    const clock = new FakeClock();
    const lines: LogLine[] = [];
    const files = { ca_file: path('ca.pem'), cert_file: path('c.pem'), key_file: path('c.key') };
    const config = clientSchema.parse({ disable_keep_alives: true, tls: { ...files, reload_interval: '1s' } });
    const client = createHttpClient(config, { clock, environment: {}, log: recordingLog(lines) });
    t.after(() => client.shutdown());
    await client.start();
    const post = async ({ port }: { port: number }) => {
      const url = new URL(`https://localhost:${port}/`);
      return client.request({ method: 'POST', url }).then(
        ({ body }) => body.toString(),
        (error: unknown) => (error instanceof RequestError ? error.code : String(error)),
      );
    };
    assert.equal(await post(first), 'valid');
    assert.match(await post(fourth), UNTRUSTED, 'signed by a CA that is not trusted yet');

    await writeFile(path('ca.pem'), renewed.ca.cert);
    await writeFile(path('c.pem'), renewed.otherName.cert);
    await writeFile(path('c.key'), renewed.otherName.key);
    for (let i = 0; i < 400 && (await post(fourth)) !== 'other-name'; i++) {
      await clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(await post(fourth), 'other-name', 'the new certificate is shown');
    assert.equal(await post(second), 'CERT_HAS_EXPIRED');
    assert.equal(await post(third), 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.match(await post(first), UNTRUSTED, 'its CA is trusted no longer');
    assert(lines.some(({ message }) => /changed on disk/.test(message)));
    client.shutdown();
    assert.equal(clock.pending, 0);
  });
});
