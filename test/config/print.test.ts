// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language, not of JavaScript
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { yamlText } from '../../src/cli/printing.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/config/blocks/scalars.ts';
import { Catalog } from '../../src/config/catalog.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type PrintOptions, printedConfig } from '../../src/config/print.ts';
import { Secret } from '../../src/config/secret.ts';
import { factories } from '../../src/registry.ts';

type Tree = Record<string, Record<string, Record<string, unknown>>>;

function load(yaml: string, environment: Record<string, string> = {}) {
  return loadConfig({ sources: ['a.yaml'], factories, environment, readFile: async () => yaml });
}

async function print(yaml: string, options: Partial<PrintOptions> = {}, environment: Record<string, string> = {}) {
  const { resolved } = await load(yaml, environment);
  assert.ok(resolved);
  const printed = printedConfig(resolved, new Catalog(factories), { redact: true, fill: true, ...options });
  // As it is read by who gets it.
  return { ...printed, data: JSON.parse(JSON.stringify(printed.data)) as Tree, text: yamlText(printed.data) };
}

const REST = `
receivers: { intercom: { integrations: [{ name: one, signature: none, application_name: acme }] } }
service: { pipelines: { logs: { receivers: [intercom], exporters: [nop] } } }
`;

test('values of records are printed as they are written: 1.0 stays a double, what may be a secret is hidden', async () => {
  const yaml = `${REST}
exporters: { nop: }
processors:
  attributes:
    actions:
      - { key: a, action: insert, value: { whole: 1, double: 1.0, list: [1e3, "1.0", ~], token: hunter2 } }`;
  for (const fill of [true, false]) {
    const { text } = await print(yaml, { fill });
    assert.match(text, /whole: 1\n +double: 1\.0\n +list:\n +- 1000\.0\n +- "1\.0"\n +- null\n +token: "\[REDACTED\]"/);
  }
});

describe('with defaults', () => {
  it('durations and sizes are printed as people write them', async () => {
    const { data } = await print(`${REST}
exporters: { otlp_http/x: { endpoint: https://a.example, timeout: 90s, max_request_bytes: 2097152 } }
extensions: { file_storage: }`);
    const { timeout, max_request_bytes, idle_conn_timeout } = data.exporters?.['otlp_http/x'] ?? {};
    assert.deepEqual([timeout, max_request_bytes, idle_conn_timeout], ['1m30s', '2MiB', '1m30s']);
    assert.deepEqual(data.extensions?.file_storage?.dead_letters, { max_age: '720h', max_bytes: '1GiB' });
    assert.deepEqual(data.service?.telemetry?.logs, {
      level: 'info',
      encoding: 'console',
      output_paths: ['stderr'],
      initial_fields: {},
      processors: [],
    });
  });

  it('a block that is wrong is as written, and is named', async () => {
    const { data, unfilled } = await print(`${REST}
exporters: { nop: , coralogix: { private_key: abc, timeout: 30 } }`);
    assert.deepEqual(data.exporters, { nop: {}, coralogix: { private_key: '[REDACTED]', timeout: 30 } });
    assert.deepEqual(unfilled, ['exporters::coralogix']);
  });

  it('a reference that cannot be resolved makes it incomplete', async () => {
    assert.equal((await print(`${REST}\nexporters: { file: { path: '\${nosuch:x}' } }`)).incomplete, true);
    assert.equal((await print(`${REST}\nexporters: { file: { path: x } }`)).incomplete, false);
  });
});

