/** Captured notifications, all the way: decoded, encoded, read by a decoder that is not ours. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../../../src/record/json.ts';
import type { LogRecord } from '../../../src/record/log-record.ts';
import { encodeLogsRequestJson } from '../../../src/record/otlp/json.ts';
import { encodeLogsRequest } from '../../../src/record/otlp/protobuf.ts';
import type { Value } from '../../../src/record/value.ts';
import { decodeJson, decodeProtobuf } from '../../record/otlp/foreign.ts';
import { arriving } from '../../record/otlp/records.ts';
import { sharedMissing } from '../../support/shared.ts';
import { decoded, exampleLog, payload, payloads, RECEIVED_AT } from './decode-harness.ts';

function received(record: LogRecord) {
  const [protobuf] = decodeProtobuf(encodeLogsRequest([record]));
  const [json] = decodeJson(encodeLogsRequestJson([record]));
  assert.deepEqual(protobuf, json, 'both encodings say the same');
  assert.ok(protobuf);
  return protobuf;
}

for (const { name, bytes } of payloads) {
  test(`${name} arrives whole, with its attributes`, () => {
    const notification = JSON.parse(bytes.toString());
    const record = decoded(bytes);
    const arrived = received(record);
    assert.deepEqual(arrived.body, { source_system: 'intercom', intercom: notification });
    assert.deepEqual(arrived.attributes, record.attributes);
    assert.equal(arrived.eventName, `intercom.${notification.topic}`);
    assert.equal(arrived.timeUnixNano, `${notification.created_at}000000000`);
    assert.equal(arrived.observedTimeUnixNano, `${RECEIVED_AT}000000`);
    assert.equal(arrived.severityText, notification.data.item.success === false ? 'ERROR' : 'INFO');
    assert.deepEqual(arrived.resource, record.resource.attributes);
    const attributes = record.attributes as Record<string, Value>;
    assert.equal(attributes['log.record.uid'], notification.id ?? undefined);
    assert.equal(attributes['intercom.app_id'], notification.app_id);
  });

  test(`${name}: no name, address, number or text of a person is among the attributes`, () => {
    const personal = personalTexts(JSON.parse(bytes.toString()));
    const values = Object.values(decoded(bytes).attributes).flat().map(String);
    for (const text of personal) {
      for (const value of values) {
        assert.notEqual(value, text);
        if (text.includes(' ') || text.includes('@')) assert.ok(!value.includes(text), `${value} holds ${text}`);
      }
    }
    for (const value of values) assert.ok(!value.includes('@'), value);
  });
}

/** Every text under a key that may hold something personal. */
function personalTexts(value: unknown, personal = false): string[] {
  if (typeof value === 'string') return personal && value.length > 1 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    personalTexts(
      member,
      personal ||
        (/^(name|label|email|phone|formatted_phone|pseudonym|body|title|subject|data|url|description|city_name|postal_code)$/.test(
          key,
        ) &&
          typeof member === 'string'),
    ),
  );
}

test('the record of the example log is that log', { skip: sharedMissing }, () => {
  assert.deepEqual(decoded(payload('example-log')).body, exampleLog());
});

