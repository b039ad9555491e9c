// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { errors, HEAD, load, settings, TAIL } from './loading.ts';

const FULL = `receivers:
  hooks:
    endpoint: 0.0.0.0:8080
    integrations:
      - name: support
        client_secret: \${env:SUPPORT_SECRET}
        workspaces: { w1: { subsystem_name: emea } }
      - { name: sales, client_secrets: ['\${env:SALES_SECRET}', '\${file:/run/sales}'] }
processors:
  stamp/first:
  stamp/second: { flags: [a] }
exporters:
  vault/eu: { endpoint: https://vault.example, private_key: '\${env:VAULT_KEY}', timeout: 1m30s }
  print:
extensions:
  probe: { limit: 2MB }
service:
  extensions: [probe]
  telemetry: { logs: { level: WARN, encoding: json } }
  pipelines:
    logs: { receivers: [hooks], processors: [stamp/second, stamp/first], exporters: [vault/eu, print] }
    logs/raw: { receivers: [hooks], exporters: [print] }
`;
const WORLD = {
  environment: { SUPPORT_SECRET: 's-12345678', SALES_SECRET: 't-12345678', VAULT_KEY: 'v-12345678' },
  files: { '/run/sales': 'u-12345678\n' },
};

test('a right file gives a typed configuration and nothing to say', async () => {
  const { config, diagnostics } = await load(FULL, WORLD);
  assert.deepEqual(diagnostics, []);
  assert.ok(config);
  assert.deepEqual([...config.receivers.keys()], ['hooks']);
  assert.deepEqual([...config.processors.keys()], ['stamp/first', 'stamp/second']);
  assert.deepEqual([...config.exporters.keys()], ['vault/eu', 'print']);
  assert.deepEqual(config.service, {
    extensions: ['probe'],
    telemetry: {
      logs: { level: 'warn', encoding: 'json', outputPaths: ['stderr'], initialFields: {}, targets: [] },
      metrics: { readers: [{ endpoint: 'localhost:8888' }], periodic: [] },
      resource: { attributes: {} },
    },
    pipelines: [
      {
        id: 'logs',
        receivers: ['hooks'],
        processors: ['stamp/second', 'stamp/first'],
        exporters: ['vault/eu', 'print'],
        ...{ receivesFrom: [], sendsTo: [] },
        routes: [{ receivers: ['hooks'], pipelines: ['logs'], processors: ['stamp/second', 'stamp/first'] }],
      },
      {
        ...{ id: 'logs/raw', receivers: ['hooks'], processors: [], exporters: ['print'] },
        ...{ receivesFrom: [], sendsTo: [] },
        routes: [{ receivers: ['hooks'], pipelines: ['logs/raw'], processors: [] }],
      },
    ],
  });
});

test('blocks are typed and filled with the defaults of their schemas', async () => {
  const { config } = await load(FULL, WORLD);
  assert.ok(config);
  const vault = config.exporters.get('vault/eu');
  assert.deepEqual([vault?.id, vault?.type, vault?.factory.type], ['vault/eu', 'vault', 'vault']);
  assert.ok(vault);
  const { timeout, compression } = vault.config as { timeout: number; compression: string };
  assert.deepEqual([timeout, compression], [90_000, 'gzip']);
  assert.deepEqual(config.extensions.get('probe')?.config, { endpoint: 'localhost:13133', limit: 2_000_000 });
  const hooks = config.receivers.get('hooks')?.config as {
    integrations: { client_secrets: { reveal(): string }[] }[];
  };
  assert.deepEqual(
    hooks.integrations[1]?.client_secrets.map((one) => one.reveal()),
    ['t-12345678', 'u-12345678'],
  );
});

test('an old type name means the new one, in ids and references, with a note', async () => {
  const vault = '{ endpoint: https://vault.example, private_key: "${env:VAULT_KEY}" }';
  const yaml = `${HEAD}  vaulthttp: ${vault}\n  vault/x: ${vault}\n${TAIL.replace('[print]', '[print, vault, vaulthttp/x]')}`;
  const { config, diagnostics } = await load(yaml, WORLD);
  assert.deepEqual([...(config?.exporters.keys() ?? [])], ['print', 'vault', 'vault/x']);
  assert.deepEqual(config?.service.pipelines[0]?.exporters, ['print', 'vault', 'vault/x']);
  assert.deepEqual(
    diagnostics.map(({ severity, message, suggestion }) => [severity, message, suggestion]),
    [['note', 'the type "vaulthttp" is an old name of "vault"', 'write vault']],
  );
});

test('what does nothing is a warning: unused components, a receiver listed twice', async () => {
  const yaml = `${HEAD}  print/idle:\nextensions:\n  probe:\n${TAIL.replace('[hooks]', '[hooks, hooks]')}`;
  const { config, diagnostics } = await load(yaml);
  assert.deepEqual(config?.service.pipelines[0]?.receivers, ['hooks']);
  assert.deepEqual(
    diagnostics.map(({ severity, message, place }) => [severity, place?.line, message]),
    [
      ['warning', 5, '"print/idle" is configured, but no pipeline uses it: it does nothing'],
      ['warning', 7, '"probe" is configured, but service::extensions does not list it: it does nothing'],
      ['warning', 10, 'references receiver "hooks" multiple times'],
    ],
  );
});

