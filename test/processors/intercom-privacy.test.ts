import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ENCODINGS } from '../../src/exporters/otlp-encoding.ts';
import { type PrivacyLevel, privacyLevels } from '../../src/intercom/convention/privacy.ts';
import { sampleWithSecrets } from '../../src/intercom/samples.ts';
import { knownTopics } from '../../src/intercom/topics.ts';
import { config } from '../../src/processors/intercom_privacy/config.ts';
import { createDecoder } from '../../src/receivers/intercom/decode.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import type { Value } from '../../src/record/value.ts';
import { shared, sharedMissing } from '../support/shared.ts';
import { chain } from './through.ts';

interface Settings {
  readonly level?: PrivacyLevel;
  readonly replace_with?: string;
  readonly hmac_key?: string;
  readonly keep?: readonly string[];
}
const LEVELS = (Object.keys(privacyLevels) as PrivacyLevel[]).filter((level) => level !== 'off');
const KEY = '0123456789abcdef0123456789abcdef';
const REPLACEMENTS: Settings[] = [
  { replace_with: 'remove' },
  { replace_with: 'mask' },
  { replace_with: 'hash', hmac_key: KEY },
];

const decode = createDecoder({ version: '0' });

function protect(notification: unknown, settings: Settings): LogRecord {
  const body = typeof notification === 'string' ? notification : JSON.stringify(notification);
  const entry = { source: 'intercom', records: 1, receivedAt: 1_768_000_000_000, position: 1, metadata: {} };
  const records = decode({ ...entry, body: Buffer.from(body) });
  const [record, ...more] = chain(['intercom_privacy', settings]).run(records);
  assert.ok(record && more.length === 0);
  return record;
}

/** What an exporter sends of it, in both encodings, as text. */
function bytesOf(record: LogRecord): string {
  return [ENCODINGS.json, ENCODINGS.proto]
    .map((encoding) => Buffer.from(encoding.encode([record], {})).toString('utf8'))
    .join('\n');
}

function intercomOf(record: LogRecord): Record<string, Value> {
  return (record.body as { intercom: Record<string, Value> }).intercom;
}

function itemOf(record: LogRecord): Record<string, Value> {
  return (intercomOf(record).data as { item: Record<string, Value> }).item;
}

const notification = (item: object, topic = 'conversation.user.replied') => ({
  ...{ type: 'notification_event', app_id: 'abc123', topic, id: 'notif_1', created_at: 1_768_000_000 },
  data: { type: 'notification_event_data', item: { type: 'conversation', id: '215472621202693', ...item } },
});

const SECRETS = {
  name: 'Zebulon Quark',
  email: 'zebulon.quark+shop@mail.quark.example',
  phone: '+1 (555) 010-4477',
  ip: '203.0.113.77',
  ipv6: '2001:db8::77:abcd',
  text: 'my parcel fell into the canal',
  link: 'https://downloads.quark.example/i/o/99/tok3nTOK3N/scan.pdf?expires=1&signature=5ecret5ignature',
};
/** What must be found nowhere; a name's parts and a link's token as well. */
const PARTS = [...Object.values(SECRETS), 'Quark', 'quark', 'tok3nTOK3N', '5ecret5ignature', '010-4477'];

function leaked(text: string, parts: readonly string[] = PARTS): string[] {
  return parts.filter((part) => text.includes(part));
}

