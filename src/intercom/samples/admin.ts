/** Teammates, what they did, and what was asked of Intercom's API in their name. */
import { type SampleSource, TEAM_ID } from './source.ts';

/** By topic. */
export const adminSamples: Readonly<Record<string, (source: SampleSource) => object>> = {
  'admin.added_to_workspace': (source) => admin(source),
  'admin.removed_from_workspace': (source) => ({ ...admin(source), has_inbox_seat: false, team_ids: [] }),
  'admin.logged_in': (source) => admin(source),
  'admin.logged_out': (source) => admin(source),
  'admin.away_mode_updated': (source) => ({
    ...admin(source),
    away_mode_enabled: true,
    away_mode_reassign: source.chance(50),
    away_status_reason: source.personal(source.pick(['🌴 Ferien bis Montag', 'Dentist until three', 'Parental leave'])),
  }),
  'admin.activity_log_event.created': activity,
  'api.request.completed': apiRequest,
};

function admin(source: SampleSource): object {
  const { id, name, email, title } = source.teammate;
  const avatar = source.personal(`https://images.example/admins/${source.hex(32)}.png`);
  return {
    type: 'admin',
    id,
    name,
    email,
    job_title: source.chance(70) ? title : null,
    away_mode_enabled: false,
    away_mode_reassign: false,
    away_status_reason: '',
    has_inbox_seat: true,
    team_ids: source.chance(80) ? [TEAM_ID] : [],
    avatar: { type: 'avatar', image_url: avatar },
  };
}

function activity(source: SampleSource): object {
  const { id, name, email } = source.teammate;
  const { colleague } = source;
  const kinds = [
    {
      activity_type: 'admin_login_failure',
      activity_description: `${name} failed to log in from ${source.customer.place.city}`,
      metadata: { sign_in_method: 'email_password', consent: source.personal('declined by the visitor') },
    },
    {
      activity_type: 'admin_permission_change',
      activity_description: `${name} changed the permissions of ${colleague.name}`,
      metadata: { admin_name: colleague.name, admin_email: colleague.email, before: 'none', after: 'manage' },
    },
    {
      activity_type: 'bulk_export',
      activity_description: `${name} exported the contacts of ${source.companyName}`,
      metadata: { file: source.personal(`contacts-${source.digits(6)}.csv`), count: source.between(2, 4000) },
    },
  ];
  // One seed in two shows trouble, and the first of them: demonstrations are of it.
  const kind = source.chance(50) ? (kinds[0] as (typeof kinds)[number]) : source.pick(kinds);
  return {
    type: 'admin_activity_log_event',
    id: source.uuid(),
    performed_by: { type: 'admin', id: String(id), email, ip: ip(source) },
    metadata: kind.metadata,
    activity_type: kind.activity_type,
    activity_description: source.personal(kind.activity_description),
    created_at: source.unix(1),
  };
}

function apiRequest(source: SampleSource): object {
  const { id, name, email } = source.teammate;
  return {
    type: 'api.request.completed',
    request_id: source.uuid(),
    timestamp: source.unix(1),
    request: {
      method: source.pick(['GET', 'POST', 'PUT']),
      path: source.pick([`/conversations/${source.conversationId}`, '/contacts/search', '/tickets']),
      ip_address: ip(source),
      user_agent: source.personal(`larkspur-sync/${source.between(1, 9)}.${source.between(0, 40)} (node 24)`),
      api_version: '2.14',
    },
    response: { status: source.pick([200, 200, 202, 404, 429]) },
    authentication: {
      method: 'access_token',
      token_id: source.personal(`tok_${source.hex(16)}`),
      oauth_client_id: source.uuid(),
      app_package_code: source.chance(50) ? `larkspur-${source.digits(3)}` : null,
    },
    admin: { type: 'admin', id: String(id), name, email },
  };
}

function ip(source: SampleSource): string {
  return source.personal(`198.51.100.${source.between(10, 254)}`);
}
