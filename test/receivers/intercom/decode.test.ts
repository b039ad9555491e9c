import assert from 'node:assert/strict';
import test from 'node:test';
import { BODY_ERROR } from '../../../src/intercom/convention.ts';
import { createDecoder } from '../../../src/receivers/intercom/decode.ts';
import { decode, decoded, entry, RECEIVED_AT } from './decode-harness.ts';

const RECEIPT = [1795348800, 123000000];

test('a notification becomes one record with body, times, name, severity, resource and scope', () => {
  const notification = {
    id: 'notif_1',
    topic: 'conversation.user.replied',
    created_at: 1795348790,
    data: { item: {} },
  };
  const record = decoded(notification);
  assert.deepEqual(record.body, { source_system: 'intercom', intercom: notification });
  assert.deepEqual(record.hrTime, [1795348790, 0]);
  assert.deepEqual(record.hrTimeObserved, RECEIPT);
  assert.equal(record.eventName, 'intercom.conversation.user.replied');
  assert.deepEqual([record.severityNumber, record.severityText], [9, 'INFO']);
  assert.deepEqual(record.resource.attributes, {
    'service.namespace': 'acme',
    'service.name': 'helpdesk',
    'cx.application.name': 'acme',
    'cx.subsystem.name': 'helpdesk',
    'intercom.integration.name': 'support',
  });
  assert.deepEqual(record.instrumentationScope, { name: 'intercom-otel-agent/receiver/intercom', version: '1.2.3' });
});

test('records of one integration and workspace share resource and scope', () => {
  const [first, second] = [decoded({ id: 'a' }), decoded({ id: 'b' })];
  assert.equal(first.resource, second.resource);
  assert.equal(first.instrumentationScope, second.instrumentationScope);
  const metadata = { integration: 'support', application_name: 'acme', subsystem_name: 'emea', kind: 'notification' };
  assert.notEqual(decoded({}, { metadata }).resource, first.resource);
});

test('resources are remembered up to a bound', () => {
  const metadata = (i: number) => ({ integration: `i${i}` });
  const first = decoded({}, { metadata: metadata(0) }).resource;
  for (let i = 1; i <= 4096; i++) decoded({}, { metadata: metadata(i) });
  const again = decoded({}, { metadata: metadata(0) }).resource;
  assert.notEqual(again, first);
  assert.deepEqual(again.attributes, { 'intercom.integration.name': 'i0' });
});

test('created_at is the time of the event where it can be', () => {
  const cases: [unknown, number[]][] = [
    [1619424689, [1619424689, 0]],
    ['1619424689', [1619424689, 0]],
    [1619424689.5, [1619424689, 500000000]],
    [RECEIVED_AT / 1000 + 86_000, [1795434800, 123000000]],
    [1293840000, [1293840000, 0]],
  ];
  for (const [created_at, time] of cases) assert.deepEqual(decoded({ created_at }).hrTime, time, String(created_at));
});

test('an absent or absurd created_at gives the time of receipt', () => {
  const absurd = [
    undefined,
    null,
    0,
    -1,
    1293839999,
    RECEIVED_AT,
    RECEIVED_AT / 1000 + 86_401,
    1e300,
    '',
    'now',
    [1619424689],
    true,
  ];
  for (const created_at of absurd) assert.deepEqual(decoded({ created_at }).hrTime, RECEIPT, String(created_at));
  assert.deepEqual(decoded('{"created_at":9007199254740993}').hrTime, RECEIPT);
  assert.deepEqual(decoded('[]').hrTime, RECEIPT);
});

test('without a plausible topic the event is unknown', () => {
  for (const topic of [undefined, null, '', 5, {}, 'two words', 'ünicode', 'a\n', 'x'.repeat(129)]) {
    const record = decoded({ topic, data: { item: { id: '7' } } });
    assert.equal(record.eventName, 'intercom.unknown');
    assert.equal(record.attributes['intercom.topic'], undefined);
    assert.equal(record.attributes['intercom.item.id'], '7');
  }
  assert.equal(decoded({ topic: 'x'.repeat(128) }).eventName, `intercom.${'x'.repeat(128)}`);
});

