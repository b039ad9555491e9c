import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDouble, parseInt64 } from '../../src/record/number-text.ts';

test('every double is read as it is written, also in hexadecimal', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      assert.ok(Object.is(parseDouble(Object.is(value, -0) ? '-0' : String(value)), value));
      if (Number.isFinite(value)) assert.ok(Object.is(parseDouble(hexadecimal(value)), value), hexadecimal(value));
    }),
  );
});

/** Of its bits. */
function hexadecimal(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  return `${bits >> 63n ? '-' : ''}0x${exponent ? 1 : 0}.${fraction}p${exponent ? exponent - 1023 : -1022}`;
}

test('rounds to the nearest, ties to even, down to nothing and up to too much', () => {
  const cases: [string, number | undefined][] = [
    ['0x1.00000000000008p0', 1],
    ['0x1.000000000000081p0', 1 + 2 ** -52],
    ['0x1.00000000000018p0', 1 + 2 ** -51],
    ['0x1p-1075', 0],
    ['0x3p-1075', 2 ** -1073],
    ['0x1.fffffffffffff7p1023', Number.MAX_VALUE],
    ['0x1.fffffffffffff8p1023', undefined],
    ['0x1p99999999999', undefined],
    ['1e-400', 0],
    ['1e400', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseDouble(text), expected, text);
});

test('takes underscores between digits, and no spaces, prefixes or halves of a number', () => {
  for (const text of ['4_2', '1_0.5_0', '1e1_0', '0x_1p4', '0x1p1_0', '.5', '5.', 'iNfinity'])
    assert.notEqual(parseDouble(text), undefined, text);
  for (const text of [
    '',
    '.',
    '+',
    '_4',
    '4__2',
    '4_',
    '1_e5',
    '1e_5',
    '0_.5',
    '0x1',
    '0x.p1',
    '0b1',
    '+nan',
    ' 1',
    '1 ',
    '1f',
  ])
    assert.equal(parseDouble(text), undefined, text);
});

test('an integer is decimal and fits', () => {
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => parseInt64(String(n)) === n));
  assert.equal(parseInt64('+000000000000000000000042'), 42n);
  for (const text of ['', '-', '1_0', '0x1', '1.0', '9223372036854775808', '٣'])
    assert.equal(parseInt64(text), undefined);
});
