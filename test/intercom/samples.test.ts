import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { sampleNotification, sampleTopics } from '../../src/intercom/samples.ts';
import { decoded, RECEIVED_AT } from '../receivers/intercom/decode-harness.ts';
import { shared, sharedMissing } from '../support/shared.ts';

const UUID = '5b0c1d1e-0000-4000-8000-000000000001';
const options = { now: RECEIVED_AT - 5000, id: () => UUID };

test('every sample is a notification that decodes to what it says', () => {
  assert.ok(sampleTopics.length >= 12);
  for (const topic of sampleTopics) {
    for (const generation of ['1.x', '2.x'] as const) {
      const sample = sampleNotification(topic, { ...options, generation });
      const record = decoded(sample);
      assert.equal(record.eventName, `intercom.${topic}`);
      assert.deepEqual(record.hrTime, [Math.floor(options.now / 1000), 0]);
      assert.equal(record.attributes['log.record.uid'], topic === 'ping' ? undefined : `notif_${UUID}`);
      assert.deepEqual(record.body, { source_system: 'intercom', intercom: JSON.parse(JSON.stringify(sample)) });
      if (topic !== 'ping') assert.ok(Object.keys(record.attributes).length > 6, topic);
    }
  }
});

test('a sample is the same for the same parameters, and differs by seed', () => {
  for (const topic of sampleTopics) {
    assert.deepEqual(sampleNotification(topic, options), sampleNotification(topic, { ...options, seed: 1 }));
  }
  const people = new Set(
    [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(sampleNotification('contact.user.created', { ...options, seed }))),
  );
  assert.equal(people.size, 6);
});

test('conversations come in both generations', () => {
  const contactOf = (generation: '1.x' | '2.x') => {
    const { attributes } = decoded(sampleNotification('conversation.user.replied', { ...options, generation }));
    return [attributes['intercom.contact.id'], attributes['user.id'], attributes['intercom.part.author.type']];
  };
  assert.deepEqual(contactOf('1.x'), contactOf('2.x'));
});

test('samples that show trouble have its severity', () => {
  const severityOf = (topic: string) => decoded(sampleNotification(topic, options)).severityText;
  assert.equal(severityOf('data_connector.execution.completed'), 'ERROR');
  assert.equal(severityOf('content_stat.email'), 'WARN');
  assert.equal(severityOf('admin.activity_log_event.created'), 'WARN');
  assert.equal(severityOf('conversation.user.created'), 'INFO');
});

test('people in samples live at example domains', () => {
  const text = sampleTopics.map((topic) => JSON.stringify(sampleNotification(topic, options))).join();
  for (const [, domain] of text.matchAll(/@([\w.-]+)/g)) assert.match(domain as string, /(^|\.)example(\.com)?$/);
});

test('a topic without a sample of its own gets an item of its kind', () => {
  const record = decoded(sampleNotification('conversation.admin.snoozed', options));
  assert.equal(record.eventName, 'intercom.conversation.admin.snoozed');
  assert.equal(record.attributes['intercom.item.type'], 'conversation');
  assert.match(String(record.attributes['intercom.conversation.id']), /^\d{12}$/);
});

test('sampled topics are real ones, with the right type of item', { skip: sharedMissing }, async () => {
  const topics = JSON.parse(await readFile(join(shared, 'intercom/topics.json'), 'utf8'));
  for (const topic of sampleTopics) {
    assert.ok(topics[topic], topic);
    const { item } = sampleNotification(topic, options).data as { item: { type?: string } };
    assert.equal(item.type, topics[topic].item_type ?? undefined, topic);
  }
});
