import { type SampleSource, TEAM_ID } from './source.ts';

interface Told {
  readonly partType?: 'comment' | 'close' | 'assignment';
  /** Absent: the notification has no part, as when a conversation begins. */
  readonly by?: 'user' | 'admin' | 'bot';
  readonly text?: string;
  readonly closed?: boolean;
  readonly rating?: number;
}

const QUESTION = 'The export of our invoices stops at page 3 with an error. Can you have a look?';
const PAGE = 'https://app.example.com/billing/invoices';

type Sample = (source: SampleSource) => object;

/** By topic. */
export const conversationSamples: Readonly<Record<string, Sample>> = {
  'conversation.user.created': (source) => conversation(source, {}),
  'conversation.user.replied': (source) =>
    conversation(source, { partType: 'comment', by: 'user', text: 'It happens with the March invoices only.' }),
  'conversation.admin.replied': (source) =>
    conversation(source, {
      partType: 'comment',
      by: 'admin',
      text: 'Thank you, I see it here too. A fix is on its way.',
    }),
  'conversation.operator.replied': (source) =>
    conversation(source, { partType: 'comment', by: 'bot', text: 'I passed this on to the team.' }),
  'conversation.admin.assigned': (source) => conversation(source, { partType: 'assignment', by: 'admin' }),
  'conversation.admin.closed': (source) =>
    conversation(source, { partType: 'close', by: 'admin', text: 'The fix is live. Have a good day!', closed: true }),
  'conversation.rating.added': (source) => conversation(source, { closed: true, rating: 5 }),
  'conversation.deleted': (source) => ({ type: 'conversation', conversation_id: source.digits(15) }),
};

function conversation(source: SampleSource, told: Told): object {
  return source.generation === '1.x' ? firstGeneration(source, told) : secondGeneration(source, told);
}

function secondGeneration(source: SampleSource, told: Told): object {
  const { customer, teammate } = source;
  const answered = told.by === 'admin' || told.closed === true;
  const seconds = source.between(60, 900);
  const parts = told.partType ? [part(source, told)] : [];
  return {
    type: 'conversation',
    id: source.digits(15),
    created_at: source.unix(1800),
    updated_at: source.unix(1),
    waiting_since: answered ? null : source.unix(1800),
    snoozed_until: null,
    source: {
      type: 'conversation',
      id: source.digits(10),
      delivered_as: 'customer_initiated',
      subject: '',
      body: `<p>${QUESTION}</p>`,
      author: { type: 'user', id: customer.id, name: customer.name, email: customer.email },
      attachments: [],
      url: PAGE,
      redacted: false,
    },
    contacts: {
      type: 'contact.list',
      contacts: [{ type: 'contact', id: customer.id, external_id: customer.externalId }],
    },
    first_contact_reply: { created_at: source.unix(1800), type: 'conversation', url: PAGE },
    admin_assignee_id: answered ? teammate.id : null,
    team_assignee_id: TEAM_ID,
    open: !told.closed,
    state: told.closed ? 'closed' : 'open',
    read: answered,
    tags: {
      type: 'tag.list',
      tags: [
        {
          type: 'tag',
          id: '5550012',
          name: 'billing',
          applied_at: source.unix(900),
          applied_by: { type: 'admin', id: String(teammate.id) },
        },
      ],
    },
    priority: 'not_priority',
    sla_applied: { type: 'conversation_sla_summary', sla_name: 'First answer in 15 minutes', sla_status: 'hit' },
    statistics: {
      type: 'conversation_statistics',
      time_to_assignment: answered ? seconds : null,
      time_to_admin_reply: answered ? seconds : null,
      time_to_first_close: told.closed ? 1799 : null,
      median_time_to_reply: answered ? seconds : null,
      count_reopens: 0,
      count_assignments: answered ? 1 : 0,
      count_conversation_parts: source.between(2, 12),
      handling_time: answered ? source.between(60, 300) : null,
    },
    conversation_rating: told.rating ? rating(source, told.rating) : null,
    teammates: { type: 'admin.list', admins: answered ? [{ type: 'admin', id: String(teammate.id) }] : [] },
    title: null,
    custom_attributes: { Plan: 'business' },
    topics: { type: 'topic.list', topics: [], total_count: 0 },
    ticket: null,
    linked_objects: { type: 'list', data: [], total_count: 0, has_more: false },
    ai_agent: null,
    ai_agent_participated: false,
    conversation_parts: { type: 'conversation_part.list', conversation_parts: parts, total_count: parts.length },
  };
}

