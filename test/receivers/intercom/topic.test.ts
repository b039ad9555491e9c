import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { factory } from '../../../src/receivers/intercom/index.ts';
import { topicOf } from '../../../src/receivers/intercom/topic.ts';
import { sharedMissing } from '../../support/shared.ts';
import { decoded, entry, payloads } from './decode-harness.ts';

test('the topic is that of the notification', () => {
  assert.equal(
    topicOf(entry({ data: { topic: 'no' }, topic: 'conversation.user.replied' })),
    'conversation.user.replied',
  );
  assert.equal(topicOf(entry({ app_id: 'a' }, { metadata: { kind: 'uninstall' } })), 'app.uninstalled');
  assert.equal(factory.topicOf, topicOf);
});

test('what has no plausible topic has none', () => {
  const bodies = [
    '',
    'x',
    '[]',
    '{"topic":"a"',
    { topic: 5 },
    { topic: 'a b' },
    { topic: null },
    { data: { topic: 'a' } },
  ];
  for (const body of bodies) assert.equal(topicOf(entry(body)), undefined, JSON.stringify(body));
  assert.equal(topicOf(entry({ topic: 'a' }, { metadata: { encoding_error: 'unknown encoding' } })), undefined);
  assert.equal(topicOf(entry('', { erased: true })), undefined);
});

test('a number is no topic, however long; a text of digits is one', () => {
  for (const digits of ['9007199254740993', '-9007199254740993', '12345678901234567890123']) {
    assert.equal(topicOf(entry(`{"topic":${digits}}`)), undefined, digits);
    assert.equal(topicOf(entry(`{"topic":"${digits}"}`)), digits);
  }
});

test('it is the one in the name of the record, whatever the JSON is', () => {
  const topic = fc.oneof(fc.jsonValue(), fc.stringMatching(/^[a-z._0-9]{1,20}$/), fc.stringMatching(/^\d{15,20}$/));
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.record({ topic, data: fc.jsonValue() }),
    fc.dictionary(fc.constantFrom('topic', 'id'), topic),
  );
  fc.assert(
    fc.property(bodies, (body) => {
      assert.equal(
        `intercom.${topicOf(entry(JSON.stringify(body))) ?? 'unknown'}`,
        decoded(JSON.stringify(body)).eventName,
      );
    }),
  );
});

test('bytes of any kind are looked at', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void topicOf(entry(bytes))));
});

test('captured notifications have theirs', { skip: sharedMissing }, () => {
  for (const { name, bytes } of payloads) assert.equal(topicOf(entry(bytes)), JSON.parse(bytes.toString()).topic, name);
});
