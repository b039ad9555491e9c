import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import root from 'otlp-reference/build/src/generated/root.js';
import type { Exporter } from '../../src/component.ts';
import { factory } from '../../src/exporters/otlp_http/index.ts';
import { createOtlpHttp, logsUrl } from '../../src/exporters/otlp_http/otlp-http.ts';
import { type Authenticators, noAuthenticators } from '../../src/net/auth.ts';
import { zstdAvailable } from '../../src/net/compression.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { OtlpSink, type SinkAnswer } from '../support/otlp-sink.ts';
import { context, errors, NOW, never, objections, parse, record, remarks, scope, warnings } from './support.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startSink(answer?: SinkAnswer): Promise<OtlpSink> {
  const sink = await OtlpSink.start();
  if (answer) sink.answerWith(answer);
  cleanups.push(() => sink.close());
  return sink;
}

async function startExporter(block: object, overrides: Parameters<typeof context>[0] = {}): Promise<Exporter> {
  const exporter = createOtlpHttp(parse(factory, block), context(overrides), { environment: {} });
  await exporter.start();
  cleanups.push(() => exporter.shutdown(never));
  return exporter;
}

/** An answer of protobuf bytes made by the reference implementation. */
function partialSuccess(rejectedLogRecords: number, errorMessage: string): SinkAnswer {
  const type = (
    root as unknown as {
      opentelemetry: {
        proto: {
          collector: {
            logs: { v1: { ExportLogsServiceResponse: { encode(message: object): { finish(): Uint8Array } } } };
          };
        };
      };
    }
  ).opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
  const body = type.encode({ partialSuccess: { rejectedLogRecords, errorMessage } }).finish();
  return { headers: { 'content-type': 'application/x-protobuf' }, body };
}

