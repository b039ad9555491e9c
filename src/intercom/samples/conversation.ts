/** Conversations as API versions of the 2.x line have them. */

import { reference, tag } from './contact.ts';
import { firstGeneration } from './conversation-1.ts';
import { attached, detached } from './conversation-model.ts';
import { parts } from './conversation-part.ts';
import { type SampleSource, TEAM_ID } from './source.ts';
import { author, rating, type Turn, turns } from './turn.ts';
import { attachment, body, emailMetadata, pageUrl } from './writing.ts';

type Sample = (source: SampleSource) => object;

/** By topic. */
export const conversationSamples: Readonly<Record<string, Sample>> = {
  ...Object.fromEntries(
    Object.entries(turns).map(([topic, turn]) => [
      topic,
      (source: SampleSource) =>
        source.generation === '1.x' ? firstGeneration(source, turn) : conversation(source, turn),
    ]),
  ),
  'conversation.deleted': ({ conversationId }) => ({ type: 'conversation', conversation_id: conversationId }),
  'conversation.contact.attached': attached,
  'conversation.contact.detached': detached,
  'conversation.company.updated': (source) => ({ ...conversation(source, {}), company: company(source) }),
};

function conversation(source: SampleSource, turn: Turn): object {
  const { teammate, version, told } = source;
  const answered = turn.by === 'admin' || turn.state === 'closed' || turn.startedBy === 'admin';
  const page = pageUrl(source);
  const made = parts(source, turn);
  return {
    type: 'conversation',
    id: source.conversationId,
    created_at: source.unix(1800),
    updated_at: source.unix(1),
    waiting_since: answered ? null : source.unix(1800),
    snoozed_until: turn.state === 'snoozed' ? source.unix(-86_400) : null,
    source: start(source, turn, page),
    contacts: { type: 'contact.list', contacts: [reference(source)] },
    first_contact_reply: turn.startedBy ? null : { created_at: source.unix(1800), type: 'conversation', url: page },
    admin_assignee_id: answered ? teammate.id : null,
    team_assignee_id: source.chance(70) ? TEAM_ID : null,
    open: (turn.state ?? 'open') === 'open',
    state: turn.state ?? 'open',
    read: answered,
    tags: { type: 'tag.list', tags: source.chance(50) ? [appliedTag(source)] : [] },
    priority: priority(source, turn),
    sla_applied: source.chance(50)
      ? {
          type: 'conversation_sla_summary',
          sla_name: 'First answer in 15 minutes',
          sla_status: source.pick(['hit', 'active', 'hit', 'missed', 'cancelled']),
        }
      : null,
    statistics: statistics(source, answered, turn),
    conversation_rating: turn.rated ? rating(source) : null,
    teammates: { type: 'admin.list', admins: answered ? [{ type: 'admin', id: String(teammate.id) }] : [] },
    title: source.chance(60) ? source.personal(`${told.subject} (${source.customer.name})`) : '',
    custom_attributes: {
      'Has attachments': source.chance(30),
      'Copilot used': source.chance(20),
      ...(source.chance(60) && { 'Reached through': source.personal(`Office of ${source.companyName}`) }),
    },
    topics: { type: 'topic.list', topics: [], total_count: 0 },
    ticket: null,
    linked_objects: { type: 'list', data: [], total_count: 0, has_more: false },
    ...aiAgent(source),
    ...(version >= 15 && { company: source.chance(60) ? company(source) : null }),
    ...(version >= 16 && { channel: source.pick(['messenger', 'email', 'whatsapp']), external_references: [] }),
    conversation_parts: { type: 'conversation_part.list', conversation_parts: made, total_count: made.length },
  };
}

