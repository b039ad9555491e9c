import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { Chain } from '../../src/delivery/chain.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { config, type ModuleConfig } from '../../src/processors/module/config.ts';
import { createModuleProcessor } from '../../src/processors/module/module.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { factories } from '../../src/registry.ts';

const directory = mkdtempSync(join(tmpdir(), 'module-'));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return `./${name}`;
}

function record(attributes: Record<string, string> = {}): LogRecord {
  return new LogRecord({
    hrTime: [1, 0],
    hrTimeObserved: [1, 0],
    attributes,
    resource: resourceFromAttributes({}),
    instrumentationScope: { name: 'test' },
  });
}

/** Attributes of what comes out. */
function run(settings: Partial<ModuleConfig>, ...records: LogRecord[]): unknown[] {
  const chain = new Chain(
    (next) => createModuleProcessor(config.parse(settings), { configDirectory: directory }, next),
    assert.fail,
  );
  return chain.run(records).map(({ attributes }) => ({ ...attributes }));
}

describe('a function', () => {
  const path = file(
    'function.mjs',
    `export default function (record, options) {
      if (record.attributes.drop) return null;
      if (record.attributes.twice) return [record, record];
      record.setAttribute('by', options?.by ?? 'nobody');
    }
    export const stranger = () => ({ body: 'x' });
    export const later = async () => {};
    export const broken = (record) => { if (record.attributes.bad) throw new TypeError('no'); };`,
  );

  test('changes, filters and multiplies records', () => {
    assert.deepEqual(run({ path, options: { by: 'us' } }, record(), record({ drop: '1' }), record({ twice: '1' })), [
      { by: 'us' },
      { twice: '1' },
      { twice: '1' },
    ]);
  });

  test('that gives something else than records throws, and says what', () => {
    assert.throws(() => run({ path, export: 'stranger' }, record()), /export stranger gave a value of type object/);
    assert.throws(() => run({ path, export: 'later' }, record()), /gave a promise \(processors are synchronous\)/);
  });

  test('that throws does so for its entry only', () => {
    assert.throws(() => run({ path, export: 'broken' }, record({ bad: '1' })), TypeError);
    assert.equal(run({ path, export: 'broken' }, record()).length, 1);
  });
});

test('a class with onEmit, as the OTel JS SDK has them, is made with its options, once for each chain', () => {
  const path = file(
    'class.cjs',
    `let made = 0;
    exports.Stamp = class {
      constructor(options) { this.options = options; this.number = String(++made); }
      onEmit(record) { record.setAttribute(this.options.key, this.number); }
      async forceFlush() {}
      async shutdown() {}
    };`,
  );
  assert.deepEqual(run({ path, export: 'Stamp', options: { key: 'n' } }, record(), record()), [{ n: '1' }, { n: '1' }]);
  assert.deepEqual(run({ path, export: 'Stamp', options: { key: 'n' } }, record()), [{ n: '2' }]);
});

test('processors of the OTel JS SDK packages themselves work', () => {
  const path = file(
    'sdk.cjs',
    `const { SimpleLogRecordProcessor, InMemoryLogRecordExporter } = require(${JSON.stringify(join(process.cwd(), 'node_modules/@opentelemetry/sdk-logs'))});
    const seen = new InMemoryLogRecordExporter();
    exports.seen = seen;
    exports.make = () => {
      const simple = new SimpleLogRecordProcessor({ exporter: seen });
      return {
        onEmit: (record) => { simple.onEmit(record); record.setAttribute('seen', String(seen.getFinishedLogRecords().length)); },
        forceFlush: () => simple.forceFlush(),
        shutdown: () => simple.shutdown(),
      };
    };`,
  );
  assert.deepEqual(run({ path, export: 'make', factory: true }, record()), [{ seen: '1' }]);
});

test('a factory gives a function or a processor', () => {
  const path = file('factory.mjs', 'export const make = ({ key }) => (record) => { record.setAttribute(key, "x"); };');
  assert.deepEqual(run({ path, export: 'make', factory: true, options: { key: 'k' } }, record()), [{ k: 'x' }]);
});