const EXPECTED: Readonly<Record<string, object>> = {
  'ticket-closed': {
    'intercom.topic': 'ticket.closed',
    'intercom.notification.id': 'notif_aedb66d9-7147-43ee-8b75-fe3ee2108b11',
    'log.record.uid': 'notif_aedb66d9-7147-43ee-8b75-fe3ee2108b11',
    'intercom.notification.delivery_attempts': 1,
    'intercom.app_id': 'abc123def',
    'intercom.item.type': 'ticket',
    'intercom.item.id': '215472629311235',
    'intercom.part.id': '37404498160',
    'intercom.part.type': 'ticket_state_updated_by_admin',
    'intercom.part.author.type': 'admin',
    'intercom.part.author.id': '9608799',
    'intercom.part.redacted': false,
    'intercom.part.ticket_state': 'resolved',
    'intercom.part.previous_ticket_state': 'submitted',
    'intercom.ticket.id': '215472629311235',
    'intercom.ticket.ticket_id': '66040342',
    'intercom.ticket.category': 'Customer',
    'intercom.ticket.state': 'resolved',
    'intercom.ticket.state_id': '4517896',
    'intercom.ticket.type_id': '2979330',
    'intercom.ticket.open': false,
    'intercom.ticket.is_shared': true,
    'intercom.ticket.channel': 'messenger',
    // team_assignee_id is "0": nobody
    'intercom.ticket.admin_assignee_id': '9608799',
    'intercom.ticket.contact_ids': ['696346bbaebb5a479d3851a3'],
    'intercom.ticket.part_count': 13,
    'intercom.ticket.linked_object_count': 0,
    'intercom.contact.id': '696346bbaebb5a479d3851a3',
    'intercom.contact.role': 'lead',
  },
  'conversation-contact-attached': {
    'intercom.topic': 'conversation.contact.attached',
    'intercom.notification.id': 'notif_15048009-a4c5-472f-9055-a0e4d7c7a3bc',
    'log.record.uid': 'notif_15048009-a4c5-472f-9055-a0e4d7c7a3bc',
    'intercom.notification.delivery_attempts': 1,
    'intercom.app_id': 'abc123def',
    'intercom.item.type': 'conversation',
    'intercom.item.id': '215472621202693',
    'intercom.conversation.id': '215472621202693',
    'intercom.conversation.read': false,
    'intercom.part.id': '37358461336',
    'intercom.contact.id': '6961cf78fb9d13be07871c78',
    'user.id': '22',
    'intercom.contact.role': 'user',
    'intercom.contact.has_hard_bounced': false,
    'intercom.contact.marked_email_as_spam': false,
    'intercom.contact.unsubscribed_from_emails': false,
    'intercom.contact.unsubscribed_from_sms': true,
  },
  'company-contact-attached': {
    'intercom.topic': 'company.contact.attached',
    'intercom.notification.id': 'notif_3690afb3-f427-4e37-a164-b98284119e57',
    'log.record.uid': 'notif_3690afb3-f427-4e37-a164-b98284119e57',
    'intercom.notification.delivery_attempts': 1,
    'intercom.app_id': 'abc123def',
    'intercom.item.type': 'company',
    'intercom.item.id': '6961d175205cf6a4438f0c21',
    'intercom.contact.id': '6961d162fb0ef1f1ac90ce8c',
    'user.id': '3c5f32be-a02e-413c-9a0f-4f5518e9d495',
    'intercom.contact.role': 'lead',
    'intercom.contact.has_hard_bounced': false,
    'intercom.contact.marked_email_as_spam': false,
    'intercom.contact.unsubscribed_from_emails': false,
    'intercom.contact.unsubscribed_from_sms': false,
    'intercom.contact.company_ids': ['6961d175205cf6a4438f0c21'],
    'intercom.company.id': '6961d175205cf6a4438f0c21',
    'intercom.company.company_id': '6961d175205cf6a4438f0c22-qualification-company',
    'intercom.company.monthly_spend': 0,
    'intercom.company.session_count': 0,
    'intercom.company.user_count': 1,
  },
  'visitor-signed-up': {
    'intercom.topic': 'visitor.signed_up',
    'intercom.notification.id': 'notif_36beafa3-1a76-43cd-a971-0e39c2f487bd',
    'log.record.uid': 'notif_36beafa3-1a76-43cd-a971-0e39c2f487bd',
    'intercom.notification.delivery_attempts': 1,
    'intercom.app_id': 'abc123def',
    'intercom.item.type': 'user',
    'intercom.item.id': '6961e6de046e053d93e4da0b',
    'intercom.contact.id': '6961e6de046e053d93e4da0b',
    'user.id': 'fixture-user-1',
    'intercom.contact.role': 'user',
    'intercom.contact.has_hard_bounced': false,
    'intercom.contact.marked_email_as_spam': false,
    'intercom.contact.unsubscribed_from_emails': false,
    'intercom.contact.country_code': 'IND',
    'intercom.contact.continent_code': 'AS',
    'intercom.contact.session_count': 1,
  },
  ping: {
    'intercom.topic': 'ping',
    'intercom.notification.delivery_attempts': 1,
    'intercom.app_id': 'q8sn4hth',
    'intercom.item.type': 'ping',
  },
  'example-log': {
    'intercom.topic': 'conversation.user.replied',
    'intercom.notification.id': 'notif_4ef0ca4e-0974-4aef-94e8-5f60c39eb5f8',
    'log.record.uid': 'notif_4ef0ca4e-0974-4aef-94e8-5f60c39eb5f8',
    'intercom.notification.delivery_attempts': 1,
    'intercom.app_id': 'pc1eeznt',
    'intercom.item.type': 'conversation',
    'intercom.item.id': '4',
    'intercom.conversation.id': '4',
    'intercom.conversation.state': 'open',
    'intercom.conversation.open': true,
    'intercom.conversation.read': true,
    'intercom.conversation.source.author.type': 'user',
    'intercom.conversation.source.author.id': '60787e73099bb148057c1111',
    'intercom.conversation.contact_ids': ['60787e73099bb148057c1111'],
    'intercom.part.id': '8863805399',
    'intercom.part.type': 'comment',
    'intercom.part.author.type': 'user',
    'intercom.part.author.id': '60787e73099bb148057c1111',
    'intercom.contact.id': '60787e73099bb148057c1111',
    'intercom.contact.role': 'lead',
    'user.id': '12345678-0000-aaaa-1111-abcdefg12345',
  },
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`${name} has exactly these attributes`, { skip: sharedMissing }, () => {
    assert.deepEqual(decoded(payload(name)).attributes, expected);
  });
}

