import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { topicMix } from '../../src/intercom/samples/mix.ts';
import { type SampleOptions, sampleNotification, sampleTopics, sampleWithSecrets } from '../../src/intercom/samples.ts';
import { knownTopics } from '../../src/intercom/topics.ts';
import { decoded, payloads, RECEIVED_AT } from '../receivers/intercom/decode-harness.ts';
import { shared, sharedMissing } from '../support/shared.ts';
import { keysOf, leavesOf } from './leaves.ts';

const UUID = '5b0c1d1e-0000-4000-8000-000000000001';
const options = { now: RECEIVED_AT - 5000, id: () => UUID };
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

interface Made extends ReturnType<typeof sampleWithSecrets> {
  readonly topic: string;
  readonly seed: number;
  readonly json: string;
  readonly item: Record<string, unknown>;
}

/** Every topic in every shape that it has, by seed. */
const made: readonly Made[] = SEEDS.flatMap((seed) =>
  knownTopics.flatMap(({ topic, generations }) =>
    generations.map((generation) => {
      const sample = sampleWithSecrets(topic, { ...options, seed, generation });
      const { item } = sample.notification.data as { item: Record<string, unknown> };
      return { ...sample, topic, seed, json: JSON.stringify(sample.notification), item };
    }),
  ),
);

test('every sample is a notification that decodes to what it says', () => {
  for (const { topic, notification, json } of made) {
    assert.deepEqual(Object.keys(notification).sort(), [
      ...['app_id', 'created_at', 'data', 'delivered_at', 'delivery_attempts', 'delivery_status', 'first_sent_at'],
      ...['id', 'links', 'self', 'topic', 'type'],
    ]);
    const record = decoded(notification);
    assert.equal(record.eventName, `intercom.${topic}`);
    assert.deepEqual(record.hrTime, [Math.floor(options.now / 1000), 0]);
    assert.equal(record.attributes['log.record.uid'], topic === 'ping' ? undefined : `notif_${UUID}`);
    assert.deepEqual(record.body, { source_system: 'intercom', intercom: JSON.parse(json) });
  }
});

test('the id of what a notification is about is among the attributes of its record', () => {
  /** By the first word of the topic, or the whole of it. */
  const ids: Readonly<Record<string, string>> = {
    admin: 'intercom.admin.id',
    'admin.activity_log_event.created': 'intercom.activity_log.id',
    article: 'intercom.article.id',
    call: 'intercom.call.id',
    company: 'intercom.company.id',
    contact: 'intercom.contact.id',
    content_import_source: 'intercom.content_import_source.id',
    content_stat: 'intercom.content_stat.id',
    conversation: 'intercom.conversation.id',
    conversation_part: 'intercom.conversation.id',
    event: 'intercom.event.id',
    granular: 'intercom.contact.id',
    ticket: 'intercom.ticket.id',
    user: 'intercom.contact.id',
    visitor: 'intercom.contact.id',
    data_connector: 'intercom.data_connector.execution_id',
    procedure: 'intercom.hitl_notification.step_id',
    'api.request.completed': 'intercom.api_request.id',
    job: 'intercom.job.id',
    'audience.member_added': 'intercom.audience_membership.audience_id',
    'audience.member_removed': 'intercom.audience_membership.audience_id',
    audience: 'intercom.item.id',
    content_snippet: 'intercom.item.id',
  };
  for (const { topic, notification, seed } of made) {
    if (topic === 'ping') continue;
    const name = ids[topic] ?? ids[topic.split('.')[0] as string];
    assert.ok(name, topic);
    assert.equal(typeof decoded(notification).attributes[name], 'string', `${topic}, seed ${seed}: ${name}`);
  }
});

test('a sample is the same for the same parameters, and differs by seed', () => {
  const again = (sample: SampleOptions & { topic: string }) => JSON.stringify(sampleNotification(sample.topic, sample));
  for (const { topic, generations } of knownTopics) {
    for (const generation of generations) {
      const of = (seed?: number) => again({ ...options, topic, generation, ...(seed !== undefined && { seed }) });
      assert.equal(of(1), of());
      assert.equal(of(4_294_967_295), of(4_294_967_295));
      if (topic !== 'ping') assert.equal(new Set(SEEDS.map(of)).size, SEEDS.length, topic);
    }
  }
});

test('the samples of one seed are about one person, in both generations', () => {
  const contactOf = (topic: string, generation: '1.x' | '2.x') => {
    const { attributes } = decoded(sampleNotification(topic, { ...options, generation }));
    return [attributes['intercom.contact.id'], attributes['user.id']];
  };
  const expected = contactOf('conversation.user.replied', '1.x');
  assert.equal(typeof expected[0], 'string');
  assert.deepEqual(contactOf('conversation.user.replied', '2.x'), expected);
  assert.deepEqual(contactOf('contact.user.updated', '2.x'), expected);
  assert.deepEqual(contactOf('ticket.created', '2.x'), expected);
});

