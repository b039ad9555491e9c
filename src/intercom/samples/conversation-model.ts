/** A contact joins or leaves: Intercom sends its internal model of the conversation, with numbers for ids. */
import { contact } from './contact.ts';
import type { SampleSource } from './source.ts';
import { body } from './writing.ts';

export const attached = (source: SampleSource) => withContact(source, 'added_by');
export const detached = (source: SampleSource) => withContact(source, 'removed_by');

/** The item has no type. */
function withContact(source: SampleSource, who: 'added_by' | 'removed_by'): object {
  return {
    conversation: {
      parts: [part(source, who)],
      options: { expand_for_notification: true },
      model: model(source),
    },
    contact: contact(source, 'user'),
  };
}

function part(source: SampleSource, who: string): object {
  const { customer, teammate } = source;
  return {
    id: Number(source.digits(11)),
    app_id: 4300211,
    conversation_id: Number(source.conversationId),
    body: source.chance(40) ? body(source, [source.told.note]) : '',
    created_at: source.zulu(1),
    updated_at: source.zulu(1),
    owner_id: teammate.id,
    closer: false,
    admin_only: false,
    user_id: null,
    url: null,
    ua: source.chance(50) ? customer.userAgent : null,
    emailed: false,
    markdown: true,
    assignee_id: null,
    opener: false,
    channel: -1,
    deleted: false,
    json_blocks: '[]',
    rule_id: null,
    data: JSON.stringify(data(source, who, source.iso(1))),
    unauthenticated: null,
    facebook_message_id: null,
    client_assigned_uuid: null,
    external_source_id: null,
    identity_verified: null,
  };
}

/** Sent as JSON inside a string: names and addresses that a look at keys does not find. */
function data({ customer, teammate, version }: SampleSource, who: string, at: string): object {
  const admin = { type: 'admin', id: teammate.id, label: teammate.name };
  return {
    [who]: { ...admin, name: teammate.name, email: teammate.email },
    participant: {
      type: 'user',
      id: customer.id,
      label: customer.name,
      name: customer.name,
      email: customer.email,
    },
    previous_state: 'state_open',
    state: 'state_open',
    created_at_with_precision: at.replace('.000', '.412093'),
    admin,
    ...(version >= 14 && { reason: 'participant_changed' }),
  };
}

function model(source: SampleSource): object {
  return {
    app_id: 4300211,
    id: Number(source.conversationId),
    user_id: source.customer.id,
    message_id: Number(source.digits(10)),
    created_at: source.zulu(1800),
    updated_at: source.zulu(1),
    company_id: '-1',
    message_version_id: null,
    message_variation_id: 0,
    message_type: 'conversation',
    read: false,
    read_at: source.zulu(300),
    latest_user_visible_comment_at: source.zulu(1),
    latest_admin_visible_comment_at: source.zulu(1),
    first_opened_at: source.zulu(1790),
    first_user_comment_at: source.zulu(1700),
    message_subclass_type: 3,
    deleted: false,
    original_user_id: '-1',
    dismissed: false,
    delivery_state: 'delivered',
    sent_at: source.zulu(1800),
    initiator_id: null,
    initiator_type: null,
    initial_channel: 2,
    current_channel: 2,
  };
}
