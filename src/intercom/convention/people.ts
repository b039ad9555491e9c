import { type AttributeConvention, attributesOf } from './model.ts';

/** The contact (user, lead, visitor) that the notification is about, or the first of several. */
export const contactAttributes: readonly AttributeConvention[] = [
  {
    name: 'intercom.contact.id',
    type: 'id',
    stability: 'beta',
    pii: 'pseudonymous',
    description: "Intercom's id of the contact; of several the first.",
    entity: 'contact',
    from: ['id'],
    also: {
      event: ['intercom_user_id'],
      call: ['contact_id', 'call.contact_id'],
      'data_connector.execution': ['user_id'],
    },
  },
  {
    name: 'user.id',
    type: 'id',
    stability: 'development',
    pii: 'pseudonymous',
    description: "The customer's own id of the contact, under its OpenTelemetry name: the link to the other logs.",
    entity: 'contact',
    from: ['external_id', 'user_id'],
    also: { event: ['user_id'] },
  },
  {
    name: 'intercom.contact.role',
    type: 'enum',
    stability: 'development',
    pii: 'none',
    description: 'user, lead or visitor.',
    entity: 'contact',
    // 1.x has the role as the type; 2.x calls them all contacts.
    from: ['role', 'type'],
    except: ['contact'],
  },
  ...attributesOf('contact', [
    ['owner_id', 'id', ['owner_id'], 'Teammate that the contact belongs to.', 'pseudonymous'],
    ['has_hard_bounced', 'boolean', ['has_hard_bounced'], 'Mail to the contact came back for good.'],
    ['marked_email_as_spam', 'boolean', ['marked_email_as_spam'], 'The contact called a mail spam.'],
    ['unsubscribed_from_emails', 'boolean', ['unsubscribed_from_emails'], 'No mail wanted.'],
    ['unsubscribed_from_sms', 'boolean', ['unsubscribed_from_sms'], 'No text messages wanted.'],
    [
      'country_code',
      'enum',
      ['location.country_code', 'location_data.country_code'],
      'Country, as Intercom writes it.',
      'location',
    ],
    [
      'continent_code',
      'enum',
      ['location.continent_code', 'location_data.continent_code'],
      'Continent, as Intercom writes it.',
      'location',
    ],
    ['session_count', 'int', ['session_count'], 'Sessions so far (1.x).'],
    ['tag_ids', 'id[]', ['tags.data[].id', 'tags.tags[].id'], 'Tags of the contact.'],
    ['company_ids', 'id[]', ['companies.data[].id', 'companies.companies[].id'], 'Companies of the contact.'],
    ['archived', 'boolean', ['archived'], 'True when the contact was archived.'],
    ['merged_from_id', 'id', ['merged_from.id'], 'Contact that was merged into this one.', 'pseudonymous'],
  ]),
];

export const adminAttributes: readonly AttributeConvention[] = [
  {
    name: 'intercom.admin.id',
    type: 'id',
    stability: 'development',
    pii: 'pseudonymous',
    description: 'Teammate that it is about, or that did it.',
    entity: 'admin',
    from: ['id'],
    also: {
      admin_activity_log_event: ['performed_by.id'],
      call: ['admin_id', 'call.admin_id'],
      'data_connector.execution': ['admin_id'],
    },
  },
  ...attributesOf('admin', [
    ['away_mode_enabled', 'boolean', ['away_mode_enabled'], 'Whether the teammate is away.'],
    ['away_mode_reassign', 'boolean', ['away_mode_reassign'], 'Whether replies go to others meanwhile.'],
    ['has_inbox_seat', 'boolean', ['has_inbox_seat'], 'Whether the teammate has a seat.'],
    ['team_ids', 'id[]', ['team_ids[]'], 'Teams of the teammate.'],
  ]),
];

export const activityLogAttributes: readonly AttributeConvention[] = attributesOf('activity_log', [
  ['id', 'id', ['id'], 'Id of the entry in the activity log.'],
  ['activity_type', 'enum', ['activity_type'], 'What was done, about 100 values.'],
  ['performed_by.type', 'enum', ['performed_by.type'], 'Who did it: admin, app, ...'],
]);