test('an uninstall is an event of its own', () => {
  const metadata = { integration: 'support', application_name: 'acme', subsystem_name: 'helpdesk', kind: 'uninstall' };
  const record = decoded({ app_id: 'abc123def' }, { metadata });
  assert.equal(record.eventName, 'intercom.app.uninstalled');
  assert.deepEqual(record.attributes, { 'intercom.app_id': 'abc123def' });
  assert.deepEqual(record.body, { source_system: 'intercom', intercom: { app_id: 'abc123def' } });
});

test('a body that is no value is carried as text, and says why', () => {
  const cases: [string | Uint8Array, string, string][] = [
    ['', '', 'not_json'],
    ['hello', 'hello', 'not_json'],
    [Buffer.from([0x22, 0xff, 0x22]), '"\ufffd"', 'not_utf8'],
    ['['.repeat(70) + ']'.repeat(70), '['.repeat(70) + ']'.repeat(70), 'too_deep'],
  ];
  for (const [body, text, error] of cases) {
    const record = decoded(body);
    assert.deepEqual(record.body, { source_system: 'intercom', intercom: text });
    assert.deepEqual(record.attributes, { [BODY_ERROR]: error });
    assert.equal(record.eventName, 'intercom.unknown');
  }
});

test('a body whose encoding could not be undone is carried as bytes', () => {
  const body = Buffer.from([0x1f, 0x8b, 0, 255]);
  const record = decoded(body, { metadata: { encoding_error: 'gzip: unexpected end of file' } });
  assert.deepEqual(record.body, { source_system: 'intercom', intercom: body });
  assert.deepEqual(record.attributes, { [BODY_ERROR]: 'content_encoding' });
});

test('JSON that is no object is a body like any other', () => {
  for (const value of [null, 5, 'text', true, [1, [2]], []]) {
    const record = decoded(JSON.stringify(value));
    assert.deepEqual(record.body, { source_system: 'intercom', intercom: value });
    assert.deepEqual(record.attributes, {});
  }
});

const severityOf = (topic: string, item: object) => decoded({ topic, data: { item } }).severityText;

test('failures are graver than the rest', () => {
  const connector = { type: 'data_connector.execution' };
  assert.equal(severityOf('data_connector.execution.completed', { ...connector, success: false }), 'ERROR');
  assert.equal(severityOf('data_connector.execution.completed', { ...connector, success: true }), 'INFO');
  assert.equal(severityOf('job.completed', { status: 'failed' }), 'ERROR');
  assert.equal(severityOf('job.completed', { status: 'success' }), 'INFO');
  for (const stat_type of ['hard_bounce', 'soft_bounce', 'spam_complaint', 'push_failure', 'sms_failure', 'failure']) {
    assert.equal(severityOf('content_stat.email', { content_stat: { stat_type } }), 'WARN');
  }
  assert.equal(severityOf('content_stat.email', { content_stat: { stat_type: 'open' } }), 'INFO');
  assert.equal(severityOf('admin.activity_log_event.created', { activity_type: 'admin_login_failure' }), 'WARN');
  assert.equal(severityOf('admin.activity_log_event.created', { activity_type: 'admin_login_success' }), 'INFO');
  const late = { type: 'conversation', sla_applied: { type: 'conversation_sla_summary', sla_status: 'missed' } };
  assert.equal(severityOf('conversation.admin.replied', late), 'WARN');
});

test('the severity of a configuration is used', () => {
  const item = { type: 'job', status: 'failed' };
  const flat = createDecoder({ version: '1', severity: 'info' });
  assert.equal(flat(entry({ topic: 'job.completed', data: { item } }))[0]?.severityText, 'INFO');
  const byTopic = createDecoder({ version: '1', severity: { 'app.*': 'fatal', unknown: 'debug' } });
  assert.equal(byTopic(entry({ app_id: 'a' }, { metadata: { kind: 'uninstall' } }))[0]?.severityText, 'FATAL');
  assert.equal(byTopic(entry('nonsense'))[0]?.severityText, 'DEBUG');
  assert.equal(byTopic(entry({ topic: 'job.completed', data: { item } }))[0]?.severityText, 'ERROR');
});

test('one entry is one record', () => {
  assert.equal(decode(entry({ topic: 'ping' })).length, 1);
});
