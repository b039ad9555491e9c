import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { entities } from '../../src/intercom/convention/model.ts';
import { shapeConventions } from '../../src/intercom/convention/shapes.ts';
import { attributeConventions } from '../../src/intercom/convention.ts';
import { renderConventions } from '../../src/receivers/intercom/conventions-doc.ts';
import { createSeverity, severityRules, TOPIC_PATTERN } from '../../src/receivers/intercom/severity.ts';
import { shared, sharedMissing } from '../support/shared.ts';

const names = attributeConventions.map(({ name }) => name);

test('every attribute is declared once, in the style of the semantic conventions', () => {
  assert.deepEqual([...new Set(names)], names);
  for (const name of names) {
    if (name !== 'log.record.uid' && name !== 'user.id') assert.match(name, /^intercom(\.[a-z][a-z0-9_]*)+$/);
  }
});

test('no attribute is the namespace of another', () => {
  for (const name of names) {
    const inside = names.filter((other) => other.startsWith(`${name}.`));
    assert.deepEqual(inside, [], `${name} would be both`);
  }
});

/** Where Intercom keeps what a person is called, where they are reached, and what they wrote. */
const PERSONAL =
  /^(name|email|phone|formatted_phone|pseudonym|body|subject|remark|rating_remark|title|label|avatar|image_url|ip|last_seen_ip|ip_address|user_agent.*|city|region|city_name|region_name|postal_code|social_profiles|custom_attributes|ticket_attributes|metadata|referrer|url|utm_.*|attachments|email_message_metadata|recipients|reply_to|recording_url|transcription_url|callback_url|hitl_question|recent_messages)$/;

test('no attribute is read from a name, an address or a text', () => {
  const paths = attributeConventions.flatMap(({ from, also = {} }) => [...from, ...Object.values(also).flat()]);
  const keys = [...paths, ...shapeConventions.flatMap((shape) => Object.values(shape.entities).flat())]
    .flatMap((path) => path.split(/[.[\]]+/))
    .filter((key) => PERSONAL.test(key));
  assert.deepEqual(keys, []);
});

test('ids of people are declared as such', () => {
  const person =
    /^(user\.id|intercom\.(contact|admin)\.id|.*(author|contact|owner|admin_assignee|merged_from)[._]ids?)$/;
  for (const { name, pii } of attributeConventions) {
    if (person.test(name)) assert.equal(pii, 'pseudonymous', name);
  }
});

test('every entity has attributes and can be found in some shape', () => {
  for (const entity of entities) {
    assert.ok(
      attributeConventions.some((attribute) => attribute.entity === entity),
      entity,
    );
    const everywhere = entity === 'notification' || entity === 'item';
    assert.ok(everywhere || shapeConventions.some((shape) => shape.entities[entity] !== undefined), entity);
  }
});

test('severity rules name attributes of the convention', () => {
  for (const { attribute, values } of severityRules) {
    assert.ok(names.includes(attribute), attribute);
    assert.ok(values.length > 0);
  }
});

test('a severity for everything flattens the table', () => {
  const severityOf = createSeverity('info');
  assert.equal(
    severityOf('data_connector.execution.completed', { 'intercom.data_connector.success': false }).text,
    'INFO',
  );
});

test('severities by topic win over the table, the first that matches before the others', () => {
  const severityOf = createSeverity({
    ping: 'debug',
    'content_stat.*': 'trace',
    'content_stat.email': 'fatal',
    '*': 'warn',
  });
  assert.deepEqual(severityOf('ping', {}), { number: 5, text: 'DEBUG' });
  assert.deepEqual(severityOf('content_stat.email', {}), { number: 1, text: 'TRACE' });
  assert.deepEqual(severityOf('pings', {}), { number: 13, text: 'WARN' });
  const partly = createSeverity({ ping: 'debug' });
  assert.deepEqual(partly('job.completed', { 'intercom.job.status': 'failed' }), { number: 17, text: 'ERROR' });
  assert.deepEqual(partly('job.completed', { 'intercom.job.status': 'success' }), { number: 9, text: 'INFO' });
});

test('a topic pattern is a topic or the beginning of one', () => {
  for (const pattern of ['ping', 'conversation.*', '*', 'content_stat.series.webhook'])
    assert.match(pattern, TOPIC_PATTERN);
  for (const pattern of ['*.deleted', 'a*b', 'a b', 'a/*']) assert.doesNotMatch(pattern, TOPIC_PATTERN);
});

test('the page about the convention has every attribute, shape and rule', () => {
  const page = renderConventions();
  for (const name of names) assert.ok(page.includes(`| \`${name}\` |`), name);
  for (const { shape, itemTypes } of shapeConventions) {
    assert.ok(page.includes(`| ${shape} |`), shape);
    for (const type of itemTypes) assert.ok(page.includes(`\`${type}\``), type);
  }
  for (const { description } of severityRules) assert.ok(page.includes(description));
  const widths = page.split('\n\n').filter((block) => block.startsWith('|'));
  for (const block of widths) {
    const columns = new Set(
      block
        .trim()
        .split('\n')
        .map((line) => line.split(' | ').length),
    );
    assert.equal(columns.size, 1, block);
  }
});

test('every topic and item type that is known leads to a shape', { skip: sharedMissing }, async () => {
  const file = JSON.parse(await readFile(join(shared, 'intercom/topics.json'), 'utf8'));
  const types = new Set(shapeConventions.flatMap(({ itemTypes }) => itemTypes));
  const topics = shapeConventions.flatMap(({ topics: prefixes }) => prefixes);
  /** Nothing is known of these beyond an id. */
  const bare = new Set(['ping', 'audience', 'content_snippet']);
  for (const [topic, { item_type: type }] of Object.entries<{ item_type: string | null }>(file)) {
    if (topic === '_meta' || bare.has(type ?? '')) continue;
    const known = type === null || types.has(type) || types.has(`${type.split('.')[0]}.*`);
    assert.ok(known, `${topic}: ${type}`);
    assert.ok(
      topics.some((prefix) => topic === prefix || topic.startsWith(`${prefix}.`)),
      topic,
    );
  }
});