test('both generations have their own shape', () => {
  for (const { topic, item, notification } of made) {
    const conversation = item.type === 'conversation' && topic !== 'conversation.deleted';
    if (conversation) assert.notEqual('conversation_message' in item, 'source' in item, topic);
    if (/^(user\.|visitor)/.test(topic) && item.type === 'user') assert.ok('user_id' in item, topic);
    assert.ok(!('generation' in notification));
  }
  const shapes = (key: string) => new Set(made.filter(({ item }) => key in item).map(({ topic }) => topic)).size;
  assert.ok(shapes('conversation_message') >= 15 && shapes('source') >= 15);
});

test('what is told to be personal stands in the JSON, whole and non-trivially', () => {
  for (const { topic, personal, json, seed } of made) {
    for (const text of personal) {
      assert.ok(text.length >= 4, `${topic}: ${text}`);
      assert.ok(json.includes(text), `${topic}, seed ${seed}: ${text}`);
      assert.equal(JSON.stringify(text), `"${text}"`, 'nothing in it is escaped, so that it can be looked for');
    }
    if (!/^(ping|.*\.(deleted|archived|archive)|audience.member_.*|data_connector.*)$/.test(topic))
      assert.ok(personal.length >= 1, `${topic}, seed ${seed}`);
  }
});

/** Keys whose texts are somebody's, or written by somebody, wherever they stand. */
const PERSONAL_KEYS =
  /^(email|email_address|phone|formatted_phone|pseudonym|subject|remark|rating_remark|image_url|ip|last_seen_ip|ip_address|user_agent|user_agent_data|ua|city|region|country|city_name|region_name|country_name|postal_code|timezone|referrer|utm_.*|recording_url|transcription_url|fin_recording_url|callback_url|hitl_question|_default_title_|_default_description_|content_title|question_response|token_id|activity_description|body)$/;

test('every text at a personal place is among what is told to be personal', () => {
  let looked = 0;
  for (const { topic, item, personal, seed } of made) {
    for (const { key, value } of leavesOf(item)) {
      if (!PERSONAL_KEYS.test(key) || typeof value !== 'string' || value.length < 4) continue;
      looked += 1;
      const longestFirst = [...personal].sort((left, right) => right.length - left.length);
      const rest = longestFirst.reduce((text, each) => text.replaceAll(each, ''), value);
      // What is left of a body is its tags.
      assert.match(rest, /^(<[^>]*>|&nbsp;|\[Image \]|Hi ,|\s|,)*$/, `${topic}, seed ${seed}, ${key}: ${rest}`);
    }
  }
  assert.ok(looked > 1000);
});

test('nothing personal stands among the attributes of a record', () => {
  for (const { topic, notification, personal, seed } of made) {
    const values = Object.values(decoded(notification).attributes).flat().map(String);
    for (const text of personal) {
      const found = values.find((value) => value.includes(text));
      assert.equal(found, undefined, `${topic}, seed ${seed}: ${text}`);
    }
  }
});

test('all places where Intercom keeps personal data occur over the topics', () => {
  const places = new Set(made.flatMap(({ item }) => [...keysOf(item)]));
  for (const key of [
    ...[
      'name',
      'email',
      'phone',
      'formatted_phone',
      'pseudonym',
      'body',
      'subject',
      'remark',
      'rating_remark',
      'title',
    ],
    ...['image_url', 'last_seen_ip', 'ip', 'ip_address', 'user_agent', 'user_agent_data', 'location', 'location_data'],
    ...['social_profiles', 'custom_attributes', 'ticket_attributes', 'metadata', 'referrer', 'url', 'utm_campaign'],
    ...['utm_content', 'utm_medium', 'utm_source', 'utm_term', 'attachments', 'email_message_metadata', 'recipients'],
    ...['reply_to', 'recording_url', 'transcription_url', 'callback_url', 'translations', 'recent_messages'],
    ...['hitl_question', 'updated_attribute_data', 'question_response', 'performed_by', 'external_id', 'user_id'],
  ]) {
    assert.ok(places.has(key), key);
  }
  const text = made.map(({ json }) => json).join();
  for (const piece of ['mailto:', '&amp;', '<img src=', 'signature=', 'downloads.example', '\\"participant\\"'])
    assert.ok(text.includes(piece), piece);
  assert.match(text, /[\u3040-\u30ff]/, 'Japanese');
  assert.match(text, /[\u0400-\u04ff]/, 'Ukrainian');
});

test('fields are there in some samples and absent or null in others', () => {
  const contacts = made.filter(({ topic }) => topic === 'contact.lead.created').map(({ item }) => item);
  for (const key of ['phone', 'avatar', 'owner_id', 'utm_source'])
    assert.equal(new Set(contacts.map((item) => item[key] === null)).size, 2, key);
  const versions = made.filter(({ topic }) => topic === 'ticket.closed').map(({ item }) => 'ticket' in item);
  assert.equal(new Set(versions).size, 2, 'a closed ticket is nested from API version 2.15 on');
  const externalIds = made.map(({ item }) => String(item.external_id));
  assert.ok(externalIds.some((id) => id.includes('@')) && externalIds.some((id) => /^cust-\d+$/.test(id)));
});

