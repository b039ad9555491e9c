// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { HEAD, load, TAIL, type World } from './loading.ts';

/** Loads, prints everything there is to print, and looks for planted texts in it. */
async function leaks(yaml: string, planted: readonly string[], world?: World): Promise<string> {
  const result = await load(yaml, world);
  const printed = formatDiagnostics(result.diagnostics, { color: true }) + JSON.stringify(result.diagnostics);
  assert.ok(result.diagnostics.length > 0, 'nothing is printed: the test shows nothing');
  for (const text of planted) assert.ok(!printed.includes(text), `${text} is in\n${printed}`);
  return printed;
}

const VAULT = 'endpoint: https://vault.example, private_key: "${env:KEY}"';

test('a secret in the file is never shown, also where the error is elsewhere on its line', async () => {
  const yaml = `receivers:
  hooks: { url_key: plant-url, tls: { key_pem: plant-pem, typo: 1 }, integrations: [
      { name: one, client_secret: plant-one, typo: 1 },
      { name: two, client_secret: [plant-two, 'plant-three'], typo: 1 },
      { name: three, client_secrets: [ "plant-four" ], typo: 1 },
      { name: 3, client_secret: { nested: plant-five } } ] }
exporters:
  vault: { private_key: plant-six, headers: { authorization: Basic plant-seven, x: plant-eight }, typo: 1 }
  vault/list: { headers: [{ name: a, value: plant-nine, typo: 1 }], private_key: 0xfeedbeef, typo: 1 }
  vault/block:
    private_key: |
      plant-ten
    proxy_url: http://user:plant-eleven@proxy.example
    typo: 1 # the old key was plant-twelve
${TAIL.replace('print', 'vault, vault/list, vault/block, typo')}`;
  const names = 'url pem one two three four five six seven eight nine ten eleven twelve'.split(' ');
  await leaks(yaml, [...names.map((name) => `plant-${name}`), 'feedbeef', '4276993775']);
});

test('a secret under a misspelt or misplaced key, type or section is never shown', async () => {
  const lines = [
    `${HEAD}  vault: { private_keyy: plant-one, endpoint: x }\n${TAIL}`,
    `${HEAD}  vault: { pkey: plant-one, hds: { a: plant-two } }\n${TAIL}`,
    `${HEAD}  vault: { token: plant-one, ${VAULT} }\n${TAIL}`,
    `${HEAD}  splunk_hec: { token: plant-one, endpoint: x, headers: { a: plant-two } }\n${TAIL}`,
    `${HEAD}  vault: { sending_queue: { client_secret: plant-one } }\n${TAIL}`,
    `${HEAD}${TAIL}api_key: plant-one\nmy_secrets: { a: { b: [plant-two] } }\n`,
    `${HEAD}  vault: { private_key: plant-one, private_key: plant-two, ${VAULT} }\n${TAIL}`,
    `${HEAD}  vault: { <<: { private_key: plant-one, typo: 1 }, ${VAULT} }\n${TAIL}`,
    `${HEAD}  vault: { private_key: [plant-one, plant-two], ${VAULT.slice(0, 30)} }\n${TAIL}`,
    `${HEAD}  'vault x': { private_key: plant-one, typo: 1 }\n${TAIL}`,
    `${HEAD}  vault: &v { private_key: plant-one, typo: 1 }\n  vault/2: *v\n${TAIL}`,
  ];
  for (const yaml of lines) await leaks(yaml, ['plant-one', 'plant-two']);
});

test('a secret without quotes that YAML takes for something else is never shown', async () => {
  for (const start of ['&', '*', '!', '!!', '& ', '&x !', '{']) {
    for (const block of [
      `private_key: ${start}plant-one, endpoint: x, typo: 1 }`,
      `headers: { a: b, authorization: ${start}plant-one two }, typo: 1 }`,
      `private_key: [${start}plant-one], typo: 1 }`,
    ]) {
      await leaks(`${HEAD}  vault: { ${start === '{' ? block.replace('plant-one', 'plant-one}') : block}\n${TAIL}`, [
        'plant-one',
      ]);
    }
    await leaks(
      `${HEAD}  vault:\n    private_key: ${start}plant-one${start === '{' ? '}' : ''}\n    typo: 1\n${TAIL}`,
      ['plant-one'],
    );
  }
});

test('a secret in a file that is no YAML is never shown', async () => {
  const broken = [
    'private_key: "plant-one',
    'private_key: plant-one: plant-two',
    'private_key plant-one',
    'private_key:plant-one',
    '{ private_key: plant-one, [ }',
    'private_key: [plant-one, plant-two',
    "'private_key': 'plant-one",
    'private_key: "plant-one\n      plant-two\n      x',
    'private_key: "plant-one\nplant-two',
    'private_key:\n\tplant-one',
    'private_key:\n      - plant-one\n     - plant-two\n      - "x',
    'headers:\n      authorization: Bearer plant-one: x',
    'headers:\n      x-any: plant-one: plant-two',
    'private_key: @plant-one',
    'private_key: %plant-one\n    ]',
    'private_key: "\\qplant-one"',
    'private_key: &plant-one *plant-two plant-one',
    'key: 1\n    client_secret: plant-one\n\t: plant-two',
    'endpoint: "unclosed\n    private_key: plant-one\n    other: "plant-two"',
    'value: 3f9a8c7b6d5e4f3a2b1c: plant',
  ];
  for (const block of broken) {
    const indented = block.includes('\nplant') ? block : block.replaceAll('\n', '\n    ');
    await leaks(`${HEAD}  vault:\n    ${indented}\n${TAIL}`, ['plant-one', 'plant-two', '3f9a8c7b6d5e4f3a2b1c']);
  }
});

