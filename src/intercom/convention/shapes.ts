import type { ShapeConvention } from './model.ts';

/**
 * How to find one's way in an item. Types are missing in some notifications ({company, contact}, {conversation, contact},
 * {ticket, contact}) and differ over API versions, so each shape names every place where its entities have been met.
 */
export const shapeConventions: readonly ShapeConvention[] = [
  {
    shape: 'conversation',
    itemTypes: ['conversation', 'conversation_part'],
    topics: ['conversation', 'conversation_part'],
    entities: {
      // Attaching a contact sends the internal model of the conversation.
      conversation: ['conversation.model', 'conversation', ''],
      part: ['conversation_parts.conversation_parts[-1]', 'conversation.parts[-1]', 'conversation_part'],
      // 2.x lists contacts, 1.x has one user.
      contact: ['contact', 'contacts.contacts[0]', 'user'],
      company: ['company'],
    },
  },
  {
    shape: 'ticket',
    itemTypes: ['ticket', 'ticket_ticket_part', 'ticket_part'],
    topics: ['ticket'],
    entities: {
      // From API version 2.15 on, ticket.closed nests the ticket.
      ticket: ['ticket', ''],
      part: ['ticket_part', 'ticket_parts.ticket_parts[-1]', 'ticket.ticket_parts.ticket_parts[-1]'],
      contact: ['contact', 'contacts.contacts[0]', 'ticket.contacts.contacts[0]'],
    },
  },
  {
    shape: 'contact',
    itemTypes: ['contact', 'user', 'lead', 'visitor'],
    topics: ['contact', 'user', 'visitor'],
    entities: { contact: ['contact', ''] },
  },
  {
    shape: 'company',
    itemTypes: ['company'],
    topics: ['company'],
    entities: { company: ['company', ''], contact: ['contact'] },
  },
  {
    shape: 'tag',
    itemTypes: ['contact_tag', 'user_tag'],
    topics: ['contact.tag', 'contact.lead.tag', 'contact.user.tag', 'user.tag'],
    entities: { tag: ['tag'], contact: ['contact', 'user'], admin: ['admin'] },
  },
  {
    shape: 'subscription',
    itemTypes: ['contact_subscribe', 'contact_unsubscribe', 'granular_subscribe', 'granular_unsubscribe'],
    topics: ['contact.subscribed', 'contact.unsubscribed', 'granular'],
    entities: { subscription: ['subscription_types'], contact: ['contact', 'user'] },
  },
  { shape: 'admin', itemTypes: ['admin'], topics: ['admin'], entities: { admin: ['admin', ''] } },
  {
    shape: 'admin_activity_log_event',
    itemTypes: ['admin_activity_log_event', 'activity_log'],
    topics: ['admin.activity_log_event'],
    entities: { activity_log: [''] },
  },
  { shape: 'event', itemTypes: ['event'], topics: ['event'], entities: { event: [''] } },
  {
    shape: 'content_stat',
    itemTypes: ['content_stat', 'content_stat.*'],
    topics: ['content_stat'],
    entities: { content_stat: ['content_stat', ''], contact: ['contact'] },
  },
  { shape: 'call', itemTypes: ['call'], topics: ['call'], entities: { call: ['call', ''] } },
  { shape: 'article', itemTypes: ['article'], topics: ['article'], entities: { article: [''] } },
  {
    shape: 'api.request.completed',
    itemTypes: ['api.request.completed'],
    topics: ['api.request'],
    entities: { api_request: [''], admin: ['admin'] },
  },
  {
    shape: 'data_connector.execution',
    itemTypes: ['data_connector.execution'],
    topics: ['data_connector'],
    entities: { data_connector: [''] },
  },
  { shape: 'job', itemTypes: ['job'], topics: ['job'], entities: { job: [''] } },
  {
    shape: 'procedure.hitl_notification',
    itemTypes: ['procedure.hitl_notification'],
    topics: ['procedure'],
    entities: { hitl_notification: [''] },
  },
  {
    shape: 'audience_membership',
    itemTypes: ['audience_membership'],
    topics: ['audience.member_added', 'audience.member_removed'],
    entities: { audience_membership: [''] },
  },
  {
    shape: 'content_import_source',
    itemTypes: ['content_import_source'],
    topics: ['content_import_source'],
    entities: { content_import_source: [''] },
  },
  {
    shape: 'unknown',
    itemTypes: [],
    topics: [],
    entities: {
      conversation: ['conversation'],
      ticket: ['ticket'],
      contact: ['contact'],
      company: ['company'],
      admin: ['admin'],
    },
  },
];
