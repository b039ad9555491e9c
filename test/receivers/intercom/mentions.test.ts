import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { factory } from '../../../src/receivers/intercom/index.ts';
import { mentions } from '../../../src/receivers/intercom/mentions.ts';
import { sharedMissing } from '../../support/shared.ts';
import { entry, payloads } from './decode-harness.ts';

const ID = '6a0c27e1f4b98d53c2e7a901';
const ADDRESS = 'ada.pine@mail.example';

const found = (body: unknown, person: string) => mentions(entry(body), person);

function all(expected: boolean, person: string, bodies: readonly unknown[]) {
  for (const body of bodies) assert.equal(found(body, person), expected, `${person} in ${JSON.stringify(body)}`);
}

it('is what the receiver offers', () => assert.equal(factory.mentions, mentions));

describe('an id', () => {
  it('is found as any text of the notification, at any depth', () => {
    all(true, ID, [
      ID,
      { data: { item: { contacts: [{ id: ID }] } } },
      { user: ID },
      { list: [['x', ID]] },
      { participants: { [ID]: { seen: true } } },
      { padded: ` ${ID}\n` },
    ]);
  });

  it('is not found inside of a longer text, nor in another case', () => {
    all(false, ID, [{ id: `${ID}0` }, { url: `/contacts/${ID}` }, { id: ID.toUpperCase() }, { body: `I am ${ID}` }]);
  });

  it('is found as a number under a key that is for ids, exactly', () => {
    all(true, '37358461336', [
      { id: 37358461336 },
      { author_id: 37358461336 },
      { admin_ids: [1, 37358461336] },
      { id: '37358461336' },
    ]);
    all(false, '37358461336', [
      { created_at: 37358461336 },
      { id: 373584613360 },
      { id: -37358461336 },
      { paid: 37358461336 },
    ]);
    all(true, '9007199254740993', ['{"user_id":9007199254740993}']);
    all(false, '9007199254740993', ['{"user_id":9007199254740992}', '{"user_id":9007199254740994}']);
  });

  it('of less than four characters is found under a key that is for ids only', () => {
    all(true, '22', [{ external_id: '22' }, { user_id: '22' }, { id: '22' }, { a: { admin_id: 22 } }]);
    all(false, '22', [
      { day: '22' },
      { body: '22' },
      { ids: ['22'] },
      { paid: '22' },
      { 22: 'x' },
      { external_id: '122' },
      ['22'],
      22,
    ]);
  });

  it("is not one of Intercom's words: a person's own id may be one", () => {
    all(false, 'admin', [{ type: 'admin' }, { author_type: 'admin' }, { role: 'admin' }, { admin: { name: 'x' } }]);
    all(true, 'admin', [{ type: 'user', external_id: 'admin' }, { user_id: 'admin' }]);
    all(false, 'conversation.closed', [{ topic: 'conversation.closed' }]);
  });

  it('is found in JSON inside of a text', () => {
    const inner = JSON.stringify({ participant: { type: 'user', id: ID, number_id: 712345 } });
    all(true, ID, [{ data: inner }, { data: ` ${inner}` }, { data: JSON.stringify([inner]) }]);
    all(true, '712345', [{ data: inner }]);
    all(true, '22', [{ data: '{"id":22}' }]);
    all(false, ID, [{ data: '[note] nothing' }, { data: '{broken' }, { data: `[note] ask ${ID} again` }]);
    let deep = inner;
    for (let level = 0; level < 8; level++) deep = JSON.stringify({ deep });
    all(true, ID, [deep]);
    all(true, ID, [{ data: `${'['.repeat(80)}"${ID}"${']'.repeat(80)}` }]);
  });

  it('is found where it is encoded', () => {
    all(true, 'a/b c@', [
      { external_id: 'a%2Fb%20c%40' },
      { external_id: 'a&#47;b c&commat;' },
      '{"external_id":"a\\/b\\u0020c@"}',
    ]);
  });
});

