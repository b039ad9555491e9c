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

  it('is switched off by the level none, or by no readers', async () => {
    for (const yaml of [
      '{ level: none }',
      '{ readers: [] }',
      '{ level: none, readers: [] }',
      '{ readers: [{}] }',
      '{ level: None, address: "localhost:1" }',
    ]) {
      assert.deepEqual(await metrics(yaml), { readers: [], said: [], errors: [] }, yaml);
    }
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

  it('takes the address of older Collectors', async () => {
    assert.deepEqual((await metrics('{ address: ":9999" }')).readers, [
      { endpoint: ':9999', path: `${METRICS}::address` },
    ]);
    const both = await metrics('{ address: "localhost:1", readers: [{ pull: { exporter: { prometheus: } } }] }');
    assert.deepEqual(
      both.readers?.map(({ endpoint }) => endpoint),
      ['localhost:8888'],
    );
    assert.deepEqual(both.said, [`warning ${METRICS}::address: has no effect beside readers`]);
  });

  it('says of periodic readers that they are not there yet, and shows nothing of their secrets', async () => {
    const yaml =
      '{ readers: [{ periodic: { exporter: { otlp: { endpoint: "http://x", headers: { authorization: planted-secret } } } } }] }';
    const { config, diagnostics } = await load(`${HEAD}${TAIL}  telemetry: { metrics: ${yaml} }\n`);
    assert.deepEqual(config?.service.telemetry.metrics.readers, []);
    assert.deepEqual(
      diagnostics.map(({ severity, path }) => [severity, path]),
      [['warning', `${METRICS}::readers::0::periodic`]],
    );
    assert.match(diagnostics[0]?.message ?? '', /^not yet: metrics are not sent over OTLP/);
    assert.doesNotMatch(JSON.stringify(diagnostics), /planted-secret/);
  });

  it('notes that views have no effect', async () => {
    assert.deepEqual((await metrics('{ views: [] }')).said, [
      `note ${METRICS}::views: has no effect here: every metric goes out as it is`,
    ]);
  });

  for (const [yaml, path, message] of [
    ['{ level: loud }', 'level', /one of none, basic, normal, detailed; got "loud"/],
    ['{ address: "1212:212121:2121" }', 'address', /expected host:port/],
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
    [
      '{ readers: [{ pull: { exporter: { otlp: } } }] }',
      'readers::0::pull::exporter',
      /unknown key "otlp"|missing: prometheus/,
    ],
  ] as const) {
    it(`refuses ${yaml}`, async () => {
      const found = (await metrics(yaml)).errors;
      assert.ok(found.length > 0);
      for (const one of found) assert.equal(one.path, path === '' ? METRICS : `${METRICS}::${path}`);
      assert.match(found.map((one) => one.message).join(), message);
    });
  }
});
