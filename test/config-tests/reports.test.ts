/** What a person, and what a program reads of tests that fail. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { pathText } from '../../src/config-tests/difference-text.ts';
import { jsonReport, junitReport, tapReport } from '../../src/config-tests/machine-reports.ts';
import { textReport } from '../../src/config-tests/text-report.ts';
import { configuration, verdictsOf, withProcessors } from './trying.ts';
import { elements } from './xml.ts';

const config = await configuration(
  withProcessors(`
filter/noise: { logs: { log_record: ['attributes["intercom.topic"] == "ping"'] } }
redaction: { allow_all_keys: true, blocked_values: ['[\\w.]+@[\\w.]+'] }
`),
);

/** Three expectations that are wrong, each in its own way, and one that is right. */
const wrong = `tests:
  - name: what is right is a line
    input: { sample: ping }
    expect: dropped

  - name: a rating is a warning for sales
    input: { notification: { topic: conversation.rating.rated, id: notif_7, data: { item: { id: 12, text: 'We have read your letter of last week with great interest, and we are glad to tell you that all is well.', email: jane@example.com, other: jane@example.com } } } }
    expect:
      severity_text: WARN
      attributes: { intercom.topik: conversation.rating.rated, intercom.item.id: 12 }
      resource: { attributes: { service.name: sales } }
      body:
        intercom:
          data:
            item:
              text: 'We have read your letter of last week with great interest, and we are sad to tell you that all is well.'
              email: { $matches: '^[0-9a-f]{64}$' }
              other: { $matches: '^[0-9a-f]{64}$' }
              id: 12.0

  - name: pings arrive
    input: [{ sample: ping }, { notification: { topic: contact.created } }]
    expect: [{ event_name: intercom.ping }, { event_name: intercom.contact.created }]

  - name: nothing <b>&"names"</b> # anybody
    input: { notification: { topic: a, note: 'Please write to Jane Roe of the seventh street, who knows' } }
    contains_nowhere: [jane roe]
`;
const files = [{ file: 'my.test.yaml', verdicts: await verdictsOf(config, wrong) }];

it('shows wrong expectations so that a person understands them', () => {
  const golden = `my.test.yaml
  ✓ what is right is a line
  ✗ a rating is a warning for sales
    record 1, intercom.conversation.rating.rated  (my.test.yaml:9, pipeline logs)
      severity_text  line 9
        expected  "WARN"
        got       "INFO"
      attributes["intercom.topik"]  line 10
        expected  "conversation.rating.rated"
        got       nothing
        there is "intercom.topic" beside it: is that meant?
      attributes["intercom.item.id"]  line 10
        expected  12 (an integer)
        got       "12" (a text)
      resource.attributes["service.name"]  line 11
        expected  "sales"
        got       "support"
      body["intercom"]["data"]["item"]["text"]  line 16
        expected  …"nterest, and we are sad to tell you that all is well."
        got       …"nterest, and we are glad to tell you that all is well."
                                        ^^
      body["intercom"]["data"]["item"]["email"]  line 17
      body["intercom"]["data"]["item"]["other"]  line 18
        expected  a text that matches ^[0-9a-f]{64}$
        got       "****"
      body["intercom"]["data"]["item"]["id"]  line 19
        expected  12.0 (a double)
        got       12 (an integer)
  ✗ pings arrive
    expected 2 records; 1 left  (my.test.yaml:23, pipeline logs)
      = filter/noise let 1 of 2 through
    record 1 did not leave  (my.test.yaml:23, pipeline logs)
  ✗ nothing <b>&"names"</b>
    record 1, intercom.a, holds "jane roe", which should stand nowhere  (my.test.yaml:25, pipeline logs)
      body["intercom"]["note"]
        holds     "Please write to Jane Roe of the seventh stre"…

4 tests: 1 passed, 3 failed.
`;
  assert.equal(textReport(files, { color: false }), golden);
});