/** Every place of the map of personal data gets something personal. */
function plant(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => plant(item, key));
  if (typeof value === 'object' && value !== null) {
    const planted = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plant(item, name)]));
    if ('custom_attributes' in planted) planted.custom_attributes = { note: SECRETS.text, owner: SECRETS.name };
    if ('metadata' in planted) planted.metadata = { contact: SECRETS.email, nested: { deep: [SECRETS.phone] } };
    if ('ticket_attributes' in planted) planted.ticket_attributes = { a: SECRETS.text, b: SECRETS.email };
    if ('attachments' in planted) planted.attachments = [{ type: 'upload', name: SECRETS.name, url: SECRETS.link }];
    return planted;
  }
  if (typeof value === 'string' && /^[[{]/.test(value)) return JSON.stringify(plant(JSON.parse(value), key));
  if (/^(name|pseudonym|label|author_name|job_title)$/.test(key)) return SECRETS.name;
  if (/email$/.test(key)) return SECRETS.email;
  if (/phone$/.test(key)) return SECRETS.phone;
  if (/(^|_)ip(_address)?$/.test(key)) return SECRETS.ip;
  if (/^(body|subject|remark|title|description|message)$/.test(key)) {
    return `<p>Hi ${SECRETS.name.toUpperCase()}, ${SECRETS.text}</p><a href="mailto:${SECRETS.email}">${SECRETS.email.replace('@', '&#64;')}</a> <img src="${SECRETS.link.replaceAll('&', '&amp;')}"> call ${SECRETS.phone} from ${SECRETS.ip} or [${SECRETS.ipv6}], ${encodeURIComponent(SECRETS.email)}`;
  }
  if (/^(url|referrer|image_url|conversation_web|website|utm_\w+|city|city_name|region|region_name)$/.test(key))
    return SECRETS.link;
  if (key === 'user_agent' || key === 'user_agent_data') return SECRETS.name;
  return value;
}

/** Ids, counts and times of a notification, with the paths where they stand. */
function facts(value: unknown, path = ''): [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => facts(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      /^(custom_attributes|metadata|ticket_attributes|attachments|value|token_id)$/.test(key)
        ? []
        : facts(item, `${path}.${key}`),
    );
  }
  const isFact =
    /(^|[._])(id|ids|topic|created_at|updated_at|total_count|count_\w+|time_to_\w+|open|read|state|part_type)(\[\d+\])?$/;
  // People's own systems take e-mail addresses for ids.
  return isFact.test(path) && !String(value).includes('@') ? [[path, value]] : [];
}

function assertKept(left: unknown, given: unknown, told?: string): void {
  const now = new Map(facts(left));
  assert.deepEqual(
    facts(given).map(([path]) => [path, now.get(path)]),
    facts(given),
    told,
  );
}

describe('over the payloads of real workspaces, with something personal in every place', {
  skip: sharedMissing,
}, () => {
  const folder = `${shared}/intercom/payloads`;
  const files = sharedMissing ? [] : readdirSync(folder);
  for (const file of files) {
    const real = sharedMissing ? undefined : (JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as object);
    const planted = plant(real);
    for (const level of LEVELS) {
      for (const replacement of REPLACEMENTS) {
        test(`${file} ${level} ${replacement.replace_with}`, () => {
          const record = protect(planted, { level, ...replacement });
          const parts = level === 'no_contact_data' ? PARTS.filter((part) => part !== SECRETS.text) : PARTS;
          assert.deepEqual(leaked(bytesOf(record), parts), []);
          assertKept(intercomOf(record), planted);
        });
      }
    }
    test(`${file} leaves as it is with off`, () => {
      assert.deepEqual(intercomOf(protect(planted, { level: 'off' })), planted);
    });
  }
});

describe('over samples of every known topic, in every generation', () => {
  const samples = knownTopics.flatMap(({ topic, generations }) =>
    generations.flatMap((generation) =>
      [1, 2].map((seed) => {
        const options = { now: 1_768_000_000_000, id: () => 'b1f0a7c2-0000-4000-8000-000000000001', seed, generation };
        return { ...sampleWithSecrets(topic, options), told: `${topic} ${generation} seed ${seed}` };
      }),
    ),
  );
  for (const level of LEVELS) {
    for (const replacement of REPLACEMENTS) {
      test(`${level} ${replacement.replace_with}`, () => {
        let looked = 0;
        for (const { notification: given, personal, told } of samples) {
          const record = protect(given, { level, ...replacement });
          const bytes = bytesOf(record);
          const left = leftAt(level, given);
          const sought = personal.filter((text) => isContact(text) || !left.some((value) => value.includes(text)));
          assert.deepEqual(leaked(bytes, sought), [], told);
          looked += sought.length;
          assertKept(intercomOf(record), given, told);
        }
        assert.ok(looked > 500);
      });
    }
  }
});

/** Addresses, numbers and links are sought whatever field they stand in. */
function isContact(text: string): boolean {
  return /@|%40|:\/\/|(?:\d[ .-]?){7}/.test(text);
}

/** Texts that the level lets out: what people wrote at no_contact_data, names of kinds. A name in them is not looked for here. */
function leftAt(level: PrivacyLevel, given: unknown): string[] {
  const names = new Set<string>();
  const texts: string[] = [];
  const walk = (value: unknown, key: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) walk(item, Array.isArray(value) ? key : name);
    } else if (typeof value === 'string') {
      if (/^(name|email|phone|label|pseudonym)$/.test(key)) names.add(value);
      if (level === 'no_contact_data' && CONTENT.test(key)) texts.push(value);
      if (level !== 'ids' && /^(industry|(android|ios)_\w+|os|browser)$/.test(key)) texts.push(value);
    }
  };
  walk(given, '');
  return texts.filter((text) => ![...names].includes(text));
}

