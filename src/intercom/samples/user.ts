/** Users, leads and visitors as the 1.x line has them; `visitor.signed_up` still comes in this shape. */
import { customAttributes, marketing, socialProfile, tag } from './contact.ts';
import type { SampleSource } from './source.ts';

type Sample = (source: SampleSource) => object;

/** By topic. */
export const userSamples: Readonly<Record<string, Sample>> = {
  'visitor.signed_up': (source) => user(source, 'user'),
  'user.created': (source) => user(source, 'user'),
  'user.unsubscribed': (source) => ({ ...user(source, 'user'), unsubscribed_from_emails: true }),
  'user.unsubscribed_from_sms': (source) => ({ ...user(source, 'user'), unsubscribed_from_sms: true }),
  'user.email.updated': (source) => user(source, 'user'),
  'user.deleted': ({ customer }) => ({
    type: 'user',
    id: customer.id,
    user_id: customer.externalId,
    email: customer.email,
  }),
  'user.tag.created': userTag,
  'user.tag.deleted': userTag,
  // Leads were called contacts then.
  'contact.created': (source) => user(source, 'contact'),
  'contact.updated': (source) => user(source, 'contact'),
  'contact.added_email': (source) => user(source, 'contact'),
  'contact.signed_up': (source) => user(source, 'user'),
  'contact.tag.created': contactTag,
  'contact.tag.deleted': contactTag,
};

function user(source: SampleSource, type: 'user' | 'contact'): object {
  const { customer, appId } = source;
  const { place } = customer;
  const lead = type === 'contact';
  return {
    type,
    id: customer.id,
    user_id: lead ? source.uuid() : customer.externalId,
    anonymous: lead,
    email: customer.email,
    phone: source.chance(70) ? customer.phone : null,
    name: lead && source.chance(50) ? null : customer.name,
    pseudonym: lead || source.chance(50) ? customer.pseudonym : null,
    avatar: { type: 'avatar', image_url: source.chance(60) ? customer.avatarUrl : null },
    app_id: appId,
    companies: { type: 'company.list', companies: source.chance(60) ? [companyOf(source)] : [] },
    location_data: {
      type: 'location_data',
      city_name: place.city,
      continent_code: place.continentCode,
      country_name: place.country,
      postal_code: source.chance(80) ? place.postalCode : null,
      region_name: place.region,
      timezone: place.timezone,
      country_code: place.countryCode,
      latitude: source.chance(70) ? place.latitude : null,
      longitude: source.chance(70) ? place.longitude : null,
    },
    last_request_at: source.iso(30),
    created_at: source.iso(86_400),
    remote_created_at: source.iso(86_400),
    signed_up_at: lead ? null : source.iso(86_400),
    updated_at: source.zulu(1),
    session_count: source.between(1, 300),
    social_profiles: {
      type: 'social_profile.list',
      social_profiles: source.chance(50) ? [socialProfile(source)] : [],
    },
    owner_id: source.chance(50) ? source.teammate.id : null,
    unsubscribed_from_emails: false,
    marked_email_as_spam: false,
    has_hard_bounced: false,
    tags: { type: 'tag.list', tags: source.chance(50) ? [tag(source)] : [] },
    segments: { type: 'segment.list', segments: [{ type: 'segment', id: source.hex(), name: 'Slipping away' }] },
    custom_attributes: customAttributes(source),
    ...marketing(source),
    do_not_track: null,
    last_seen_ip: source.chance(80) ? customer.ip : null,
    user_agent_data: source.chance(80) ? customer.userAgent : null,
  };
}

function companyOf({ companyId, companyName }: SampleSource): object {
  return { type: 'company', company_id: `org-${companyId.slice(-4)}`, id: companyId, name: companyName };
}

function userTag(source: SampleSource): object {
  const { id, name, email } = source.teammate;
  return {
    type: 'user_tag',
    tag: tag(source),
    user: user(source, 'user'),
    admin: { type: 'admin', id: String(id), name, email },
    created_at: source.unix(1),
  };
}

function contactTag(source: SampleSource): object {
  return { type: 'contact_tag', tag: tag(source), contact: user(source, 'contact'), created_at: source.unix(1) };
}
