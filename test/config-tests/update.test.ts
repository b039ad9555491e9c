import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { differences } from '../../src/config-tests/compare.ts';
import { mergeLines } from '../../src/config-tests/line-merge.ts';
import { written } from '../../src/config-tests/pattern.ts';
import { readTestFile } from '../../src/config-tests/read.ts';
import { recordForm } from '../../src/config-tests/record-form.ts';
import { mayUpdate, updated } from '../../src/config-tests/update.ts';
import { sampleTopics } from '../../src/intercom/samples.ts';
import { isMap } from '../../src/record/value.ts';
import { record, values } from '../record/otlp/records.ts';
import { configuration, verdictsOf, withProcessors } from './trying.ts';

const config = await configuration(
  withProcessors(`
filter/noise: { logs: { log_record: ['attributes["intercom.topic"] == "ping"'] } }
redaction: { allow_all_keys: true, blocked_values: ['[\\w.]+@[\\w.]+'], hash_function: sha3 }
`),
);

/** The file as `--update` leaves it. */
async function update(text: string): Promise<string> {
  const changing = (await verdictsOf(config, text)).filter(mayUpdate);
  assert.ok(changing.length > 0, 'nothing to change');
  const after = updated('my.test.yaml', text, changing);
  assert.ok(after !== undefined);
  return after;
}

async function failing(text: string): Promise<string[]> {
  const verdicts = await verdictsOf(config, text);
  return verdicts.filter(({ failures }) => failures.length > 0).map(({ test }) => test.name);
}