test('a file that holds only a secret is not shown', async () => {
  await leaks('plant-one\n', ['plant-one']);
  await leaks('- plant-one\n', ['plant-one']);
});

test('nothing that an environment variable or a file gives is ever shown', async () => {
  const values = [
    'plant-text',
    '{plant-key: plant-value}',
    '[plant-item]',
    '"plant-quoted',
    'plant: [broken',
    '${plant-name}',
  ];
  values.push(
    '${env:plant_variable}',
    'x${file:plant-file}',
    '${plant_scheme:plant-rest}',
    '$${plant-escaped}',
    '{__proto__: plant-1}',
  );
  const places = [
    `${HEAD}  vault: { ${VAULT}, timeout: "\${env:V}", headers: "\${env:V}", compression: "a\${env:V}", typo: "\${env:V}" }\n${TAIL}`,
    `${HEAD}  vault: { endpoint: "\${env:V}", private_key: "\${env:V}", tls: "\${env:V}", sending_queue: { batch: "\${file:f}" } }\n${TAIL}`,
    `${HEAD}  vault: { endpoint: "http://\${env:V}", private_key: "\${env:V}" }\n${TAIL}`,
    `${HEAD}  vault: \${env:V}\n${TAIL}`,
    `${HEAD}extensions: \${file:f}\n${TAIL}`,
    `${HEAD}service:\n  pipelines: \${env:V}\n  extensions: ["\${env:V}"]\n`,
    `${HEAD}service:\n  pipelines: { logs: { receivers: ["\${env:V}"], exporters: \${file:f}, processors: "x\${env:V}" } }\n`.replace(
      'exporters: ${file:f}',
      'exporters: "${file:f}"',
    ),
    `${HEAD}processors:\n  stamp: { ratio: "\${env:V}", flags: "\${env:V}", strict: "\${file:f}", attributes: "\${env:V}" }\n${TAIL}`,
    `receivers:\n  hooks: { integrations: [{ name: "\${env:V}" }], public_url: "\${env:V}" }\nexporters: { print: }\n${TAIL}`,
  ];
  for (const value of values) {
    for (const yaml of places) {
      await leaks(yaml, ['plant'], { environment: { V: value, KEY: 'plant-key-of-vault' }, files: { f: value } });
    }
  }
});

test('a default in a reference to a secret is hidden like a secret', async () => {
  const yaml = `${HEAD}  vault: { endpoint: x, private_key: "\${env:KEY:-plant-one}", url_key: "\${KEY:-plant-two}" }\n${TAIL}`;
  const printed = await leaks(yaml, ['plant-one', 'plant-two']);
  assert.ok(printed.includes('invalid uri'));
});

test('a plain reference to a secret is shown: it says what to set', async () => {
  const yaml = `${HEAD}  vault: { endpoint: https://x.example, private_key: "\${env:VAULT_KEY}" }\n${TAIL}`;
  assert.ok((await leaks(yaml, ['plant'])).includes('private_key: "${env:VAULT_KEY}"'));
});

test('what a component says about its settings is freed of the secrets in them', async () => {
  const yaml = `${HEAD}  vault: { endpoint: "http://vault.example", private_key: "\${env:KEY}" }\n${TAIL}`;
  const printed = await leaks(yaml, ['plant-key'], { environment: { KEY: 'plant-key' } });
  assert.ok(printed.includes('sends ******** in the clear'));
});

test('a secret that stands in the file is a warning; one that comes from a reference is not', async () => {
  const yaml = (key: string) =>
    `${HEAD}  vault: { endpoint: https://x.example, private_key: ${key}, headers: { authorization: ${key}, x-tenant: blue } }\n${TAIL.replace('print', 'print, vault')}`;
  const warnings = async (key: string) =>
    (await load(yaml(key), { environment: { KEY: 'k-1234567' } })).diagnostics.map(
      ({ path, message }) => `${path}: ${message}`,
    );
  assert.deepEqual(await warnings('plant-one'), [
    'exporters::vault::private_key: a secret stands in the file itself',
    'exporters::vault::headers::authorization: a secret stands in the file itself',
  ]);
  assert.deepEqual(await warnings('"${env:KEY}"'), []);
});

test('a user, password or token in a URL is hidden in values and excerpts, whatever stands in it', async () => {
  for (const user of ['hunter2', 'user:hunter2', 'user:p@hunter2', 'user:a/b@hunter2', `${'u'.repeat(50)}:hunter2`]) {
    for (const field of ['verbosity', 'typo']) {
      const { diagnostics } = await load(
        `${HEAD.replace('print:', `print: { ${field}: "https://${user}@host.example" }`)}${TAIL}`,
      );
      const printed = formatDiagnostics(diagnostics, { color: false });
      assert.match(printed, /error: /);
      assert.doesNotMatch(printed, /hunter2/, `${field} ${user}`);
    }
  }
});
