import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Double, double, type Value } from '../../src/record/value.ts';
import { after, chain, loaded, record } from './through.ts';

const act = (actions: object[], attributes: Record<string, Value>) => after('attributes', { actions }, { attributes });
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

describe('the actions of the processor `attributes`:', () => {
  it('extract makes attributes of the groups of a pattern, empty ones too, of texts alone', () => {
    const actions = [{ key: 'url', pattern: '^(?P<scheme>\\w+)://(?P<user>\\w+@)?(?P<host>[^/]+)', action: 'extract' }];
    assert.deepEqual(act(actions, { url: 'http://h/p', host: 'old' }), {
      ...{ url: 'http://h/p', scheme: 'http', user: '', host: 'h' },
    });
    assert.deepEqual(act(actions, { url: 'no' }), { url: 'no' });
    assert.deepEqual(act(actions, { url: 7 }), { url: 7 });
  });

  it('convert changes types, and leaves what it cannot', () => {
    const to = (type: string, value: Value) =>
      act([{ key: 'a', action: 'convert', converted_type: type }], { a: value });
    const cases: [string, Value, Value][] = [
      ['int', '-042', -42],
      ['int', ' 42', ' 42'],
      ['int', '9007199254740993', 9007199254740993n],
      ['int', 3.9, 3],
      ['int', Number.NaN, -(2n ** 63n)],
      ['int', true, 1],
      ['double', '3', new Double(3)],
      ['double', '1_0.5', 10.5],
      ['double', 7, new Double(7)],
      ['double', '1e400', '1e400'],
      ['string', new Double(3), '3'],
      ['string', -0, '-0'],
      ['string', { b: [1, null], a: '<' }, '{"a":"<","b":[1,null]}'],
      ['string', new Uint8Array([1, 255]), 'Af8='],
    ];
    for (const [type, given, expected] of cases) assert.deepEqual(to(type, given), { a: expected });
  });

  it('hash and delete take a pattern for keys; the same key twice is hashed twice', () => {
    const actions = [
      { key: 'id', pattern: '^id$|mail', action: 'hash' },
      { pattern: 'secret', action: 'delete' },
    ];
    assert.deepEqual(act(actions, { id: 'x', mail: 1, flag: true, 'a.secret': 1 }), {
      id: sha256(sha256('x')),
      mail: sha256(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0])),
      flag: true,
    });
    assert.deepEqual(act([{ key: 'm', action: 'hash' }], { m: { a: 1 } }), { m: '' });
    const nan = sha256(new Uint8Array([1, 0, 0, 0, 0, 0, 0xf8, 0x7f]));
    assert.deepEqual(act([{ key: 'm', action: 'hash' }], { m: Number.NaN }), { m: nan });
  });

  it('a default is taken where a source has nothing; a source that is null has something', () => {
    const actions = [{ key: 'to', from_attribute: 'from', default_value: ['d'], action: 'upsert' }];
    assert.deepEqual(act(actions, {}), { to: ['d'] });
    assert.deepEqual(act(actions, { from: null }), { from: null, to: null });
  });

  it('what is copied is shared with nothing', () => {
    const actions = [{ key: 'copy', from_attribute: 'map', action: 'insert' }];
    const map = { list: [1] };
    const copy = act(actions, { map })?.copy;
    assert.deepEqual(copy, map);
    assert.notEqual(copy, map);
  });
});

it('a value is of the type that is written: 1.0 is a double, also out of a variable', async () => {
  const { settings } = await loaded(
    `  attributes:
    actions:
      - { key: double, value: 1.0, action: insert }
      - { key: int, value: 1, action: insert }
      - { key: env, value: "\${env:V}", action: insert }
      - { key: map, value: { a: 1e3, b: [~, 0x1e], c: "1.0" }, action: insert }
`,
    { V: '2.0' },
  );
  assert.deepEqual(after('attributes', settings('attributes'), {}), {
    ...{ double: double(1), int: 1, env: double(2) },
    map: { a: double(1000), b: [null, 30], c: '1.0' },
  });
});

describe('`include` and `exclude`:', () => {
  const actions = [{ key: 'hit', value: true, action: 'upsert' }];
  const hits = (match: object, fields: Parameters<typeof record>[0]) =>
    after('attributes', { actions, ...match }, fields ?? {})?.hit === true;

  it('all conditions must match, and exclude wins', () => {
    const include = { match_type: 'strict', log_bodies: ['a', 'b'], attributes: [{ key: 'k', value: 1 }] };
    assert.equal(hits({ include }, { body: 'b', attributes: { k: 1 } }), true);
    assert.equal(hits({ include }, { body: 'c', attributes: { k: 1 } }), false);
    assert.equal(hits({ include }, { body: 'b', attributes: { k: double(1) } }), false);
    const exclude = { log_severity_number: { min: 17, match_undefined: true } };
    assert.equal(hits({ include, exclude }, { body: 'b', attributes: { k: 1 } }), false);
    assert.equal(hits({ include, exclude }, { body: 'b', attributes: { k: 1 }, severityNumber: 9 }), true);
  });

  it('regular expressions match anywhere, also numbers, which have no exponents there', () => {
    const include = { match_type: 'regexp', attributes: [{ key: 'k', value: '^1000000000000000000000$' }] };
    assert.equal(hits({ include }, { attributes: { k: 1e21 } }), true);
    const body = { match_type: 'regexp', log_bodies: ['"b":2'] };
    assert.equal(hits({ include: body }, { body: { c: 1, b: 2 } }), true);
  });
});

it('records of an entry go on together', () => {
  const moved = chain(
    ['attributes', { actions: [{ key: 'k', value: 'same', action: 'insert' }] }],
    ['groupbyattrs', { keys: ['k'] }],
  ).run([record(), record()]);
  assert.equal(moved[0]?.resource, moved[1]?.resource);
});
