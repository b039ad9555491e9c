import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import type { Finds } from '../../src/doctor/finding.ts';
import { config as coralogixConfig } from '../../src/exporters/coralogix/config.ts';
import { createCoralogix } from '../../src/exporters/coralogix/coralogix.ts';
import { hintOf } from '../../src/exporters/coralogix/hint.ts';
import { factory as otlpHttp } from '../../src/exporters/otlp_http/index.ts';
import { examineOtlp } from '../../src/exporters/otlp-examination.ts';
import { temporary } from '../control/fixtures.ts';
import { context, never } from '../exporters/support.ts';
import { freePort } from '../support/agent-process.ts';
import { makeCertificates, opensslMissing } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { OtlpSink, type SinkAnswer, type SinkOptions } from '../support/otlp-sink.ts';
import { diagnose } from './diagnosis.ts';

const KEY = 'cxtp_0123456789abcdefghij';

async function sinkOf(t: TestContext, options: SinkOptions = {}): Promise<OtlpSink> {
  const sink = await OtlpSink.start(options);
  t.after(() => sink.close());
  return sink;
}

const answering = (t: TestContext, answer: SinkAnswer) => sinkOf(t, { answer: () => answer });

/** The one thing that is found. */
async function only(findings: Promise<Finds[]>): Promise<Finds> {
  const found = await findings;
  assert.equal(found.length, 1, JSON.stringify(found));
  return found[0] as Finds;
}

function assertSays({ severity, message, advice = '' }: Finds, wanted: Finds['severity'], what: RegExp, todo: RegExp) {
  assert.equal(severity, wanted, message);
  assert.match(message, what);
  assert.match(advice, todo);
}

describe('a healthy backend', () => {
  it('is ok: it gets an empty request, and one record that says what it is', async (t) => {
    const sink = await sinkOf(t);
    const found = await only(diagnose({ otlp_http: { endpoint: sink.url } }));
    assert.deepEqual([found.severity, found.check, found.at, found.advice], ['ok', 'backends', 'otlp_http', undefined]);
    assert.match(found.message, /^localhost:\d+ answered 200 to a test record in \d+ ms$/);
    assert.deepEqual(
      sink.requests.map(({ method, url, records }) => [method, url, records.length]),
      [
        ['POST', '/v1/logs', 0],
        ['POST', '/v1/logs', 1],
      ],
    );
    const [record] = sink.records;
    assert.equal(record?.eventName, 'intercom-otel-agent.doctor');
    assert.deepEqual(record?.attributes, { 'intercom_otel_agent.doctor': true, 'log.record.uid': 'test-1' });
    assert.equal(record?.resource['cx.application.name'], 'acme');
    assert.equal(record?.resource['cx.subsystem.name'], 'help');
    assert.match(String(record?.body), /doctor/);
  });

  it('gets nothing that it would store without leave to send', async (t) => {
    const sink = await sinkOf(t);
    const found = await only(diagnose({ otlp_http: { endpoint: sink.url } }, { send: false }));
    assert.equal(found.severity, 'ok');
    assert.match(found.message, /to an empty request/);
    assert.deepEqual([sink.requests.length, sink.records.length], [1, 0]);
  });

  it('may dislike an empty request', async (t) => {
    const sink = await sinkOf(t, { answer: ({ records }) => ({ status: records.length === 0 ? 400 : 200 }) });
    assert.equal((await only(diagnose({ otlp_http: { endpoint: sink.url } }))).severity, 'ok');
  });

  it('is asked with its authenticator, encoding and compression, beside others', async (t) => {
    const [sink, other] = [await sinkOf(t), await answering(t, { status: 204 })];
    const found = await diagnose(
      {
        'otlp_http/a': { endpoint: sink.url, encoding: 'json', auth: { authenticator: 'bearertokenauth' } },
        'otlp_http/b': { endpoint: other.url, compression: 'none' },
        debug: null,
      },
      { extensions: { bearertokenauth: { token: 'token-of-the-test' } } },
    );
    assert.deepEqual(
      found.map(({ at, severity }) => [at, severity]),
      [
        ['otlp_http/a', 'ok'],
        ['otlp_http/b', 'ok'],
        ['debug', 'ok'],
      ],
    );
    const [first] = sink.requests;
    assert.equal(first?.headers.authorization, 'Bearer token-of-the-test');
    assert.equal(first?.headers['content-type'], 'application/json');
    assert.equal(first?.headers['content-encoding'], 'gzip');
    assert.equal(other.requests[0]?.headers['content-encoding'], undefined);
  });
});

