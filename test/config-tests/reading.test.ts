/** What is wrong with a test file is told with its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatDiagnostics, formatHeadline } from '../../src/config/diagnostics.ts';
import { readTestFile } from '../../src/config-tests/read.ts';
import { configuration, trying, withProcessors } from './trying.ts';

const config = await configuration(withProcessors('attributes: { actions: [{ key: a, value: 1, action: insert }] }'));

/** Headlines, and the help behind an arrow. */
async function mistakes(text: string, files?: Record<string, string>): Promise<string[]> {
  const { diagnostics } = await trying(config, text, files);
  return diagnostics.map((one) => formatHeadline(one) + (one.suggestion ? ` -> ${one.suggestion}` : ''));
}

/** The mistakes of one test, its lines indented by four. */
const mistakesIn = (lines: string, files?: Record<string, string>) =>
  mistakes(`tests:\n  - name: a\n${lines.replace(/^/gm, '    ')}\n`, files);

describe('a test file that is wrong', () => {
  it('is empty, or something else', async () => {
    assert.deepEqual(await mistakes(''), ['my.test.yaml:1:1: error: this test file is empty -> it begins with tests:']);
    assert.deepEqual(await mistakes('- 1'), [
      'my.test.yaml:1:1: error: a test file is a map with the key "tests" -> it begins with tests:',
    ]);
    assert.deepEqual(await mistakes('tests: []'), [
      'my.test.yaml:1:8: error: tests: is empty: there is nothing to run',
    ]);
    assert.deepEqual(await mistakes('now: 2026-01-01'), ['my.test.yaml:1:1: error: missing: tests -> a list of tests']);
  });

  it('is no YAML', async () => {
    assert.match((await mistakes('tests: [\n')).join(), /^my\.test\.yaml:\d:\d: error: a \] is missing here/);
  });

  it('has keys that are none', async () => {
    assert.deepEqual(await mistakesIn('input: { smaple: ping, sample: ping }\nexpcet: dropped'), [
      'my.test.yaml:3:14: error: tests::0::input: unknown key "smaple" -> did you mean "sample"?',
      'my.test.yaml:4:5: error: tests::0: unknown key "expcet" -> did you mean "expect"?',
    ]);
    const [record] = await mistakesIn('input: { sample: ping }\nexpect:\n  - atributes: { a: 1 }');
    assert.equal(
      record,
      'my.test.yaml:5:9: error: tests::0::expect::0: unknown key "atributes" -> did you mean "attributes"?',
    );
    const [top] = await mistakes('test: []\ntests: [{ name: a, input: { sample: ping }, expect: dropped }]');
    assert.equal(top, 'my.test.yaml:1:1: error: unknown key "test" -> did you mean "tests"?');
  });

  it('says what a thing should be', async () => {
    assert.match((await mistakes('now: soon\ntests: []'))[0] ?? '', /my\.test\.yaml:1:6: error: now: this is no time/);
    assert.match(
      (await mistakesIn('input: { sample: ping }\nexpect: droped'))[0] ?? '',
      /:4:13: .*did you mean "dropped"/,
    );
    assert.match(
      (await mistakesIn('input: { sample: ping }\nexpect: []'))[0] ?? '',
      /:4:13: .*write "expect: dropped"/,
    );
    assert.match((await mistakesIn('input: {}\nexpect: dropped'))[0] ?? '', /:3:\d+: .*this input has no content/);
    assert.match(
      (await mistakesIn('input: { sample: ping, file: a }\nexpect: dropped'))[0] ?? '',
      /:3:34: .*file stands beside sample/,
    );
    assert.match((await mistakesIn('input: { file: a, with: {} }'))[0] ?? '', /:3:29: .*only a sample/);
    assert.match((await mistakesIn('input: { sample: ping }\nexpect: dropped\nerror: x'))[0] ?? '', /expect: failed/);
    assert.match(
      (await mistakesIn('input: { sample: ping }\nexpect: dropped\nexpect_exactly: []'))[0] ?? '',
      /:5:21: .*one of them is enough/,
    );
  });

  it('has matchers that are none', async () => {
    const [unknown] = await mistakesIn('input: { sample: ping }\nexpect: { body: { a: { $macthes: x } } }');
    assert.match(
      unknown ?? '',
      /:4:26: .*body::a: unknown matcher "\$macthes" -> did you mean "\$matches"\? A key that begins/,
    );
    const [beside] = await mistakesIn('input: { sample: ping }\nexpect: { body: { $matches: x, b: 1 } }');
    assert.match(beside ?? '', /:4:21: .*body: \$matches stands beside other keys/);
    const [regex] = await mistakesIn('input: { sample: ping }\nexpect: { body: { $matches: "(" } }');
    assert.match(regex ?? '', /:4:33: .*error parsing regexp: missing closing \)/);
    for (const wrong of ['$exists: 1', '$contains: 1', '$one_of: []', '$bytes: "?"', '$matches: 1'])
      assert.match((await mistakesIn(`input: { sample: ping }\nexpect: { body: { ${wrong} } }`))[0] ?? '', / takes /);
    const [error] = await mistakesIn('input: { sample: ping }\nexpect: failed\nerror: "["');
    assert.match(error ?? '', /:5:\d+: error: tests::0::error: error parsing regexp/);
  });

  it('names what the configuration does not have', async () => {
    assert.deepEqual(await mistakesIn('input: { sample: ping }\npipeline: lgos\nexpect: dropped'), [
      'my.test.yaml:4:15: error: tests::0::pipeline: the configuration has no such pipeline -> did you mean "logs"?',
    ]);
    assert.match(
      (await mistakesIn('input: { sample: conversation.user.replid }\nexpect: dropped'))[0] ?? '',
      /:3:22: .*no sample of this topic -> did you mean "conversation\.user\.replied"/,
    );
    assert.match(
      (await mistakesIn('input: [{ sample: ping }, { sample: ping, receiver: x }]\nexpect: dropped'))[0] ?? '',
      /:3:57: error: tests::0::input::1::receiver: nothing leads from it to the pipeline logs -> there are: intercom/,
    );
    assert.match(
      (await mistakesIn('input: { sample: ping, integration: x }\nexpect: dropped'))[0] ?? '',
      /:3:41: .*no integration is named "x"; there are: support, sales/,
    );
  });

  it('names files that are not there, or hold something else', async () => {
    assert.match((await mistakesIn('input: { file: a.json }'))[0] ?? '', /:3:20: .*unable to read it: no such file/);
    assert.match((await mistakesIn('input: { otlp_file: a }', { a: 'x' }))[0] ?? '', /:3:25: .*it holds no JSON/);
    assert.match((await mistakesIn('input: { otlp_file: a }', { a: '{}' }))[0] ?? '', /there are no records in it/);
    assert.match((await mistakesIn('input: { otlp: {} }'))[0] ?? '', /:3:20: .*there are no records in it/);
  });

  it('has two tests of one name', async () => {
    const one = '{ name: a, input: { sample: ping }, expect: dropped }';
    assert.deepEqual(await mistakes(`tests:\n  - ${one}\n  - ${one}`), [
      'my.test.yaml:3:13: error: tests::1::name: another test of this file has the same name',
    ]);
  });
});