describe('no secret is printed, with defaults or without:', () => {
  const S = 'hunter2';
  const environment = { S, NUMBER: '5550123', MAP: `{ ${S}: x }`, HEADERS: `{ authorization: ${S} }`, BROKEN: `[${S}` };
  const intercom = (more: string) => `{ intercom: { integrations: [{ name: a, application_name: b, ${more} }] } }`;
  for (const [what, yaml] of Object.entries({
    'in its field': `receivers: ${intercom(`client_secret: ${S}`)}`,
    'in a list': `receivers: ${intercom(`client_secrets: [${S}, "\${env:S}"]`)}`,
    'from the environment': `receivers: ${intercom('client_secret: "${env:S}"')}`,
    'within a longer text': `exporters: { coralogix: { application_name: a, private_key: "x\${S}x" } }`,
    'that YAML takes for a map': `exporters: { coralogix: { application_name: a, private_key: "\${MAP}" } }`,
    'that YAML takes for a map, written plainly': `exporters: { coralogix: { private_key: {${S}} } }`,
    'in a header': `exporters: { otlp_http: { headers: { x: ${S} } } }`,
    'in a header of the list form': `exporters: { otlp_http: { headers: [{ name: x, value: ${S} }] } }`,
    'in headers from the environment': 'exporters: { otlp_http: { headers: "${env:HEADERS}" } }',
    'in headers that are no map': `exporters: { otlp_http: { headers: ${S} } }`,
    'in the header of own logs': `service: { telemetry: { logs: { processors: [{ batch: { exporter: { otlp: { endpoint: 'https://u:${S}@a.example', headers: { a: ${S} } } } } }] } } }`,
    'in a URL': `exporters: { otlp_http: { endpoint: "https://me:${S}@a.example/" } }`,
    'in a URL without a password': `exporters: { otlp_http: { endpoint: "https://${S}@a.example/" } }`,
    'in a URL, with an @ and a slash': `exporters: { otlp_http: { endpoint: "https://me:a@${S}/b@a.example/" } }`,
    'in a proxy without a scheme': `exporters: { otlp_http: { proxy_url: "me:\${env:S}@proxy:3128" } }`,
    'in a proxy without a scheme, with slashes': `exporters: { otlp_http: { proxy_url: "//me:${S}@proxy:3128" } }`,
    'in the fragment of a URL': `exporters: { otlp_http: { logs_endpoint: "https://a.example/#token=${S}" } }`,
    'in the query of a URL': `exporters: { otlp_http: { logs_endpoint: "https://a.example/?x=1&api_key=${S}" } }`,
    'in a key beside a certificate': `exporters: { otlp_http: { tls: { cert_pem: "-----BEGIN PRIVATE KEY-----${S}" } } }`,
    'in settings that have no effect': `exporters: { coralogix: { application_name: a, private_key: x, traces: { headers: { a: ${S} } }, keepalive: ${S} } }`,
    'under an unknown key': `exporters: { otlp_http: { tokn: ${S}, other: { a: [${S}] } } }`,
    'under an unknown type': `exporters: { loki: { token: ${S} } }`,
    'in an unknown section': `secrets: { a: ${S} }`,
    'where a number is wanted': `exporters: { otlp_http: { max_idle_conns: ${S} } }`,
    'where a block is wanted': `exporters: { otlp_http: { tls: ${S} } }`,
    'instead of a component': `exporters: { otlp_http: ${S} }`,
    'instead of a section': `exporters: ${S}`,
    'as a key that the environment gives': 'exporters: "${env:MAP}"',
    'as an unknown key of a block that the environment gives': 'exporters: { otlp_http: "${env:MAP}" }',
    'as a text that is no YAML': 'exporters: { otlp_http: { tls: "${env:BROKEN}" } }',
  })) {
    it(what, async () => {
      for (const fill of [true, false]) {
        const { text } = await print(yaml, { fill }, environment);
        assert.ok(text.includes('[REDACTED]'), text);
        assert.ok(!text.includes(S), text);
      }
    });
  }

  it('also one that looks like a number', async () => {
    const { text } = await print(`receivers: ${intercom('client_secret: "${NUMBER}"')}`, { fill: false }, environment);
    assert.ok(!text.includes('5550123'), text);
  });
});

