import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { httpServer } from '../../src/config/blocks/http.ts';
import { factory } from '../../src/exporters/otlp_http/index.ts';
import { createOtlpHttp } from '../../src/exporters/otlp_http/otlp-http.ts';
import { HttpServer } from '../../src/net/server.ts';
import { type Certificate, type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { context, never, parse, record } from './support.ts';

const schema = z.object(httpServer({ endpoint: 'localhost:0', maxRequestBodySize: '1MiB' }));

describe('what a person reads about TLS', { skip: opensslMissing }, () => {
  const { ca, valid, expired, otherName, otherCa } = (opensslMissing ? {} : makeCertificates()) as Certificates;
  const folder = mkdtempSync(join(tmpdir(), 'otlp-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  const client_ca_file = join(folder, 'ca.pem');
  writeFileSync(client_ca_file, ca?.cert ?? '');

  /** Sends a record with this `tls` block to a server with this certificate. */
  async function sent(t: TestContext, server: Certificate, tls: object, more: object = {}) {
    const pair = { cert_pem: server.cert, key_pem: server.key };
    const config = schema.parse({ tls: { ...pair, ...more } });
    const backend = await HttpServer.create({ config, clock: systemClock });
    t.after(() => backend.shutdown(AbortSignal.abort()));
    backend.app.post('/v1/logs', async () => '');
    const { port } = await backend.listen();
    const block = parse(factory, { endpoint: `https://localhost:${port}`, tls });
    const exporter = createOtlpHttp(block, context(), { environment: {} });
    t.after(() => exporter.shutdown(never));
    await exporter.start();
    const outcome = await exporter.send({ records: [record()] }, never);
    if (outcome.kind === 'delivered') return 'delivered';
    return `${outcome.kind}: ${outcome.reason.summary} | ${outcome.reason.advice}`;
  }
  const trusting = { ca_pem: ca?.cert };

  it('nothing, with the CA of the server', async (t) => {
    assert.equal(await sent(t, valid, trusting), 'delivered');
  });

  it('who signed is not trusted, without the CA or with another', async (t) => {
    for (const tls of [{}, { ca_pem: otherCa.cert }]) {
      assert.match(await sent(t, valid, tls), /^hold: .* signed by nobody that is trusted here .* set `tls\.ca_file`/);
    }
  });

  it('the certificate has expired', async (t) => {
    assert.match(await sent(t, expired, trusting), /^hold: .* its certificate has expired .* \| renew it/);
  });

  it('the certificate is for another name', async (t) => {
    assert.match(await sent(t, otherName, trusting), /^hold: .* is for another name .* `tls\.server_name_override`/);
  });

  it('a client certificate is wanted: held, and sent with the right one', async (t) => {
    const mutual = { client_ca_file };
    const own = (pair: Certificate) => ({ ...trusting, cert_pem: pair.cert, key_pem: pair.key });
    assert.equal(await sent(t, valid, own(valid), mutual), 'delivered');
    const agreed = /^hold: .* TLS could not be agreed on .*`tls\.cert_file`/;
    assert.match(await sent(t, valid, trusting, { ...mutual, max_version: '1.2' }), agreed);
    // A server of Node.js says nothing about a foreign certificate, it hangs up; others send an alert.
    const silent = /^retry: .* the connection broke/;
    for (const [tls, max_version] of [
      [trusting, '1.3'],
      [own(otherCa), '1.2'],
      [own(otherCa), '1.3'],
    ] as const) {
      const what = await sent(t, valid, tls, { ...mutual, max_version });
      assert(agreed.test(what) || silent.test(what), what);
    }
  });
});
