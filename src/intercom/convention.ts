/**
 * The attributes of a record, declared once: the decoder evaluates this, `docs/intercom-conventions.md` is rendered from
 * it, and the tests read it.
 *
 * Nothing here names a place where Intercom keeps a person's name, an address, a telephone number or a text. Names of
 * things (tags, plans, ticket types) are left in the body as well: people write what they like into them.
 */
import { conversationAttributes, partAttributes } from './convention/conversation.ts';
import { envelopeAttributes } from './convention/envelope.ts';
import type { AttributeConvention } from './convention/model.ts';
import {
  apiRequestAttributes,
  articleAttributes,
  audienceMembershipAttributes,
  callAttributes,
  companyAttributes,
  contentImportSourceAttributes,
  contentStatAttributes,
  dataConnectorAttributes,
  eventAttributes,
  hitlNotificationAttributes,
  jobAttributes,
  subscriptionAttributes,
  tagAttributes,
} from './convention/others.ts';
import { activityLogAttributes, adminAttributes, contactAttributes } from './convention/people.ts';
import { ticketAttributes } from './convention/ticket.ts';

export const attributeConventions: readonly AttributeConvention[] = [
  ...envelopeAttributes,
  ...conversationAttributes,
  ...partAttributes,
  ...ticketAttributes,
  ...contactAttributes,
  ...companyAttributes,
  ...tagAttributes,
  ...subscriptionAttributes,
  ...adminAttributes,
  ...activityLogAttributes,
  ...eventAttributes,
  ...contentStatAttributes,
  ...callAttributes,
  ...articleAttributes,
  ...apiRequestAttributes,
  ...dataConnectorAttributes,
  ...jobAttributes,
  ...hitlNotificationAttributes,
  ...audienceMembershipAttributes,
  ...contentImportSourceAttributes,
];

/** Not from the notification, but about how it was read: the decoder sets it. */
export const BODY_ERROR = 'intercom.notification.body_error';

/**
 * Why a body is carried as text: it was not JSON, not UTF-8, nested too deep; or, as bytes, because its content encoding
 * could not be undone.
 */
export type BodyError = 'not_json' | 'not_utf8' | 'too_deep' | 'content_encoding';

/** A topic that is fit for an event name; anything else is treated as if there were none. */
export function isPlausibleTopic(topic: unknown): topic is string {
  return typeof topic === 'string' && /^[A-Za-z0-9_.-]{1,128}$/.test(topic);
}