test('a package is found beside the configuration', () => {
  file('node_modules/stamps/package.json', '{ "name": "stamps", "main": "main.js" }');
  file('node_modules/stamps/main.js', 'module.exports = (record) => { record.setAttribute("stamped", "yes"); };');
  assert.deepEqual(run({ package: 'stamps' }, record()), [{ stamped: 'yes' }]);
});

test('what can not be loaded says why, and what to do', () => {
  const broken = file('broken.mjs', 'export default (;');
  const waiting = file('waiting.mjs', 'await Promise.resolve(); export default () => {};');
  const nothing = file('nothing.mjs', 'export const a = 1, b = 2;');
  for (const [settings, expected] of [
    [{ path: './absent.mjs' }, /absent\.mjs can't be loaded: .*relative to the folder of the configuration file/],
    [{ package: 'no-such-package-here' }, /no-such-package-here can't be loaded: .*packages are installed there/],
    [{ path: broken }, /broken\.mjs can't be loaded: /],
    [{ path: waiting }, /waiting\.mjs can't be loaded: .*top-level await/],
    [{ path: nothing }, /nothing\.mjs exports no "default": it has a, b/],
    [{ path: nothing, export: 'a' }, /is neither a processor .* nor a function/],
    [{ path: nothing, export: 'a', factory: true }, /is no function: factory: true calls it/],
  ] as const) {
    assert.throws(() => run(settings), expected);
  }
});

test('it is configured by one of path and package', () => {
  assert.equal(config.safeParse({}).success, false);
  assert.equal(config.safeParse({ path: 'a', package: 'b' }).success, false);
  assert.equal(config.safeParse({ path: 'a' }).success, true);
});

test('a configuration from the web names no code, unless it is trusted', async () => {
  const yaml = (processors: string) =>
    `receivers: { intercom: { integrations: [{ name: a, signature: none, application_name: a, subsystem_name: b }] } }\n${processors}\nexporters: { nop: }\nservice: { pipelines: { logs: { receivers: [intercom], processors: [module], exporters: [nop] } } }\n`;
  const remote = 'processors: { module: { path: ./evil.js } }';
  const load = (files: Record<string, string>, trustRemote: boolean) =>
    loadConfig({
      sources: Object.keys(files),
      environment: {},
      factories,
      trustRemote,
      readFile: (path) => Promise.resolve(files[path] ?? ''),
      readUrl: (url: string) => Promise.resolve(files[url] ?? '{ module: { path: ./evil.js } }'),
    });
  const told = async (files: Record<string, string>, trusted = false) =>
    (await load(files, trusted)).diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => message);
  const refusal = 'code that runs in the agent is named by a configuration from the web';
  assert.deepEqual(await told({ 'a.yaml': yaml(''), 'https://x.example/c.yaml': remote }), [refusal]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration language
  assert.deepEqual(await told({ 'a.yaml': yaml('processors: "${https://x.example/p}"') }), [refusal]);
  assert.deepEqual(await told({ 'a.yaml': yaml(''), 'https://x.example/c.yaml': remote }, true), []);
  assert.deepEqual(await told({ 'a.yaml': yaml(remote) }), []);
});

test('what is exported ready-made is shut down with the last chain that uses it', async () => {
  const path = file(
    'ready.mjs',
    `export const stopped = [];
    export default { onEmit(record) { record.setAttribute('seen', true); }, forceFlush: async () => {}, shutdown: async () => void stopped.push(1) };`,
  );
  const make = () =>
    new Chain(
      (next) => createModuleProcessor(config.parse({ path }), { configDirectory: directory }, next),
      assert.fail,
    );
  const { stopped } = createRequire(import.meta.url)(join(directory, 'ready.mjs')) as { stopped: unknown[] };
  const [one, two] = [make(), make()];
  await one.shutdown();
  await one.shutdown();
  assert.equal(stopped.length, 0);
  assert.deepEqual(
    two.run([record()]).map(({ attributes }) => ({ ...attributes })),
    [{ seen: true }],
  );
  await two.shutdown();
  assert.equal(stopped.length, 1);
});