function part(source: SampleSource, told: Told): object {
  return {
    type: 'conversation_part',
    id: source.digits(11),
    part_type: told.partType,
    body: told.text ? `<p>${told.text}</p>` : null,
    created_at: source.unix(1),
    updated_at: source.unix(1),
    notified_at: source.unix(1),
    assigned_to: told.partType === 'assignment' ? { type: 'admin', id: String(source.teammate.id) } : null,
    author: { ...author(source, told), from_ai_agent: told.by === 'bot', is_ai_answer: false },
    attachments: [],
    external_id: null,
    redacted: false,
    metadata: {},
    state: told.closed ? 'closed' : 'open',
    tags: [],
    event_details: {},
    app_package_code: null,
  };
}

function author({ customer, teammate }: SampleSource, { by }: Told) {
  if (by === 'user') return { id: customer.id, type: 'user', name: customer.name, email: customer.email };
  if (by === 'bot') return { id: '7100400', type: 'bot', name: 'Helper', email: 'helper@support.example' };
  return { id: String(teammate.id), type: 'admin', name: teammate.name, email: teammate.email };
}

function rating(source: SampleSource, value: number): object {
  const { customer, teammate } = source;
  return {
    rating: value,
    remark: 'Quick and friendly.',
    created_at: source.unix(1),
    updated_at: source.unix(1),
    contact: { type: 'contact', id: customer.id, external_id: customer.externalId },
    teammate: { type: 'admin', id: String(teammate.id) },
  };
}

/** As apps on an API version of the 1.x line get it. */
function firstGeneration(source: SampleSource, told: Told): object {
  const { customer, teammate } = source;
  const answered = told.by === 'admin' || told.closed === true;
  const parts = told.partType
    ? [
        {
          type: 'conversation_part',
          id: source.digits(10),
          part_type: told.partType,
          body: told.text ? `<p>${told.text}</p>` : null,
          created_at: source.unix(1),
          updated_at: source.unix(1),
          notified_at: source.unix(1),
          assigned_to: null,
          author: author(source, told),
          attachments: [],
          external_id: null,
        },
      ]
    : [];
  return {
    type: 'conversation',
    id: source.digits(11),
    created_at: source.unix(1800),
    updated_at: source.unix(1),
    user: {
      type: 'user',
      id: customer.id,
      user_id: customer.externalId,
      name: customer.name,
      email: customer.email,
      do_not_track: null,
    },
    assignee: answered
      ? { type: 'admin', id: String(teammate.id), name: teammate.name, email: teammate.email }
      : { type: 'nobody_admin', id: null },
    conversation_message: {
      type: 'conversation_message',
      id: source.digits(9),
      url: PAGE,
      subject: '',
      body: `<p>${QUESTION}</p>`,
      author: { type: 'user', id: customer.id },
      attachments: [],
    },
    conversation_parts: { type: 'conversation_part.list', conversation_parts: parts, total_count: parts.length },
    conversation_rating: told.rating ? rating(source, told.rating) : {},
    open: !told.closed,
    state: told.closed ? 'closed' : 'open',
    snoozed_until: null,
    read: answered,
    metadata: {},
    tags: { type: 'tag.list', tags: [] },
    tags_added: { type: 'tag.list', tags: [] },
    custom_attributes: {},
    links: { conversation_web: `https://app.intercom.com/a/apps/${source.appId}/conversations/1` },
  };
}