describe('the answer of a backend is explained:', () => {
  it('a key of the wrong kind or region', async (t) => {
    const sink = await answering(t, { status: 401, body: 'invalid api key' });
    const block = { logs: { endpoint: sink.url }, application_name: 'a' };
    const found = await diagnose({ coralogix: { ...block, private_key: KEY } });
    assert.equal(sink.requests.length, 1);
    assertSays(found[0] as Finds, 'error', /401 Unauthorized .*"invalid api key"/, /Send-Your-Data.*region/);
    const personal = await only(diagnose({ coralogix: { ...block, private_key: 'cxup_0123456789abcdef' } }));
    assertSays(personal, 'error', /401/, /begins with cxup_.*cannot send/);
  });

  it('a region that is none', async () => {
    const connect = () => {
      const socket = new Socket();
      const error = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
      process.nextTick(() => socket.destroy(error));
      return socket;
    };
    const explained = async (domain: string) => {
      const settings = coralogixConfig.parse({ domain, private_key: KEY, application_name: 'a' });
      const create = () => createCoralogix(settings, context(), { environment: {}, connect });
      const hint = (probe: Parameters<typeof hintOf>[1]) => hintOf(settings, probe);
      return (await examineOtlp({ create, hint, signal: never }, context()))[0] as Finds;
    };
    assertSays(
      await explained('eu9.coralogix.com'),
      'error',
      /unknown \(ENOTFOUND\)/,
      /no region.*eu1\.coralogix\.com/,
    );
    assertSays(await explained('eu1.coralogix.com'), 'error', /unknown \(ENOTFOUND\)/, /DNS of this machine/);
  });

  it('a tenant that is not named, or no credentials at all', async (t) => {
    const loki = await answering(t, { status: 401, body: 'no org id\n' });
    const exporter = { endpoint: `${loki.url}/otlp` };
    assertSays(await only(diagnose({ otlp_http: exporter })), 'error', /"no org id"/, /X-Scope-OrgID/);
    const sink = await answering(t, { status: 403 });
    assertSays(await only(diagnose({ otlp_http: { endpoint: sink.url } })), 'error', /403/, /no credentials at all/);
    const keyed = { endpoint: sink.url, headers: { 'api-key': 'wrong-key-1' } };
    assertSays(await only(diagnose({ otlp_http: keyed })), 'error', /403/, /check the key, and the region/);
  });

  it('a clock that is wrong', async (t) => {
    const date = new Date(Date.now() - 600_000).toUTCString();
    const sink = await answering(t, { headers: { date } });
    const found = await only(diagnose({ otlp_http: { endpoint: sink.url } }));
    assertSays(found, 'warning', /clock of this machine is (59\d|60\d) s ahead of that of localhost/, /NTP/);
    const ahead = await answering(t, { headers: { date: new Date(Date.now() + 86_400_000).toUTCString() } });
    assertSays(await only(diagnose({ otlp_http: { endpoint: ahead.url } })), 'warning', /24 h behind/, /NTP/);
  });

  it('a wrong path', async (t) => {
    const sink = await answering(t, { status: 404, body: 'page not found' });
    const twice = await only(diagnose({ otlp_http: { endpoint: `${sink.url}/v1/logs` } }));
    assertSays(twice, 'error', /404 Not Found .*"page not found"/, /\/v1\/logs twice/);
    const once = await only(diagnose({ otlp_http: { endpoint: sink.url } }));
    assertSays(once, 'error', /404/, /\/otlp for Loki/);
    const method = await answering(t, { status: 405 });
    assertSays(await only(diagnose({ otlp_http: { endpoint: method.url } })), 'error', /405/, /takes no POST/);
  });

  it('a redirect, with where it leads and without its query', async (t) => {
    const sink = await answering(t, {
      status: 301,
      headers: { location: 'https://other.example/otlp/v1/logs?key=hidden' },
    });
    const found = await only(diagnose({ otlp_http: { endpoint: sink.url } }));
    assertSays(found, 'error', /301 .*a redirect to https:\/\/other\.example\/otlp\/v1\/logs$/, /final URL/);
    assert.equal(sink.requests.length, 1);
  });

  it('a web page instead of an answer, or something else that is no OTLP', async (t) => {
    const html = '<!DOCTYPE html><html><head><title>Hotel Wi-Fi: log in</title></head></html>';
    const page = await answering(t, { headers: { 'content-type': 'text/html' }, body: html });
    const found = await only(diagnose({ otlp_http: { endpoint: page.url } }));
    assertSays(found, 'error', /200 OK .*a web page.*"Hotel Wi-Fi: log in"/, /log-in page or a proxy/);
    const other = await answering(t, { headers: { 'content-type': 'text/plain' }, body: 'It works!' });
    assertSays(
      await only(diagnose({ otlp_http: { endpoint: other.url } })),
      'warning',
      /not as OTLP.*"It works!"/,
      /OTLP endpoint\?/,
    );
  });

  it('a quota, a limit, and trouble that passes', async (t) => {
    const quota = await answering(t, { status: 429, body: 'daily quota exceeded' });
    const block = { logs: { endpoint: quota.url }, application_name: 'a', private_key: KEY };
    assertSays(await only(diagnose({ coralogix: block })), 'error', /quota used up/, /00:00 UTC/);
    const busy = await answering(t, { status: 429 });
    assertSays(await only(diagnose({ otlp_http: { endpoint: busy.url } })), 'warning', /429/, /limits the rate/);
    const down = await answering(t, { status: 503, body: 'upstream' });
    assertSays(
      await only(diagnose({ otlp_http: { endpoint: down.url } })),
      'warning',
      /503 .*"upstream"/,
      /tries again by itself/,
    );
  });

  it('a record that is refused: in a partial success, for its size, for its form', async (t) => {
    const partial = JSON.stringify({ partialSuccess: { rejectedLogRecords: '1', errorMessage: 'too old' } });
    const sink = await answering(t, { headers: { 'content-type': 'application/json' }, body: partial });
    const found = await only(diagnose({ otlp_http: { endpoint: sink.url } }));
    assertSays(found, 'error', /refused the test record in a partial success: "too old"/, /credentials are right/);
    const large = await answering(t, { status: 413 });
    assertSays(await only(diagnose({ otlp_http: { endpoint: large.url } })), 'error', /413/, /max_request_bytes/);
    const form = await answering(t, { status: 415 });
    assertSays(await only(diagnose({ otlp_http: { endpoint: form.url } })), 'error', /415/, /other `encoding`/);
    const warning = JSON.stringify({ partialSuccess: { errorMessage: 'use the new endpoint' } });
    const warns = await answering(t, { headers: { 'content-type': 'application/json' }, body: warning });
    assert.match(
      (await only(diagnose({ otlp_http: { endpoint: warns.url } }))).message,
      /warns: "use the new endpoint"/,
    );
  });

  it('with nothing of a secret, and nothing that a terminal obeys', async (t) => {
    const sink = await sinkOf(t, {
      answer: ({ headers, url }) => ({
        status: 403,
        body: `${headers.authorization} ${url} \u001b]0;owned\u0007 ${'x'.repeat(9999)}`,
      }),
    });
    const port = new URL(sink.url).port;
    const found = await diagnose({
      'otlp_http/header': { endpoint: sink.url, headers: { authorization: 'Bearer very-secret-token' } },
      'otlp_http/user': { endpoint: `http://user:very-secret-password@localhost:${port}` },
      'otlp_http/path': { endpoint: `${sink.url}/receiver/v1/http/very-secret-path-token` },
    });
    assert.equal(found.length, 3);
    for (const { message } of found) {
      assert.doesNotMatch(message, /very-secret|dmVyeS|\p{Cc}/u);
      assert.match(message, /\[REDACTED\]/);
      assert.ok(message.length < 400, message);
    }
  });
});

