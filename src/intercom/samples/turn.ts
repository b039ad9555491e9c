import { assignee } from './contact.ts';
import type { SampleSource } from './source.ts';
import { attachment, body } from './writing.ts';

/** What happened in a conversation, in the words of either generation. */
export interface Turn {
  /** Absent: the notification has no part, as when a conversation begins. */
  readonly partType?: string;
  readonly by?: 'user' | 'admin' | 'bot';
  /** Which of the story's texts is said. */
  readonly says?: 'detail' | 'answer' | 'closing' | 'note';
  readonly to?: 'admin' | 'team' | 'nobody';
  readonly state?: 'open' | 'closed' | 'snoozed';
  readonly startedBy?: 'admin';
  readonly rated?: boolean;
  readonly prioritised?: boolean;
  /** The part lost its text. */
  readonly redacted?: boolean;
  /** The part was tagged. */
  readonly tagged?: boolean;
  readonly translated?: boolean;
  /** Parts before it that come along, as when a conversation is read. */
  readonly before?: readonly Turn[];
}

export const turns: Readonly<Record<string, Turn>> = {
  'conversation.user.created': {},
  'conversation.user.replied': { partType: 'comment', by: 'user', says: 'detail' },
  'conversation.admin.single.created': { startedBy: 'admin' },
  'conversation.admin.replied': { partType: 'comment', by: 'admin', says: 'answer' },
  'conversation.admin.replied.translated': { partType: 'comment', by: 'admin', says: 'answer', translated: true },
  'conversation.admin.noted': { partType: 'note', by: 'admin', says: 'note' },
  'conversation.admin.assigned': { partType: 'assignment', by: 'admin', to: 'team' },
  'conversation.admin.open.assigned': { partType: 'assign_and_reopen', by: 'admin', says: 'note', to: 'admin' },
  'conversation.admin.opened': { partType: 'open', by: 'admin' },
  'conversation.admin.snoozed': { partType: 'snoozed', by: 'admin', state: 'snoozed' },
  'conversation.admin.unsnoozed': { partType: 'open', by: 'bot' },
  'conversation.admin.closed': { partType: 'close', by: 'admin', says: 'closing', state: 'closed' },
  'conversation.operator.replied': { partType: 'comment', by: 'bot', says: 'answer' },
  'conversation.priority.updated': { partType: 'priority_changed', by: 'admin', prioritised: true },
  'conversation.rating.added': { state: 'closed', rated: true },
  'conversation.read': {
    before: [
      { partType: 'comment', by: 'user', says: 'detail' },
      { partType: 'assignment', by: 'bot', to: 'team' },
    ],
    partType: 'comment',
    by: 'admin',
    says: 'answer',
  },
  'conversation_part.redacted': { partType: 'comment', by: 'user', redacted: true },
  'conversation_part.tag.created': { partType: 'comment', by: 'user', says: 'detail', tagged: true },
};

export interface Author {
  readonly type: string;
  readonly id: string;
  readonly name: string | null;
  readonly email: string;
}

export function author(source: SampleSource, by: Turn['by']): Author {
  const { customer, teammate } = source;
  if (by === 'user') return { id: customer.id, type: 'user', name: customer.name, email: customer.email };
  if (by === 'admin') return { id: String(teammate.id), type: 'admin', name: teammate.name, email: teammate.email };
  return {
    id: '7100400',
    type: 'bot',
    name: source.personal('Larkspur Helper'),
    email: source.personal('helper@support.example'),
  };
}

/** What parts of both generations have. */
export function commonPart(source: SampleSource, turn: Turn): object {
  const customer = turn.by === 'user';
  const text = turn.says && source.told[turn.says];
  const greeting = customer || turn.says === 'note' ? [] : [`Hi ${source.customer.name},`];
  const extras = { link: source.chance(40), mail: source.chance(30), picture: customer && source.chance(30) };
  return {
    type: 'conversation_part',
    id: source.digits(11),
    part_type: turn.partType,
    body: text && !turn.redacted ? body(source, [...greeting, text], extras) : null,
    created_at: source.unix(1),
    updated_at: source.unix(1),
    notified_at: source.unix(1),
    assigned_to: turn.to ? assignee(source, turn.to) : null,
    author: author(source, turn.by),
    attachments: text && source.chance(35) ? [attachment(source)] : [],
    external_id: null,
  };
}

export function rating(source: SampleSource): object {
  const { customer, teammate, told } = source;
  return {
    rating: source.between(1, 5),
    remark: source.chance(90) ? source.personal(told.remark) : null,
    created_at: source.unix(1),
    updated_at: source.unix(1),
    contact: { type: 'contact', id: customer.id, external_id: customer.externalId },
    teammate: { type: 'admin', id: String(teammate.id) },
  };
}
