/** Attributes by item, written down by hand. The shapes are invented here after what is known of Intercom's. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { decoded } from './decode-harness.ts';

const attributesOf = (topic: string | undefined, item: unknown) => decoded({ topic, data: { item } }).attributes;

test('ids are strings, and nobody is absent', () => {
  const ids = (item: object) => attributesOf('conversation.read', { type: 'conversation', ...item });
  assert.equal(ids({ admin_assignee_id: 42 })['intercom.conversation.admin_assignee_id'], '42');
  assert.equal(ids({ admin_assignee_id: '42' })['intercom.conversation.admin_assignee_id'], '42');
  for (const nobody of [0, '0', null, '', undefined, false, {}, [], 1.5]) {
    assert.equal(ids({ admin_assignee_id: nobody })['intercom.conversation.admin_assignee_id'], undefined);
  }
  const long = decoded('{"topic":"ticket.created","data":{"item":{"type":"ticket","id":9007199254740993}}}').attributes;
  assert.equal(long['intercom.ticket.id'], '9007199254740993');
});

test('an id or a word that holds an address, a telephone number or a long text is left out', () => {
  const personal = ['jo@example.com', 'jo%40example.com', '+1 555 010-0200', 'x'.repeat(257)];
  for (const value of personal) {
    const attributes = attributesOf('contact.user.created', {
      type: 'contact',
      id: value,
      external_id: value,
      role: value,
    });
    assert.deepEqual(Object.values(attributes), ['contact.user.created', 'contact']);
  }
  const fine = attributesOf('contact.user.created', { type: 'contact', id: 'x'.repeat(256), external_id: 'cust+1' });
  assert.equal(fine['intercom.contact.id'], 'x'.repeat(256));
  assert.equal(fine['user.id'], 'cust+1');
});

test('the user id falls back where the external id is an address', () => {
  const item = { type: 'user', id: 'u1', external_id: 'jo@example.com', user_id: 'cust-7' };
  assert.equal(attributesOf('user.created', item)['user.id'], 'cust-7');
});

test('lists are bounded', () => {
  const tags = Array.from({ length: 1000 }, (_, i) => ({ type: 'tag', id: String(i + 1), name: 'secret' }));
  const attributes = attributesOf('conversation.read', { type: 'conversation', tags: { type: 'tag.list', tags } });
  assert.equal((attributes['intercom.conversation.tag_ids'] as unknown[]).length, 64);
});

test('a conversation with rating, SLA, Fin and tags', () => {
  const attributes = attributesOf('conversation.rating.added', {
    type: 'conversation',
    id: '9',
    company: { type: 'company', id: 'co1' },
    conversation_rating: { rating: 4, remark: 'good' },
    sla_applied: { sla_name: 'Gold', sla_status: 'hit' },
    ai_agent_participated: true,
    ai_agent: {
      source_type: 'workflow',
      source_title: 'Night',
      last_answer_type: 'ai_answer',
      resolution_state: 'routed_to_team',
    },
    tags: { tags: [{ id: 't1', name: 'vip' }, { id: 0 }, null, { id: 't2' }] },
    channel: 'email',
  });
  assert.deepEqual(attributes, {
    'intercom.topic': 'conversation.rating.added',
    'intercom.item.type': 'conversation',
    'intercom.item.id': '9',
    'intercom.conversation.id': '9',
    'intercom.conversation.channel': 'email',
    'intercom.conversation.tag_ids': ['t1', 't2'],
    'intercom.conversation.rating': 4,
    'intercom.conversation.sla_status': 'hit',
    'intercom.conversation.ai_agent_participated': true,
    'intercom.conversation.ai_agent.source_type': 'workflow',
    'intercom.conversation.ai_agent.resolution_state': 'routed_to_team',
    'intercom.conversation.ai_agent.last_answer_type': 'ai_answer',
    'intercom.company.id': 'co1',
  });
});

test('of several parts the last counts', () => {
  const conversation_parts = {
    conversation_parts: [
      { id: 1, part_type: 'comment' },
      { id: 2, part_type: 'close' },
    ],
  };
  const attributes = attributesOf('conversation.read', { type: 'conversation', conversation_parts });
  assert.deepEqual([attributes['intercom.part.id'], attributes['intercom.part.type']], ['2', 'close']);
});

const ticketAttributes = {
  'intercom.item.id': '5',
  'intercom.ticket.id': '5',
  'intercom.ticket.ticket_id': '77',
  'intercom.ticket.open': false,
};

test('tickets of every API version', () => {
  const ticket = { id: '5', ticket_id: 77, open: false };
  const common = { 'intercom.topic': 'ticket.closed', ...ticketAttributes };
  // up to 2.11
  assert.deepEqual(attributesOf('ticket.closed', { ...ticket, type: 'ticket', ticket_state: 'resolved' }), {
    ...common,
    'intercom.item.type': 'ticket',
    'intercom.ticket.state': 'resolved',
  });
  // from 2.12 on
  const ticket_state = { type: 'ticket_state', id: '31', category: 'resolved', internal_label: 'Done' };
  const resolved = {
    ...common,
    'intercom.item.type': 'ticket',
    'intercom.ticket.state': 'resolved',
    'intercom.ticket.state_id': '31',
  };
  assert.deepEqual(attributesOf('ticket.closed', { ...ticket, type: 'ticket', ticket_state }), resolved);
  // from 2.15 on ticket.closed nests it, with a type around it or without
  assert.deepEqual(attributesOf('ticket.closed', { type: 'ticket', ticket: { ...ticket, ticket_state } }), resolved);
  assert.deepEqual(attributesOf('ticket.closed', { ticket: { ...ticket, type: 'ticket', ticket_state } }), resolved);
});

test('a ticket with the part that caused the notification', () => {
  const attributes = attributesOf('ticket.attribute.updated', {
    type: 'ticket_ticket_part',
    ticket: {
      type: 'ticket',
      id: '5',
      ticket_parts: { ticket_parts: [{ id: 'old', part_type: 'comment' }], total_count: 8 },
      contacts: { contacts: [{ type: 'contact', id: 'c1', external_id: 'cust-1' }] },
    },
    ticket_part: {
      id: '8',
      part_type: 'ticket_attribute_updated_by_admin',
      author: { type: 'admin', id: '3', name: 'Rosa' },
      updated_attribute_data: { attribute: { id: '88', label: 'Colour' }, value: { label: 'red' } },
    },
  });
  assert.deepEqual(attributes, {
    'intercom.topic': 'ticket.attribute.updated',
    'intercom.item.type': 'ticket_ticket_part',
    'intercom.item.id': '5',
    'intercom.part.id': '8',
    'intercom.part.type': 'ticket_attribute_updated_by_admin',
    'intercom.part.author.type': 'admin',
    'intercom.part.author.id': '3',
    'intercom.part.attribute_id': '88',
    'intercom.ticket.id': '5',
    'intercom.ticket.contact_ids': ['c1'],
    'intercom.ticket.part_count': 8,
    'intercom.contact.id': 'c1',
    'user.id': 'cust-1',
  });
});

const CASES: readonly [topic: string, item: object, attributes: object][] = [
  [
    'admin.activity_log_event.created',
    {
      type: 'admin_activity_log_event',
      id: 'log-1',
      activity_type: 'app_team_deletion',
      activity_description: 'Rosa deleted a team',
      performed_by: { type: 'admin', id: '3', email: 'rosa@support.example', ip: '203.0.113.5' },
      metadata: { team_name: 'Night shift' },
    },
    {
      'intercom.item.id': 'log-1',
      'intercom.admin.id': '3',
      'intercom.activity_log.id': 'log-1',
      'intercom.activity_log.activity_type': 'app_team_deletion',
      'intercom.activity_log.performed_by.type': 'admin',
    },
  ],
  [
    'event.created',
    {
      type: 'event',
      id: 'e1',
      event_name: 'order-placed',
      intercom_user_id: 'c1',
      user_id: 'cust-1',
      email: 'jo@example.com',
      metadata: { price: 3 },
    },
    {
      'intercom.item.id': 'e1',
      'intercom.contact.id': 'c1',
      'user.id': 'cust-1',
      'intercom.event.id': 'e1',
      'intercom.event.name': 'order-placed',
    },
  ],
  [
    'user.tag.created',
    {
      type: 'user_tag',
      tag: { id: '4', name: 'vip' },
      user: { type: 'user', id: 'c1', user_id: 'cust-1' },
      admin: { id: '3' },
    },
    {
      'intercom.tag.id': '4',
      'intercom.contact.id': 'c1',
      'intercom.contact.role': 'user',
      'user.id': 'cust-1',
      'intercom.admin.id': '3',
    },
  ],
  [
    'granular.subscribe',
    {
      type: 'granular_subscribe',
      contact: { type: 'contact', id: 'c1' },
      subscription_types: {
        type: 'list',
        data: [{ id: '22', state: 'live', consent_type: 'opt_in', default_translation: { name: 'News' } }],
      },
    },
    {
      'intercom.contact.id': 'c1',
      'intercom.subscription.type_ids': ['22'],
      'intercom.subscription.states': ['live'],
      'intercom.subscription.consent_types': ['opt_in'],
    },
  ],
  [
    'content_stat.survey',
    {
      type: 'content_stat.survey',
      content_stat: {
        id: '1',
        content_type: 'survey',
        content_id: '2',
        stat_type: 'answer',
        question_id: 6,
        response: 'blue',
        content_title: 'Colours',
      },
      contact: { type: 'contact', id: 'c1', external_id: 'cust-1' },
    },
    {
      'intercom.item.id': '1',
      'intercom.content_stat.id': '1',
      'intercom.content_stat.content_type': 'survey',
      'intercom.content_stat.content_id': '2',
      'intercom.content_stat.stat_type': 'answer',
      'intercom.content_stat.question_id': '6',
      'intercom.contact.id': 'c1',
      'user.id': 'cust-1',
    },
  ],
  [
    'call.ended',
    {
      type: 'call',
      id: 'k1',
      state: 'ended',
      direction: 'inbound',
      call_type: 'phone',
      ended_reason: 'customer_hang_up',
      phone: '+15550100200',
      conversation_id: 9,
      admin_id: 3,
      contact_id: 'c1',
      talk_time: 35,
      recording_url: 'https://example.com/r',
    },
    {
      'intercom.item.id': 'k1',
      'intercom.call.id': 'k1',
      'intercom.call.state': 'ended',
      'intercom.call.direction': 'inbound',
      'intercom.call.type': 'phone',
      'intercom.call.ended_reason': 'customer_hang_up',
      'intercom.call.talk_time': 35,
      'intercom.conversation.id': '9',
      'intercom.admin.id': '3',
      'intercom.contact.id': 'c1',
    },
  ],
  [
    'api.request.completed',
    {
      type: 'api.request.completed',
      request_id: 'r1',
      request: { method: 'GET', path: '/contacts/1', ip_address: '203.0.113.5', user_agent: 'curl' },
      response: { status: 200 },
      authentication: { method: 'oauth', app_package_code: 'acme-app', token_id: 'secret' },
      admin: { id: 3, email: 'rosa@support.example' },
    },
    {
      'intercom.item.id': 'r1',
      'intercom.api_request.id': 'r1',
      'intercom.api_request.method': 'GET',
      'intercom.api_request.path': '/contacts/1',
      'intercom.api_request.status': 200,
      'intercom.api_request.authentication.method': 'oauth',
      'intercom.api_request.authentication.app_package_code': 'acme-app',
      'intercom.admin.id': '3',
    },
  ],
  [
    'job.completed',
    { type: 'job', id: 'j1', status: 'success', resource_type: 'contacts', resource_id: 5, url: 'https://example.com' },
    {
      'intercom.item.id': 'j1',
      'intercom.job.id': 'j1',
      'intercom.job.status': 'success',
      'intercom.job.resource_type': 'contacts',
      'intercom.job.resource_id': '5',
    },
  ],
  [
    'procedure.hitl_notification.created',
    {
      type: 'procedure.hitl_notification',
      conversation_id: '9',
      step_id: 's1',
      priority: 'high',
      procedure_name: 'Refund',
      hitl_question: 'Refund Jo?',
      assign_to: { type: 'team', id: 4 },
      expires_at: 1795348800,
      callback_url: 'https://example.com/secret',
    },
    {
      'intercom.conversation.id': '9',
      'intercom.hitl_notification.step_id': 's1',
      'intercom.hitl_notification.priority': 'high',
      'intercom.hitl_notification.assign_to_id': '4',
      'intercom.hitl_notification.expires_at': 1795348800,
    },
  ],
  ['content_snippet.created', { type: 'content_snippet', id: 12, title: 'Hi' }, { 'intercom.item.id': '12' }],
  [
    'deal.contact.attached',
    { type: 'deal', deal: { id: '1' }, contact: { id: 'c1', name: 'Jo' } },
    { 'intercom.contact.id': 'c1' },
  ],
];

for (const [topic, item, expected] of CASES) {
  test(`${topic}: what is worth a query, and nothing else`, () => {
    const type = (item as { type: string }).type;
    assert.deepEqual(attributesOf(topic, item), { 'intercom.topic': topic, 'intercom.item.type': type, ...expected });
  });
}

test('an item without a type is read by its topic, and one without both still gives what it can', () => {
  const untyped = attributesOf('call.started', { id: 'k1', state: 'initiated' });
  assert.equal(untyped['intercom.item.type'], 'call');
  assert.equal(untyped['intercom.call.state'], 'initiated');
  const pair = attributesOf('conversation.contact.detached', { conversation: { id: 9 }, contact: { id: 'c1' } });
  assert.deepEqual([pair['intercom.conversation.id'], pair['intercom.contact.id']], ['9', 'c1']);
  const bare = attributesOf(undefined, { ticket: { id: '5' }, contact: { id: 'c1' } });
  assert.deepEqual(bare, { 'intercom.ticket.id': '5', 'intercom.contact.id': 'c1' });
});
