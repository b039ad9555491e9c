// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language, not of JavaScript
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { duration, parseEndpoint, size } from '../../src/config/blocks/scalars.ts';
import { configurationSchema } from '../../src/config/json-schema.ts';
import { factories } from '../../src/registry.ts';
import { codeBlocks, documents } from '../support/markdown.ts';
import { repository } from '../support/shared.ts';

const schema = configurationSchema(factories);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);
const problems = (tree: unknown) => (validate(tree) ? [] : (validate.errors ?? []));
const accepts = (tree: unknown) => assert.deepEqual(problems(tree), []);

describe('the JSON Schema takes', () => {
  it('every configuration in examples/ and config/', async () => {
    let seen = 0;
    for (const folder of ['examples', 'config']) {
      for (const name of await readdir(join(repository, folder), { recursive: true })) {
        if (!name.endsWith('.yaml')) continue;
        for (const document of parseAllDocuments(await readFile(join(repository, folder, name), 'utf8'))) {
          const tree = document.toJS() as { service?: object; data?: Record<string, string> };
          const inside = tree.data?.['agent.yaml'];
          if (!tree.service && inside === undefined) continue;
          accepts(inside === undefined ? tree : parse(inside));
          seen++;
        }
      }
    }
    assert.ok(seen >= 5, `${seen} seen`);
  });

  it('every YAML block of the documents', async () => {
    for (const file of await documents()) {
      for (const { language, text, line } of await codeBlocks(file)) {
        const tree = language === 'yaml' ? parse(text) : {};
        // Some show a few keys of a component without what is around them.
        if (Object.keys(schema.properties ?? {}).some((section) => Object.hasOwn(tree, section))) {
          assert.deepEqual(problems(tree), [], `${file}:${line}`);
        }
      }
    }
  });

  for (const [what, yaml] of Object.entries({
    'ids with names': 'exporters: { debug/one: , nop/two: {} }',
    'old names of a type': 'exporters: { otlphttp/x: { endpoint: https://a.example } }',
    'empty blocks': 'extensions: { file_storage: { retention: , dead_letters: } }\nprocessors:\nconnectors:',
    'empty lists':
      'service: { extensions: , telemetry: { logs: { processors: }, metrics: { readers: } }, pipelines: { logs: { processors: } } }',
    'references instead of numbers, booleans, values of a list and durations':
      'exporters: { otlp_http: { timeout: "${env:T}", encoding: "${E}", tls: { insecure: "${env:I}" }, max_idle_conns: "${env:N:-3}" } }',
    'references instead of blocks and sections':
      'receivers: ${file:doors.yaml}\nexporters: { coralogix: "${file:cx.yaml}", otlp_http: { headers: "${env:H}" } }',
    'a reference in an address': 'extensions: { health_check: { endpoint: "${env:HOST}:${env:PORT}" } }',
    'headers as a list': 'exporters: { otlp_http: { headers: [{ name: a, value: b }] } }',
    'a processor action in any case': 'processors: { attributes: { actions: [{ key: a, action: DELETE }] } }',
    '0 without a unit where a duration is wanted': 'exporters: { otlp_http: { max_age: 0 } }',
    connectors: 'connectors: { forward: , forward/two: {} }',
    'several pipelines': 'service: { pipelines: { logs: , logs/two: { receivers: [intercom], exporters: [nop] } } }',
  })) {
    it(what, () => accepts(parse(yaml)));
  }
});

