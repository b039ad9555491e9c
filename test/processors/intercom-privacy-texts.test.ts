/** Texts that stay: what must not be found in them, in whatever way it is written, and what must. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogRecord } from '../../src/record/log-record.ts';
import type { Value } from '../../src/record/value.ts';
import { chain, record } from './through.ts';

type Author = Readonly<Record<string, string>>;

function notified(item: object, topic = 'conversation.user.replied'): LogRecord {
  return record({ body: { source_system: 'intercom', intercom: { topic, data: { item } } } as unknown as Value });
}

function through(given: LogRecord, settings: object): LogRecord {
  const [left] = chain(['intercom_privacy', settings]).run([given]);
  assert.ok(left);
  return left;
}

function itemOf(left: LogRecord): Record<string, Value> {
  return (left.body as unknown as { intercom: { data: { item: Record<string, Value> } } }).intercom.data.item;
}

function cleaned(body: string, author: Author = { name: 'Zebulon Quark' }): string {
  const item = itemOf(through(notified({ source: { body, author } }), { level: 'no_contact_data' }));
  return (item.source as unknown as { body: string }).body;
}

const PERSONAL: readonly (readonly [what: string, text: string, forbidden: string, author?: Author])[] = [
  ['email zw', `x zebulon\u200b.q@mail.quark.example`, 'zebulon'],
  ['email zw at', `x anna\u200b@\u200bmail.quark.example`, 'anna'],
  ['email shy', `x an\u00adna.b@mail.quark.example`, 'an'],
  ['fullwidth at', 'x anna.b＠mail.quark.example y', 'anna'],
  ['fullwidth all', 'x ａｎｎａ＠ｍａｉｌ.example', 'ａｎｎａ'],
  ['(at)', 'x anna.b (at) mail.quark.example', 'anna'],
  ['[at][dot]', 'x anna.b[at]mail[dot]quark[dot]example', 'anna'],
  ['spaced at', 'x anna.b @ mail.quark.example', 'anna'],
  ['latin1 %', 'x ann%E9%40mail.quark.example', 'mail.quark'],
  ['%c3%a9', 'x ann%c3%a9%40mail.quark.example', 'ann'],
  ['x40', 'x anna.b\\x40mail.quark.example', 'anna'],
  ['u{40}', 'x anna.b\\u{40}mail.quark.example', 'anna'],
  ['json4', 'x anna.b\\\\\\\\\\\\\\\\u0040mail.quark.example', 'anna'],
  ['pct5', 'x anna.b%25252525252540mail.quark.example', 'anna'],
  ['ent zeros', 'x anna.b&#000000000064;mail.quark.example', 'anna'],
  ['ent hex zeros', 'x anna.b&#x0000000040;mail.quark.example', 'anna'],
  ['ent shy', 'x an&shy;na.b@mail.quark.example', 'an&'],
  ['ent zwnj', 'x an&zwnj;na.b@mail.quark.example', 'an&'],
  ['quoted local', 'x "anna b"@mail.quark.example', 'anna'],
  ['apos', "x anna.o'b@mail.quark.example", 'anna'],
  ['tag email', 'x <b>anna.b</b>@<i>mail.quark.example</i>', 'anna'],
  ['tag email2', 'x anna.b<wbr>@mail.quark.example', 'anna'],
  ['tag email3', 'x <span>anna.b</span><span>@</span><span>mail.quark.example</span>', 'anna'],
  ['comment email', 'x anna.b<!-- x -->@mail.quark.example', 'anna'],
  ['tag phone', 'x +1 <b>555</b> <b>010</b>-4477', '4477'],
  ['tag name', 'x <b>Ze</b>bulon', 'Ze'],
  ['name diaeresis', 'x Zoë came', 'Zoë', { name: 'Zoe Quark' }],
  ['name nodia', 'x Jose came', 'Jose', { name: 'José Quark' }],
  ['name nfd', 'x Jose\u0301 came', 'Jose', { name: 'José Quark' }],
  ['name curly apos', 'x O’Brien came', 'Brien', { name: "Conan O'Brien" }],
  ['name ent apos', 'x O&rsquo;Brien came', 'Brien', { name: "Conan O'Brien" }],
  ['name bare', 'x OBrien came', 'OBrien', { name: "Conan O'Brien" }],
  ['name genitive', 'x Quarks Paket', 'Quarks'],
  ['name joined', 'x zebulonquark hi', 'zebulonquark'],
  ['name _', 'x zebulon_quark hi', 'quark'],
  ['name upper tr', 'x İBRAHİM hi', 'BRAH', { name: 'İbrahim Quark' }],
  ['name ss', 'x STRAUSS hi', 'STRAUSS', { name: 'Anna Strauß' }],
  ['name hy', 'x Anne Marie hi', 'Marie', { name: 'Anne-Marie Quark' }],
  ['name cyr', 'x Привет, Анна! y', 'Анна', { name: 'Анна Петрова' }],
  ['name han', 'x 你好王小明你好', '王小明', { name: '王小明' }],
  ['name han family', 'x 小明你好', '小明', { name: '王 小明' }],
  ['name ko', 'x 김철수님', '김철수', { name: '김철수' }],
  ['name ko2', 'x 철수님', '철수', { name: '김 철수' }],
  ['name zw', `x Zebu\u200blon hi`, 'lon'],
  ['name math', 'x 𝐙𝐞𝐛𝐮𝐥𝐨𝐧 hi', '𝐙'],
  ['name rtl', 'x שלום דוד hi', 'דוד', { name: 'דוד כהן' }],
  ['local part', 'x his login is anna.b there', 'anna.b', { email: 'anna.b@mail.example' }],
  ['phone _', 'x _0301234567_', '1234567'],
  ['phone nb hyphen', 'x 555‑010‑4477', '4477'],
  ['phone emdash', 'x 555—010—4477', '4477'],
  ['phone dot mid', 'x 555·010·4477', '4477'],
  ['phone letter', 'x Tel0301234567', '1234567'],
  ['phone jp', '電話09012345678です', '012345678'],
  ['phone jp2', '電話は090-1234-5678です', '090'],
  ['phone ar', 'x ٠٥٥٥٠١٠٤٤٧٧', '٠٥٥٥'],
  ['phone fw', 'x ０９０１２３４５６７８', '０９０'],
  ['phone fr', 'x 06.12.34.56.78', '34.56'],
  ['phone dateish', 'x 98.76.5432', '5432'],
  ['phone after date', 'x 2026-01-10 0301234567', '1234567'],
  ['phone nbsp', 'x +33\u00a06\u00a012\u00a034\u00a056\u00a078', '34'],
  ['phone nnbsp', 'x +33\u202f6\u202f12\u202f34\u202f56\u202f78', '34'],
  ['phone underscore sep', 'x 555_010_4477', '4477'],
  ['phone ent', 'x 555&ndash;010&ndash;4477', '4477'],
  ['phone %20', 'x 555%20010%204477', '4477'],
  ['phone ent lpar', 'x &lpar;555&rpar; 010&hyphen;4477', '4477'],
  ['phone ext', 'x +1 555 010 4477 ext. 12', '4477'],
  ['phone commas', 'x +1,555,010,4477', '4477'],
  ['phone extension', 'x +1-800-555-0199 x123', '123'],
  ['ip:', 'x ip:203.0.113.77 y', '203.0'],
  ['ip short :', 'x ip:8.8.8.8 y', '8.8.8.8'],
  ['ip short .', 'x ...8.8.8.8 y', '8.8.8.8'],
  ['ip short port', 'x 8.8.8.8:443', '8.8.8.8'],
  ['ip cidr', 'x 8.8.8.8/24', '8.8.8.8'],
  ['ip _', 'x _8.8.8.8_', '8.8.8.8'],
  ['ip jp', 'は8.8.8.8です', '8.8.8.8'],
  ['ip6:', 'x ip:2001:db8::77:abcd y', 'db8'],
  ['ip6 br port', 'x [2001:db8::77:abcd]:443', 'db8'],
  ['ip6 zone', 'x fe80::77:abcd%eth0', 'abcd'],
  ['ip6 full', 'x 2001:0db8:0000:0000:0000:0000:0077:abcd', 'abcd'],
  ['ip6 mapped', 'x ::ffff:8.8.8.8', '8.8.8.8'],
  ['ip6 upper', 'x 2001:DB8::77:ABCD,', 'ABCD'],
  ['ip6 trailing word', 'x 2001:db8::77:abcd: seen', 'abcd'],
  ['ip6 leading hexword', 'x face:2001:db8::77:abcd', 'db8'],
  ['ip6 jp', 'は2001:db8::77:abcdです', 'db8'],
  ['ip ent', 'x 8&period;8&period;8&period;8', '8&period;8&period'],
  ['card dots', 'x 4111.1111.1111.1111', '1111'],
  ['card', 'x 4111-1111-1111-1111', '1111'],
  ['card _', 'x card4111111111111111', '1111'],
  ['iban lc', 'x de89370400440532013000', '3704'],
  ['iban group', 'x DE89 3704 0044 0532 0130 00', '3704'],
  ['iban gb', 'x GB33BUKB20201555555555', '1555'],
  ['iban gb group', 'x GB33 BUKB 2020 1555 5555 55', 'BUKB'],
  ['iban after like', 'x Nr12 GB33 BUKB 2020 1555 5555 55', 'BUKB'],
  ['iban glued', 'x IBANGB33BUKB20201555555555', 'BUKB'],
  ['iban jp', 'はGB33BUKB20201555555555です', 'BUKB'],
  ['iban nnbsp', 'x GB33\u202fBUKB\u202f2020\u202f1555\u202f5555\u202f55', 'BUKB'],
  ['iban dots', 'x GB33.BUKB.2020.1555.5555.55', 'BUKB'],
  ['link //', 'x <img src="//downloads.quark.example/i/tok3n.pdf?signature=5ecret">', '5ecret'],
  ['link bare', 'x downloads.quark.example/i/tok3n.pdf?signature=5ecret', '5ecret'],
  ['link bare q', 'x quark.example?signature=5ecret', '5ecret'],
  ['link bare port', 'x quark.example:8080/i/5ecret', '5ecret'],
  ['link apos', "x https://quark.example/O'Brien?signature=5ecret", '5ecret'],
  ['link apos %', 'x https://quark.example/a`b?signature=5ecret', '5ecret'],
  ['link bs', 'x https:\\\\quark.example\\a?signature=5ecret', '5ecret'],
  ['link ent', 'x https&colon;&sol;&sol;quark.example/a&quest;signature=5ecret', '5ecret'],
  ['link single q', "x <a href='https://quark.example/a?signature=5ecret'>y</a>", '5ecret'],
  ['link unq', 'x <a href=https://quark.example/a?signature=5ecret>y</a>', '5ecret'],
  ['link space', 'x <a href="https://quark.example/a b?signature=5ecret">y</a>', '5ecret'],
  ['link md', 'x [a](https://quark.example/a_(b)?signature=5ecret)', '5ecret'],
  [
    'link srcset',
    'x <img srcset="https://quark.example/a?signature=5ecret 1x, //quark.example/a?signature=5ecret2 2x">',
    '5ecret',
  ],
  ['link rel', 'x <a href="/reset/5ecret5ignature">y</a>', '5ecret'],
  ['link rel q', 'x <img src="/i/o?signature=5ecret5ignature">', '5ecret'],
  ['link css', 'x <p style="background:url(//quark.example/a?s=5ecret)">', '5ecret'],
  ['link hxxp', 'x hxxps[:]//quark.example/a?s=5ecret', '5ecret'],
  ['link pct', 'x https%3A%2F%2Fquark.example%2Fa%3Fs%3D5ecret', '5ecret'],
  ['link idn', 'x bücher.example/a?s=5ecret', '5ecret'],
  ['link s3', 'x s3://bucket/a?s=5ecret', '5ecret'],
  ['skype', 'x skype:zebby.q?call', 'zebby'],
  ['sms', 'x sms:+15550104477?body=5ecret', '4477'],
  ['tel', 'x tel:1-800-ABC-DEFG', 'DEFG'],
  ['data', 'x data:;base64,5ecret5ecret', '5ecret'],
  ['data2', 'x data:image/png;base64,5ecret5ecret==', '5ecret'],
  ['data3', 'x data:text/plain,5ecret%20more', '5ecret'],
  ['wa', 'x wa.me/15550104477?text=5ecret', '5ecret'],
];

describe('what leads to a person is found however it is written', () => {
  for (const [what, text, forbidden, author] of PERSONAL) {
    test(what, () => assert.equal(cleaned(text, author).includes(forbidden), false, cleaned(text, author)));
  }
});

test('ordinary words and numbers stay', () => {
  for (const text of [
    'order 12345 of 2026-01-10, from 10.01.2026 to 12.01.2026',
    '2026-01-10 - 2026-01-12, 2026-01-10T08:15:30Z, 10.01.2026-12.01.2026',
    'at 10:20:30, 9-5, 24/7, 16:9, 100x200',
    'price 1.234,50 EUR, $1,234,567.00, 50%, 100%25',
    'version 1.2.3, Chrome 134.0.6998.88, Edge 131.0.0.0',
    'e.g. and/or either/or. I like it.Then C++ &lt;b&gt; A&amp;B',
    'part A1234567, ISO 27001:2022, meeting @ 5.30, section 4.2.1/3',
    '<p>Hi <b>you</b></p> <span>1</span> (at) the door'.replace(' (at)', ' at'),
  ])
    assert.equal(cleaned(text), text);
});

test('a hash is that of the value, whatever encoding stood in the text', () => {
  const settings = { level: 'no_contact_data', replace_with: 'hash', hmac_key: 'k'.repeat(32) };
  const author = { email: 'anna.b@mail.example', name: 'José' };
  const { source } = itemOf(
    through(notified({ source: { body: 'a anna.b&#64;mail.example, anna.b%40mail.example, JOSE', author } }), settings),
  ) as unknown as { source: { body: string; author: typeof author } };
  assert.equal(
    source.body,
    `a [email:${source.author.email}], [email:${source.author.email}], [name:${source.author.name}]`,
  );
});

const LEVELS = ['ids', 'no_content', 'no_contact_data'];
const AUTHOR = { source: { author: { name: 'Zebulon Quark', email: 'zz@q.example', phone: '+1 555 010 4477' } } };

const ITEMS: readonly (readonly [what: string, item: object, forbidden: RegExp])[] = [
  [
    'an id with a port, a net, a scheme',
    { external_id: '8.8.8.8:443', user_id: '8.8.8.8/24', id: 'tel:+15550104477' },
    /8\.8|4477/,
  ],
  ['an id that is a part of a name', { ...AUTHOR, external_id: 'zebulon_quark', user_id: 'quark' }, /zebulon|quark/],
  ['an id that is a telephone number', { ...AUTHOR, external_id: 15550104477, user_id: '5550104477' }, /0104477/],
  ['a word that is none', { state: '8.8.8.8:443', reason: '15550104477', zip_code: '3511AB' }, /8\.8|4477|3511/],
  ['the state where somebody lives', { location: { type: 'location', state: 'Califo', level: 'Lvl' } }, /Califo|Lvl/],
  ['a page and a token in its path', { source: { url: '/reset/5ecretTok' }, href: '/u/zebulon' }, /5ecret|zebulon/],
  ['a person in a path', { ...AUTHOR, request: { path: '/contacts/zebulon.quark' } }, /zebulon/],
  ['a number where a text is expected', { source: { body: 15550104477 }, answers: [15550104477] }, /4477/],
  ['equal keys in JSON in a text', { data: '{"email":"zz@q.example","email":null}' }, /zz@/],
  ['names in JSON in a text', { data: '{"a":{"name":"Zebulon Quark"}}', source: { body: 'Hi Zebulon' } }, /Zebulon/],
  ['names among custom attributes', { custom_attributes: { 'First Name': 'Zebulon' }, title: 'Zebulon' }, /Zebulon/],
  [
    'keys',
    { a: { 'zz@q.example_id': 1, '8.8.8.8_count': 1, '555-010-4477': 1, 'Anna Other': 1 } },
    /zz@|8\.8|4477|Anna/,
  ],
  ['a key that is a name', { ...AUTHOR, a: { Zebulon: 1 } }, /Zebulon/],
  ['an error in words', { error_message: 8, a: { error_message: 'no 8.8.8.8 here' } }, /8\.8/],
];

describe('personal data that looks like something else', () => {
  for (const [what, item, forbidden] of ITEMS)
    for (const level of LEVELS)
      test(`${what}, ${level}`, () =>
        assert.doesNotMatch(JSON.stringify(through(notified(item), { level })), forbidden));
});

describe('what a transform wrote', () => {
  for (const level of LEVELS) {
    test(`attributes, ${level}`, () => {
      const given = notified(AUTHOR);
      Object.assign(given.attributes, {
        ...{
          'customer.phone': 15550104478,
          'contact.name': 'Anna',
          city: 'Utrecht',
          'zz@q.example': 1,
          total: 42424242,
        },
        ...{ 'host.name': 'web-1', 'deployment.environment.name': 'production', 'retry.count': 3 },
      });
      assert.deepEqual(Object.entries(through(given, { level }).attributes), [
        ['host.name', 'web-1'],
        ['deployment.environment.name', 'production'],
        ['retry.count', 3],
        ['[email]', 1],
      ]);
    });
    test(`the event's name, the severity, and what stands beside the notification, ${level}`, () => {
      const given = notified(AUTHOR);
      given.eventName = 'zz@q.example';
      given.severityText = 'Quark';
      given.body = { ...(given.body as object), note: 'Zebulon Quark' };
      assert.doesNotMatch(JSON.stringify(through(given, { level })), /zz@|Quark/);
      const plain = notified({});
      Object.assign(plain, { eventName: `intercom.${'long.'.repeat(20)}`, severityText: 'INFO' });
      const { eventName, severityText } = through(plain, { level });
      assert.deepEqual([eventName, severityText], [`intercom.${'long.'.repeat(20)}`, 'INFO']);
    });
  }
});

test('two keys that look alike now are still two', () => {
  const left = itemOf(through(notified({ by: { 'a@q.example': 1, 'b@q.example': 2 } }), { level: 'ids' }));
  assert.deepEqual(left.by, { '[email]': 1, '[email] 2': 2 });
});

test('counts, durations and scores stay', () => {
  const item = { median_time_to_reply: 12345678, talk_duration: 1234567, score: 4.5, http_status: 200, open: true };
  assert.deepEqual(itemOf(through(notified(item), { level: 'ids' })), item);
});

test('words in the names of files and countries are no names of persons', () => {
  const item = {
    source: { body: 'the invoice of the states', attachments: [{ type: 'upload', name: 'invoice.pdf' }] },
    location_data: { country_name: 'United States' },
  };
  const { source } = itemOf(through(notified(item), { level: 'no_contact_data' })) as unknown as typeof item;
  assert.equal(source.body, 'the invoice of the states');
});
