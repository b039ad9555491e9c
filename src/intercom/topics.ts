/** The topics that Intercom documents or has been seen to send. Others may come at any time, and are taken as well. */

/** Which of its two kinds of shapes a notification has: `1.x` is what the oldest apps still get. */
export type Generation = '1.x' | '2.x';

export interface KnownTopic {
  readonly topic: string;
  /** `type` of the item; null where the item has none, or none was ever seen. */
  readonly itemType: string | null;
  /** First API version whose list has it, where that is known. */
  readonly since?: string;
  /** Only in the Preview version of the API. */
  readonly preview?: boolean;
  /** Today's name of a topic that only apps of the 1.x line get (or, once, a spelling of the 2.5 list). */
  readonly replacedBy?: string;
  /** Shapes that it is known in: never empty, `2.x` last. */
  readonly generations: readonly Generation[];
}

/** In the order of Intercom's own list: by the name of what it is about, then those that have been replaced. */
export const knownTopics: readonly KnownTopic[] = [
  topic('admin.added_to_workspace', 'admin', { since: '2.5' }),
  topic('admin.away_mode_updated', 'admin', { since: '2.5' }),
  topic('admin.removed_from_workspace', 'admin', { since: '2.5' }),
  topic('admin.logged_in', 'admin', { since: '2.6' }),
  topic('admin.logged_out', 'admin', { since: '2.6' }),
  topic('admin.activity_log_event.created', 'admin_activity_log_event'),
  topic('article.created', 'article'),
  topic('article.updated', 'article'),
  topic('article.published', 'article'),
  topic('article.unpublished', 'article'),
  topic('article.deleted', 'article'),
  topic('audience.created', 'audience', { preview: true }),
  topic('audience.updated', 'audience', { preview: true }),
  topic('audience.deleted', 'audience', { preview: true }),
  topic('audience.member_added', 'audience_membership', { preview: true }),
  topic('audience.member_removed', 'audience_membership', { preview: true }),
  topic('call.started', 'call'),
  topic('call.ended', 'call'),
  topic('call.transcription_available', 'call'),
  topic('call.recording_available', 'call'),
  topic('content_import_source.created', 'content_import_source', { preview: true }),
  topic('content_import_source.updated', 'content_import_source', { preview: true }),
  topic('content_import_source.deleted', 'content_import_source', { preview: true }),
  topic('content_snippet.created', 'content_snippet'),
  topic('content_snippet.updated', 'content_snippet'),
  topic('content_snippet.deleted', 'content_snippet'),
  topic('company.created', 'company', { since: '1.0' }),
  topic('company.updated', 'company'),
  topic('company.deleted', 'company'),
  topic('company.contact.attached', null, { since: '2.6' }),
  topic('company.contact.detached', null, { since: '2.6' }),
  topic('contact.archived', 'contact', { since: '2.6' }),
  topic('contact.archive', 'contact', { since: '2.5', replacedBy: 'contact.archived' }),
  topic('contact.unarchive', 'contact', { since: '2.6' }),
  topic('contact.deleted', 'contact', { since: '2.6' }),
  topic('contact.email.updated', 'contact', { since: '2.5' }),
  topic('contact.lead.added_email', 'contact', { since: '2.5' }),
  topic('contact.lead.created', 'contact', { since: '2.5' }),
  topic('contact.lead.signed_up', 'contact'),
  topic('contact.lead.tag.created', 'contact_tag'),
  topic('contact.lead.tag.deleted', 'contact_tag'),
  topic('contact.lead.updated', 'contact'),
  topic('contact.merged', 'contact', { since: '2.6' }),
  topic('contact.subscribed', 'contact_subscribe'),
  topic('contact.unsubscribed', 'contact_unsubscribe'),
  topic('contact.user.created', 'contact'),
  topic('contact.user.updated', 'contact', { since: '2.6' }),
  topic('contact.user.tag.created', 'contact_tag'),
  topic('contact.user.tag.deleted', 'contact_tag'),
  topic('conversation.admin.assigned', 'conversation', { since: '1.0' }),
  topic('conversation.admin.closed', 'conversation', { since: '1.0' }),
  topic('conversation.admin.noted', 'conversation', { since: '1.0' }),
  topic('conversation.admin.open.assigned', 'conversation'),
  topic('conversation.admin.opened', 'conversation', { since: '1.0' }),
  topic('conversation.admin.replied', 'conversation', { since: '1.0' }),
  topic('conversation.admin.single.created', 'conversation', { since: '1.0' }),
  topic('conversation.admin.snoozed', 'conversation', { since: '1.0' }),
  topic('conversation.admin.unsnoozed', 'conversation', { since: '1.0' }),
  topic('conversation.user.created', 'conversation', { since: '1.0' }),
  topic('conversation.user.replied', 'conversation', { since: '1.0' }),
  topic('conversation.admin.replied.translated', 'conversation', { since: '2.16' }),
  topic('conversation.operator.replied', 'conversation'),
  topic('conversation.deleted', 'conversation', { since: '1.0' }),
  topic('conversation_part.redacted', 'conversation'),
  topic('conversation_part.tag.created', 'conversation', { since: '1.0' }),
  topic('conversation.priority.updated', 'conversation'),
  topic('conversation.rating.added', 'conversation'),
  topic('conversation.read', 'conversation'),
  topic('conversation.contact.attached', null, { since: '2.6' }),
  topic('conversation.contact.detached', null, { since: '2.6' }),
  topic('conversation.company.updated', 'conversation'),
  topic('content_stat.banner', 'content_stat.banner', { since: '2.6' }),
  topic('content_stat.carousel', 'content_stat.carousel', { since: '2.6' }),
  topic('content_stat.chat', 'content_stat.chat', { since: '2.6' }),
  topic('content_stat.checklist', 'content_stat.checklist', { since: '2.6' }),
  topic('content_stat.custom_bot', 'content_stat.custom_bot', { since: '2.6' }),
  topic('content_stat.email', 'content_stat.email', { since: '2.6' }),
  topic('content_stat.news_item', 'content_stat.news_item', { since: '2.6' }),
  topic('content_stat.post', 'content_stat.post', { since: '2.6' }),
  topic('content_stat.push', 'content_stat.push', { since: '2.6' }),
  topic('content_stat.series', 'content_stat.series', { since: '2.6' }),
  topic('content_stat.series.webhook', 'content_stat.series.webhook', { since: '2.6' }),
  topic('content_stat.sms', 'content_stat.sms', { since: '2.6' }),
  topic('content_stat.survey', 'content_stat.survey', { since: '2.6' }),
  topic('content_stat.tooltip_group', 'content_stat.tooltip_group', { since: '2.6' }),
  topic('content_stat.tour', 'content_stat.tour', { since: '2.6' }),
  topic('event.created', 'event', { since: '1.0' }),
  topic('api.request.completed', 'api.request.completed'),
  topic('job.completed', 'job'),
  topic('ping', 'ping', { since: '1.0' }),
  topic('granular.subscribe', 'granular_subscribe', { since: '2.6' }),
  topic('granular.unsubscribe', 'granular_unsubscribe'),
  topic('ticket.created', 'ticket'),
  topic('ticket.state.updated', 'ticket'),
  topic('ticket.note.created', 'ticket_ticket_part'),
  topic('ticket.admin.assigned', 'ticket_ticket_part'),
  topic('ticket.team.assigned', 'ticket_ticket_part'),
  topic('ticket.contact.attached', null),
  topic('ticket.contact.detached', null),
  topic('ticket.attribute.updated', 'ticket_ticket_part'),
  topic('ticket.admin.replied', 'ticket_ticket_part'),
  topic('ticket.contact.replied', 'ticket_ticket_part'),
  topic('ticket.closed', 'ticket'),
  topic('ticket.resolved', 'ticket', { since: '2.15' }),
  topic('ticket.rating.provided', 'ticket'),
  topic('ticket.admin.replied.translated', null, { since: '2.16' }),
  topic('visitor.signed_up', 'user', { since: '1.0' }),
  topic('data_connector.execution.completed', 'data_connector.execution'),
  topic('procedure.hitl_notification.created', 'procedure.hitl_notification', { preview: true }),
  topic('user.created', 'user', { since: '1.0', replacedBy: 'contact.user.created' }),
  topic('user.deleted', 'user', { since: '1.0', replacedBy: 'contact.deleted' }),
  topic('user.unsubscribed', 'user', { since: '1.0', replacedBy: 'contact.unsubscribed' }),
  topic('user.unsubscribed_from_sms', 'user', { since: '1.0', replacedBy: 'granular.unsubscribe' }),
  topic('user.email.updated', 'user', { since: '1.0', replacedBy: 'contact.email.updated' }),
  topic('user.tag.created', 'user_tag', { since: '1.0', replacedBy: 'contact.user.tag.created' }),
  topic('user.tag.deleted', 'user_tag', { since: '1.0', replacedBy: 'contact.user.tag.deleted' }),
  topic('contact.created', 'contact', { since: '1.0', replacedBy: 'contact.lead.created' }),
  topic('contact.updated', 'contact', { since: '1.0', replacedBy: 'contact.lead.updated' }),
  topic('contact.signed_up', 'user', { since: '1.0', replacedBy: 'contact.lead.signed_up' }),
  topic('contact.added_email', 'contact', { since: '1.0', replacedBy: 'contact.lead.added_email' }),
  topic('contact.tag.created', 'contact_tag', { since: '1.0', replacedBy: 'contact.lead.tag.created' }),
  topic('contact.tag.deleted', 'contact_tag', { since: '1.0', replacedBy: 'contact.lead.tag.deleted' }),
];

function topic(
  name: string,
  itemType: string | null,
  more: Pick<KnownTopic, 'since' | 'preview' | 'replacedBy'> = {},
): KnownTopic {
  return { topic: name, itemType, ...more, generations: generations(name, itemType, more) };
}

/** Topics do not depend on the API version, shapes do: conversations and companies changed theirs with 2.0. */
function generations(
  name: string,
  itemType: string | null,
  { since, replacedBy }: Pick<KnownTopic, 'since' | 'replacedBy'>,
): readonly Generation[] {
  if (replacedBy !== undefined && since === '1.0') return ['1.x'];
  const alike = /^(conversation\.deleted|company\.deleted|conversation\.company\.updated)$|\.translated$/.test(name);
  const changed = (itemType === 'conversation' || itemType === 'company') && !alike;
  return changed ? ['1.x', '2.x'] : ['2.x'];
}

const names: ReadonlySet<string> = new Set(knownTopics.map((known) => known.topic));

export function isKnownTopic(name: string): boolean {
  return names.has(name);
}
