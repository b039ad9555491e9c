import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Failure } from '../../src/config-tests/judge.ts';
import { configuration, verdictsOf, withProcessors } from './trying.ts';

const config = await configuration(
  withProcessors(`
transform/strict:
  error_mode: propagate
  log_statements: ['set(log.attributes["n"], ParseJSON(log.body["intercom"]["raw"])) where log.attributes["intercom.topic"] == "x"']
filter/noise: { logs: { log_record: ['attributes["intercom.topic"] == "ping"'] } }
attributes: { actions: [{ key: mark, value: 1, action: insert }] }
`),
);

/** What fails in the one test whose lines these are. */
async function failuresOf(lines: string, chosen = config, files?: Record<string, string>): Promise<readonly Failure[]> {
  const text = `tests:\n  - name: a\n${lines.replace(/^/gm, '    ')}\n`;
  const [verdict] = await verdictsOf(chosen, text, files);
  assert.ok(verdict);
  return verdict.failures;
}
const passes = async (lines: string, chosen = config, files?: Record<string, string>) =>
  assert.deepEqual(await failuresOf(lines, chosen, files), []);
const messages = async (lines: string, chosen = config) =>
  (await failuresOf(lines, chosen)).map(({ message }) => message);

const broken = "{ notification: { topic: x, raw: 'no json' } }";

describe('what comes in', () => {
  it('is a sample, the same each time, with what is merged over it', async () => {
    await passes(`
input: { sample: conversation.user.created, with: { app_id: mine, data: { item: { extra: { a: 1.0, b: [2] } } } } }
expect:
  event_name: intercom.conversation.user.created
  time: '2026-01-05T09:00:00Z'
  observed_time: '2026-01-05T09:00:00Z'
  attributes: { intercom.app_id: mine, log.record.uid: notif_00000000-0000-4000-8000-000000000001 }
  body: { intercom: { data: { item: { extra: { $exactly: { a: 1, b: [2] } }, type: conversation } } } }`);
  });

  it('is a notification, or a text that is none', async () => {
    await passes(
      'input: { notification: { topic: a.b, n: 9007199254740993 } }\nexpect: { event_name: intercom.a.b, body: { intercom: { n: 9007199254740993 } } }',
    );
    await passes('input: { notification: "[" }\nexpect: { event_name: intercom.unknown, body: { intercom: "[" } }');
  });

  it('is a file, byte for byte', async () => {
    const files = { 'a.json': '{"topic":"a.b","id":"7"}' };
    await passes('input: { file: a.json }\nexpect: { attributes: { intercom.notification.id: "7" } }', config, files);
  });

  it('is OTLP, in the test or in a file', async () => {
    const record =
      '{ body: { stringValue: hi }, timeUnixNano: 1000000001, attributes: [{ key: d, value: { doubleValue: 2 } }, { key: b, value: { bytesValue: AQI= } }], traceId: 0102030405060708090a0b0c0d0e0f10, spanId: "0102030405060708" }';
    const data = `{ resourceLogs: [{ resource: { attributes: [{ key: r, value: { boolValue: true } }] }, scopeLogs: [{ scope: { name: s }, logRecords: [${record}] }] }] }`;
    await passes(`
input: { otlp: ${data} }
expect_exactly:
  body: hi
  time: '1970-01-01T00:00:01.000000001Z'
  trace_id: 0102030405060708090a0b0c0d0e0f10
  span_id: '0102030405060708'
  attributes: { d: 2.0, b: { $bytes: AQI= }, mark: 1 }
  resource: { attributes: { r: true } }
  instrumentation_scope: { name: s }`);
    const files = { 'a.json': '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}' };
    await passes('input: { otlp_file: a.json }\nexpect_exactly: { body: x, attributes: { mark: 1 } }', config, files);
  });

  it('is taken by the integration that is named, at the time of the file', async () => {
    const text = (now: string) => `
now: ${now}
tests: [{ name: a, input: { sample: ticket.created, integration: sales }, expect: { observed_time: '2024-02-03T04:05:06.789Z', resource: { attributes: { intercom.integration.name: sales } } } }]`;
    for (const now of ['2024-02-03T04:05:06.789Z', '"2024-02-03T05:05:06.789+01:00"']) {
      const [verdict] = await verdictsOf(config, text(now));
      assert.deepEqual(verdict?.failures, []);
    }
  });
});

