import { type SampleSource, TEAM_ID } from './source.ts';

/** By topic. */
export const peopleSamples: Readonly<Record<string, (source: SampleSource) => object>> = {
  'contact.user.created': (source) => contact(source, 'user'),
  'contact.user.updated': (source) => contact(source, 'user'),
  'contact.lead.created': (source) => ({ ...contact(source, 'lead'), signed_up_at: null }),
  'contact.email.updated': (source) => contact(source, 'user'),
  'contact.user.tag.created': (source) => ({
    type: 'contact_tag',
    tag: { type: 'tag', id: '5550040', name: 'beta tester' },
    contact: contact(source, 'user'),
    created_at: source.unix(1),
  }),
  'contact.unsubscribed': (source) => ({
    type: 'contact_unsubscribe',
    contact: { ...contact(source, 'user'), unsubscribed_from_emails: true },
    subscription_types: { type: 'list', data: [] },
    created_at: source.unix(1),
  }),
  'contact.deleted': ({ customer }) => ({
    id: customer.id,
    external_id: customer.externalId,
    type: 'contact',
    deleted: true,
  }),
  'company.created': (source) => company(source),
  'company.contact.attached': (source) => ({ company: company(source), contact: contact(source, 'user') }),
  'admin.logged_in': admin,
  'admin.away_mode_updated': (source) => ({ ...admin(source), away_mode_enabled: true, away_mode_reassign: true }),
  'admin.activity_log_event.created': (source) => ({
    type: 'admin_activity_log_event',
    id: `${source.digits(8)}-act`,
    performed_by: {
      type: 'admin',
      id: String(source.teammate.id),
      email: source.teammate.email,
      ip: '203.0.113.24',
    },
    metadata: { sign_in_method: 'password' },
    activity_type: 'admin_login_failure',
    activity_description: `${source.teammate.name} failed to log in`,
    created_at: source.unix(1),
  }),
};

function contact(source: SampleSource, role: 'user' | 'lead'): object {
  const { customer } = source;
  const list = (name: string) => ({
    type: 'list',
    data: [],
    url: `/contacts/${customer.id}/${name}`,
    total_count: 0,
    has_more: false,
  });
  return {
    type: 'contact',
    id: customer.id,
    workspace_id: source.appId,
    external_id: customer.externalId,
    role,
    email: customer.email,
    phone: '+15550100200',
    name: customer.name,
    avatar: null,
    owner_id: source.teammate.id,
    social_profiles: { type: 'list', data: [] },
    has_hard_bounced: false,
    marked_email_as_spam: false,
    unsubscribed_from_emails: false,
    created_at: source.iso(86_400),
    updated_at: source.iso(1),
    signed_up_at: source.iso(86_400),
    last_seen_at: source.iso(60),
    language_override: null,
    browser: 'firefox',
    browser_language: 'nl',
    os: 'Linux',
    location: {
      type: 'location',
      country: 'Netherlands',
      region: 'Utrecht',
      city: 'Utrecht',
      country_code: 'NLD',
      continent_code: 'EU',
    },
    custom_attributes: { seats: source.between(1, 40) },
    tags: list('tags'),
    notes: list('notes'),
    companies: list('companies'),
    utm_source: null,
    referrer: 'https://www.example.com/pricing',
    sms_consent: false,
    unsubscribed_from_sms: false,
  };
}

function company(source: SampleSource): object {
  return {
    type: 'company',
    id: source.hex(),
    company_id: `org-${source.digits(4)}`,
    app_id: source.appId,
    name: source.pick(['Kestrel Freight', 'Odermatt Optics', 'Blue Fern Bakery']),
    plan: { type: 'plan', id: '310', name: 'business' },
    size: source.between(5, 400),
    website: 'https://company.example',
    industry: 'Logistics',
    monthly_spend: source.between(49, 900),
    session_count: source.between(1, 200),
    user_count: source.between(1, 60),
    remote_created_at: source.unix(864_000),
    created_at: source.iso(86_400),
    updated_at: source.iso(1),
    tag_ids: [],
    custom_attributes: {},
  };
}

function admin({ teammate }: SampleSource): object {
  return {
    type: 'admin',
    id: teammate.id,
    name: teammate.name,
    email: teammate.email,
    job_title: 'Support engineer',
    away_mode_enabled: false,
    away_mode_reassign: false,
    away_status_reason: '',
    has_inbox_seat: true,
    team_ids: [TEAM_ID],
    avatar: { type: 'avatar', image_url: 'https://images.example/avatars/7100421.png' },
  };
}