describe('the JSON Schema refuses', () => {
  for (const [what, yaml] of Object.entries({
    'an unknown section': 'recievers: {}',
    'an unknown type': 'exporters: { loki: {} }',
    'a type in the wrong section': 'receivers: { debug: {} }',
    'an empty name': 'exporters: { debug/: {} }',
    'an unknown key': 'exporters: { otlp_http: { endpont: https://a.example } }',
    'an unknown key further down': 'exporters: { otlp_http: { sending_queue: { batch: { size: 3 } } } }',
    'a missing key': 'exporters: { coralogix: { domain: eu2.coralogix.com, application_name: acme } }',
    'an empty block where keys are missing': 'exporters: { coralogix: }',
    'a duration without a unit': 'exporters: { otlp_http: { timeout: 30 } }',
    'a duration in days': 'exporters: { otlp_http: { timeout: 1d } }',
    'a size in a wrong unit': 'extensions: { file_storage: { max_bytes: 5 MO } }',
    'a text instead of a number': 'exporters: { otlp_http: { max_idle_conns: "3" } }',
    'a fraction instead of a whole number': 'exporters: { otlp_http: { max_idle_conns: 1.5 } }',
    'a number below the least': 'exporters: { otlp_http: { retry_on_failure: { randomization_factor: -1 } } }',
    'a text instead of a boolean': 'exporters: { terminal: { body: "yes" } }',
    'a value that is not in the list': 'exporters: { file: { path: a, format: xml } }',
    'an address without a port': 'extensions: { health_check: { endpoint: localhost } }',
    'an empty secret':
      'receivers: { intercom: { integrations: [{ name: a, application_name: b, client_secret: "" }] } }',
    'an empty list that is needed': 'receivers: { intercom: { integrations: } }',
    'no integrations': 'receivers: { intercom: { integrations: [] } }',
    'a status that is none': 'exporters: { otlp_http: { outcomes: { 200: delivered } } }',
    'a pipeline of another signal': 'service: { pipelines: { traces: { receivers: [], exporters: [] } } }',
    'an unknown connector': 'connectors: { count: {} }',
    'settings of a connector that has none': 'connectors: { forward: { to: logs } }',
    'a list of components': 'exporters: [debug]',
  })) {
    it(what, () => assert.notDeepEqual(problems(parse(yaml)), []));
  }
});

test('its patterns know the same durations, sizes and addresses as the parsers', () => {
  const { timeout, max_request_bytes } = schema.$defs?.['exporter.otlp_http']?.properties ?? {};
  const { endpoint } = schema.$defs?.['receiver.intercom']?.properties ?? {};
  const pieces = (parts: readonly string[]) =>
    fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((chosen) => chosen.join(''));
  const same = (field: unknown, parts: readonly string[], takes: (text: string) => boolean) => {
    const regexp = new RegExp((field as { pattern: string }).pattern, 'u');
    fc.assert(
      fc.property(pieces(parts), (text) => assert.equal(regexp.test(text), takes(text), JSON.stringify(text))),
      { numRuns: 3000 },
    );
  };
  const units = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'd'];
  // A negative duration passes where it is none: -0ms.
  const isNegative = (text: string) => /^-.*[a-zµ]/.test(text);
  const takesDuration = (text: string) => !isNegative(text) && duration('0').safeParse(text).success;
  same(timeout, ['0', '12', '.5', '3.', '-', '+', ' ', ...units], takesDuration);
  const sizes = ['0', '12', '.5', ' ', 'k', 'K', 'M', 'g', 'T', 'i', 'b', 'B', 'x'];
  same(max_request_bytes, sizes, (text) => size('0').safeParse(text).success);
  const hosts = ['localhost', '[::1]', '[', ']', ':', '80', '99', '/', ' ', '::1'];
  // The pattern counts the digits of a port, no more.
  same(endpoint, hosts, (text) => parseEndpoint(text.replace(/:\d{5}$/, ':1')) !== undefined);
});

test('it tells editors what a key is for, its default, and what to write', () => {
  const { $defs = {} } = schema;
  const otlp = $defs['exporter.otlp_http']?.properties?.timeout;
  assert.ok(typeof otlp === 'object' && otlp.description && otlp.default === '30s');
  const intercom = JSON.stringify($defs['receiver.intercom']);
  assert.match(intercom, /"examples":\["\$\{env:NAME\}"/);
  for (const { kind, type, summary } of factories) assert.equal($defs[`${kind}.${type}`]?.description, summary);
});