/** Any JSON value in the place of any member of a notification, at any depth. */
const mutated = fc
  .tuple(fc.nat(), fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 3 })), { minLength: 1, maxLength: 5 }))
  .map(([pick, changes]) => {
    const chosen = payloads[pick % Math.max(payloads.length, 1)];
    const notification = chosen ? JSON.parse(chosen.bytes.toString()) : { topic: 'ping', data: { item: {} } };
    for (const [where, value] of changes) {
      const members = membersOf(notification);
      const [holder, key] = members[where % members.length] as [Record<string, unknown>, string];
      holder[key] = value;
    }
    return notification;
  });

function membersOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key): [Record<string, unknown>, string][] => [
    [holder, key],
    ...membersOf(holder[key]),
  ]);
}

test('a notification with anything anywhere is decoded, and its body arrives whole', () => {
  const any = fc.oneof(
    mutated,
    fc.jsonValue(),
    fc.record({ topic: fc.jsonValue(), data: fc.record({ item: fc.jsonValue() }) }),
  );
  fc.assert(
    fc.property(any, (notification) => {
      const bytes = Buffer.from(JSON.stringify(notification));
      const arrived = received(decoded(bytes));
      // Not JSON.parse: fast-check's integers may need more digits than a double has.
      const sent = parseJson(bytes);
      assert.ok(sent.ok);
      assert.deepEqual(arrived.body, arriving({ source_system: 'intercom', intercom: sent.value }));
      const values = Object.values(arrived.attributes as Record<string, Value>).flat();
      assert.ok(values.every((value) => ['string', 'number', 'boolean', 'bigint'].includes(typeof value)));
      assert.ok(!values.some((value) => typeof value === 'string' && value.includes('@')));
    }),
    { numRuns: 300 },
  );
});

test('bytes of any kind are decoded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { body } = received(decoded(bytes));
      assert.ok(body && typeof body === 'object' && 'intercom' in body);
    }),
  );
});
