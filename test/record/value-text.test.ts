import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { double, type Value } from '../../src/record/value.ts';
import { compareBytes, identityOf, textOf } from '../../src/record/value-text.ts';

test('values as texts', () => {
  const cases: [Value, string][] = [
    ['a', 'a'],
    [null, ''],
    [undefined, ''],
    [true, 'true'],
    [9007199254740993n, '9007199254740993'],
    [double(3), '3'],
    [-0, '-0'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [new Uint8Array(), ''],
    [[], '[]'],
    [
      { b: [null, 1e-7, '<\u2028"'], a: new Uint8Array(), '\u{1d11e}': 1, '\uffff': 2 },
      '{"a":null,"b":[null,1e-7,"<\\u2028\\""],"\uffff":2,"\u{1d11e}":1}',
    ],
    [[Number.NaN], ''],
  ];
  for (const [value, expected] of cases) assert.equal(textOf(value), expected);
});

test('texts are ordered by their bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('identities tell types apart, and no two values that differ are the same', () => {
  const values: Value[] = [
    1,
    double(1),
    '1',
    true,
    0,
    -0,
    null,
    '',
    [],
    {},
    [1, 2],
    ['12'],
    [[1], 2],
    { a: 1 },
    { a: '1' },
    { a: { b: 1 } },
    { 'a\u0000': 1 },
    new Uint8Array([1]),
    Number.NaN,
    ['a', 'b'],
    ['as1:b'],
  ];
  assert.equal(new Set(values.map(identityOf)).size, values.length);
  assert.equal(identityOf({ a: 1, b: 2 }), identityOf({ b: 2, a: 1 }));
});
