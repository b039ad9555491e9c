import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import {
  parseCsv,
  parseIntFunction,
  parseJsonFunction,
  parseKeyValue,
  toKeyValueString,
} from '../../../src/ottl/functions/parse-text.ts';
import { double, type Value } from '../../../src/record/value.ts';
import { call } from './call.ts';

const json = (target: string) => call(parseJsonFunction, { target });
const integer = (target: string, base: number) => call(parseIntFunction, { target, base });
const csv = (target: string, header = 'a,b', more: object = {}) => call(parseCsv, { target, header, ...more });
const pairs = (target: string, more: object = {}) => call(parseKeyValue, { target, ...more });

/** What must not throw anything but an OttlError. */
function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof OttlError, String(error));
  }
}

describe('ParseJSON', () => {
  it('makes doubles of all numbers', () => {
    assert.deepEqual(json('{"n": 1, "b": 9007199254740993}'), { n: double(1), b: 9007199254740992 });
    assert.deepEqual(json('[-0, 1.5]'), [-0, 1.5]);
  });

  it('takes what the Collector takes beyond the standard', () => {
    assert.deepEqual(json('{"a": 01, "t": "x\ty"}'), { a: double(1), t: 'x\ty' });
    assert.deepEqual(json('{null: "\\ud800\\u00e9"}'), { '': '\ufffdé' });
    assert.deepEqual(json('{"a": "\\n"}\0rest'), { a: '\n' });
    assert.deepEqual(Object.keys(json('{"__proto__": 1}') as object), ['__proto__']);
  });

  it('says what is wrong in the words of the Collector', () => {
    assert.throws(() => json(''), { message: "invalid character '\0' looking for beginning of value" });
    assert.throws(() => json('{"a":1,}'), { message: "invalid character '}' looking for beginning of value" });
    assert.throws(() => json('{"a":1}x'), { message: "invalid character 'x' after top-level value" });
    assert.throws(() => json('[1 2]'), { message: 'json: invalid character 2 as slice' });
    assert.throws(() => json('{"a" 1}'), { message: 'expected colon after object key' });
    assert.throws(() => json('{"a":1 2}'), { message: 'expected comma after object value' });
    assert.throws(() => json('["a'), { message: 'json: string unexpected end of JSON input' });
    assert.throws(() => json('["\\u12g4"]'), {
      message: 'json: invalid character g in \\u hexadecimal character escape',
    });
    assert.throws(() => json('[trux]'), { message: 'json: invalid character x as true' });
    assert.throws(() => json('{1:2}'), { message: 'json: cannot unmarshal number into Go value of type string' });
    assert.throws(() => json('[1e999]'), { message: 'strconv.ParseFloat: parsing "1e999": value out of range' });
    for (const [text, kind] of [
      ['"a"', 'string'],
      ['1', 'float64'],
      ['true', 'bool'],
      ['null', '<nil>'],
    ]) {
      assert.throws(() => json(text as string), {
        message: `could not convert parsed value of type ${kind} to JSON object`,
      });
    }
  });

  it('does not go deeper than other code can', () => {
    assert.throws(() => json('['.repeat(100_000)), /exceeded max depth/);
    assert.throws(() => json(`${'['.repeat(5000)}${']'.repeat(5000)}`), /exceeded max depth/);
    json(`${'{"a":'.repeat(900)}1${'}'.repeat(900)}`);
  });

  it('reads what JSON.stringify writes, and throws nothing but an OttlError', () => {
    const doubles = (value: unknown): Value => {
      if (typeof value === 'number') return double(value);
      if (Array.isArray(value)) return value.map(doubles);
      if (typeof value !== 'object' || value === null) return value as Value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, doubles(item)]));
    };
    fc.assert(
      fc.property(fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }), (value) => {
        assert.deepEqual(json(JSON.stringify(value)), doubles(value));
        // With a NUL behind it, it is read in the slow way.
        assert.deepEqual(json(`${JSON.stringify(value)}\0`), doubles(value));
      }),
    );
    const part = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '\\',
      '\\u',
      '1',
      '-',
      'null',
      't',
      '\0',
      'é',
    );
    fc.assert(fc.property(fc.array(part), (parts) => attempt(() => json(parts.join('')))));
  });
});

describe('ParseInt', () => {
  it('goes by the base, or by the prefix', () => {
    assert.equal(integer('zz', 36), 1295);
    assert.equal(integer('-0xFF', 0), -255);
    assert.equal(integer('017', 0), 15);
    assert.equal(integer('0b1_01', 0), 5);
    assert.equal(integer('0', 0), 0);
    assert.equal(integer('-8000000000000000', 16), -(2n ** 63n));
  });

  it('refuses the rest', () => {
    assert.throws(() => integer('', 10), /target cannot be empty/);
    assert.throws(() => integer('1', -1), /invalid base value: -1 for ParseInt/);
    assert.throws(() => integer('12', 37), { message: 'strconv.ParseInt: parsing "12": invalid base 37' });
    for (const [text, base] of [
      ['1_0', 10],
      ['_1', 0],
      ['1__0', 0],
      ['0x', 0],
      ['+', 10],
      ['8', 8],
    ] as const) {
      assert.throws(() => integer(text, base), /invalid syntax/);
    }
    assert.throws(() => integer('9223372036854775808', 10), /value out of range/);
    assert.throws(() => integer(`1${'0'.repeat(1_000_000)}`, 10), /value out of range/);
  });
});

