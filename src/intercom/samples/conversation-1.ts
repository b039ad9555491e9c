import { customAttributes } from './contact.ts';
import { type SampleSource, TEAM_ID } from './source.ts';
import { commonPart, rating, type Turn } from './turn.ts';
import { attachment, body, pageUrl } from './writing.ts';

/** A conversation as apps on an API version of the 1.x line get it. */
export function firstGeneration(source: SampleSource, turn: Turn): object {
  const { customer, teammate, conversationId } = source;
  const answered = turn.by === 'admin' || turn.state === 'closed' || turn.startedBy === 'admin';
  const made = [...(turn.before ?? []), turn]
    .filter(({ partType }) => partType)
    .map((each) => commonPart(source, each));
  const lead = source.chance(25);
  return {
    type: 'conversation',
    id: conversationId,
    created_at: source.unix(1800),
    updated_at: source.unix(1),
    user: {
      type: lead ? 'lead' : 'user',
      id: customer.id,
      user_id: customer.externalId,
      name: lead ? customer.pseudonym : customer.name,
      email: customer.email,
      do_not_track: null,
    },
    assignee: answered
      ? { type: 'admin', id: String(teammate.id), name: teammate.name, email: teammate.email }
      : { type: 'nobody_admin', id: null },
    ...(source.chance(50) && {
      admin_assignee_id: answered ? teammate.id : null,
      team_assignee_id: source.chance(50) ? TEAM_ID : null,
    }),
    conversation_message: {
      type: 'conversation_message',
      id: source.digits(9),
      url: pageUrl(source),
      subject: source.chance(50) ? `<p>${source.personal(source.told.subject)}</p>` : '',
      body: body(source, [turn.startedBy ? source.told.answer : source.told.question], {
        mail: source.chance(40),
        picture: source.chance(30),
      }),
      author: turn.startedBy ? { type: 'admin', id: String(teammate.id) } : { type: 'user', id: customer.id },
      attachments: source.chance(30) ? [attachment(source)] : [],
    },
    conversation_parts: { type: 'conversation_part.list', conversation_parts: made, total_count: made.length },
    conversation_rating: turn.rated ? rating(source) : {},
    open: (turn.state ?? 'open') === 'open',
    state: turn.state ?? 'open',
    snoozed_until: turn.state === 'snoozed' ? source.unix(-86_400) : null,
    read: answered,
    metadata: {},
    tags: { type: 'tag.list', tags: [] },
    tags_added: { type: 'tag.list', tags: [] },
    custom_attributes: source.chance(40) ? customAttributes(source) : {},
    links: { conversation_web: `https://app.intercom.com/a/apps/${source.appId}/conversations/${conversationId}` },
  };
}