test('without defaults it is what the sources say, references replaced', async () => {
  const { data } = await print(
    `exporters: { nop: , otlp_http: { endpoint: "https://\${HOST}", max_idle_conns: "\${N}", proxy_url: "\${N}", tls: {} } }`,
    { fill: false },
    { HOST: 'a.example', N: '0123' },
  );
  assert.deepEqual(data, {
    exporters: {
      nop: null,
      otlp_http: { endpoint: 'https://a.example', max_idle_conns: 83, proxy_url: '0123', tls: {} },
    },
  });
});

/** What a secret is, where it is compared. */
const revealed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner) => (inner instanceof Secret ? undefined : inner)));

test('what is printed without masks is a configuration again: the same one', async () => {
  const part = fc.constantFrom(
    '$',
    '${',
    '{',
    '}',
    'A',
    'env:',
    '0',
    '1_0',
    '.',
    '"',
    "'",
    '\\',
    ' ',
    '\n',
    '#',
    ': ',
    '- ',
    '&a',
    '!',
    '\u202e',
    '\u0085',
    'é',
    '~',
    'yes',
    'null',
    '0x1f',
    '1e3',
    '[',
    ',',
    '@',
    '%',
    '|',
    '>',
    '\t',
  );
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      fc.integer({ min: 0, max: 1e12 }),
      fc.integer({ min: 0, max: 1e12 }),
      async (name, key, ms, bytes) => {
        const plain = (value: string) => value.replaceAll('$', '$$$$');
        const yaml = stringify({
          receivers: {
            intercom: { integrations: [{ name: 'a', application_name: 'b', client_secret: plain(`s${key}`) }] },
          },
          exporters: {
            file: { path: plain(`x${name}`), max_age: `${ms}us`, max_record_bytes: bytes },
            coralogix: {
              domain: 'eu2.coralogix.com',
              private_key: plain(`k${name}`),
              application_name: plain(`n${key}`),
              subsystem_name: plain(name),
            },
          },
          service: { pipelines: { logs: { receivers: ['intercom'], exporters: ['file', 'coralogix'] } } },
        });
        const before = await load(yaml);
        fc.pre(before.config !== undefined);
        const { text } = await print(yaml, { redact: false });
        const after = await load(text);
        assert.ok(after.config, JSON.stringify(after.diagnostics));
        const compared = ({ config }: typeof before) =>
          [...(config?.exporters ?? []), ...(config?.receivers ?? [])].map(([id, component]) => {
            const { private_key, integrations } = component.config as {
              private_key?: Secret;
              integrations?: { client_secret: Secret }[];
            };
            return [id, revealed(component.config), private_key?.reveal(), integrations?.[0]?.client_secret.reveal()];
          });
        assert.deepEqual(compared(after), compared(before));
      },
    ),
    { numRuns: 60 },
  );
});

test('durations and sizes are read back exactly', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), fc.constantFrom(1, 1e3, 1e6, 1e9), (amount, nanoseconds) => {
      const ms = (amount * nanoseconds) / 1e6;
      assert.equal(parseDuration(formatDuration(ms)), ms);
      assert.equal(parseSize(String(formatSize(amount * nanoseconds))), amount * nanoseconds);
    }),
  );
  const durations: Record<string, number> = {
    '0s': 0,
    '1m30s': 90_000,
    '24h': 86_400_000,
    '1h1s': 3_601_000,
    '1.5s': 1500,
    '200ms': 200,
    '1.5ms': 1.5,
    '10µs': 0.01,
    '1ns': 1e-6,
  };
  for (const [text, ms] of Object.entries(durations)) assert.equal(formatDuration(ms), text);
  const sizes: [string | number, number][] = [
    [0, 0],
    ['5MiB', 5_242_880],
    ['2MB', 2_000_000],
    ['1GiB', 2 ** 30],
    [1023, 1023],
    [1025, 1025],
  ];
  for (const [text, bytes] of sizes) assert.equal(formatSize(bytes), text);
});