const CONTENT =
  /^(body|body_markdown|\w+_title|subject|remark|rating_remark|title|\w*description|message|text|summary|question|answer|hitl_question|original|away_status_reason|transcript|_default_title_|_default_description_|[a-z]{2}(-[A-Z]{2})?)$/;

describe('a topic and keys that nobody has seen', () => {
  const planted = notification(
    {
      type: 'hologram',
      projected: { who: SECRETS.name, Where: { deep: [SECRETS.ip, { a: SECRETS.text }] } },
      body: `${SECRETS.text} ${SECRETS.name}`,
      code_of_state: SECRETS.email,
      number: 15550104477,
      ratio: 52.0907374,
      hologram_id: 'h-17',
      frames_count: 3,
      views: 12,
      started_at: 1_768_000_001,
      blob: JSON.stringify({ user: { full: SECRETS.name }, id: 'b-1', list: [SECRETS.phone] }),
    },
    'hologram.projected',
  );
  for (const level of LEVELS) {
    for (const replacement of REPLACEMENTS) {
      test(`${level} ${replacement.replace_with}`, () => {
        const record = protect(planted, { level, ...replacement });
        const bytes = bytesOf(record);
        assert.deepEqual(leaked(bytes), []);
        assert.doesNotMatch(bytes, /15550104477|52\.09/);
        const item = itemOf(record);
        assert.deepEqual(
          [item.hologram_id, item.frames_count, item.views, item.started_at],
          ['h-17', 3, 12, 1_768_000_001],
        );
        assert.match(String(item.blob), /"id":"b-1"/);
      });
    }
  }
});

describe('levels', () => {
  const item = {
    source: {
      subject: 'Canal',
      body: `<p>Hello, I am ${SECRETS.name} (${SECRETS.email}). Quark's order 12345 of 2026-01-10 is 3.5 kg, part 7 of 9.</p>`,
      author: { type: 'user', id: 'u1', name: SECRETS.name, email: SECRETS.email },
      url: 'https://app.example.com/billing?token=abc',
    },
    sla_applied: { sla_name: 'First answer in 15 minutes', sla_status: 'hit' },
    tags: { type: 'tag.list', tags: [{ type: 'tag', id: '5', name: 'billing' }] },
    contact: { location: { type: 'location', city: 'Utrecht', country_code: 'NLD' }, browser: 'Firefox 134 on Linux' },
    links: { conversation_web: 'https://app.intercom.com/a/apps/abc123/conversations/215472621202693' },
  };

  test('no_contact_data leaves the words, without the persons in them', () => {
    const { source } = itemOf(protect(notification(item), { level: 'no_contact_data' })) as unknown as typeof item;
    assert.equal(
      source.body,
      "<p>Hello, I am [name] ([email]). [name]'s order 12345 of 2026-01-10 is 3.5 kg, part 7 of 9.</p>",
    );
    assert.equal(source.subject, 'Canal');
    assert.deepEqual(source.author, { type: 'user', id: 'u1' });
    assert.equal('url' in source, false);
  });

  test('no_content takes the words, and leaves names of kinds and coarse traits', () => {
    const left = itemOf(protect(notification(item), { level: 'no_content' })) as unknown as typeof item;
    assert.deepEqual(left.source, { author: { type: 'user', id: 'u1' } });
    assert.equal(left.sla_applied.sla_name, 'First answer in 15 minutes');
    assert.deepEqual(left.contact, {
      location: { type: 'location', country_code: 'NLD' },
      browser: 'Firefox 134 on Linux',
    });
    assert.deepEqual(left.tags.tags, [{ type: 'tag', id: '5' }]);
    assert.equal(left.links.conversation_web, item.links.conversation_web);
  });

  test('ids leaves ids, counts, times and words of Intercom', () => {
    const record = protect(notification(item), { level: 'ids' });
    const left = itemOf(record) as unknown as typeof item;
    assert.deepEqual(left.sla_applied, { sla_status: 'hit' });
    assert.deepEqual(left.contact, { location: { type: 'location' } });
    assert.equal(record.attributes['intercom.contact.country_code'], undefined);
    assert.equal(record.attributes['intercom.conversation.id'], '215472621202693');
  });

  test('what is kept stays: classes, places, and what is below them', () => {
    const left = itemOf(
      protect(notification(item), {
        level: 'ids',
        keep: ['thing', 'source.author', 'sla_name', 'source["subject"]', 'data.item.contact.location.city'],
      }),
    ) as unknown as typeof item;
    assert.equal(left.tags.tags[0]?.name, 'billing');
    assert.deepEqual(left.source, { subject: 'Canal', author: item.source.author });
    assert.equal(left.sla_applied.sla_name, 'First answer in 15 minutes');
    assert.deepEqual(left.contact, { location: { type: 'location', city: 'Utrecht' } });
  });

  test('the notification itself is not changed: another delivery may hold it', () => {
    const given = notification(item);
    const [record] = decode({
      ...{ source: 'intercom', records: 1, receivedAt: 1, position: 1, metadata: {} },
      body: Buffer.from(JSON.stringify(given)),
    });
    assert.ok(record);
    const body = record.body as unknown as { intercom: object };
    chain(['intercom_privacy', { level: 'ids' }]).run([record]);
    assert.deepEqual(body.intercom, given);
  });
});