describe('a backend without an answer is explained:', () => {
  it('nothing listens', async () => {
    const found = await only(diagnose({ otlp_http: { endpoint: `http://localhost:${await freePort()}` } }));
    assertSays(found, 'error', /nothing listens there \(ECONNREFUSED\)/, /host and port/);
  });

  it('nothing is said in time', async (t) => {
    const sink = await answering(t, { action: 'hang' });
    const found = await only(diagnose({ otlp_http: { endpoint: sink.url, timeout: '200ms' } }));
    assertSays(found, 'error', /took the request and gave no answer in time/, /overloaded/);
    assert.equal(sink.requests.length, 1);
  });

  it('nothing is said for so long that nobody would wait, whatever `timeout` allows', async (t) => {
    const sink = await answering(t, { action: 'hang' });
    const clock = new FakeClock();
    const settings = otlpHttp.config.parse({ endpoint: sink.url, timeout: '10m' });
    const examined = otlpHttp.examine?.(settings, context({ clock }), { signal: never });
    await sink.received(1);
    await clock.advance(10_000);
    assertSays((await examined)?.[0] as Finds, 'error', /took the request and gave no answer in time/, /overloaded/);
  });

  it('a proxy that wants credentials, refuses, or is not there', async (t) => {
    let status = 407;
    const proxy = createServer();
    proxy.on('connect', (_, socket: Duplex) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    t.after(() => proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const through = (proxyPort: number) =>
      only(
        diagnose({ otlp_http: { endpoint: 'https://otlp.example.com', proxy_url: `http://127.0.0.1:${proxyPort}` } }),
      );
    assertSays(await through(port), 'error', /proxy for otlp\.example\.com: it wants credentials/, /user:password@/);
    status = 403;
    assertSays(await through(port), 'error', /answered CONNECT with 403/, /HTTPS_PROXY/);
    assertSays(await through(await freePort()), 'error', /proxy for .*nothing listens there/, /proxy_url/);
  });

  it('a backend that is known by its host, and the header that it wants', async (t) => {
    // It stands in for any host, as a proxy does.
    const sink = await answering(t, { status: 403, body: 'Forbidden' });
    const asked = (host: string, headers: object = {}) =>
      only(diagnose({ otlp_http: { endpoint: `http://${host}`, headers, proxy_url: sink.url } }));
    const lacking = await asked('otlp.datadoghq.eu', { authorization: 'Bearer 12345678' });
    assertSays(lacking, 'error', /403 Forbidden from otlp\.datadoghq\.eu/, /Datadog wants the header `dd-api-key`/);
    const wrong = await asked('otlp.datadoghq.eu', { 'dd-api-key': '0123456789' });
    assertSays(wrong, 'error', /403/, /Datadog does not take what `dd-api-key` says: .*site that the host names/);
    const grafana = await asked('otlp-gateway-prod-eu-west-2.grafana.net', { authorization: 'Basic 12345678' });
    assertSays(grafana, 'error', /403/, /instance id \(a number\)/);
    assert.equal(sink.requests.length, 3);
    sink.answerWith({ status: 407 });
    assertSays(await asked('otlp.example.com'), 'error', /407/, /the proxy wants credentials/);
  });

  it('what is wrong with TLS', { skip: opensslMissing }, async (t) => {
    const certificates = makeCertificates();
    const ca = { tls: { ca_pem: certificates.ca.cert } };
    const [valid, expired, otherName] = [
      await sinkOf(t, { tls: certificates.valid }),
      await sinkOf(t, { tls: certificates.expired }),
      await sinkOf(t, { tls: certificates.otherName }),
    ];
    assert.equal((await only(diagnose({ otlp_http: { endpoint: valid.url, ...ca } }))).severity, 'ok');
    assertSays(
      await only(diagnose({ otlp_http: { endpoint: valid.url } })),
      'error',
      /nobody that is trusted/,
      /ca_file/,
    );
    assertSays(
      await only(diagnose({ otlp_http: { endpoint: expired.url, ...ca } })),
      'error',
      /has expired/,
      /renew it/,
    );
    assertSays(
      await only(diagnose({ otlp_http: { endpoint: otherName.url, ...ca } })),
      'error',
      /another name/,
      /host of the endpoint/,
    );
    const plain = await sinkOf(t);
    const wrongly = await only(diagnose({ otlp_http: { endpoint: plain.url.replace('http:', 'https:') } }));
    assertSays(wrongly, 'error', /WRONG_VERSION_NUMBER/, /speaks no TLS: write http:\/\//);
    const secure = await only(diagnose({ otlp_http: { endpoint: valid.url.replace('https:', 'http:') } }));
    assertSays(secure, 'error', /hangs up on plain HTTP/, /speaks TLS: write https:\/\//);
    const answers = await answering(t, { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' });
    assertSays(await only(diagnose({ otlp_http: { endpoint: answers.url } })), 'error', /400/, /write https:\/\//);
  });

  it('a file of the exporter, or of its authenticator, that cannot be read', async (t) => {
    const directory = temporary(t);
    const tls = { ca_file: join(directory, 'nosuch.pem') };
    const found = await only(diagnose({ otlp_http: { endpoint: 'https://otlp.example.com', tls } }));
    assertSays(found, 'error', /tls\.ca_file: cannot read .*nosuch\.pem/, /^$/);
    const extensions = { bearertokenauth: { filename: join(directory, 'token') } };
    const exporter = { endpoint: 'https://otlp.example.com', auth: { authenticator: 'bearertokenauth' } };
    const trouble = await only(diagnose({ otlp_http: exporter }, { extensions }));
    assert.deepEqual([trouble.at, trouble.severity], ['bearertokenauth', 'error']);
    assert.match(trouble.message, /authenticator cannot be started/);
  });
});

describe('the file exporter', () => {
  it('is looked at, and its file not touched', async (t) => {
    const directory = temporary(t);
    const path = join(directory, 'events.json');
    const found = await only(diagnose({ file: { path } }));
    assert.equal(found.severity, 'ok');
    assert.match(found.message, /events\.json can be written, \d+ MiB are free/);
    assert.throws(() => readFileSync(path), /ENOENT/);
    writeFileSync(path, 'torn');
    assert.equal((await only(diagnose({ file: { path } }))).severity, 'ok');
    assert.equal(readFileSync(path, 'utf8'), 'torn');
  });

  it('is told where its path cannot be', async (t) => {
    const directory = temporary(t);
    const missing = join(directory, 'nosuch', 'events.json');
    assertSays(await only(diagnose({ file: { path: missing } })), 'error', /ENOENT/, /create_directory: true/);
    assert.equal((await only(diagnose({ file: { path: missing, create_directory: true } }))).severity, 'ok');
    const folder = join(directory, 'folder');
    mkdirSync(folder);
    assertSays(await only(diagnose({ file: { path: folder } })), 'error', /EISDIR/, /must name a file/);
    writeFileSync(join(directory, 'plain'), '');
    const below = join(directory, 'plain', 'events.json');
    assertSays(
      await only(diagnose({ file: { path: below, create_directory: true } })),
      'error',
      /ENOTDIR/,
      /a file where/,
    );
  });
});