describe('an e-mail address', () => {
  it('is found in any text, whatever its case', () => {
    all(true, ADDRESS, [
      { email: ADDRESS },
      { email: 'Ada.PINE@Mail.Example' },
      { body: `<p>Write to ${ADDRESS}, please.</p>` },
      { body: `(${ADDRESS}).` },
      { body: `${ADDRESS}\nbest` },
      { body: `first\n${ADDRESS}` },
      { body: `'${ADDRESS}'` },
      { body: `...${ADDRESS}...` },
      { body: `reach me...${ADDRESS}` },
      { body: `_${ADDRESS}_ and **${ADDRESS}**` },
      { html: `<a href="mailto:${ADDRESS}?subject=x">me</a>` },
      { html: `<a href=mailto:${ADDRESS}>` },
      { from: `Ada Pine <${ADDRESS}>` },
      { url: `https://shop.example/reset?email=${ADDRESS}&x=1` },
      { url: `https://shop.example/people/${ADDRESS}/orders` },
      { custom_attributes: { [ADDRESS]: true } },
      { external_id: ADDRESS },
      [ADDRESS],
      JSON.stringify(ADDRESS),
    ]);
    assert.ok(found({ email: ADDRESS }, ` ${ADDRESS.toUpperCase()} `));
  });

  it('is found where it is encoded, more than once too', () => {
    all(true, ADDRESS, [
      { url: 'https://shop.example/?email=ada.pine%40mail.example' },
      { url: 'https://shop.example/?next=%2Fx%3Femail%3Dada.pine%2540mail.example' },
      { html: 'mailto:ada.pine%40mail%2Eexample' },
      { html: 'ada.pine&#64;mail.example' },
      { html: 'ada&period;pine&commat;mail&#x2e;example' },
      { html: '&lt;ada.pine@mail.example&gt;' },
      { html: 'ada.pine&amp;#64;mail.example' },
      '{"email":"ada.pine\\u0040mail.example"}',
      { data: JSON.stringify({ label: `Ada\n${ADDRESS}` }) },
      { data: '{"broken": "x\\nada.pine\\u0040mail.example' },
    ]);
  });

  it('is not found in a longer one', () => {
    all(false, ADDRESS, [
      { email: `x${ADDRESS}` },
      { email: `x.${ADDRESS}` },
      { email: `x+${ADDRESS}` },
      { email: `x-${ADDRESS}` },
      { email: `x_${ADDRESS}` },
      { email: `o'${ADDRESS}` },
      { email: `é${ADDRESS}` },
      { email: `${ADDRESS}.au` },
      { email: `${ADDRESS}-shop.test` },
      { email: `${ADDRESS}s` },
      { email: 'ada.pine+news@mail.example' },
      { email: 'adaxpine@mail.example' },
      { url: 'x%2Bada.pine%40mail.example' },
      { body: 'ada.pine at mail.example' },
    ]);
  });

  it('of a domain with other letters is found in both its forms', () => {
    all(true, 'jo@bücher.example', [
      { email: 'jo@xn--bcher-kva.example' },
      { email: 'JO@BÜCHER.example' },
      { email: 'jo@bu\u0308cher.example' },
    ]);
    all(true, 'jo@xn--bcher-kva.example', [{ email: 'jo@bücher.example' }]);
  });
});

describe('a body that is no JSON', () => {
  it('is searched as text', () => {
    all(true, ADDRESS, [`no json: ${ADDRESS}!`, `{"email":"${ADDRESS}"`, '{"cut":"ada.pine\\u0040mail.example']);
    all(true, ID, [`{"id":"${ID}","body":"cut`, `/contacts/${ID}/tags`, `id=${ID}`]);
    all(false, ID, [`{"id":"${ID}0"`, `x-${ID}`, `${ID}-1`]);
    all(true, '22', ['{"external_id": "22", "cut', '{"admin_id":22,"cut', '{"data":"{\\"id\\":22}", "cut']);
    all(false, '22', ['{"day":22,"cut', '{"id":221,"cut', '{"id":22.5,"cut', '{"paid":"22","cut', 'it is the 22']);
  });

  it('may be too deep, or no UTF-8', () => {
    all(true, ID, [`${'['.repeat(100)}{"id":"${ID}"}${']'.repeat(100)}`]);
    assert.ok(found(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(` ${ADDRESS} `)]), ADDRESS));
  });

  it('that was erased, or is empty, names nobody; and nobody is named by no name', () => {
    assert.equal(mentions(entry('', { erased: true }), ID), false);
    all(false, '', [{ a: '' }, '""']);
    all(false, '  ', [{ a: '  ' }]);
  });
});

