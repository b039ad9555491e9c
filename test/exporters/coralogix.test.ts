import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Exporter } from '../../src/component.ts';
import { createCoralogix, logsUrl } from '../../src/exporters/coralogix/coralogix.ts';
import { judgeDomain, REGIONS } from '../../src/exporters/coralogix/domain.ts';
import { factory } from '../../src/exporters/coralogix/index.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { OtlpSink, type SinkOptions } from '../support/otlp-sink.ts';
import { context, errors, never, objections, parse, record, remarks, resource, warnings } from './support.ts';

const KEY = 'sample-send-your-data-key';
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startSink(options?: SinkOptions): Promise<OtlpSink> {
  const sink = await OtlpSink.start(options);
  cleanups.push(() => sink.close());
  return sink;
}

const base = { domain: 'eu2.coralogix.com', private_key: KEY, application_name: 'orchard' };

async function startExporter(block: object): Promise<Exporter> {
  const exporter = createCoralogix(parse(factory, { ...base, ...block }), context(), { environment: {} });
  await exporter.start();
  cleanups.push(() => exporter.shutdown(never));
  return exporter;
}

describe('coralogix', () => {
  it('sends protobuf with its key and the names of the record', async () => {
    const sink = await startSink();
    const exporter = await startExporter({ logs: { endpoint: sink.url } });
    assert.deepEqual(await exporter.send({ records: [record()] }, never), { kind: 'delivered' });
    const [request] = sink.requests;
    assert.equal(request?.url, '/v1/logs');
    assert.equal(request?.headers.authorization, `Bearer ${KEY}`);
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.equal(request?.headers['content-encoding'], 'gzip');
    assert.equal(sink.records[0]?.resource['cx.application.name'], 'garden');
    assert.equal(sink.records[0]?.resource['cx.subsystem.name'], 'greenhouse');
    assert.equal(sink.records[0]?.resource['service.name'], 'greenhouse');
    assert.deepEqual(sink.records[0]?.body, { plant: { name: 'fern', litres: 2 } });
  });

  const names = async (block: object, attributes: Record<string, string | number>) => {
    const sink = await startSink();
    const exporter = await startExporter({ logs: { endpoint: sink.url }, ...block });
    await exporter.send({ records: [record({ resource: resourceFromAttributes(attributes) })] }, never);
    const sent = sink.records[0]?.resource ?? {};
    return [sent['cx.application.name'], sent['cx.subsystem.name']];
  };

  it('names records that bring no names after its configuration', async () => {
    assert.deepEqual(await names({ subsystem_name: 'trees' }, {}), ['orchard', 'trees']);
    assert.deepEqual(await names({}, { 'cx.application.name': '' }), ['orchard', undefined]);
  });

  it('takes the first listed attribute that is not empty', async () => {
    const lists = { application_name_attributes: ['a', 'b'], subsystem_name_attributes: ['c', 'service.name'] };
    assert.deepEqual(await names(lists, { a: '', b: 'bee', 'service.name': 7 }), ['bee', '7']);
  });

  it('overrides the names of records when the lists are empty, and keeps a subsystem that nothing overrides', async () => {
    const lists = { application_name_attributes: [], subsystem_name_attributes: [] };
    const own = { 'cx.application.name': 'theirs', 'cx.subsystem.name': 'theirs too' };
    assert.deepEqual(await names(lists, own), ['orchard', 'theirs too']);
    assert.deepEqual(await names({ ...lists, subsystem_name: 'trees' }, own), ['orchard', 'trees']);
  });

  it('leaves the shared resource as it is, and keeps its records together', async () => {
    const sink = await startSink();
    const exporter = await startExporter({ logs: { endpoint: sink.url }, application_name_attributes: [] });
    const before = JSON.stringify(resource.attributes);
    await exporter.send({ records: [record(), record()] }, never);
    await exporter.send({ records: [record()] }, never);
    assert.equal(JSON.stringify(resource.attributes), before);
    assert.equal(sink.requests[0]?.logs.resourceLogs.length, 1);
    assert.equal(sink.records[0]?.resource['cx.application.name'], 'orchard');
  });

  it('does not send a lone record beyond 10 MB', async () => {
    const sink = await startSink();
    const exporter = await startExporter({ logs: { endpoint: sink.url } });
    const outcome = await exporter.send({ records: [record({ body: 'x'.repeat(10_000_001) })] }, never);
    assert.equal(outcome.kind, 'split');
    assert.equal(sink.requests.length, 0);
    const below = await exporter.send({ records: [record({ body: 'x'.repeat(3_000_000) })] }, never);
    assert.equal(below.kind, 'delivered');
  });

  it('says which key is wanted when its own is refused, and never shows it', async () => {
    const sink = await startSink({ answer: () => ({ status: 401, body: `bad key ${KEY}` }) });
    const exporter = await startExporter({ logs: { endpoint: sink.url } });
    const outcome = await exporter.send({ records: [record()] }, never);
    assert(outcome.kind === 'hold');
    assert.match(outcome.reason.advice ?? '', /Send-Your-Data API key of the region/);
    assert(!JSON.stringify(outcome).includes(KEY));
    sink.answerWith({ status: 429, body: 'quota exceeded' });
    const quota = await exporter.send({ records: [record()] }, never);
    assert(quota.kind === 'hold');
    assert.match(quota.reason.advice ?? '', /00:00 UTC/);
  });

  it('lets logs win over domain_settings key by key', { skip: opensslMissing }, async () => {
    const { ca, valid } = makeCertificates() as Certificates;
    const sink = await startSink({ tls: valid });
    const exporter = await startExporter({
      domain_settings: { headers: { 'x-a': '1', 'X-B': '1' }, compression: 'none', tls: { ca_pem: ca.cert } },
      logs: { endpoint: `localhost:${sink.port}`, headers: { 'x-b': '2' } },
    });
    assert.equal((await exporter.send({ records: [record()] }, never)).kind, 'delivered');
    const headers = sink.requests[0]?.headers;
    assert.deepEqual([headers?.['x-a'], headers?.['x-b'], headers?.['content-encoding']], ['1', '2', undefined]);
  });
});