describe('hashes', () => {
  const hashOf = (key: 'email' | 'phone', text: string, hmac_key = KEY) => {
    const item = { source: { author: { type: 'user', email: '', phone: '', [key]: text } } };
    const record = protect(notification(item), { level: 'ids', replace_with: 'hash', hmac_key });
    return (itemOf(record) as unknown as typeof item).source.author[key];
  };

  test('one person, one hash: whatever the case, the grouping, the notification', () => {
    const email = (text: string) => hashOf('email', text);
    assert.equal(email('Jane@Example.com '), email('jane@example.com'));
    assert.notEqual(email('jane@example.com'), email('june@example.com'));
    assert.match(String(email('jane@example.com')), /^[0-9a-f]{32}$/);
    assert.equal(hashOf('phone', '+1 (555) 010-4477'), hashOf('phone', '0015550104477'));
    assert.notEqual(email('jane@example.com'), hashOf('email', 'jane@example.com', KEY.replace('0', '1')));
  });

  test('what stands in a text has the hash of what stands alone', () => {
    const record = protect(
      notification({ source: { body: 'write to Jane@Example.com', author: { email: 'jane@example.com' } } }),
      { level: 'no_contact_data', replace_with: 'hash', hmac_key: KEY },
    );
    const { source } = itemOf(record) as unknown as { source: { body: string; author: { email: string } } };
    assert.equal(source.body, `write to [email:${source.author.email}]`);
  });
});

describe('ids that are none', () => {
  test('an e-mail address, a telephone number or a name as external_id', () => {
    for (const id of [SECRETS.email, SECRETS.phone, SECRETS.name, SECRETS.ip, SECRETS.ipv6, 'zebulon']) {
      const record = protect(
        notification({ type: 'contact', external_id: id, name: id === 'zebulon' ? 'Zebulon' : 'x' }, 'contact.deleted'),
        { level: 'no_contact_data', replace_with: 'mask' },
      );
      assert.equal(itemOf(record).external_id, '****', id);
      assert.equal(bytesOf(record).includes(id), false, id);
    }
  });
  test('any other stays', () => {
    for (const id of [
      '22',
      'f7c0bc1e-5ee2-46a0-b11a-ea473d1101a5',
      'cust_17',
      'acme:4711',
      'fixture-user-1',
      9_007_199_254_740_993n,
    ]) {
      const text = JSON.stringify(notification({ external_id: '§', name: 'Fixture User' })).replace(
        '"§"',
        typeof id === 'bigint' ? String(id) : JSON.stringify(id),
      );
      assert.equal(itemOf(protect(text, { level: 'ids' })).external_id, id);
    }
  });
});