it('asks which pipeline is meant where there are several', async () => {
  const several = await configuration(`
receivers: { intercom: { integrations: [{ name: a, signature: none, application_name: a }] } }
exporters: { nop: }
service: { pipelines: { logs/a: { receivers: [intercom], exporters: [nop] }, logs/b: { receivers: [intercom], exporters: [nop] } } }
`);
  const { diagnostics } = await trying(several, 'tests: [{ name: x, input: { sample: ping }, expect: dropped }]');
  const text = formatDiagnostics(diagnostics, { color: false });
  assert.match(text, /which one is meant\?\n.*\n.*\n.*help: pipeline: logs\/a or logs\/b/);
});

it('never throws, whatever a file holds', () => {
  const parts = fc.constantFrom(
    ...[
      'tests:',
      '\n',
      '  ',
      '- ',
      'name: a',
      'input:',
      '{',
      '}',
      '[',
      ']',
      'sample: ping',
      'expect:',
      '$matches',
      ': ',
      '&a',
      '*a',
    ],
    ...['now:', 'env:', 'body', 'dropped', '"', ','],
  );
  const texts = fc.oneof(
    fc.array(parts, { maxLength: 30 }).map((some) => some.join('')),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const file = readTestFile('a', text);
      assert.ok(file.diagnostics().length > 0 || file.tests.length > 0);
    }),
  );
});
