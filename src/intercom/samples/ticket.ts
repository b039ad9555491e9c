import { contact, reference } from './contact.ts';
import { type SampleSource, TEAM_ID } from './source.ts';
import { type Step, ticketPart } from './ticket-part.ts';
import { rating } from './turn.ts';

const STATES = {
  submitted: { id: '4400001', label: 'Received' },
  in_progress: { id: '4400002', label: 'Being looked at' },
  resolved: { id: '4400004', label: 'Done' },
} as const;
type State = keyof typeof STATES;
type Sample = (source: SampleSource) => object;

/** By topic. Every ticket repeats its whole history. */
export const ticketSamples: Readonly<Record<string, Sample>> = {
  'ticket.created': (source) => ticket(source, 'submitted', ['collected', 'expectation']),
  'ticket.state.updated': (source) => ticket(source, 'in_progress', ['collected', 'expectation', 'reply', 'state']),
  'ticket.resolved': (source) => ticket(source, 'resolved', ['collected', 'admin', 'answer', 'resolved']),
  'ticket.closed': (source) => {
    const steps: readonly Step[] = ['collected', 'team', 'note', 'attribute', 'answer', 'reply', 'close', 'resolved'];
    const contacts = { type: 'contact.list', contacts: [{ id: source.customer.id, role: 'lead' }] };
    const closed = { ...ticket(source, 'resolved', steps), contacts };
    return source.version >= 15 ? { type: 'ticket', ticket: closed } : closed;
  },
  'ticket.rating.provided': (source) => ({
    ...ticket(source, 'resolved', ['collected', 'answer', 'close']),
    conversation_rating: rating(source),
  }),
  'ticket.note.created': (source) => withPart(source, 'note'),
  'ticket.admin.assigned': (source) => withPart(source, 'admin'),
  'ticket.team.assigned': (source) => withPart(source, 'team'),
  'ticket.admin.replied': (source) => withPart(source, 'answer'),
  'ticket.admin.replied.translated': (source) => withPart(source, 'translated'),
  'ticket.contact.replied': (source) => withPart(source, 'reply'),
  'ticket.attribute.updated': (source) => withPart(source, 'attribute'),
  'ticket.contact.attached': withContact,
  'ticket.contact.detached': withContact,
};

function withPart(source: SampleSource, step: Step): object {
  return {
    type: 'ticket_ticket_part',
    ticket: ticket(source, 'in_progress', ['collected', 'state', step]),
    ticket_part: ticketPart(source, step),
  };
}

function ticket(source: SampleSource, state: State, steps: readonly Step[]): object {
  const { teammate, version } = source;
  const parts = steps.map((step) => ticketPart(source, step));
  const { id, label } = STATES[state];
  return {
    type: 'ticket',
    id: source.ticketId,
    ticket_id: source.digits(4),
    ticket_attributes: attributes(source),
    ...(version >= 12
      ? { ticket_state: { type: 'ticket_state', id, category: state, internal_label: label, external_label: label } }
      : { ticket_state: state, ticket_state_internal_label: label, ticket_state_external_label: label }),
    ...(version >= 16 && { previous_ticket_state_id: STATES.submitted.id }),
    ticket_type: ticketType(source),
    contacts: { type: 'contact.list', contacts: [reference(source)] },
    admin_assignee_id: source.chance(70) ? String(teammate.id) : '0',
    team_assignee_id: source.chance(70) ? String(TEAM_ID) : '0',
    created_at: source.unix(3600),
    updated_at: source.unix(1),
    ticket_parts: { type: 'ticket_part.list', ticket_parts: parts, total_count: parts.length },
    open: state !== 'resolved',
    snoozed_until: null,
    linked_objects: { type: 'list', data: linked(source), total_count: 1, has_more: false },
    category: 'Customer',
    is_shared: true,
    company_id: source.chance(60) ? source.companyId : null,
    channel: source.pick(['messenger', 'email']),
  };
}

function attributes(source: SampleSource): object {
  const { told, customer } = source;
  return {
    _default_title_: source.personal(told.subject),
    _default_description_: source.personal(`${customer.name}: ${told.question}`),
    Severity: source.pick(['medium', 'low', null]),
    'Call back': source.chance(70) ? source.personal(`${customer.formattedPhone} after five`) : null,
  };
}

function linked(source: SampleSource): object[] {
  return [{ type: 'conversation', id: source.conversationId, category: null }];
}

function ticketType(source: SampleSource): object {
  const attribute = (name: string, order: number) => ({
    type: 'ticket_type_attribute',
    id: String(6400100 + order),
    workspace_id: source.appId,
    name,
    description: '',
    data_type: 'string',
    input_options: { multiline: order === 1 },
    order,
    required_to_create: false,
    required_to_create_for_contacts: false,
    visible_on_create: true,
    visible_to_contacts: order < 2,
    default: order < 2,
    ticket_type_id: 2200010,
    archived: false,
    created_at: source.unix(8_640_000),
    updated_at: source.unix(8_640_000),
  });
  return {
    type: 'ticket_type',
    id: '2200010',
    name: 'Bug report',
    description: 'Something does not work as it should.',
    icon: '🐞',
    workspace_id: source.appId,
    archived: false,
    created_at: source.unix(8_640_000),
    updated_at: source.unix(8_640_000),
    is_internal: false,
    ticket_type_attributes: {
      type: 'list',
      data: ['_default_title_', '_default_description_', 'Severity', 'Call back'].map(attribute),
    },
    category: 'Customer',
  };
}

/** The item has no type, and the ticket another shape: numbers for ids, texts for state and type. */
function withContact(source: SampleSource): object {
  const value = (text: string | null) => ({ value: text, type: 'string' });
  const { told, ticketId, appId } = source;
  return {
    ticket: {
      type: 'ticket',
      id: Number(ticketId),
      url: `https://app.intercom.com/a/apps/${appId}/conversations/${ticketId}`,
      custom_attributes: {
        _default_title_: value(source.personal(told.subject)),
        _default_description_: value(source.chance(70) ? source.personal(told.question) : null),
        Severity: value(null),
      },
      state: 'submitted',
      ticket_type: 'Bug report',
      ticket_type_description: 'Something does not work as it should.',
      ticket_type_emoji: '🐞',
      ticket_custom_state_admin_label: STATES.submitted.label,
      ticket_custom_state_user_label: STATES.submitted.label,
    },
    contact: contact(source, source.pick(['user', 'lead'])),
  };
}
