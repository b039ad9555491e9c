// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language, not of JavaScript
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { elements } from '../config-tests/xml.ts';
import { run } from '../support/run.ts';

let cwd: string;
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-test-'));
  await mkdir(join(cwd, 'tests/deep'), { recursive: true });
  await write('agent.yaml', CONFIG);
  await write('tests/good.test.yaml', GOOD);
  await write('tests/deep/bad.test.yml', BAD);
  await write('tests/other.yaml', 'neither');
});
after(() => rm(cwd, { recursive: true }));
const write = (name: string, text: string) => writeFile(join(cwd, name), text);
const test = (...args: string[]) => run(['test', '--config', 'agent.yaml', ...args], { cwd });

const CONFIG = `
receivers:
  intercom:
    integrations:
      - name: support
        client_secret: \${env:TEST_OF_TESTS_SECRET}
        application_name: \${env:TEST_OF_TESTS_NAME}
exporters:
  coralogix:
    domain: eu2.coralogix.com
    private_key: \${file:/nowhere/key}
    application_name: \${env:TEST_OF_TESTS_OTHER:-acme}
service: { pipelines: { logs: { receivers: [intercom], exporters: [coralogix] } } }
`;
const GOOD = `
env: { TEST_OF_TESTS_NAME: from-the-test }
tests:
  - name: the name is that of the test file
    input: { sample: ping }
    expect: { resource: { attributes: { service.namespace: from-the-test } } }
`;
const BAD = `
tests:
  - name: pings are dropped
    input: { sample: ping }
    expect: dropped
  - name: Pings arrive
    input: { file: ../ping.json }
    expect: { event_name: intercom.ping }
`;

describe('test', () => {
  before(() => write('tests/ping.json', '{"topic":"ping"}'));

  it('runs files and folders, and needs no secrets', async () => {
    const { code, stdout, stderr } = await test('tests/good.test.yaml');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'tests/good.test.yaml\n  ✓ the name is that of the test file\n\n1 test passed.\n');
    assert.match(stderr, /^Not set or not here, .*: TEST_OF_TESTS_SECRET, \/nowhere\/key\. .*\n$/);
    const all = await test('tests');
    assert.equal(all.code, 1);
    assert.match(all.stdout, /bad\.test\.yml\n {2}✗ pings are dropped\n[\s\S]*3 tests: 2 passed, 1 failed\.\n$/);
    assert.doesNotMatch(all.stdout, /other/);
    assert.match(all.stderr, /some tests failed/);
  });

  it('expands patterns that no shell has', async () => {
    assert.match((await test('tests/*.test.yaml')).stdout, /1 test passed/);
    assert.match(
      (await test('**/*.test.yml', '--only', 'pings ARRIVE')).stdout,
      /bad\.test\.yml\n {2}✓ Pings arrive\n\n1 test passed/,
    );
    assert.match((await test('./tests/*.test.y*')).stdout, /good/);
  });

  it('prints TAP, JUnit and JSON, and nothing else to stdout', async () => {
    const tap = await test('tests', '--output', 'tap');
    assert.match(tap.stdout, /^TAP version 14\n1\.\.3\n(not ok|ok) 1 - /);
    assert.equal(tap.code, 1);
    const junit = await test('tests', '--output', 'junit');
    assert.equal(elements(junit.stdout, 'testcase').length, 3);
    const json = JSON.parse((await test('tests', '--output', 'json')).stdout);
    assert.deepEqual([json.passed, json.failed], [2, 1]);
  });

  it('ends with 2 where something is wrong, and runs nothing', async () => {
    const cases: [string[], RegExp][] = [
      [['nowhere.test.yaml'], /nowhere\.test\.yaml: no such file or folder/],
      [['tests/*.nothing'], /no file \*\.test\.yaml is there/],
      [
        ['tests/other.yaml'],
        /other\.yaml:1:1: error: a test file is a map[\s\S]*1 test file with mistakes; nothing was run/,
      ],
      [['tests', '--only', 'moon'], /no test has "moon" in its name/],
      [['tests', '--output', 'xml'], /Allowed choices are text, tap, junit, json/],
      [[], /missing required argument 'tests'/],
    ];
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = await test(...args);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, expected);
    }
    const wrong = await run(['test', '--config', 'nowhere.yaml', 'tests'], { cwd });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /nowhere\.yaml[\s\S]*no such file/);
    await write('wrong.yaml', CONFIG.replace('exporters: [coralogix]', 'exporters: [otlp]'));
    const refused = await run(['test', '--config', 'wrong.yaml', 'tests'], { cwd });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /wrong\.yaml:\d+:\d+: error: [\s\S]*nothing was run/);
  });

  it('says which processor can not be made', async () => {
    const processors = 'processors: { module: { path: ./missing.js } }\n';
    await write(
      'module.yaml',
      processors + CONFIG.replace('receivers: [intercom]', 'receivers: [intercom], processors: [module]'),
    );
    const { code, stderr } = await run(['test', '--config', 'module.yaml', 'tests/good.test.yaml'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /good\.test\.yaml:4: the processors of the pipeline logs can not be made: .*missing\.js/);
  });

  it('writes expectations, once', async () => {
    await write('new.test.yaml', '# Mine.\ntests:\n  - name: new\n    input: { sample: ping } # a ping\n');
    const first = await test('new.test.yaml', '--update');
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /new\.test\.yaml:3: wrote what "new" expects\./);
    assert.match(first.stdout, /1 test passed/);
    const text = await readFile(join(cwd, 'new.test.yaml'), 'utf8');
    assert.match(
      text,
      /^# Mine\.\ntests:\n {2}- name: new\n {4}input: \{ sample: ping \} # a ping\n {4}expect:\n {6}- event_name: intercom\.ping\n/,
    );
    const second = await test('new.test.yaml', '--update');
    assert.equal(second.code, 0);
    assert.doesNotMatch(second.stderr, /wrote/);
    assert.equal(await readFile(join(cwd, 'new.test.yaml'), 'utf8'), text);
  });

  it('leaves what it was not asked for as it is', async () => {
    const both =
      'tests:\n  - name: one\n    input: { sample: ping }\n    expect: dropped\n  - name: two\n    input: { sample: ping }\n    expect: dropped\n';
    await write('both.test.yaml', both);
    const { code } = await test('both.test.yaml', '--update', '--only', 'two');
    assert.equal(code, 0);
    const text = await readFile(join(cwd, 'both.test.yaml'), 'utf8');
    assert.ok(text.startsWith(both.slice(0, both.lastIndexOf('    expect'))), text);
  });
});