test('samples that show trouble have its severity, and others have not', () => {
  const severities = (topic: string) =>
    new Set(made.filter((each) => each.topic === topic).map(({ notification }) => decoded(notification).severityText));
  assert.deepEqual([...severities('data_connector.execution.completed')].sort(), ['ERROR', 'INFO']);
  assert.deepEqual([...severities('content_stat.email')].sort(), ['INFO', 'WARN']);
  assert.deepEqual([...severities('admin.activity_log_event.created')].sort(), ['INFO', 'WARN']);
  assert.ok(severities('job.completed').has('ERROR'));
  assert.deepEqual([...severities('conversation.user.replied')].at(0), 'INFO');
});

test('everything in samples is at domains that are set aside for examples', () => {
  const own = /(^|\.)(example|example\.com)$/;
  for (const { json, topic } of made) {
    for (const [, domain] of json.matchAll(/(?:@|%40)([\w-]+\.[\w.-]*\w)/g)) assert.match(domain as string, own, topic);
    for (const [, host] of json.matchAll(/https?:\/\/([\w.-]+)/g))
      if (host !== 'app.intercom.com') assert.match(host as string, own, topic);
    for (const [ip] of json.matchAll(/\b\d{1,3}(\.\d{1,3}){3}\b/g))
      if (!json.includes(`Chrome/${ip}`)) assert.match(ip, /^(203\.0\.113|198\.51\.100|192\.0\.2)\./, topic);
  }
});

test('a topic that is not known gets an item of its kind', () => {
  const record = decoded(sampleNotification('conversation.admin.sang', options));
  assert.equal(record.eventName, 'intercom.conversation.admin.sang');
  assert.equal(record.attributes['intercom.item.type'], 'conversation');
  assert.match(String(record.attributes['intercom.conversation.id']), /^\d{12}$/);
});

test('a mix has mostly replies, every topic at some time, and only what the generation has', () => {
  let counter = 0;
  const next = topicMix(() => (counter++ % 100_000) / 100_000);
  const counts = new Map<string, number>();
  for (let index = 0; index < 100_000; index += 1) {
    const topic = next();
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), [...sampleTopics].sort());
  assert.equal([...counts].sort((left, right) => right[1] - left[1])[0]?.[0], 'conversation.user.replied');
  assert.equal(topicMix(() => 0.999999, '1.x')(), 'contact.tag.deleted');
  assert.equal(topicMix(() => 0.999999, '2.x')(), 'procedure.hitl_notification.created');
});

test('the known topics are those that were recorded, with the right type of item', {
  skip: sharedMissing,
}, async () => {
  const recorded = JSON.parse(await readFile(join(shared, 'intercom/topics.json'), 'utf8'));
  delete recorded._meta;
  assert.deepEqual(sampleTopics, Object.keys(recorded));
  for (const { topic, itemType, preview, replacedBy } of knownTopics) {
    assert.equal(itemType, recorded[topic].item_type, topic);
    assert.equal(preview ?? false, recorded[topic].preview_only ?? false, topic);
    assert.equal(replacedBy !== undefined, recorded[topic].legacy, topic);
  }
  for (const { topic, item } of made) {
    // Nobody has published one of these; it is sent like the reply that it translates.
    if (topic === 'ticket.admin.replied.translated') assert.equal(item.type, 'ticket_ticket_part');
    else assert.equal(item.type, recorded[topic].item_type ?? undefined, topic);
  }
});

test('samples have the keys of captured notifications, and no value of theirs', { skip: sharedMissing }, () => {
  const captured = payloads.map(({ bytes }) => JSON.parse(bytes.toString()));
  const real = new Set(captured.flatMap((body) => leavesOf(body).map(({ value }) => value)));
  /** Words of Intercom's own, beside lower-case names of its enumerations, codes of countries and small numbers. */
  const own = new Set(['Customer', '[]', '-1', '0', '']);
  for (const { notification, topic } of made) {
    for (const { value } of leavesOf(notification)) {
      if (!real.has(value) || typeof value === 'boolean' || value === null || own.has(String(value))) continue;
      const harmless =
        typeof value === 'number' ? Math.abs(value) < 1000 : /^([a-z_.]+|[A-Z]{2,3})$/.test(String(value));
      assert.ok(harmless, `${topic}: ${value}`);
    }
  }
  for (const body of captured) {
    const ours = new Set(
      made.filter(({ topic }) => topic === body.topic).flatMap(({ notification }) => [...keysOf(notification)]),
    );
    // What a customer calls an attribute is the customer's.
    const missing = [...keysOf(body)].filter((key) => !ours.has(key) && !/[A-Z :]/.test(key));
    assert.deepEqual(missing, [], body.topic);
  }
});
