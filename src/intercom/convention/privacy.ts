/**
 * Where Intercom keeps what is personal: declared once, as data, beside the attributes. The processor `intercom_privacy`, the
 * report of `privacy` and docs/intercom-conventions.md work with it.
 *
 * It goes by keys, not by topics: the same keys mean the same in notifications of every topic and version, also in those that
 * nobody has seen yet. What no line here knows counts as `unknown`, which no level lets out.
 */

/** What may be personal, by what it tells. */
export const personalClasses = {
  contact:
    'Who a person is and how to reach them: names, addresses, telephone numbers, IP addresses, exact places, user agents.',
  content: 'What people wrote: messages, notes, subjects, titles, remarks, descriptions.',
  custom: "Values of the customer's own attributes and metadata: anything may be in them.",
  link: 'Addresses on the web with what is in them: signed downloads, recordings, pages with their query, referrers.',
  thing: 'Names that a team gave to things: tags, ticket types, plans, teams.',
  label: 'Names of kinds and of steps: events, SLAs, actions, states in a language.',
  trait: 'What many persons share: country and continent codes, languages, browsers, devices.',
  unknown: 'Texts, and long numbers, under keys that are not known.',
} as const;

export type PersonalClass = keyof typeof personalClasses;

/** Levels of privacy, the strictest first, and what leaves at none of them. */
export const privacyLevels = {
  ids: ['contact', 'content', 'custom', 'link', 'thing', 'label', 'trait', 'unknown'],
  no_content: ['contact', 'content', 'custom', 'link', 'thing', 'unknown'],
  no_contact_data: ['contact', 'custom', 'link', 'thing', 'unknown'],
  off: [],
} as const satisfies Record<string, readonly PersonalClass[]>;

export type PrivacyLevel = keyof typeof privacyLevels;

/**
 * What a key says of the value under it.
 * - a class: it belongs to that, and so does everything below that has no better line. (Below `content` only lists and languages
 *   do: who wrote it may stand there as well.)
 * - `id`: an id where it has the form of one, else `contact` (people put e-mail addresses into ids).
 * - `time`: a number or an ISO 8601 time.
 * - `fact`: a number, or a word of Intercom's.
 * - `name`: `thing` where it is the name of one, else `contact`. Says nothing of what is below.
 */
export type KeyMeaning = PersonalClass | 'id' | 'time' | 'fact' | 'name';

const keys = (meaning: KeyMeaning, names: string): [string, KeyMeaning][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, meaning]);

/** By the whole key. */
export const keyMeanings: readonly (readonly [key: string, meaning: KeyMeaning])[] = [
  ...keys(
    'name',
    `name display_name public_name label author user contact admin customer owner assignee teammate agent person lead
     visitor participant company created_by updated_by`,
  ),
  ...keys(
    'contact',
    `email emails phone phones formatted_phone pseudonym avatar avatars image_url job_title author_name
     last_seen_ip ip ip_address user_agent user_agent_data ua location location_data latitude longitude lat lng
     city city_name region region_name country country_name postal_code zip street address timezone
     social_profiles username handle first_name last_name full_name nickname birthday date_of_birth gender
     recipients reply_to to from cc bcc sender email_message_metadata email_address_headers activity_description
     device_token push_token token_id zip_code zipcode post_code postcode area_code marital_status blood_type caller_id wa_id
     whatsapp_id speaker apple_id national_id passport_id tax_id vat_id`,
  ),
  ...keys(
    'content',
    `body body_markdown json_blocks blocks subject title content_title remark rating_remark description message text
     html markdown_body summary snippet comment note question hitl_question answer answers response_text survey_response
     transcript transcription error_message recent_messages translations original translated away_status_reason previous_body
     reason_text
     _default_title_ _default_description_`,
  ),
  ...keys('custom', 'custom_attributes ticket_attributes metadata custom_data traits value values previous_value'),
  ...keys(
    'link',
    `url urls links self referrer referer website href src uri link path request_path conversation_web
     utm_campaign utm_content utm_medium utm_source utm_term recording_url transcription_url callback_url download_url
     fin_recording_url fin_transcription_url`,
  ),
  ...keys('thing', 'tags ticket_type segment audience team procedure_name step_name'),
  ...keys(
    'label',
    `event_name action_name sla_name sign_in_method internal_label external_label
     ticket_type_description ticket_type_emoji icon industry plan ticket_custom_state_admin_label
     ticket_custom_state_user_label topic_name`,
  ),
  ...keys(
    'trait',
    `country_code continent_code language language_override locale browser browser_version browser_language os
     referring_domain`,
  ),
  ...keys('id', 'id ids uid uuid guid code id_code request_id client_assigned_uuid'),
  ...keys(
    'fact',
    `type topic state status role category channel priority delivered_as method direction reason ended_reason
     sync_behavior format version source_system sla_status resolution_state content_types order open read
     app_package_code job_status object kind visibility delivery_state operation level monthly_spend size filesize
     width height duration score rating`,
  ),
  ...keys('time', 'timestamp date snoozed_until waiting_since'),
  // Secrets, where an ending below would take them for something else.
  ...keys('unknown', 'access_code auth_code otp_code pin_code verification_code'),
];

/** By the end of a key, where no line above knows it; the first that fits counts. */
export const keyEndings: readonly (readonly [ending: string, meaning: KeyMeaning])[] = [
  ...keys('id', '_id _ids _uuid _uid'),
  ...keys('time', '_at _until _since _time_utc _at_with_precision'),
  ...keys('fact', '_type _types _state _status _count _percentage _code _ms _seconds _time _duration _score _rating'),
  ...keys('contact', '_email _emails _email_address _phone _phone_number _ip _ip_address _user_agent _name _avatar'),
  ...keys('link', '_url _urls _uri _link _href'),
  ...keys(
    'content',
    '_body _text _message _subject _title _description _remark _comment _note _summary _transcript _html',
  ),
];

/** By the beginning of a key, where nothing above knows it. */
export const keyBeginnings: readonly (readonly [beginning: string, meaning: KeyMeaning])[] = [
  ...keys('trait', 'android_ ios_'),
  ...keys('fact', 'count_ time_to_ median_ is_ has_'),
  ...keys('link', 'utm_'),
  ...keys('contact', 'location email_ phone_ social_'),
];

/** Values of `type` beside a `name`, and keys above one, that make it the name of a thing. */
export const thingTypes: readonly string[] =
  `tag ticket_type ticket_type_attribute team segment plan subscription subscription_type subscription_translation
   audience content_import_source custom_attribute attribute workflow topic collection`.split(/\s+/);
export const thingKeys: readonly string[] =
  `tag tags tags_added tags_removed ticket_type plan segments segment team teams subscription_types default_translation
   audience audiences content_import_source topics workflow attribute`.split(/\s+/);

/** Keys whose value a customer's own system gave: an id, or whatever that system takes for one. */
export const ownIdKeys: readonly string[] = ['external_id', 'user_id', 'company_id', 'original_user_id'];

/** Words before `.name` in an attribute that make it the name of a person: `user.name`, where `host.name` is a thing's. */
export const personKeys: readonly string[] =
  'user enduser contact customer client author admin lead visitor person sender recipient assignee teammate company'.split(
    ' ',
  );
