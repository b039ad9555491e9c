/** Contacts as API versions of the 2.x line have them, and what happens to them. */
import { type SampleSource, TEAM_ID } from './source.ts';

type Role = 'user' | 'lead';
type Sample = (source: SampleSource) => object;

/** By topic. */
export const contactSamples: Readonly<Record<string, Sample>> = {
  'contact.user.created': (source) => contact(source, 'user'),
  'contact.user.updated': (source) => contact(source, 'user'),
  'contact.lead.created': (source) => contact(source, 'lead'),
  'contact.lead.updated': (source) => contact(source, 'lead'),
  'contact.lead.added_email': (source) => contact(source, 'lead'),
  'contact.lead.signed_up': (source) => contact(source, 'user'),
  'contact.email.updated': (source) => contact(source, 'user'),
  'contact.unarchive': (source) => contact(source, 'user'),
  'contact.merged': (source) => ({
    ...contact(source, 'user'),
    ...(source.chance(50) && { merged_from: { type: 'contact', id: source.hex(), role: 'lead' } }),
  }),
  'contact.archived': (source) => gone(source, 'archived'),
  'contact.archive': (source) => gone(source, 'archived'),
  'contact.deleted': (source) => gone(source, 'deleted'),
  'contact.user.tag.created': (source) => tagged(source, 'user'),
  'contact.user.tag.deleted': (source) => tagged(source, 'user'),
  'contact.lead.tag.created': (source) => tagged(source, 'lead'),
  'contact.lead.tag.deleted': (source) => tagged(source, 'lead'),
  'contact.subscribed': (source) => subscription(source, 'contact_subscribe'),
  'contact.unsubscribed': (source) => subscription(source, 'contact_unsubscribe'),
  'granular.subscribe': (source) => subscription(source, 'granular_subscribe'),
  'granular.unsubscribe': (source) => subscription(source, 'granular_unsubscribe'),
};

export function contact(source: SampleSource, role: Role): object {
  const { customer } = source;
  const known = role === 'user' || source.chance(50);
  return {
    type: 'contact',
    id: customer.id,
    workspace_id: source.appId,
    external_id: customer.externalId,
    role,
    email: customer.email,
    phone: known ? customer.phone : null,
    formatted_phone: known ? customer.formattedPhone : null,
    name: source.chance(90) ? customer.name : null,
    avatar: source.chance(60) ? { type: 'avatar', image_url: customer.avatarUrl } : null,
    owner_id: source.chance(70) ? source.teammate.id : null,
    social_profiles: { type: 'list', data: source.chance(50) ? [socialProfile(source)] : [] },
    has_hard_bounced: source.chance(5),
    marked_email_as_spam: false,
    unsubscribed_from_emails: source.chance(10),
    created_at: source.iso(86_400),
    updated_at: source.iso(1),
    signed_up_at: role === 'user' ? source.iso(86_400) : null,
    last_seen_at: source.iso(60),
    last_replied_at: source.chance(50) ? source.iso(3600) : null,
    last_contacted_at: source.chance(50) ? source.iso(7200) : null,
    last_email_opened_at: null,
    last_email_clicked_at: null,
    language_override: source.chance(20) ? source.told.language : null,
    ...device(source),
    custom_attributes: customAttributes(source),
    ...lists(source),
    ...marketing(source),
    sms_consent: source.chance(30),
    unsubscribed_from_sms: false,
    enabled_push_messaging: source.chance(30) ? true : null,
  };
}

export function marketing(source: SampleSource): object {
  if (source.chance(40)) {
    const none = { utm_campaign: null, utm_content: null, utm_medium: null, utm_source: null, utm_term: null };
    return { ...none, referrer: null };
  }
  const term = source.personal(`${source.told.file.split('-')[0]} near ${source.customer.place.city}`);
  return {
    utm_campaign: source.personal(`autumn-reminder-${source.digits(4)}`),
    utm_content: source.personal('banner-top-right'),
    utm_medium: source.personal('newsletter'),
    utm_source: source.personal('partner-mailing'),
    utm_term: term,
    referrer: source.personal(`https://search.example/find?q=${encodeURIComponent(term)}`),
  };
}

/** What a customer's own application puts there: anything at all. */
export function customAttributes(source: SampleSource): object {
  return {
    seats: source.between(1, 40),
    paid_up: source.chance(80),
    ...(source.chance(80) && { contract_holder: source.personal(`${source.customer.name} (K-${source.digits(5)})`) }),
    ...(source.chance(50) && {
      'Delivery address': source.personal(`14 Larkspur Mews, ${source.customer.place.city}`),
    }),
    ...(source.chance(30) && { renewal_at: source.unix(-2_592_000) }),
  };
}

