/** The recipes of docs/processors.md do what they say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { Rehearsal, rehearsedBody } from '../../src/agent/rehearsal.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { factories } from '../../src/registry.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { codeBlocks } from '../support/markdown.ts';

const blocks = (await codeBlocks('docs/processors.md')).filter(({ language }) => language === 'yaml');

/** What becomes of notifications by the processors of the block that has this one. */
async function through(processor: string, notifications: readonly object[], pipeline = 0): Promise<LogRecord[]> {
  const block = blocks.find(({ text }) => Object.keys(parse(text).processors ?? {}).includes(processor));
  assert.ok(block, processor);
  const fragment = parse(block.text) as Record<string, Record<string, unknown>>;
  const receivers = fragment.receivers ?? {
    intercom: { integrations: [{ name: 'a', signature: 'none', application_name: 'a' }] },
  };
  const exporters = fragment.exporters ?? { nop: null };
  const service = fragment.service ?? {
    pipelines: {
      logs: { receivers: ['intercom'], processors: Object.keys(fragment.processors ?? {}), exporters: ['nop'] },
    },
  };
  const { config, diagnostics } = await loadConfig({
    sources: ['recipe.yaml'],
    environment: { INTERCOM_CLIENT_SECRET: 'secret', REDACTION_KEY: '0123456789abcdef0123456789abcdef' },
    factories,
    readFile: () => Promise.resolve(JSON.stringify({ receivers, exporters, processors: fragment.processors, service })),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  const options = { config, version: '0', log: silentLog, clock: new FakeClock(), random: () => 0 };
  const chosen = config.service.pipelines[pipeline];
  assert.ok(chosen);
  const stored = { receiver: 'intercom', receivedAt: 1_700_000_000_000 };
  const inputs = notifications.map((one) => rehearsedBody(options, Buffer.from(JSON.stringify(one)), stored));
  const { sent, failed } = new Rehearsal(chosen, options).run(inputs);
  assert.deepEqual(failed, []);
  return sent.map(({ record }) => record);
}

const notification = (topic: string, item: object = {}, id = 'notif_1') => ({
  ...{ type: 'notification_event', app_id: 'abc', topic, id, created_at: 1_700_000_000 },
  data: { type: 'notification_event_data', item: { type: 'conversation', id: '7', ...item } },
});
const topics = (records: readonly LogRecord[]) => records.map(({ attributes }) => attributes['intercom.topic']);

test('topics are dropped', async () => {
  const names = ['ping', 'visitor.signed_up', 'contact.tag.created', 'conversation.user.created', 'contact.created'];
  const left = await through(
    'filter/noise',
    names.map((name) => notification(name)),
  );
  assert.deepEqual(topics(left), ['conversation.user.created', 'contact.created']);
});

test('topics have a severity of their own', async () => {
  const records = await through('transform/severity', [
    notification('conversation.rating.rated'),
    notification('ping'),
  ]);
  assert.deepEqual(
    records.map(({ severityNumber, severityText }) => [severityNumber, severityText]),
    [
      [13, 'WARN'],
      [9, 'INFO'],
    ],
  );
});

test('addresses are hidden, the same one in the same way', async () => {
  const parts = [
    { body: '<p>Write to <a href="mailto:ann.b+c@mail.example.com">me</a></p>' },
    { email: 'ann.b+c@mail.example.com' },
  ];
  const [record] = await through('redaction/mail', [notification('conversation.user.replied', { parts, id: '12' })]);
  const text = JSON.stringify(record?.body);
  assert.doesNotMatch(text, /ann|mail\.example/);
  const hashes = [...text.matchAll(/[0-9a-f]{64}/g)].map(([hash]) => hash);
  assert.deepEqual([hashes.length, new Set(hashes).size], [2, 1]);
  assert.match(text, /"id":"12"/);
});

test('each backend gets its own', async () => {
  const all = ['conversation.user.created', 'ticket.created', 'ping'].map((name) => notification(name));
  assert.deepEqual(topics(await through('filter/tickets', all, 0)), ['conversation.user.created']);
  assert.deepEqual(topics(await through('filter/tickets', all, 1)), ['ticket.created']);
});

test('a tenth of a topic is kept, the same each time', async () => {
  const many = Array.from({ length: 4000 }, (_, index) => notification('contact.user.updated', {}, `notif_${index}_x`));
  const kept = await through('filter/sample', [...many, notification('ping')]);
  const again = await through('filter/sample', many);
  assert.ok(kept.length > 330 && kept.length < 480, String(kept.length));
  assert.deepEqual(
    kept.slice(0, -1).map(({ attributes }) => attributes['intercom.notification.id']),
    again.map(({ attributes }) => attributes['intercom.notification.id']),
  );
});

test('fields become flat attributes', async () => {
  const item = {
    state: 'open',
    title: null,
    statistics: { time_to_reply: 5, nested: { a: [1] } },
    source: { body: 'private' },
  };
  const [record] = await through('transform/flat', [notification('conversation.user.created', item)]);
  assert.equal(record?.body, 'conversation.user.created');
  const flat = Object.fromEntries(Object.entries(record?.attributes ?? {}).filter(([key]) => key.startsWith('item.')));
  assert.deepEqual(flat, {
    'item.id': '7',
    'item.state': 'open',
    'item.title': null,
    'item.statistics.time_to_reply': 5,
    'item.statistics.nested.a.0': 1,
  });
});
