import { type AttributeConvention, attributesOf } from './model.ts';

export const ticketAttributes: readonly AttributeConvention[] = attributesOf('ticket', [
  ['id', 'id', ['id'], 'Id of the ticket.'],
  ['ticket_id', 'id', ['ticket_id'], 'The number that people see.'],
  ['category', 'enum', ['category'], 'Customer, Back-office or Tracker.'],
  [
    'state',
    'enum',
    ['ticket_state.category', 'ticket_state', 'state'],
    'submitted, in_progress, waiting_on_customer or resolved.',
  ],
  ['state_id', 'id', ['ticket_state.id'], 'Id of the state, of which a workspace may have more.'],
  ['previous_state_id', 'id', ['previous_ticket_state_id'], 'Id of the state before, from API version 2.16 on.'],
  ['type_id', 'id', ['ticket_type.id'], 'Id of the type of ticket.'],
  ['open', 'boolean', ['open'], 'Whether it is open.'],
  ['is_shared', 'boolean', ['is_shared'], 'Whether the contact sees it.'],
  ['channel', 'enum', ['channel'], 'Channel that it came from.'],
  ['admin_assignee_id', 'id', ['admin_assignee_id'], 'Teammate that it is assigned to.', 'pseudonymous'],
  ['team_assignee_id', 'id', ['team_assignee_id'], 'Team that it is assigned to.'],
  ['company_id', 'id', ['company_id'], "Intercom's id of the company that it belongs to."],
  ['contact_ids', 'id[]', ['contacts.contacts[].id'], 'Contacts that take part.', 'pseudonymous'],
  ['part_count', 'int', ['ticket_parts.total_count'], 'Parts of the ticket.'],
  ['linked_object_count', 'int', ['linked_objects.total_count'], 'Tickets and conversations linked to it.'],
]);
