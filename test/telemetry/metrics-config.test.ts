import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errors, HEAD, load, TAIL } from '../config/loading.ts';

const METRICS = 'service::telemetry::metrics';

async function metrics(yaml: string) {
  const { config, diagnostics } = await load(`${HEAD}${TAIL}${yaml && `  telemetry: { metrics: ${yaml} }\n`}`);
  return {
    readers: config?.service.telemetry.metrics.readers,
    said: diagnostics.map(({ severity, path, message }) => `${severity} ${path}: ${message}`),
    errors: errors(diagnostics),
  };
}

describe('service::telemetry::metrics', () => {
  it("serves at the Collector's address where nothing is said, and that address may be taken", async () => {
    for (const yaml of ['', '{}', '{ level: basic }', '{ level: Detailed }']) {
      assert.deepEqual(await metrics(yaml), { readers: [{ endpoint: 'localhost:8888' }], said: [], errors: [] }, yaml);
    }
  });

  it('is switched off by the level none', async () => {
    for (const yaml of ['{ level: none }', '{ level: None, readers: [] }']) {
      assert.deepEqual(await metrics(yaml), { readers: [], said: [], errors: [] }, yaml);
    }
  });

  it('has nobody in a reader that names nobody, and says so', async () => {
    const { readers, said } = await metrics('{ readers: [{}, { pull: { exporter: {} } }, { periodic: }] }');
    assert.deepEqual(readers, []);
    assert.deepEqual(said, [
      `warning ${METRICS}::readers::0: names nobody, so it gets nothing`,
      `warning ${METRICS}::readers::1: names nobody, so it gets nothing`,
      `warning ${METRICS}::readers::2::periodic::exporter: names no exporter, so nothing is sent`,
    ]);
  });

  it('has an address for each reader, and knows where each stands', async () => {
    const reader = (text: string) => `{ pull: { exporter: { prometheus: ${text} } } }`;
    const written = [
      '{ host: 0.0.0.0, port: 9090, without_units: false, without_type_suffix: true }',
      '{ host: "::1" }',
      '{ port: 0 }',
      '{ host: "[::1]", port: 1 }',
      '',
    ];
    const { readers, said } = await metrics(`{ readers: [${written.map(reader).join(', ')}] }`);
    assert.deepEqual(said, []);
    assert.deepEqual(
      readers,
      ['0.0.0.0:9090', '[::1]:8888', 'localhost:0', '[::1]:1', 'localhost:8888'].map((endpoint, index) => ({
        endpoint,
        path: `${METRICS}::readers::${index}`,
      })),
    );
  });

  it('has backends for periodic readers, in every form', async () => {
    const periodic = async (yaml: string) => {
      const { config, diagnostics } = await load(
        `${HEAD}${TAIL}  telemetry: { metrics: { readers: [{ periodic: ${yaml} }] } }\n`,
      );
      assert.doesNotMatch(JSON.stringify(diagnostics), /planted/);
      return {
        reader: config?.service.telemetry.metrics.periodic[0],
        said: diagnostics
          .map(({ severity, message }) => `${severity}: ${message}`)
          .filter((text) => !text.includes('a secret stands in the file itself')),
      };
    };
    const path = `${METRICS}::readers::0::periodic`;
    const none = { ca_file: undefined, cert_file: undefined, key_file: undefined };
    const base = { encoding: 'proto', headers: {}, compression: 'none', timeoutMs: 10_000, tls: none };
    const every = { path, intervalMs: 60_000, timeoutMs: 30_000, temporality: 'cumulative' };
    for (const [yaml, wanted] of [
      ['{ exporter: { otlp: } }', { ...every, target: { ...base, url: 'http://localhost:4318/v1/metrics' } }],
      [
        `{ interval: 5000, timeout: 0, exporter: { otlp: { protocol: http/json, endpoint: "backend:4318", insecure: true,
          headers: [{ name: a, value: planted }], headers_list: "a=other,b=pla%6Eted", compression: gzip, timeout: 7,
          certificate: ca.pem, client_key: key.pem, client_certificate: cert.pem, temporality_preference: delta } } }`,
        {
          ...{ path, intervalMs: 5000, timeoutMs: 30_000, temporality: 'delta' },
          target: {
            ...{ url: 'http://backend:4318/v1/metrics', encoding: 'json', compression: 'gzip', timeoutMs: 7 },
            headers: { a: 'planted', b: 'planted' },
            tls: { ca_file: 'ca.pem', cert_file: 'cert.pem', key_file: 'key.pem' },
          },
        },
      ],
      [
        '{ exporter: { otlp_http: { endpoint: "backend/own/path", encoding: json, tls: { ca_file: a } } } }',
        {
          ...every,
          target: { ...base, url: 'https://backend/own/path', encoding: 'json', tls: { ...none, ca_file: 'a' } },
        },
      ],
      ['{ exporter: { console: } }', every],
    ] as const) {
      assert.deepEqual(await periodic(yaml), { reader: wanted, said: [] }, yaml);
    }
    for (const yaml of ['otlp: { protocol: grpc }', 'otlp_grpc: { tls: { insecure: true } }']) {
      const { reader, said } = await periodic(`{ exporter: { ${yaml} } }`);
      assert.equal(reader?.target?.url, 'http://localhost:4318/v1/metrics');
      assert.deepEqual(said, ['warning: gRPC is not spoken here: this is sent over HTTP']);
    }
    const both = await periodic('{ exporter: { otlp: , console: } }');
    assert.deepEqual(both.said, ['warning: must not specify multiple exporters: only otlp is used']);
  });

  it('notes that views have no effect, where they may be', async () => {
    assert.deepEqual((await metrics('{ level: Detailed, views: [] }')).said, [
      `note ${METRICS}::views: has no effect here: every metric goes out as it is`,
    ]);
  });

  for (const [yaml, path, message] of [
    ['{ level: loud }', 'level', /one of none, basic, normal, detailed; got "loud"/],
    ['{ address: "localhost:1" }', 'address', /^unknown key "address"$/],
    ['{ readers: [] }', 'readers', /^collector telemetry metrics reader should exist when metric level is not none$/],
    [
      '{ views: [{ selector: {} }] }',
      'views',
      /service::telemetry::metrics::views can only be set when service::telemetry::metrics::level is detailed/,
    ],
    ['{ readers: [{ periodic: { interval: 5s } }] }', 'readers::0::periodic::interval', /milliseconds/],
    ['{ readers: [{ periodic: { timeout: -1 } }] }', 'readers::0::periodic::timeout', /milliseconds/],
    [
      '{ readers: [{ periodic: { exporter: { otlp: { endpoint: "ftp://x" } } } }] }',
      'readers::0::periodic::exporter::otlp::endpoint',
      /expected an http or https URL/,
    ],
    [
      '{ readers: [{ periodic: { exporter: { otlp: { protocol: telepathy } } } }] }',
      'readers::0::periodic::exporter::otlp::protocol',
      /http\/protobuf/,
    ],
    [
      '{ readers: [{ periodic: { exporter: { zipkin: {} } } }] }',
      'readers::0::periodic::exporter',
      /unknown key "zipkin"/,
    ],
    ['{ readers: [{ foo: 1 }] }', 'readers::0', /unknown key "foo"/],
    ['{ unknown: basic }', '', /unknown key "unknown"/],
    [
      '{ readers: [{ pull: { exporter: { prometheus: { host: "http://x" } } } }] }',
      'readers::0::pull::exporter::prometheus::host',
      /expected a host name or an IP address, without a port/,
    ],
    [
      '{ readers: [{ pull: { exporter: { prometheus: { host: "x:8888" } } } }] }',
      'readers::0::pull::exporter::prometheus::host',
      /without a port/,
    ],
    [
      '{ readers: [{ pull: { exporter: { prometheus: { port: 65536 } } } }] }',
      'readers::0::pull::exporter::prometheus::port',
      /at most 65535/,
    ],
    ['{ readers: [{ pull: { exporter: { otlp: {} } } }] }', 'readers::0::pull::exporter', /unknown key "otlp"/],
  ] as const) {
    it(`refuses ${yaml}`, async () => {
      const found = (await metrics(yaml)).errors;
      assert.ok(found.length > 0);
      for (const one of found) assert.equal(one.path, path === '' ? METRICS : `${METRICS}::${path}`);
      assert.match(found.map((one) => one.message).join(), message);
    });
  }
});
