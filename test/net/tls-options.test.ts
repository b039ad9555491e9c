import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { clientTls, serverTls } from '../../src/config/blocks/tls.ts';
import { loadTls } from '../../src/net/client-tls.ts';
import { loadServerTls } from '../../src/net/server-tls.ts';
import { tlsProblems } from '../../src/net/tls-options.ts';
import { type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';

const noFiles = () => assert.fail('no file is read');
const AES_128 = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
const AES_256 = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
/** Not for the key of the server, which is one of elliptic curves. */
const RSA = AES_256.replace('ECDSA', 'RSA');

describe('a TLS connection', { skip: opensslMissing }, () => {
  const { ca, valid } = (opensslMissing ? {} : makeCertificates()) as Certificates;

  /** What a server and a client with these settings agree on; the code of the error when they do not. */
  async function agreed(t: TestContext, server: object, client: object): Promise<string> {
    const block = serverTls.parse({ cert_pem: valid.cert, key_pem: valid.key, ...server });
    const listening = createServer(await loadServerTls(block, noFiles)).listen(0, '127.0.0.1');
    t.after(() => listening.close());
    listening.on('tlsClientError', () => {});
    await once(listening, 'listening');
    const { context, verify } = await loadTls(clientTls.parse({ ca_pem: ca.cert, ...client }), noFiles);
    const { port } = listening.address() as AddressInfo;
    const socket: TLSSocket = connect({
      ...{ port, host: '127.0.0.1', servername: 'localhost' },
      ...{ secureContext: context, rejectUnauthorized: verify },
    });
    t.after(() => socket.destroy());
    try {
      await once(socket, 'secureConnect');
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'failed';
    }
    const key = socket.getEphemeralKeyInfo() as { name?: string };
    return `${socket.getProtocol()} ${socket.getCipher().standardName} ${key.name}`;
  }

  it('has the cipher suite that is named, on either side', async (t) => {
    const old = { max_version: '1.2' };
    for (const suite of [AES_128, AES_256]) {
      assert.match(await agreed(t, { cipher_suites: [suite] }, old), new RegExp(`^TLSv1.2 ${suite} `));
      assert.match(await agreed(t, old, { cipher_suites: [RSA, suite] }), new RegExp(`^TLSv1.2 ${suite} `));
    }
    assert.match(await agreed(t, old, { cipher_suites: [RSA] }), /HANDSHAKE_FAILURE/);
  });

  it('keeps TLS 1.3 whatever suites of older ones are named', async (t) => {
    assert.match(await agreed(t, { cipher_suites: [AES_128] }, { cipher_suites: [AES_256] }), /^TLSv1\.3 /);
  });

  it('has the curve that is named', async (t) => {
    assert.match(await agreed(t, { curve_preferences: ['P384'] }, {}), / secp384r1$/);
    assert.match(await agreed(t, {}, { curve_preferences: ['P256'] }), / prime256v1$/);
    assert.match(await agreed(t, { curve_preferences: ['P384'] }, { curve_preferences: ['P256'] }), /^ERR_SSL/);
  });

  it('has the versions that are named, the old ones too', async (t) => {
    assert.match(await agreed(t, { min_version: '1.3' }, {}), /^TLSv1\.3 /);
    assert.match(await agreed(t, { min_version: '1.3' }, { max_version: '1.2' }), /^ERR_SSL/);
    assert.match(await agreed(t, { max_version: '1.1', min_version: '1.0' }, { min_version: '1.0' }), /^TLSv1\.1 /);
    assert.match(await agreed(t, { max_version: '1.1', min_version: '1.0' }, {}), /^ERR_SSL/);
    assert.match(await agreed(t, { min_version: '', max_version: '' }, {}), /^TLSv1\.3 /);
  });
});

describe('the check of TLS settings', () => {
  const said = (tls: object) =>
    tlsProblems(clientTls.parse(tls)).map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);

  it('finds nothing in what the Collector takes', () => {
    const tls = { cipher_suites: [AES_128, RSA, 'TLS_AES_128_GCM_SHA256'], curve_preferences: ['X25519', 'P521'] };
    assert.deepEqual(said(tls), []);
  });

  it('tells names that are none, and versions in the wrong order', () => {
    assert.deepEqual(said({ cipher_suites: ['ECDHE-RSA-AES128-GCM-SHA256'], curve_preferences: ['secp256r1'] }), [
      'error cipher_suites.0: invalid TLS cipher suite: "ECDHE-RSA-AES128-GCM-SHA256"',
      'error curve_preferences.0: invalid curve type: "secp256r1"',
    ]);
    const message = 'invalid TLS configuration: min_version cannot be greater than max_version';
    assert.deepEqual(said({ min_version: '1.3', max_version: '1.2' }), [`error max_version: ${message}`]);
    assert.match(said({ min_version: '1.1' }).join(), /^warning min_version: TLS 1\.0 and 1\.1 can be broken/);
  });
});