function start(source: SampleSource, turn: Turn, page: string): object {
  const { told, customer, version } = source;
  const mail = source.chance(50);
  const paragraphs = turn.startedBy
    ? [`Hi ${customer.name},`, told.answer]
    : [told.question, `${customer.name}, ${customer.formattedPhone}`];
  const subject = mail ? source.personal(told.subject) : '';
  const sender = author(source, turn.startedBy ?? 'user');
  return {
    type: mail ? 'email' : 'conversation',
    id: source.digits(10),
    delivered_as: turn.startedBy ? 'admin_initiated' : 'customer_initiated',
    subject,
    body: body(source, paragraphs, { link: source.chance(30), mail: mail, picture: source.chance(20) }),
    author: sender,
    attachments: source.chance(30) ? [attachment(source)] : [],
    url: mail ? null : page,
    redacted: false,
    ...(version >= 16 && mail && mailHeaders(source, subject)),
  };
}

/** Since 2.16 the first message says who else got it. */
function mailHeaders(source: SampleSource, subject: string): object {
  const { customer, colleague } = source;
  const desk = source.personal('helpdesk@support.example');
  return {
    recipients: [
      { type: 'to', name: source.personal('Larkspur Helpdesk'), email: desk },
      { type: 'cc', name: colleague.name, email: colleague.email },
    ],
    reply_to: { name: customer.name, email: source.personal(`replies+${source.hex(10)}@mail.example`) },
    email_message_metadata: emailMetadata(source, subject),
  };
}

function appliedTag(source: SampleSource): object {
  const by = { type: 'admin', id: String(source.teammate.id) };
  return { ...tag(source), applied_at: source.unix(900), applied_by: by };
}

function priority(source: SampleSource, { prioritised }: Turn): string {
  if (source.version >= 16)
    return prioritised ? source.pick(['high', 'urgent']) : source.pick(['none', 'low', 'medium']);
  return prioritised ? 'priority' : 'not_priority';
}

function company(source: SampleSource): object {
  return { type: 'company', id: source.companyId, company_id: `org-${source.digits(4)}`, name: source.companyName };
}

function aiAgent(source: SampleSource): object {
  const participated = source.chance(40);
  return {
    ai_agent: participated
      ? {
          source_type: source.pick(['essentials_plan_setup', 'workflow']),
          source_title: source.personal('Nightly greeting, Benelux'),
          last_answer_type: source.pick(['ai_answer', 'custom_answer']),
          resolution_state: source.pick(['assumed_resolution', 'routed_to_team', 'abandoned']),
          rating: source.between(1, 5),
          rating_remark: source.personal(source.told.remark),
          content_sources: {
            type: 'content_source.list',
            content_sources: [
              {
                content_type: 'article',
                url: 'https://help.example/articles/7',
                title: source.personal(source.told.subject),
                locale: source.told.language,
              },
            ],
            total_count: 1,
          },
          created_at: source.unix(1700),
          updated_at: source.unix(1),
        }
      : null,
    ai_agent_participated: participated,
  };
}

function statistics(source: SampleSource, answered: boolean, { state }: Turn): object {
  const seconds = answered ? source.between(60, 900) : null;
  const at = (when: number | null) => (when === null ? null : source.zulu(1800 - when));
  const closed = state === 'closed' ? 1799 : null;
  return {
    type: 'conversation_statistics',
    time_to_assignment: seconds,
    time_to_admin_reply: seconds,
    time_to_first_close: closed,
    time_to_last_close: closed,
    median_time_to_reply: seconds,
    first_contact_reply_at: at(0),
    first_assignment_at: at(seconds),
    first_admin_reply_at: at(seconds),
    first_close_at: at(closed),
    last_assignment_at: at(seconds),
    last_assignment_admin_reply_at: at(seconds),
    last_contact_reply_at: at(0),
    last_admin_reply_at: at(seconds),
    last_close_at: at(closed),
    last_closed_by_id: closed === null ? null : source.teammate.id,
    count_reopens: source.between(0, 1),
    count_assignments: answered ? 1 : 0,
    count_conversation_parts: source.between(2, 12),
    assigned_team_first_response_time: [],
    assigned_team_first_response_time_in_office_hours: [],
    handling_time: answered ? source.between(60, 300) : null,
  };
}