it('has colours where they are wanted, around the same text', () => {
  const coloured = textReport(files, { color: true });
  assert.ok(coloured.includes('\u001b[31m✗\u001b[0m'));
  const plain = coloured.split('\u001b').map((part) => part.replace(/^\[\d+m/, ''));
  assert.equal(plain.join(''), textReport(files, { color: false }));
});

it('shows nothing that a terminal would obey', async () => {
  const text = `tests: [{ name: "a\\e[31m", input: { notification: { topic: a, x: "\\e[2J\\u202e" } }, expect: { body: { intercom: { x: "\\a" } } } }]`;
  const report = textReport([{ file: 'a\u001b', verdicts: await verdictsOf(config, text) }], { color: false });
  assert.doesNotMatch(report.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
});

it('is TAP', () => {
  const lines = tapReport(files).split('\n');
  assert.deepEqual(lines.slice(0, 4), [
    'TAP version 14',
    '1..4',
    'ok 1 - my.test.yaml: what is right is a line',
    'not ok 2 - my.test.yaml: a rating is a warning for sales',
  ]);
  const points = lines.filter((line) => /^(not )?ok/.test(line)).map((line) => /^(not ok|ok) (\d+) - (.*)$/.exec(line));
  assert.deepEqual(
    points.map((point) => point?.[2]),
    ['1', '2', '3', '4'],
  );
  // A # would begin a directive.
  for (const point of points) assert.doesNotMatch(point?.[3] ?? '#', /(?<!\\)#/);
  const blocks = tapReport(files).match(/^ {2}---\n[\s\S]*?^ {2}\.\.\.$/gm) ?? [];
  assert.equal(blocks.length, 3);
  for (const block of blocks) {
    const { message } = parse(block.replace(/^ {2}(---|\.\.\.)$/gm, '')) as { message: string };
    assert.match(message, /my\.test\.yaml:\d+/);
  }
  for (const line of lines) assert.match(line, /^(TAP version 14|1\.\.\d+|ok |not ok | {2}|$)/);
});

describe('JUnit', () => {
  it('is well-formed XML with a case for each test', () => {
    const cases = elements(junitReport(files), 'testcase');
    assert.deepEqual(
      cases.map(({ attributes }) => attributes.name),
      ['what is right is a line', 'a rating is a warning for sales', 'pings arrive', 'nothing <b>&"names"</b>'],
    );
    const [suite] = elements(junitReport(files), 'testsuite');
    assert.deepEqual([suite?.attributes.tests, suite?.attributes.failures], ['4', '3']);
    const failures = elements(junitReport(files), 'failure');
    assert.equal(failures.length, 3);
    assert.match(failures[1]?.text ?? '', /filter\/noise let 1 of 2 through/);
  });

  it('leaves out what XML can not say', async () => {
    const text = 'tests: [{ name: "a\\x01\\nb\\ud800", input: { notification: "\\x02" }, expect: dropped }]';
    const report = junitReport([{ file: 'a', verdicts: await verdictsOf(config, text) }]);
    assert.equal(elements(report, 'testcase')[0]?.attributes.name, 'a  b\ufffd');
  });
});

it('is JSON', () => {
  const report = JSON.parse(JSON.stringify(jsonReport(files)));
  assert.deepEqual([report.passed, report.failed], [1, 3]);
  const [, rating, , leak] = report.tests;
  assert.deepEqual(
    [rating.name, rating.line, rating.pipeline, rating.result],
    ['a rating is a warning for sales', 6, 'logs', 'failed'],
  );
  assert.deepEqual(rating.failures[0].differences[0], { path: 'severity_text', expected: '"WARN"', got: '"INFO"' });
  assert.equal(rating.failures[0].differences[1].got, null);
  assert.deepEqual(leak.failures[0].differences, [
    { path: 'body["intercom"]["note"]', got: '"Please write to Jane Roe of the seventh street, who knows"' },
  ]);
});

it('names places as OTTL does', () => {
  assert.equal(pathText(['body', 'a', 0, 'b"c']), 'body["a"][0]["b\\"c"]');
  assert.equal(pathText(['resource', 'attributes', 'a.b']), 'resource.attributes["a.b"]');
  assert.equal(pathText(['instrumentation_scope', 'name']), 'instrumentation_scope.name');
  assert.equal(pathText([]), 'the record');
});