describe('ParseCSV', () => {
  it('reads one row, which may have line ends', () => {
    assert.deepEqual(csv('1,2'), { a: '1', b: '2' });
    assert.deepEqual(csv('"1,""x""",2\r\n'), { a: '1,"x"', b: '2' });
    assert.deepEqual(csv('1,2\nmore'), { a: '1', b: '2\nmore' });
    assert.deepEqual(csv('"1\n2",3'), { a: '1\n2', b: '3' });
    assert.deepEqual(csv('1é2', 'aéb', { delimiter: 'é' }), { a: '1', b: '2' });
    assert.deepEqual(csv('1;2', 'a|b', { delimiter: ';', headerDelimiter: '|' }), { a: '1', b: '2' });
  });

  it('is strict about quotes unless it is told otherwise', () => {
    assert.throws(() => csv('x"y,2'), {
      message: 'read csv line: parse error on line 1, column 2: bare " in non-quoted-field',
    });
    assert.throws(() => csv('é,"x'), /wrong number of fields: expected 2, found 1/);
    assert.throws(() => csv('"\n\nx'), {
      message:
        'read csv line: record on line 1; parse error on line 3, column 2: extraneous or missing " in quoted-field',
    });
    assert.deepEqual(csv('x"y,"2"z', 'a,b', { mode: 'lazyQuotes' }), { a: 'x"y', b: '2"z' });
    assert.deepEqual(csv('"1,2"', 'a,b', { mode: 'ignoreQuotes' }), { a: '"1', b: '2"' });
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => csv('1', 'a', { delimiter: ';;' }), /invalid arguments: delimiter must be a single character/);
    assert.throws(() => csv('1', 'a', { headerDelimiter: '' }), /header_delimiter must be a single character/);
    assert.throws(() => csv('1', 'a', { mode: 'x' }), /unknown mode: x/);
    assert.throws(() => csv('1', ''), /headers must not be an empty string/);
    assert.throws(() => csv('', 'a'), /no csv lines found/);
    assert.throws(() => csv('1', 'a', { delimiter: '"' }), /invalid field or comment delimiter/);
    assert.throws(
      () => call(parseCsv, { target: 1, header: 'a' }),
      /target in ParseCSV: expected string but got int64/,
    );
  });

  it('reads what was written, and throws nothing but an OttlError', () => {
    const fields = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 });
    fc.assert(
      fc.property(fields, (values) => {
        const clean = values.map((value) => value.replaceAll('\r', ''));
        const row = clean.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
        const header = clean.map((_, index) => index).join(',');
        assert.deepEqual(Object.values(csv(row, header) as object), clean);
      }),
    );
    const part = fc.constantFrom('"', '""', ',', '\n', '\r\n', 'a', 'é', ' ');
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('strict', 'lazyQuotes'), (parts, mode) =>
        attempt(() => csv(parts.join(''), 'a,b', { mode })),
      ),
    );
  });
});

describe('ParseKeyValue', () => {
  it('minds quotes of both kinds', () => {
    assert.deepEqual(pairs(`k="a b"  c='d "e"' =x y=`), { k: 'a b', c: 'd "e"', '': 'x', y: '' });
    assert.deepEqual(pairs('a=b=c'), { a: 'b=c' });
    assert.deepEqual(pairs('k1!v1_k2!v2', { delimiter: '!', pairDelimiter: '_' }), { k1: 'v1', k2: 'v2' });
    assert.deepEqual(pairs('a="x\\"y"'), { a: 'x\\"y' });
  });

  it('tells all that is wrong', () => {
    assert.throws(() => pairs(''), /cannot parse from empty target/);
    assert.throws(() => pairs("a='x"), {
      message: 'splitting source "a=\'x" into pairs failed: never reached the end of a quoted value',
    });
    assert.throws(() => pairs('a = 1'), {
      message:
        'failed to split pairs into key-values: cannot split "a" into 2 items, got 1 item(s); cannot split "1" into 2 items, got 1 item(s)',
    });
    assert.throws(() => pairs('a', { delimiter: '' }), /delimiter cannot be set to an empty string/);
    assert.throws(() => pairs('a', { delimiter: ' ' }), /pair delimiter " " cannot be equal to delimiter " "/);
  });
});

describe('ToKeyValueString', () => {
  it('puts in quotes what has a delimiter', () => {
    const target = { z: 'a "b"', a: [1, 'x<'], 'k=': 1.5, n: null, y: Uint8Array.of(1) };
    assert.equal(
      call(toKeyValueString, { target, sortOutput: true }),
      'a=[1,\\"x<\\"] "k="=1.5 n= y="AQ==" z="a \\"b\\""',
    );
    assert.equal(
      call(toKeyValueString, { target: { b: 1, a: true }, delimiter: ':', pairDelimiter: ',' }),
      'b:1,a:true',
    );
  });

  it('takes nothing but a map', () => {
    assert.throws(() => call(toKeyValueString, { target: undefined }), /expected pcommon.Map but got nil/);
  });
});