describe('what is expected', () => {
  it('is that everything is dropped', async () => {
    await passes('input: { sample: ping }\nexpect: dropped');
    const [failure] = await failuresOf(
      'input: [{ sample: ping }, { notification: { topic: a, id: n7 } }]\nexpect: dropped',
    );
    assert.equal(failure?.message, 'expected that everything is dropped; 1 record left');
    assert.deepEqual(failure?.notes, ['left: intercom.a (n7)']);
  });

  it('is that a processor fails, with an error', async () => {
    await passes(`input: ${broken}\nexpect: failed`);
    await passes(`input: ${broken}\nexpect: failed\nerror: (?i)json`);
    assert.match(
      (await messages(`input: ${broken}\nexpect: failed\nerror: moon`)).join(),
      /^expected an error that matches moon; got: /,
    );
    assert.deepEqual(await messages('input: { sample: ping }\nexpect: failed'), [
      'expected that a processor fails; no processor failed',
    ]);
    assert.deepEqual(await messages(`input: [${broken}, { sample: ping }]\nexpect: failed`), [
      'expected that a processor fails; only 1 of 2 inputs failed',
    ]);
  });

  it('is never a failure of a processor by itself', async () => {
    for (const expect of ['expect: dropped', 'expect: {}', 'contains_nowhere: [x]']) {
      const [failure] = await failuresOf(`input: [{ sample: conversation.user.created }, ${broken}]\n${expect}`);
      assert.match(
        failure?.message ?? '',
        /^transform\/strict failed on input 2, and it would be a dead letter: .*JSON/i,
      );
      assert.deepEqual(failure?.notes, ['if that is meant: expect: failed']);
    }
  });

  it('is something: a test without is no test', async () => {
    assert.deepEqual(await messages('input: { sample: ping }'), ['it expects nothing']);
  });

  it('is every record of a batch; who withheld one is told', async () => {
    const [first, second, ...rest] = await failuresOf(`
input: [{ sample: conversation.user.created }, { sample: ping }, { sample: contact.user.created }]
expect: [{ event_name: intercom.conversation.user.created }, { event_name: intercom.ping }, { event_name: intercom.contact.user.created }]`);
    assert.equal(first?.message, 'expected 3 records; 2 left');
    assert.deepEqual(first?.notes, ['filter/noise let 2 of 3 through']);
    assert.equal(second?.message, 'record 2 did not leave');
    assert.deepEqual(rest, []);
    const [none] = await failuresOf('input: { sample: ping }\nexpect: { event_name: intercom.ping }');
    assert.equal(none?.message, 'expected 1 record; none left');
    const [more] = await failuresOf(
      'input: [{ sample: ticket.created }, { notification: { topic: b } }]\nexpect: { event_name: intercom.b }',
    );
    assert.equal(more?.message, 'expected 1 record; 2 left');
    assert.equal(more?.notes[1], 'left: intercom.b');
  });

  it('is exactly that, where it says so', async () => {
    const input =
      'input: { otlp: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: hi }, severityNumber: 9 }] }] }] } }';
    await passes(`${input}\nexpect_exactly: { body: hi, severity_number: 9, attributes: { mark: 1 } }`);
    await passes(`${input}\nexpect: { body: hi }`);
    const [failure] = await failuresOf(`${input}\nexpect_exactly: { body: hi }`);
    assert.deepEqual(
      failure?.differences.map(({ path, expected }) => [path, expected]),
      [
        [['severity_number'], undefined],
        [['attributes'], undefined],
      ],
    );
  });
});