export function socialProfile(source: SampleSource): object {
  const handle = source.customer.email.split('@')[0];
  return {
    type: 'social_profile',
    name: source.pick(['Twitter', 'LinkedIn']),
    url: source.personal(`https://social.example/in/${handle}`),
  };
}

function device(source: SampleSource): object {
  const { place } = source.customer;
  const phone = source.chance(30) ? source.pick(['android', 'ios'] as const) : undefined;
  const app = (kind: 'android' | 'ios') => ({
    [`${kind}_app_name`]: phone === kind ? 'Larkspur' : null,
    [`${kind}_app_version`]: phone === kind ? '4.11.0' : null,
    [`${kind}_device`]: phone === kind ? source.personal('Pocketphone 7 Mini') : null,
    [`${kind}_os_version`]: phone === kind ? '15.2' : null,
    [`${kind}_sdk_version`]: phone === kind ? '16.0.4' : null,
    [`${kind}_last_seen_at`]: phone === kind ? source.iso(900) : null,
  });
  return {
    browser: source.pick(['firefox', 'safari', 'chrome']),
    browser_version: `${source.between(120, 142)}.0`,
    browser_language: source.told.language,
    os: source.pick(['Linux', 'OS X 13.6', 'Android 15']),
    location: {
      type: 'location',
      country: place.country,
      region: place.region,
      city: source.chance(80) ? place.city : null,
      country_code: place.countryCode,
      continent_code: place.continentCode,
    },
    ...app('android'),
    ...app('ios'),
  };
}

/** Lists of references, with the address of the whole list. */
function lists(source: SampleSource): object {
  const { id } = source.customer;
  const list = (path: string, data: readonly object[] = []) => ({
    type: 'list',
    data,
    url: `/contacts/${id}/${path}`,
    total_count: data.length,
    has_more: false,
  });
  const tagId = source.digits(8);
  const company = { id: source.companyId, type: 'company', url: `/companies/${source.companyId}` };
  return {
    tags: list('tags', source.chance(50) ? [{ id: tagId, type: 'tag', url: `/tags/${tagId}` }] : []),
    notes: list('notes'),
    companies: list('companies', source.chance(70) ? [company] : []),
    opted_out_subscription_types: list('subscriptions'),
    opted_in_subscription_types: list('subscriptions'),
  };
}

function gone({ customer }: SampleSource, how: 'archived' | 'deleted'): object {
  return { id: customer.id, external_id: customer.externalId, type: 'contact', [how]: true };
}

function tagged(source: SampleSource, role: Role): object {
  return {
    type: 'contact_tag',
    tag: tag(source),
    contact: contact(source, role),
    ...(source.chance(60) && { created_at: source.unix(1) }),
  };
}

/** People write what they like into the names of tags. */
export function tag(source: SampleSource): object {
  const name = source.pick([`VIP ${source.customer.name}`, 'angry caller', 'beta tester', 'zahlt spät']);
  return { type: 'tag', id: source.digits(8), name: source.personal(name) };
}

function subscription(source: SampleSource, type: string): object {
  const granular = type.startsWith('granular');
  const about = {
    type: 'subscription',
    id: source.digits(5),
    state: 'live',
    consent_type: source.pick(['opt_in', 'opt_out']),
    default_translation: { name: 'Product news', description: 'Once a month', locale: 'en' },
    translations: [{ name: 'Productnieuws', description: 'Eens per maand', locale: 'nl' }],
    content_types: source.pick([['email'], ['email', 'sms_message']]),
  };
  return {
    type,
    contact: { ...contact(source, 'user'), unsubscribed_from_emails: type === 'contact_unsubscribe' },
    subscription_types: { type: 'list', data: granular || source.chance(50) ? [about] : [] },
    created_at: source.unix(1),
  };
}

export function reference({ customer }: SampleSource): object {
  return { type: 'contact', id: customer.id, external_id: customer.externalId };
}

/** Somebody of the team or a team, as parts name them. */
export function assignee(source: SampleSource, to: 'admin' | 'team' | 'nobody'): { type: string; id: string | null } {
  if (to === 'nobody') return { type: 'nobody_admin', id: null };
  return to === 'team' ? { type: 'team', id: String(TEAM_ID) } : { type: 'admin', id: String(source.teammate.id) };
}