describe('bodies that are no notification', () => {
  const broken = `{"name": "${SECRETS.name}", "body": "${SECRETS.text}`;
  test('text that could not be read leaves at no level', () => {
    for (const level of LEVELS) assert.deepEqual(leaked(bytesOf(protect(broken, { level }))), []);
  });
  test('lists, numbers and texts', () => {
    for (const body of [`["${SECRETS.name}"]`, '15550104477', JSON.stringify(SECRETS.text), '[[[["Zebulon Quark"]]]]'])
      for (const level of LEVELS) assert.deepEqual(leaked(bytesOf(protect(body, { level }))), [], body);
  });
  test('what other processors put beside the notification is looked at too', () => {
    const entry = { source: 'intercom', records: 1, receivedAt: 1, position: 1, metadata: {} };
    const body = JSON.stringify(notification({ source: { author: { name: SECRETS.name, email: SECRETS.email } } }));
    for (const level of LEVELS) {
      const [record] = decode({ ...entry, body: Buffer.from(body) });
      assert.ok(record);
      Object.assign(record.attributes, {
        'deployment.environment.name': 'production',
        mail: SECRETS.email,
        who: SECRETS.name,
        first: 'zebulon quark',
        note: `from ${SECRETS.name} at ${SECRETS.ip}`,
        nested: { list: [SECRETS.phone] },
      });
      const [out] = chain(['intercom_privacy', { level }]).run([record]);
      assert.ok(out);
      assert.deepEqual(leaked(bytesOf(out), [...PARTS, 'zebulon']), [], level);
      assert.equal(out.attributes['deployment.environment.name'], 'production');
    }
  });
});

describe('settings', () => {
  const problems = (settings: unknown) => config.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];
  test('hash needs a key', () => {
    assert.match(problems({ replace_with: 'hash' })[0] ?? '', /32 bytes at least, got 0/);
    assert.match(problems({ replace_with: 'hash', hmac_key: 'short' })[0] ?? '', /got 5/);
    assert.deepEqual(problems({ replace_with: 'hash', hmac_key: KEY }), []);
  });
  test('keep names classes and places', () => {
    assert.deepEqual(problems({ keep: ['thing', 'tags[].name', 'a["b c"].d', 'attributes["user.id"]'] }), []);
    for (const wrong of ['[]', 'a b', 'a[', '["', 'a..b', 'tags[0].name', '*.name', '$.source', '/source/', 'Contact'])
      assert.equal(problems({ keep: [wrong] }).length, 1, wrong);
  });
});

test('whatever the notification is, the processor throws nothing and changes nothing that it was given', () => {
  const value = fc.jsonValue({ maxDepth: 5 });
  fc.assert(
    fc.property(value, fc.constantFrom(...LEVELS), fc.constantFrom(...REPLACEMENTS), (item, level, replacement) => {
      const given = JSON.stringify(notification({ anything: item }));
      const record = protect(given, { level, ...replacement });
      assert.equal(intercomOf(record).id, 'notif_1');
      bytesOf(record);
    }),
    { numRuns: 300 },
  );
});

test('an address, a number, or a name is found wherever it stands in a text', () => {
  const around = fc.constantFrom('', ' ', '>', '(', '"', ', ', '\n', '&lt;', '%20', '\\n', '→', '。', 'é ');
  const secret = fc.constantFrom<keyof typeof SECRETS>('name', 'email', 'phone', 'ip', 'ipv6', 'link');
  const encoded = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.replaceAll('@', '&#64;').replaceAll(':', '&#x3a;'),
    (text) => encodeURIComponent(text),
    (text) => text.replaceAll('@', '\\u0040'),
    (text) => encodeURIComponent(encodeURIComponent(text)),
  );
  fc.assert(
    fc.property(around, secret, around, encoded, (before, which, after, encode) => {
      const text = `${before}${encode(SECRETS[which])}${after}`;
      const record = protect(notification({ source: { body: text, author: { name: SECRETS.name } } }), {
        level: 'no_contact_data',
      });
      const { source } = itemOf(record) as unknown as { source: { body: string } };
      assert.deepEqual(leaked(source.body, [SECRETS[which], encode(SECRETS[which])]), [], text);
    }),
    { numRuns: 500 },
  );
});

test('time is linear in the length of a text', () => {
  const parts = [
    'a',
    '@',
    '1',
    '1 ',
    '.',
    ':',
    '%40',
    '&#64;',
    'a@',
    'www.',
    'DE89',
    '://',
    'aa://',
    '(',
    '+',
    '-',
    '"@',
    'Zebulon ',
    'AA11',
    'a.',
    'aa.aa:1',
    'href="',
    '<b',
    '<!--',
    '(at',
    'a @ ',
    'ff:',
    '\\\\',
    '\u200b',
    '\u{1d419}',
    '2026-01-',
  ];
  for (const part of parts) {
    const body = part.repeat(400_000 / part.length);
    const began = performance.now();
    protect(notification({ source: { body, author: { name: SECRETS.name } } }), { level: 'no_contact_data' });
    // Quadratic would be minutes.
    assert.ok(performance.now() - began < 8000, part);
  }
});