describe('whatever the bytes are', () => {
  it('an entity or escape that stands for nothing is left as it is', () => {
    all(true, ADDRESS, [
      { body: `&#9999999; &#xffffff; &nothing; %zz%4 \\u12 &#64 ${ADDRESS}` },
      `no json &#9999999; ${ADDRESS}`,
    ]);
  });

  it('it never throws', () => {
    const person = fc.oneof(fc.string(), fc.emailAddress(), fc.constantFrom(ID, '22', '[(\\', '%', '"@"'));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from), fc.string({ unit: 'binary' })),
        person,
        (body, who) => {
          assert.equal(typeof found(body, who), 'boolean');
        },
      ),
    );
  });

  it('a text of any JSON is found by itself, where it is long enough', () => {
    const text = fc.stringMatching(/^[0-9a-f]{8,30}$/);
    fc.assert(
      fc.property(text, fc.jsonValue({ maxDepth: 3 }), fc.array(fc.constantFrom('a', 'b', 0)), (id, other, path) => {
        const holder = path.reduce<unknown>(
          (inner, step) => (step === 0 ? [other, inner] : { [step]: inner, other }),
          id,
        );
        assert.ok(found(holder, id));
        assert.ok(found({ text: JSON.stringify([holder]) }, id));
      }),
    );
  });

  it('any address is found between any delimiters, and not with a letter beside it', () => {
    const delimiter = fc.constantFrom(
      '',
      ' ',
      '<',
      '>',
      '"',
      "'",
      ':',
      '=',
      '/',
      '?',
      '(',
      ')',
      ',',
      ';',
      '\n',
      '&',
      '|',
      '*',
    );
    // Quoted and other odd local parts are addresses that nobody has.
    const address = fc.emailAddress().filter((one) => /^[\w.+-]+@[\w.-]+$/.test(one));
    const plain = fc.oneof(fc.constant(ADDRESS), address);
    fc.assert(
      fc.property(plain, delimiter, delimiter, (one, before, after) => {
        assert.ok(found({ text: `x ${before}${one}${after} y` }, one));
        assert.ok(!found({ text: `x${one}${after} y` }, one));
        assert.ok(!found({ text: `x ${before}${one}y` }, one));
      }),
    );
  });
});

describe('captured notifications', { skip: sharedMissing }, () => {
  const ADDRESSES = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;

  it('name the people that they are about, and no others', () => {
    let people = 0;
    for (const { name, bytes } of payloads) {
      const text = bytes.toString();
      const { item } = JSON.parse(text).data;
      const contact = item.contact ?? item.user ?? (item.type === 'contact' || item.type === 'user' ? item : undefined);
      const admin = item.type === 'admin' ? item : undefined;
      for (const person of [contact?.id, contact?.external_id, admin?.id, ...(text.match(ADDRESSES) ?? [])]) {
        if (person === undefined || person === null) continue;
        people++;
        assert.ok(mentions(entry(bytes), String(person)), `${name}: ${person}`);
        assert.ok(!mentions(entry(bytes), `z${person}`), `${name}: z${person}`);
        assert.ok(!mentions(entry(bytes), `${person}9`), `${name}: ${person}9`);
      }
      for (const stranger of [ID, ADDRESS, '917']) assert.ok(!mentions(entry(bytes), stranger), `${name}: ${stranger}`);
    }
    assert.ok(people > 20, `${people} people`);
  });
});