test('telemetry keys of the Collector count, or are accepted with a note where they have no effect', async () => {
  const telemetry = `  telemetry:
    logs:
      { level: Warning, sampling: { enabled: true, thereafter: 50 }, output_paths: [stderr, x.log], development: true,
        initial_fields: { team: a, on: true, list: [1] } }
    metrics: { level: none, readers: [] }
    traces:
    resource: { service.name: x }
`;
  const { config, diagnostics } = await load(`${HEAD}${TAIL}${telemetry}`);
  assert.deepEqual(config?.service.telemetry, {
    logs: {
      ...{ level: 'warn', encoding: 'console', outputPaths: ['stderr', 'x.log'], targets: [] },
      initialFields: { team: 'a', on: true, list: '[1]' },
      sampling: { tickMs: 10_000, initial: 10, thereafter: 50 },
    },
    metrics: { readers: [], periodic: [] },
    resource: { attributes: { 'service.name': 'x' } },
  });
  assert.deepEqual(
    diagnostics.map(({ severity, path }) => [severity, path]),
    ['logs::development', 'traces'].map((key) => ['note', `service::telemetry::${key}`]),
  );
});

test("log levels are the Collector's, in any case", async () => {
  const levels = {
    DEBUG: 'debug',
    info: 'info',
    Warn: 'warn',
    warning: 'warn',
    ERROR: 'error',
    fatal: 'error',
    "''": 'info',
  };
  for (const [written, level] of Object.entries(levels)) {
    const { config } = await load(`${HEAD}${TAIL}  telemetry: { logs: { level: ${written} } }\n`);
    assert.equal(config?.service.telemetry.logs.level, level, written);
  }
});

test('references are checked also where components have errors', async () => {
  const yaml = `${HEAD.replace('name: one', 'nam: one')}${TAIL.replace('print', 'gone')}`;
  const { diagnostics } = await load(yaml);
  assert.deepEqual(
    errors(diagnostics).map(({ path, message }) => `${path}: ${message}`),
    [
      'receivers::hooks::integrations::0: missing: name',
      'receivers::hooks::integrations::0: unknown key "nam"',
      'service::pipelines::logs: references exporter "gone" which is not configured',
    ],
  );
});

test('a section that cannot be resolved does not accuse what refers to it', async () => {
  const yaml = `receivers: \${file:receivers.yaml}\nexporters:\n  print:\n${TAIL}`;
  const { diagnostics } = await load(yaml);
  assert.deepEqual(
    errors(diagnostics).map(({ message }) => message),
    ['cannot resolve the file "receivers.yaml": unable to read the file: no such file or directory'],
  );
});

test('a whole section can come from a file', async () => {
  const files = { 'exporters.yaml': 'print: { verbosity: detailed }\n' };
  const yaml = `${HEAD.replace('exporters:\n  print:', 'exporters: ${file:exporters.yaml}')}${TAIL}`;
  assert.deepEqual(settings(await load(yaml, { files }), 'print'), { verbosity: 'detailed' });
});

test('an excerpt shows the line with a caret under the token, and a line of help', async () => {
  const { diagnostics } = await load(`${HEAD}\tprint/x: { verbosty: 1 }\n${TAIL}`.replace('\t', '  '));
  const text = formatDiagnostics(errors(diagnostics), { color: false });
  assert.equal(
    text,
    [
      'agent.yaml:5:14: error: exporters::print/x: unknown key "verbosty"',
      '   5 |   print/x: { verbosty: ******** }',
      '     |              ^^^^^^^^',
      '     = help: did you mean "verbosity"?',
      '',
    ].join('\n'),
  );
});

test('colors come only when asked for', async () => {
  const { diagnostics } = await load('');
  assert.ok(!formatDiagnostics(diagnostics, { color: false }).includes('\u001b'));
  assert.ok(formatDiagnostics(diagnostics, { color: true }).includes('\u001b[31merror\u001b[0m: '));
});

test('what a file holds cannot rewrite the terminal', async () => {
  const { diagnostics } = await load(`${HEAD}${TAIL}"a\\e[2Jb\u202e": 1\n"\u2066\\u009b": 1\n`);
  const text = formatDiagnostics(diagnostics, { color: false });
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  assert.ok(text.includes('unknown section'));
});

test('a caret stays under its token behind tabs and masked values', async () => {
  const yaml = `${HEAD}  vault: { private_key:\tabcdefghijklmnop, endpoint:\thttps://x.example,\ttypo: 1 }\n${TAIL}`;
  const { diagnostics } = await load(yaml);
  const { excerpt } = errors(diagnostics)[0] ?? {};
  assert.equal(excerpt?.text.slice(excerpt.start, excerpt.start + excerpt.length), 'typo');
  assert.ok(!excerpt?.text.includes('abcdefghijklmnop'));
});