describe('the configuration of coralogix', () => {
  it('finds the ingress of every region, by its old name and its new one', () => {
    for (const { domain, formerly } of REGIONS) {
      for (const name of formerly ? [domain, formerly] : [domain]) {
        assert.deepEqual(remarks(factory, { ...base, domain: name }), []);
        assert.equal(logsUrl(parse(factory, { ...base, domain: name })), `https://ingress.${name}/v1/logs`);
      }
    }
    assert.equal(REGIONS.length, 8);
  });

  it('goes through PrivateLink, said once or twice', () => {
    const url = 'https://ingress.private.eu2.coralogix.com/v1/logs';
    assert.equal(logsUrl(parse(factory, { ...base, private_link: true })), url);
    const twice = { ...base, domain: 'private.eu2.coralogix.com', private_link: true };
    assert.equal(logsUrl(parse(factory, twice)), url);
    assert.deepEqual(remarks(factory, twice), []);
  });

  it('takes logs.endpoint as host and port or as a URL', () => {
    const at = (endpoint: string) => logsUrl(parse(factory, { ...base, logs: { endpoint } }));
    assert.equal(at('ingress.eu2.coralogix.com:443'), 'https://ingress.eu2.coralogix.com:443/v1/logs');
    assert.equal(at('http://localhost:4318/'), 'http://localhost:4318/v1/logs');
    assert.equal(at('https://proxy.example/v1/logs'), 'https://proxy.example/v1/logs');
    assert.equal(at('https://'), 'https://ingress.eu2.coralogix.com/v1/logs');
  });

  it('says what is missing in the words of the Collector', () => {
    const noTarget = { private_key: KEY, application_name: 'orchard' };
    assert.deepEqual(errors(remarks(factory, noTarget)), [
      ': `domain` or `traces.endpoint` or `metrics.endpoint` or `logs.endpoint` or `profiles.endpoint` not specified, please fix the configuration',
    ]);
    for (const empty of [{}, { private_key: '', application_name: '' }]) {
      assert.deepEqual(objections(factory, empty), [
        'private_key: `private_key` not specified, please fix the configuration',
        'application_name: `application_name` not specified, please fix the configuration',
      ]);
    }
    assert.deepEqual(objections(factory, { ...base, protocol: 'thrift' }), ['protocol: protocol must be grpc or http']);
    const limiter = { ...base, rate_limiter: { threshold: 0 } };
    assert.deepEqual(errors(remarks(factory, limiter)), [
      'rate_limiter.threshold: `rate_limiter.threshold` must be greater than 0',
    ]);
  });

  it('warns about what has no effect, and is silent about protocol http and none', () => {
    assert.deepEqual(warnings(remarks(factory, { ...base, protocol: 'grpc' })), ['protocol']);
    assert.deepEqual(remarks(factory, { ...base, protocol: 'http' }), []);
    const limited = remarks(factory, { ...base, rate_limiter: { enabled: true } });
    assert.deepEqual(warnings(limited), ['rate_limiter']);
    assert.deepEqual(remarks(factory, { ...base, rate_limiter: { enabled: false, threshold: 0 } }), []);
  });

  it('takes the keys of a gRPC client, and no others', () => {
    const grpc = { keepalive: { time: '10s' }, wait_for_ready: true, write_buffer_size: 1024, timeout: '1m' };
    assert.deepEqual(objections(factory, { ...base, domain_settings: grpc }), []);
    assert.match(objections(factory, { ...base, domain_settings: { tiemout: '1m' } })[0] ?? '', /tiemout/);
  });

  it('refuses a key with a line break, and checks the blocks of the connection', () => {
    const list = remarks(factory, {
      ...base,
      private_key: `${KEY}\n`,
      domain_settings: { proxy_url: 'socks5://h:1' },
      logs: { headers: { 'x y': '1' } },
    });
    assert.deepEqual(
      list.map(({ path }) => path.join('.')),
      ['private_key', 'domain_settings.proxy_url', 'logs.headers.x y'],
    );
    assert(!JSON.stringify(list).includes(KEY));
  });

  it('sends requests below 2 MB, ten at a time', () => {
    const policy = factory.policy(parse(factory, base));
    assert.equal(policy.maxBytes, 2_000_000);
    assert.equal(policy.maxInFlight, 10);
    assert.equal(parse(factory, base).timeout, 30_000);
  });
});

