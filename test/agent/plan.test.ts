import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changesNothing, idsOf, type Plan, planReload } from '../../src/agent/plan.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isSame } from '../../src/config/same.ts';
import { Secret } from '../../src/config/secret.ts';
import { factories } from '../../src/registry.ts';

const BASE = `
receivers:
  intercom: { integrations: [{ name: a, application_name: a, client_secret: one, path: /a }] }
  intercom/b: { endpoint: 'localhost:8081', integrations: [{ name: b, application_name: b, client_secret: two, path: /b }] }
exporters:
  coralogix: { domain: eu2.coralogix.com, private_key: key, application_name: a }
  otlp_http: { endpoint: 'https://a.example', auth: { authenticator: bearertokenauth } }
  nop: {}
extensions:
  bearertokenauth: { token: secret }
  health_check: {}
  file_storage: { directory: /tmp/a }
service:
  extensions: [bearertokenauth, health_check, file_storage]
  pipelines:
    logs: { receivers: [intercom], exporters: [coralogix, otlp_http] }
    logs/b: { receivers: [intercom/b], exporters: [nop] }
`;

async function load(yaml: string) {
  const { config, diagnostics } = await loadConfig({
    sources: [`yaml:${yaml}`],
    factories,
    environment: {},
    readFile: () => Promise.reject(new Error('none')),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  return config;
}

/** What replacing parts of the base changes. */
async function plan(...replaced: [string | RegExp, string][]): Promise<Plan> {
  const after = replaced.reduce((yaml, [from, to]) => {
    const next = yaml.replace(from, to);
    assert.notEqual(next, yaml, `nothing is ${from}`);
    return next;
  }, BASE);
  return planReload(await load(BASE), await load(after));
}

/** What is not kept. */
function changes({ components, deliveries, ...rest }: Plan) {
  const of = (list: readonly { change: string }[], name: (one: never) => string) =>
    list.filter(({ change }) => change !== 'kept').map((one) => `${one.change} ${name(one as never)}`);
  return [
    ...of(components, ({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`),
    ...of(deliveries, ({ name }: { name: string }) => `delivery ${name}`),
    ...Object.entries(rest).flatMap(([key, value]) => (value ? [key] : [])),
  ];
}

describe('a plan for a reload', () => {
  it('of the same text changes nothing, whatever is in its settings', async () => {
    const same = planReload(await load(BASE), await load(`# a comment\n${BASE}`));
    assert.deepEqual(changes(same), []);
    assert.equal(changesNothing(same), true);
    assert.equal(idsOf(same, 'kept').length, 7);
  });

  it('finds a secret that changed, in one component', async () => {
    const changed = await plan(['client_secret: one', 'client_secret: three']);
    assert.deepEqual(changes(changed), ['changed receiver intercom']);
    assert.equal(changesNothing(changed), false);
  });

  it('changes the deliveries of an exporter, and those of an authenticator with it', async () => {
    assert.deepEqual(changes(await plan(['private_key: key', 'private_key: other'])), [
      'changed exporter coralogix',
      'changed delivery logs coralogix',
    ]);
    assert.deepEqual(changes(await plan(['token: secret', 'token: other'])), [
      'changed extension bearertokenauth',
      'changed exporter otlp_http',
      'changed delivery logs otlp_http',
    ]);
  });

  it('adds and removes', async () => {
    assert.deepEqual(changes(await plan(['exporters: [coralogix, otlp_http]', 'exporters: [coralogix, nop]'])), [
      'removed exporter otlp_http',
      'added delivery logs nop',
      'removed delivery logs otlp_http',
    ]);
    assert.deepEqual(changes(await plan([/ {4}logs\/b.*\n/, ''])), [
      'removed receiver intercom/b',
      'removed exporter nop',
      'removed delivery logs/b nop',
    ]);
  });

  it('leaves a delivery alone whose receivers change: it serves others, and goes on', async () => {
    assert.deepEqual(changes(await plan(['receivers: [intercom],', 'receivers: [intercom, intercom/b],'])), [
      'receiversMoved',
    ]);
  });

  it('tells another storage, and the same one under another name, or unnamed', async () => {
    assert.deepEqual(changes(await plan(['/tmp/a', '/tmp/b'])), ['storage']);
    assert.deepEqual(
      changes(
        await plan(
          ['  file_storage:', '  file_storage/x:'],
          ['health_check, file_storage]', 'health_check, file_storage/x]'],
        ),
      ),
      [],
    );
  });

  it('tells what concerns the journal and the telemetry', async () => {
    assert.deepEqual(changes(await plan(['path: /a }]', 'path: /a }], dedup: { window: 48h }'])), [
      'changed receiver intercom',
      'dedup',
    ]);
    assert.deepEqual(changes(await plan(['service:', 'service:\n  telemetry: { logs: { level: debug } }'])), ['logs']);
    assert.deepEqual(changes(await plan(['service:', 'service:\n  telemetry: { metrics: { level: none } }'])), [
      'metrics',
    ]);
  });
});

describe('settings are the same', () => {
  const settings = () => ({
    secret: new Secret('a'),
    limit: Number.POSITIVE_INFINITY,
    nothing: Number.NaN,
    map: new Map([['a', new Set([1])]]),
    expression: /a+/u,
    list: [{ at: new Date(5), url: new URL('https://a.example') }],
    bytes: Buffer.from('a'),
    absent: undefined,
  });
  it('when all of their parts are', () => {
    assert.equal(isSame(settings(), settings()), true);
    const { absent: _, ...rest } = settings();
    assert.equal(isSame(settings(), rest), true, 'a key without a value is no key');
  });
  for (const [what, change] of Object.entries({
    secret: { secret: new Secret('b') },
    limit: { limit: 1 },
    map: { map: new Map([['a', new Set([2])]]) },
    expression: { expression: /a+/i },
    list: { list: [{ at: new Date(5), url: new URL('https://b.example') }] },
    bytes: { bytes: Buffer.from('b') },
    more: { more: 1 },
    opaque: { map: new (class {})() },
  })) {
    it(`unless ${what} differs`, () => assert.equal(isSame(settings(), { ...settings(), ...change }), false));
  }
  it('not where nobody can look into them', () => {
    const work = () => 1;
    assert.equal(isSame({ work }, { work }), true);
    assert.equal(isSame({ work }, { work: () => 1 }), false);
    class Opaque {}
    assert.equal(isSame(new Opaque(), new Opaque()), false);
  });
});