describe('otlp_http', () => {
  for (const encoding of ['proto', 'json']) {
    for (const compression of ['gzip', 'none']) {
      it(`delivers records as ${encoding} with compression ${compression}`, async () => {
        const sink = await startSink();
        const exporter = await startExporter({ endpoint: sink.url, encoding, compression, headers: { 'x-team': 'a' } });
        const records = [record(), record({ eventName: 'plant.moved', body: 'to the window' })];
        assert.deepEqual(await exporter.send({ records }, never), { kind: 'delivered' });
        const [request] = sink.requests;
        assert.equal(request?.method, 'POST');
        assert.equal(request?.url, '/v1/logs');
        assert.equal(request?.headers['x-team'], 'a');
        assert.equal(request?.headers['user-agent'], 'intercom-otel-agent/9.8.7');
        assert.equal(request?.headers['content-encoding'], compression === 'gzip' ? 'gzip' : undefined);
        assert.match(request?.headers['content-type'] ?? '', encoding === 'json' ? /json$/ : /x-protobuf$/);
        assert.equal(sink.records.length, 2);
        const [first, second] = sink.records;
        assert.deepEqual(first?.body, { plant: { name: 'fern', litres: 2 } });
        assert.equal(first?.eventName, 'plant.watered');
        assert.equal(first?.timeUnixNano, `${NOW}000000`);
        assert.equal(first?.observedTimeUnixNano, `${NOW + 1500}000000`);
        assert.equal(first?.severityNumber, 9);
        assert.deepEqual(first?.attributes, { 'plant.kind': 'fern' });
        assert.deepEqual(first?.scope, scope);
        assert.equal(first?.resource['service.name'], 'greenhouse');
        assert.equal(second?.body, 'to the window');
      });
    }
  }

  it('counts what a partial success rejects, and no more than it sent', async () => {
    const sink = await startSink();
    const exporter = await startExporter({ endpoint: sink.url });
    const records = [record(), record(), record()];
    sink.answerWith(partialSuccess(2, 'older than 24 hours'));
    const outcome = await exporter.send({ records }, never);
    assert.deepEqual(outcome, { kind: 'delivered', rejected: 2, message: 'older than 24 hours' });
    sink.answerWith(partialSuccess(99, ''));
    assert.deepEqual(await exporter.send({ records }, never), { kind: 'delivered', rejected: 3 });
    const body = JSON.stringify({ partialSuccess: { rejectedLogRecords: '1', errorMessage: 'no' } });
    sink.answerWith({ headers: { 'content-type': 'application/json; charset=utf-8' }, body });
    assert.deepEqual(await exporter.send({ records }, never), { kind: 'delivered', rejected: 1, message: 'no' });
    sink.answerWith({ headers: { 'content-type': 'application/x-protobuf' }, body: 'not protobuf at all' });
    assert.deepEqual(await exporter.send({ records }, never), { kind: 'delivered' });
  });

  it('classifies answers over a real connection', async () => {
    const sink = await startSink();
    const exporter = await startExporter({ endpoint: sink.url });
    const kinds: string[] = [];
    const answers: SinkAnswer[] = [
      { status: 503, headers: { 'retry-after': '3' } },
      { status: 401 },
      { status: 302, headers: { location: '/elsewhere' } },
      { status: 413 },
      { status: 400 },
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' },
      { status: 429, body: 'daily quota exceeded' },
      { action: 'reset' },
      { action: 'reset mid-body', status: 200 },
      { action: 'flood', status: 200 },
      { action: 'raw', bytes: '\x00\x00\x12\x04' },
    ];
    for (const answer of answers) {
      sink.answerWith(answer);
      const outcome = await exporter.send({ records: [record()] }, never);
      kinds.push(outcome.kind === 'retry' && outcome.ambiguous ? 'ambiguous retry' : outcome.kind);
    }
    assert.deepEqual(kinds, [
      'retry',
      'hold',
      'hold',
      'split',
      'reject',
      'hold',
      'hold',
      'ambiguous retry',
      'ambiguous retry',
      'delivered',
      'hold',
    ]);
    assert.equal(sink.requests.length, answers.length);
  });

  it('gives up an attempt at its timeout, and when told to', async () => {
    const clock = new FakeClock(NOW);
    const sink = await startSink({ action: 'hang' });
    const exporter = await startExporter({ endpoint: sink.url, timeout: '5s', compression: 'none' }, { clock });
    const timedOut = exporter.send({ records: [record()] }, never);
    await sink.received(1);
    await clock.advance(5000);
    const outcome = await timedOut;
    assert(outcome.kind === 'retry' && outcome.ambiguous && outcome.reason.code === 'TIMEOUT');
    const controller = new AbortController();
    const aborted = exporter.send({ records: [record()] }, controller.signal);
    await sink.received(2);
    controller.abort();
    const stopped = await aborted;
    assert(stopped.kind === 'retry' && stopped.reason.code === 'ABORTED');
  });

  it('keeps its secrets out of every text, also when the backend repeats them', async () => {
    const secret = 'hunter2-and-more';
    const sink = await startSink({ status: 403, body: `no access with Bearer ${secret} (${secret})` });
    const exporter = await startExporter({ endpoint: sink.url, headers: { authorization: `Bearer ${secret}` } });
    const refused = await exporter.send({ records: [record()] }, never);
    assert(refused.kind === 'hold');
    assert.equal(refused.reason.body, 'no access with [REDACTED] ([REDACTED])');
    sink.answerWith(partialSuccess(1, `bad ${secret}`));
    const partial = await exporter.send({ records: [record()] }, never);
    assert.deepEqual(partial, { kind: 'delivered', rejected: 1, message: 'bad [REDACTED]' });
  });

  it('sends the credentials of its URL as a header, and shows them nowhere', async () => {
    const sink = await startSink({ status: 404 });
    const endpoint = sink.url.replace('://', '://me:pass-word-1@');
    const exporter = await startExporter({ endpoint });
    const outcome = await exporter.send({ records: [record()] }, never);
    assert.equal(sink.requests[0]?.headers.authorization, `Basic ${Buffer.from('me:pass-word-1').toString('base64')}`);
    assert(!JSON.stringify(outcome).includes('pass-word-1'));
  });

  it('weighs a record as no less than its share of a request', async () => {
    for (const encoding of ['proto', 'json']) {
      const sink = await startSink();
      const exporter = await startExporter({ endpoint: sink.url, encoding, compression: 'none' });
      const own = () => resourceFromAttributes({ 'service.name': `shed ${Math.random()}` });
      for (const records of [
        [record()],
        Array.from({ length: 40 }, (_, i) => record({ body: 'x'.repeat(i * 500) })),
        Array.from({ length: 40 }, () => record({ resource: own(), body: 'y'.repeat(3000) })),
      ]) {
        await exporter.send({ records }, never);
        const weight = records.reduce((sum, one) => sum + exporter.weigh(one), 0);
        const size = sink.requests.at(-1)?.body.length ?? 0;
        assert(weight >= size, `${weight} < ${size}`);
        assert(weight < size * 1.2 + 200, `${weight} is far above ${size}`);
      }
    }
  });

  it('comes back to a sink that was away, on the same exporter', async () => {
    const sink = await startSink();
    const exporter = await startExporter({ endpoint: sink.url });
    await exporter.send({ records: [record()] }, never);
    const { port } = sink;
    await sink.close();
    await settle();
    const down = await exporter.send({ records: [record()] }, never);
    assert(down.kind === 'retry' && !down.ambiguous && down.reason.code === 'ECONNREFUSED');
    const again = await OtlpSink.start({ port });
    cleanups.push(() => again.close());
    assert.deepEqual(await exporter.send({ records: [record()] }, never), { kind: 'delivered' });
  });
});