describe('a domain that is none', () => {
  for (const [pasted, domain] of [
    ['https://orchard.app.eu2.coralogix.com', 'eu2.coralogix.com'],
    ['https://orchard.app.eu2.coralogix.com/#/query-new/logs?a=b', 'eu2.coralogix.com'],
    ['app.coralogix.in', 'coralogix.in'],
    ['orchard.app.coralogix.us', 'coralogix.us'],
    ['app.cx498.coralogix.com', 'cx498.coralogix.com'],
    ['orchard.coralogix.com', 'coralogix.com'],
    ['https://app.coralogixsg.com/', 'coralogixsg.com'],
    ['app.ap3.coralogix.com', 'ap3.coralogix.com'],
    ['ingress.eu2.coralogix.com:443', 'eu2.coralogix.com'],
    ['https://ingress.us3.coralogix.com/v1/logs', 'us3.coralogix.com'],
    ['api.eu1.coralogix.com', 'eu1.coralogix.com'],
    ['https://eu2.coralogix.com', 'eu2.coralogix.com'],
    ['EU2.coralogix.com', 'eu2.coralogix.com'],
    ['eu2.coralogix.com:443', 'eu2.coralogix.com'],
    ['EU2', 'eu2.coralogix.com'],
    ['us1', 'us1.coralogix.com'],
  ] as const) {
    it(`${pasted} belongs to ${domain}`, () => {
      const [issue] = factory.config.safeParse({ ...base, domain: pasted }).error?.issues ?? [];
      assert.deepEqual(issue?.path, ['domain']);
      assert.ok(issue?.code === 'custom');
      assert.equal(issue.params?.suggestion, domain);
    });
  }

  it('is only warned about when it may be a new region, or somebody else', () => {
    for (const domain of ['ap4.coralogix.com', 'private.us4.coralogix.com', 'logs.internal.example']) {
      const [remark] = remarks(factory, { ...base, domain });
      assert.equal(remark?.severity, 'warning', domain);
    }
  });

  it('is judged without an error, and never known unless it is in the list', () => {
    const known = new Set(REGIONS.flatMap(({ domain, formerly }) => [domain, formerly]));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), (text) => {
        const verdict = judgeDomain(text);
        if (verdict.kind === 'known') assert(known.has(text.replace(/^private\./, '')));
        if (verdict.kind === 'wrong' && verdict.suggestion) assert(known.has(verdict.suggestion));
      }),
    );
  });
});