describe('--update', () => {
  it('changes what is wrong, and nothing else', async () => {
    const before = `# What must hold.
now:   2026-01-05T09:00:00Z    # a Monday

tests:
    # The first one.
    - name:  "right"           # stays
      input: {sample: ping}
      expect: dropped


    - name: wrong
      input: [{notification: {topic: a.b,   id: "n1", data: {item: {mail: jane@example.com}}}}]
      expect:
          # About the record.
          - event_name: 'intercom.a'  # the topic
            severity_number:   0x9
            attributes: {intercom.topic: a.c, gone: 1,   intercom.notification.id: n1}
            body:
                intercom:
                    id: {$matches: '^n'}     # any
                    data: {item: {mail: {$matches: '@'}}}
`;
    const after = await update(before);
    const changed = before
      .replace("'intercom.a'  # the topic", "'intercom.a.b' # the topic")
      .replace(
        '{intercom.topic: a.c, gone: 1,   intercom.notification.id: n1}',
        '{intercom.topic: a.b, gone: {$exists: false}, intercom.notification.id: n1}',
      )
      .replace(/\{\$matches: '@'\}/, /mail: ([0-9a-f]{64})/.exec(after)?.[1] ?? '');
    assert.equal(after, changed);
    assert.deepEqual(await failing(after), []);
  });

  it('writes what is expected of nothing yet, as the record is', async () => {
    const after = await update(`tests:
  - name: new
    input: { otlp: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'true' }, attributes: [{ key: $a, value: { intValue: 1 } }, { key: <<, value: { doubleValue: 1 } }] }] }] }] } }
  # The last line.
`);
    assert.equal(
      after.slice(after.indexOf('    expect')),
      `    expect:
      - attributes:
          $$a: 1
          '<<': 1.0
        body: 'true'
  # The last line.
`,
    );
    assert.deepEqual(await failing(after), []);
  });

  it('adds and takes away records', async () => {
    const input = '[{ notification: { topic: a } }, { sample: ping }, { notification: { topic: c } }]';
    const fewer = await update(`tests:
  - name: fewer
    input: ${input}
    expect:
      - event_name: intercom.a # first
      - event_name: intercom.ping # never
      - event_name: intercom.c # last
`);
    assert.match(fewer, /intercom\.a # first\n {6}- event_name: intercom\.c # last\n$/);
    const more = await update(`tests:\n  - name: more\n    input: ${input}\n    expect: { event_name: intercom.c }\n`);
    assert.deepEqual(await failing(more), []);
    assert.match(more, /event_name: intercom\.a\n/);
    const none = await update(`tests:\n  - name: none\n    input: { sample: ping }\n    expect_exactly: [{}]\n`);
    assert.equal(none, 'tests:\n  - name: none\n    input: { sample: ping }\n    expect: dropped\n');
    const some = await update(
      `tests:\n  - name: some\n    input: { notification: { topic: a } }\n    expect: dropped # or not\n`,
    );
    assert.deepEqual(await failing(some), []);
  });

  it('keeps an exact expectation exact', async () => {
    const input =
      '{ otlp: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: hi }, severityNumber: 9 }] }] }] } }';
    const after = await update(
      `tests:\n  - name: exact\n    input: ${input}\n    expect_exactly:\n      body: ho\n      flags: 1\n`,
    );
    assert.match(after, /expect_exactly:\n {6}body: hi\n {6}severity_number: 9\n$/);
  });

  it('does not bless what fails, or stands where it should not', async () => {
    const failingConfig = await configuration(
      withProcessors(
        `transform: { error_mode: propagate, log_statements: ['set(log.attributes["n"], ParseJSON(log.body["source_system"]))'] }`,
      ),
    );
    const verdicts = await verdictsOf(
      failingConfig,
      'tests: [{ name: a, input: { sample: ping } }, { name: b, input: { sample: ping }, expect: dropped }]',
    );
    assert.deepEqual(verdicts.map(mayUpdate), [false, false]);
    const leak =
      'tests: [{ name: a, input: { notification: { topic: a, b: secret } }, contains_nowhere: [secret] }, { name: b, input: { notification: {} }, expect: failed }]';
    assert.deepEqual((await verdictsOf(config, leak)).map(mayUpdate), [false, false]);
  });

  it('keeps the ends of lines', async () => {
    const before =
      'tests:\r\n  - name: a\r\n    input: { sample: ticket.created }\r\n    expect: { event_name: b }\r\n# end\r\n';
    assert.equal(await update(before), before.replace('event_name: b', 'event_name: intercom.ticket.created'));
  });

  it('gives up on what is no single document', async () => {
    const text = '---\ntests: [{ name: a, input: { notification: {} }, expect: dropped }]\n---\nother: 1\n';
    assert.equal(updated('a', text, await verdictsOf(config, text)), undefined);
  });

  it('keeps what it can of a file that uses aliases', async () => {
    const after = await update(`tests:
  - name: one
    input: &in { notification: { topic: a } }
    expect: &out { event_name: intercom.b, attributes: { intercom.topic: a } }
  - name: two
    input: *in
    expect: *out
`);
    assert.deepEqual(await failing(after), []);
  });
});

it('what it writes of samples passes, and stays as it is', async () => {
  const topic = fc.constantFrom(...sampleTopics);
  const inputs = fc.array(fc.record({ sample: topic, seed: fc.integer({ min: 0, max: 1e6 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  const key = fc.constantFrom(
    '',
    'expect: dropped',
    'expect: {}',
    'expect_exactly: [{}]',
    'expect: [{ body: 1 }, { event_name: intercom.x }]',
  );
  await fc.assert(
    fc.asyncProperty(inputs, key, async (some, expect) => {
      const text = `tests:\n  - name: a\n    input: ${JSON.stringify(some)}\n    ${expect}\n`;
      if ((await failing(text)).length === 0) return;
      const after = await update(text);
      assert.deepEqual(await failing(after), []);
    }),
    { numRuns: 60 },
  );
});

it('what it writes of any record is read back as that record', () => {
  const own = values.map.filter((map) => !hasProto(map));
  fc.assert(
    fc.property(
      own,
      values.value.filter((value) => !hasProto(value)),
      (attributes, body) => {
        const form = recordForm(record({ attributes, body }));
        const text = 'tests:\n  - name: a\n    input: { sample: ping }\n    expect_exactly: [{}]\n';
        const [test] = readTestFile('a', text).tests;
        assert.ok(test);
        const verdict = { test, pipeline: 'logs', failures: [], sent: [form], broke: false };
        const after = updated('a', text, [verdict]);
        assert.ok(after !== undefined);
        const [again] = readTestFile('a', after).tests;
        assert.ok(again?.expectation.kind === 'records' && again.expectation.exact);
        const [expected] = again.expectation.records;
        assert.ok(expected);
        assert.deepEqual(differences(expected, form), [], after);
      },
    ),
    { numRuns: 300 },
  );
});

/** Such a key has no form in a file of ours. */
function hasProto(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasProto);
  if (!isMap(value)) return false;
  return Object.entries(value).some(([key, inner]) => key === '__proto__' || hasProto(inner));
}

describe('merging lines', () => {
  it('keeps lines that did not change as they were written', () => {
    assert.equal(
      mergeLines('a:   1\nb:  2\n\n\nc: 3', 'a: 1\nb: 2\n\nc: 3', 'a: 1\nb: 5\n\nc: 3'),
      'a:   1\nb: 5\n\n\nc: 3',
    );
    assert.equal(mergeLines('a:   1', 'a: 1', 'a: 1\nb: 2'), 'a:   1\nb: 2');
    assert.equal(mergeLines('a:   1\nb:  2', 'a: 1\nb: 2', 'b: 2'), 'b:  2');
  });
  it('gives the changed text where the text is as it is printed, and the text where nothing changed', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((some) => some.join('\n'));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        assert.equal(mergeLines(before, before, after), after);
        assert.equal(mergeLines(after, before, before), after);
      }),
    );
  });
});

it('a record in its written form has no matcher but bytes', () => {
  assert.deepEqual(written({ $a: new Uint8Array([1]), b: ['$x'] }), { $$a: { $bytes: 'AQ==' }, b: ['$x'] });
});