describe('the configuration of otlp_http', () => {
  it('composes the URL of logs as the Collector does', () => {
    assert.equal(logsUrl({ endpoint: 'https://a.example' }), 'https://a.example/v1/logs');
    assert.equal(logsUrl({ endpoint: 'https://a.example/' }), 'https://a.example/v1/logs');
    assert.equal(logsUrl({ endpoint: 'https://a.example/otlp' }), 'https://a.example/otlp/v1/logs');
    assert.equal(
      logsUrl({ endpoint: 'https://a.example', logs_endpoint: 'https://b.example/x/' }),
      'https://b.example/x/',
    );
    assert.equal(logsUrl({ endpoint: '' }), undefined);
  });

  it('wants an endpoint, in the words of the Collector', () => {
    assert.deepEqual(errors(remarks(factory, {})), [': at least one endpoint must be specified']);
    const onlyTraces = remarks(factory, { traces_endpoint: 'https://a.example/v1/traces' });
    assert.deepEqual(errors(onlyTraces), [': either endpoint or logs_endpoint must be specified']);
  });

  it('refuses endpoints that are none without repeating them', () => {
    for (const endpoint of ['a.example:4318', 'not a url', 'ftp://a.example', 'https://u:hunter2@', '/v1/logs']) {
      const list = remarks(factory, { endpoint });
      assert.equal(errors(list).length, 1, endpoint);
      assert(!JSON.stringify(list).includes('hunter2'));
    }
  });

  it('warns where a URL looks like a mistake', () => {
    assert.deepEqual(warnings(remarks(factory, { endpoint: 'https://a.example/v1/logs' })), ['endpoint']);
    assert.deepEqual(warnings(remarks(factory, { endpoint: 'http://a.example:4317' })), ['endpoint']);
    assert.deepEqual(remarks(factory, { endpoint: 'https://a.example' }), []);
  });

  it('reports every fault of the client block at once, by its path', () => {
    const list = remarks(factory, {
      endpoint: 'https://a.example',
      headers: { authorization: 'Bearer x\n', 'content-length': '1' },
      timeout: '0s',
      compression_params: { level: 42 },
      proxy_url: 'socks5://h:1',
      tls: { ca_file: '/a', ca_pem: 'x', cert_file: '/c', min_version: '1.3', max_version: '1.2' },
    });
    const paths = list.map(({ path }) => path.join('.')).sort();
    assert.deepEqual(paths, [
      'compression_params.level',
      'headers.authorization',
      'headers.content-length',
      'proxy_url',
      'timeout',
      'tls.ca_file',
      'tls.cert_file',
      'tls.max_version',
    ]);
  });

  it('says that gzip is used for what this Node.js does not have', () => {
    const said = (compression: string) => remarks(factory, { endpoint: 'https://a.example', compression });
    const foreign = ['snappy', 'x-snappy-framed', 'lz4', ...(zstdAvailable ? [] : ['zstd'])];
    for (const compression of foreign) {
      const [remark] = said(compression);
      assert.equal(remark?.severity, 'warning');
      assert.match(remark?.message ?? '', /compressed with gzip/);
    }
    for (const compression of ['gzip', 'zlib', 'deflate', 'none', '']) assert.deepEqual(said(compression), []);
    const [unknown = ''] = objections(factory, { compression: 'gzp' });
    assert.match(unknown, /^compression: unsupported compression type "gzp"; there are gzip, zstd, .*, none$/);
  });

  it('takes the levels that the Collector takes', () => {
    const faults = (compression: string, level: number) =>
      errors(remarks(factory, { endpoint: 'https://a.example', compression, compression_params: { level } })).length;
    for (const level of [-2, -1, 0, 1, 9]) assert.equal(faults('gzip', level), 0, String(level));
    for (const level of [-3, 10]) assert.equal(faults('zlib', level), 1, String(level));
    assert.deepEqual([faults('zstd', 99), faults('none', 3), faults('lz4', 0), faults('lz4', 1)], [0, 0, 0, 1]);
  });

  it('tells ciphers and curves that TLS does not have before it starts', () => {
    const list = remarks(factory, {
      endpoint: 'https://a.example',
      tls: {
        cipher_suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_RC4_128_SHA'],
        curve_preferences: ['P256', 'P-256'],
        tpm: { enabled: true },
      },
    });
    assert.deepEqual(errors(list), [
      'tls.cipher_suites.1: invalid TLS cipher suite: "TLS_RSA_WITH_RC4_128_SHA"',
      'tls.curve_preferences.1: invalid curve type: "P-256"',
      'tls.tpm.enabled: this agent has no TPM support',
    ]);
    assert.match(list[0]?.suggestion ?? '', /TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256/);
    assert.match(objections(factory, { tls: { min_version: '9' } }).join(), /unsupported TLS version: "9"/);
    const old = remarks(factory, { endpoint: 'https://a.example', tls: { min_version: '1.0' } });
    assert.deepEqual(warnings(old), ['tls.min_version']);
  });

  it('refuses unknown keys and encodings', () => {
    assert.match(objections(factory, { middlewares: [{ id: 'a' }] })[0] ?? '', /no middlewares/);
    assert.match(objections(factory, { foo: 1 })[0] ?? '', /foo/);
    assert.deepEqual(objections(factory, { encoding: 'xml' }), ['encoding: invalid encoding type: xml']);
  });

  it('has the defaults of the Collector, and bounds requests', () => {
    const config = parse(factory, { endpoint: 'https://a.example' });
    assert.equal(config.timeout, 30_000);
    assert.equal(config.compression, 'gzip');
    assert.equal(config.encoding, 'proto');
    const policy = factory.policy(config);
    assert.equal(policy.maxBytes, 4 * 1024 * 1024);
    assert.equal(policy.maxInFlight, 10);
    assert.equal(factory.policy(parse(factory, { max_request_bytes: '1MB' })).maxBytes, 1_000_000);
  });
});

describe('auth of otlp_http', () => {
  const authenticators = (token: () => string): Authenticators => ({
    client: () => ({ headers: () => ({ authorization: `Bearer ${token()}` }) }),
    server: noAuthenticators.server,
  });

  it('wins over headers, is asked for every request, and is hidden when the backend repeats it', async () => {
    const sink = await startSink();
    let token = 'first-token';
    const block = { endpoint: sink.url, headers: { Authorization: 'Bearer of-headers' }, auth: { authenticator: 'a' } };
    const exporter = await startExporter(block, { authenticators: authenticators(() => token) });
    await exporter.send({ records: [record()] }, never);
    token = 'second-token';
    sink.answerWith({ status: 401, body: 'not you, second-token' });
    const outcome = await exporter.send({ records: [record()] }, never);
    assert.deepEqual(
      sink.requests.map(({ headers }) => headers.authorization),
      ['Bearer first-token', 'Bearer second-token'],
    );
    assert.equal(outcome.kind, 'hold');
    assert(!JSON.stringify(outcome).includes('second-token'));
    assert.match(JSON.stringify(outcome), /not you, \[REDACTED\].*/);
    assert.match(JSON.stringify(outcome), /`auth`, of this exporter/);
  });
});