describe('contains_nowhere', () => {
  const item = (fields: string) =>
    `input: { notification: { topic: a, data: { item: ${fields} } } }\ncontains_nowhere: [Jane@x.example]`;
  it('looks into keys and values, texts and bytes, in upper and lower case', async () => {
    await passes(item('{ a: 1 }'));
    for (const fields of [
      '{ a: [mailto:jane@X.example] }',
      '{ JANE@x.example: 1 }',
      '{ a: "{\\"b\\":\\"jane@x.example\\"}" }',
    ]) {
      const [failure] = await failuresOf(item(fields));
      assert.match(
        failure?.message ?? '',
        /^record 1, intercom\.a, holds "Jane@x\.example", which should stand nowhere$/,
      );
    }
    const bytes = Buffer.from('x jane@x.example').toString('base64');
    const otlp = `{ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { bytesValue: ${bytes} } }] }] }] }`;
    assert.equal((await failuresOf(`input: { otlp: ${otlp} }\ncontains_nowhere: [jane@x.example]`)).length, 1);
    const number = 'input: { notification: { topic: a, phone: 15550100200 } }\ncontains_nowhere: ["5550100"]';
    assert.equal((await failuresOf(number)).length, 1);
  });
  it('shows nothing where nothing leaves', async () => {
    const [failure] = await failuresOf('input: { sample: ping }\ncontains_nowhere: [x]');
    assert.equal(failure?.message, 'nothing left the pipeline, so contains_nowhere shows nothing');
    assert.deepEqual(failure?.notes, ['filter/noise let 0 of 1 through']);
  });
});

it('joins a batch as a delivery would', async () => {
  const joining = await configuration(
    withProcessors("logdedup: { interval: 60s, include_fields: ['attributes.intercom\\.topic'] }"),
  );
  await passes(
    `
input: [{ notification: { topic: a, id: n1 } }, { notification: { topic: b, id: n2 } }, { notification: { topic: a, id: n3 } }]
expect:
  - { event_name: intercom.a, attributes: { log_count: 2 } }
  - { event_name: intercom.b, attributes: { log_count: 1 } }`,
    joining,
  );
  const [failure] = await failuresOf(
    'input: [{ notification: { topic: a } }, { notification: { topic: a } }]\nexpect: [{}, {}]',
    joining,
  );
  assert.deepEqual(failure?.notes, ['logdedup joined 2 to 1']);
});

it('takes records through pipelines that connectors join', async () => {
  const joined = await configuration(`
receivers: { intercom: { integrations: [{ name: a, signature: none, application_name: a }] } }
processors:
  attributes/all: { actions: [{ key: all, value: 1, action: insert }] }
  attributes/archive: { actions: [{ key: archive, value: 1, action: insert }] }
exporters: { nop: }
connectors: { forward: }
service:
  pipelines:
    logs/in: { receivers: [intercom], processors: [attributes/all], exporters: [forward] }
    logs/archive: { receivers: [forward], processors: [attributes/archive], exporters: [nop] }
`);
  await passes(
    'input: { sample: ping }\npipeline: logs/archive\nexpect: { attributes: { all: 1, archive: 1 } }',
    joined,
  );
  await passes(
    'input: { sample: ping }\npipeline: logs/in\nexpect: { attributes: { all: 1, archive: { $exists: false } } }',
    joined,
  );
});

it('gives the same in every run, what samples at random too', async () => {
  const sampling = await configuration(withProcessors('probabilistic_sampler: { sampling_percentage: 50 }'));
  const text = `tests: [{ name: a, input: [${Array(40).fill('{ notification: "{}" }').join(', ')}], expect: [{}] }]`;
  const counts = await Promise.all([1, 2, 3].map(async () => (await verdictsOf(sampling, text))[0]?.sent.length));
  assert.equal(new Set(counts).size, 1);
});

it('tells what processors complained of', async () => {
  const lenient = await configuration(
    withProcessors(
      `transform: { error_mode: ignore, log_statements: ['set(log.attributes["n"], ParseJSON(log.body["source_system"]))'] }`,
    ),
  );
  const [failure] = await failuresOf('input: { sample: ping }\nexpect: { attributes: { n: 1 } }', lenient);
  assert.match(failure?.notes[0] ?? '', /^logged: .*processor=transform/);
});
