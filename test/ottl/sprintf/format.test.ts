import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import { parseFormat } from '../../../src/ottl/sprintf/format.ts';
import { OttlDuration, OttlId, OttlTime, type OttlValue } from '../../../src/ottl/value.ts';
import { double } from '../../../src/record/value.ts';

const bytes = Uint8Array.of(1, 254);
const time = new OttlTime(1_581_452_772_000_000_321n);
const CASES: readonly [string, readonly OttlValue[], string][] = [
  // What does not fit is told in the text.
  ['%d', ['x'], '%!d(string=x)'],
  ['%s', [1], '%!s(int64=1)'],
  ['%s %s', ['a'], 'a %!s(MISSING)'],
  ['%s', ['a', 1.5, undefined], 'a%!(EXTRA float64=1.5, <nil>)'],
  ['100%', [], '100%!(NOVERB)'],
  ['%!', [], '%!!(MISSING)'],
  ['%z', [true], '%!z(bool=true)'],
  ['%s', [undefined], '%!s(<nil>)'],
  ['%w', ['x'], '%!w(string=x)'],
  ['%t', [new OttlDuration(5n)], '%!t(time.Duration=5)'],
  // Widths, precisions and places of arguments.
  ['%5d|%-5d|%05d|%+d|% d', [42, 42, -42, 3, 4], '   42|42   |-0042|+3| 4'],
  ['%*d|%-*d|%.*f', [4, 7, 3, 7, 2, 1.256], '   7|7  |1.26'],
  ['%*d', [-4, 7], '7   '],
  ['%*d', ['x', 7], '%!(BADWIDTH)7'],
  ['%.*d', [-1, 7], '%!(BADPREC)7'],
  ['%[2]s %[1]s', ['a', 'b'], 'b a'],
  ['%[3]s', ['a'], '%!s(BADINDEX)'],
  ['%[x]d', [1], '%!d(BADINDEX)'],
  ['%.3s|%5s|%-5s|%05s', ['héllo', 'é', 'é', 'é'], 'hél|    é|é    |0000é'],
  ['%6.2f%%', [99.5], ' 99.50%'],
  // Texts, bytes and characters.
  ['%q %+q %#q', ['a"\n', 'é', 'a'], '"a\\"\\n" "\\u00e9" `a`'],
  ['%x %X % x %#x', ['hi', 'hi', 'hi', 'hi'], '6869 6869 68 69 0x6869'],
  ['%x %v %s %d', [bytes, bytes, Uint8Array.of(97), bytes], '01fe [1 254] a [1 254]'],
  ['%c %U %#U %q', [233, 233, 233, 10], "é U+00E9 U+00E9 'é' '\\n'"],
  ['%c', [-1], '\ufffd'],
  // Integers.
  ['%b %o %O %#x %X', [5, 8, 8, 255, 255], '101 10 0o10 0xff FF'],
  ['%d', [2n ** 63n - 1n], '9223372036854775807'],
  ['%x', [-255], '-ff'],
  ['%.3d|%.0d|%6.3d', [7, 0, 7], '007||   007'],
  // Doubles: halves to even, two digits in exponents.
  ['%v %v %v', [double(1), 1e21, 0.00001], '1 1e+21 1e-05'],
  ['%v', [double(1_000_000)], '1e+06'],
  ['%.0f %.0f %.1f', [0.5, 2.5, 0.25], '0 2 0.2'],
  ['%e %E %g %G', [1234.5, 1234.5, 1e-7, 1e-7], '1.234500e+03 1.234500E+03 1e-07 1E-07'],
  ['%f', [1e21], '1000000000000000000000.000000'],
  ['%.3g|%#.3g|%#v', [double(2), double(2), double(2)], '2|2.00|2'],
  ['%x %b', [1.5, 1.5], '0x1.8p+00 6755399441055744p-52'],
  ['%v %+v %05v', [Number.NaN, Infinity, -Infinity], 'NaN +Inf  -Inf'],
  ['%v', [-0], '-0'],
  ['%v', [5e-324], '5e-324'],
  // Lists, maps and OTTL's own.
  ['%v %s', [[1, 'a', null], ['b']], '[1 a <nil>] [b]'],
  ['%d', [[1, 'a']], '[1 %!d(string=a)]'],
  ['%#v', [['a', 1, null]], '[]interface {}{"a", 1, interface {}(nil)}'],
  ['%v', [{ b: 1, a: { c: 'd' } }], 'map[a:map[c:d] b:1]'],
  [
    '%v %s %d',
    [new OttlDuration(5_400_000_000_000n), new OttlDuration(1_500_000n), new OttlDuration(7n)],
    '1h30m0s 1.5ms 7',
  ],
  ['%v', [new OttlDuration(-(2n ** 63n))], '-2562047h47m16.854775808s'],
  ['%v', [time], '2020-02-11 20:26:12.000000321 +0000 UTC'],
  ['%#v', [time], 'time.Date(2020, time.February, 11, 20, 26, 12, 321, time.UTC)'],
  ['%s|%d', [new OttlId('span', new Uint8Array(8)), new OttlId('span', new Uint8Array(2))], '|[0 0]'],
  ['%T %T %T', [1, 'a', undefined], 'int64 string <nil>'],
];

describe('formats', () => {
  for (const [format, args, text] of CASES) {
    it(`${JSON.stringify(format)} writes ${text}`, () => {
      assert.equal(parseFormat(format, args.length)(args), text);
    });
  }

  it('come to an end, also with lists filled up to a great width', () => {
    const long = new Array(100).fill(new Array(100).fill(1));
    assert.throws(() => parseFormat('%*v', 2)([1_000_000, long]), OttlError);
    let deep: OttlValue = [];
    for (let i = 0; i < 10_000; i++) deep = [deep];
    assert.match(parseFormat('%v', 1)([deep]), /^\[+\.\.\.\]+$/);
  });

  it('of anything are a text', () => {
    const part = fc.constantFrom(
      '%',
      '*',
      '.',
      '[1]',
      '[2]',
      '#',
      '+',
      '-',
      ' ',
      '0',
      '12',
      'v',
      's',
      'd',
      'x',
      'q',
      'g',
      'U',
    );
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(undefined),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(value, { maxLength: 3 }), (parts, args) => {
        assert.equal(typeof parseFormat(parts.join(''), args.length)(args as OttlValue[]), 'string');
      }),
    );
  });

  it('write doubles of which nothing is lost', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        assert.equal(Number(parseFormat('%v', 1)([double(number)])), number);
        assert.equal(Number(parseFormat('%.17e', 1)([double(number)])), number);
        assert.equal(Number(parseFormat('%.1100f', 1)([double(number)])), number);
      }),
    );
  });
});
