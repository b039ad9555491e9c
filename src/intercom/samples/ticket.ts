import { type SampleSource, TEAM_ID } from './source.ts';

const SUBMITTED = { id: '4400001', category: 'submitted', internal_label: 'Submitted', external_label: 'Received' };
const RESOLVED = { id: '4400004', category: 'resolved', internal_label: 'Resolved', external_label: 'Resolved' };
type State = typeof SUBMITTED;

/** By topic. */
export const ticketSamples: Readonly<Record<string, (source: SampleSource) => object>> = {
  'ticket.created': (source) => ticket(source, SUBMITTED, [createdPart(source)]),
  'ticket.state.updated': (source) => ticket(source, RESOLVED, [createdPart(source), statePart(source)]),
  'ticket.contact.replied': (source) => ({
    type: 'ticket_ticket_part',
    ticket: ticket(source, SUBMITTED, [createdPart(source)]),
    ticket_part: replyPart(source),
  }),
};

function ticket(source: SampleSource, state: State, parts: readonly object[]): object {
  const { customer, teammate } = source;
  return {
    type: 'ticket',
    id: source.digits(15),
    ticket_id: source.digits(4),
    ticket_attributes: {
      _default_title_: 'Invoice export stops at page 3',
      _default_description_: 'The export of the March invoices ends with an error after two pages.',
      Severity: 'medium',
    },
    ticket_state: { type: 'ticket_state', ...state },
    ticket_type: {
      type: 'ticket_type',
      id: '2200010',
      name: 'Bug report',
      description: 'Something does not work as it should.',
      icon: '🐞',
      workspace_id: source.appId,
      archived: false,
      is_internal: false,
      category: 'Customer',
    },
    contacts: {
      type: 'contact.list',
      contacts: [{ type: 'contact', id: customer.id, external_id: customer.externalId }],
    },
    admin_assignee_id: String(teammate.id),
    team_assignee_id: String(TEAM_ID),
    created_at: source.unix(3600),
    updated_at: source.unix(1),
    ticket_parts: { type: 'ticket_part.list', ticket_parts: parts, total_count: parts.length },
    open: state !== RESOLVED,
    snoozed_until: null,
    linked_objects: { type: 'list', data: [], total_count: 0, has_more: false },
    category: 'Customer',
    is_shared: true,
    company_id: null,
    channel: 'messenger',
  };
}

function createdPart(source: SampleSource): object {
  return {
    ...part(source, 'ticket_state_updated_by_admin'),
    ticket_state: 'submitted',
    previous_ticket_state: 'submitted',
  };
}

function statePart(source: SampleSource): object {
  return {
    ...part(source, 'ticket_state_updated_by_admin'),
    ticket_state: 'resolved',
    previous_ticket_state: 'submitted',
  };
}

function replyPart(source: SampleSource): object {
  const { id, name, email } = source.customer;
  return { ...part(source, 'comment'), body: '<p>Any news on this?</p>', author: { type: 'user', id, name, email } };
}

function part(source: SampleSource, partType: string): object {
  const { id, name, email } = source.teammate;
  return {
    type: 'ticket_part',
    id: source.digits(11),
    part_type: partType,
    created_at: source.unix(1),
    updated_at: source.unix(1),
    author: { id: String(id), type: 'admin', name, email },
    attachments: [],
    redacted: false,
  };
}
