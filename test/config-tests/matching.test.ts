import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { align, differences } from '../../src/config-tests/compare.ts';
import { compile, written } from '../../src/config-tests/pattern.ts';
import { double, type Value } from '../../src/record/value.ts';
import { values } from '../record/otlp/records.ts';

const pattern = (value: Value, exact = false) =>
  compile(value, [], { exact, problem: (problem) => assert.fail(JSON.stringify(problem)) });
const holds = (expected: Value, value: Value, exact = false) =>
  differences(pattern(expected, exact), value).length === 0;
const paths = (expected: Value, value: Value, exact = false) =>
  differences(pattern(expected, exact), value).map(({ path }) => path.join('.'));

describe('what is written must hold', () => {
  it('in maps, which may have more, unless it is exact', () => {
    assert.ok(holds({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }));
    assert.deepEqual(paths({ a: { b: 1 } }, { a: { b: 2 } }), ['a.b']);
    assert.deepEqual(paths({ a: { b: 1 } }, { a: 1 }), ['a']);
    assert.deepEqual(paths({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, true), ['a.c', 'd']);
    assert.ok(holds({ b: 1, a: { c: 2 } }, { a: { c: 2 }, b: 1 }, true), 'the order of keys does not count');
  });

  it('in lists, which have as many', () => {
    assert.ok(holds([{ a: 1 }, 2], [{ a: 1, b: 1 }, 2]));
    assert.deepEqual(paths([1], [1, 2]), ['1']);
    assert.deepEqual(paths([1, 2], [1]), ['1']);
    assert.deepEqual(paths([1, 2], [2, 1]), ['0', '1']);
  });

  it('and types are told apart', () => {
    for (const [a, b] of [
      [1, double(1)],
      [1, '1'],
      [null, ''],
      [true, 'true'],
      [0, false],
    ] as [Value, Value][]) {
      assert.equal(holds(a, b), false);
      assert.equal(holds(b, a), false);
    }
    assert.ok(holds(double(1), double(1)));
    assert.ok(holds(2n ** 60n, 2n ** 60n));
  });

  it('and a missing key is told with the one that may be meant', () => {
    const [one] = differences(pattern({ 'intercom.topik': 'a' }), { 'intercom.topic': 'a', other: 'b' });
    assert.equal(one?.near, 'intercom.topic');
    assert.equal(one?.got, undefined);
  });
});

describe('matchers', () => {
  it('$matches is a regular expression, of texts', () => {
    assert.ok(holds({ $matches: '^a+$' }, 'aaa'));
    assert.equal(holds({ $matches: '^a+$' }, 'ab'), false);
    assert.equal(holds({ $matches: '1' }, 1), false);
  });
  it('$contains is a part of a text', () => {
    assert.ok(holds({ $contains: '(b' }, 'a(bc'));
    assert.equal(holds({ $contains: 'B' }, 'abc'), false);
    assert.equal(holds({ $contains: 'a' }, ['a']), false);
  });
  it('$exists asks for a key', () => {
    assert.ok(holds({ a: { $exists: true } }, { a: null }));
    assert.deepEqual(paths({ a: { $exists: true } }, {}), ['a']);
    assert.ok(holds({ a: { $exists: false } }, { b: 1 }));
    assert.deepEqual(paths({ a: { $exists: false } }, { a: 1 }), ['a']);
  });
  it('$one_of takes any of several', () => {
    assert.ok(holds({ $one_of: ['a', { $matches: '^b' }] }, 'bc'));
    assert.equal(holds({ $one_of: ['a', 'b'] }, 'c'), false);
    assert.ok(holds({ a: { $one_of: ['x', { $exists: false }] } }, {}));
  });
  it('$not takes anything else, but not nothing', () => {
    assert.ok(holds({ a: { $not: 'x' } }, { a: 'y' }));
    assert.deepEqual(paths({ a: { $not: 'x' } }, { a: 'x' }), ['a']);
    assert.deepEqual(paths({ a: { $not: 'x' } }, {}), ['a']);
  });
  it('$exactly allows no more keys, at any depth, and matchers inside', () => {
    assert.ok(holds({ a: { $exactly: { b: { c: { $matches: 'x' } } } } }, { a: { b: { c: 'x' } }, z: 1 }));
    assert.deepEqual(paths({ a: { $exactly: { b: {} } } }, { a: { b: { d: 1 } } }), ['a.b.d']);
    assert.deepEqual(paths({ $exactly: {} }, { d: 1 }), ['d']);
  });
  it('$bytes are bytes', () => {
    assert.ok(holds({ $bytes: 'AQI=' }, new Uint8Array([1, 2])));
    assert.equal(holds({ $bytes: 'AQI=' }, 'AQI='), false);
  });
  it('a key with a dollar is written with two', () => {
    assert.ok(holds({ $$matches: 'x', $$$a: 1 }, { $matches: 'x', $$a: 1 }, true));
  });
});

it('a value in its written form expects that value and no other', () => {
  fc.assert(
    fc.property(values.value, values.value, (value, other) => {
      assert.deepEqual(differences(pattern(written(value), true), value), []);
      const isSame = differences(pattern(written(value), true), other).length === 0;
      const isSameBack = differences(pattern(written(other), true), value).length === 0;
      assert.equal(isSame, isSameBack);
    }),
  );
});

describe('which record an expectation is about', () => {
  const chosen = (expected: Value[], records: Value[]) =>
    align(
      expected.map((one) => pattern(one)),
      records,
    );
  it('is told by order where there are as many', () => assert.deepEqual(chosen(['b', 'a'], ['a', 'b']), [0, 1]));
  it('is the one that differs least where there are not', () => {
    assert.deepEqual(chosen(['a', 'b', 'c'], ['a', 'c']), [0, undefined, 1]);
    assert.deepEqual(chosen(['c'], ['a', 'b', 'c']), [2]);
    assert.deepEqual(chosen(['a', 'b'], []), [undefined, undefined]);
    assert.deepEqual(chosen(['x', 'b'], ['b']), [undefined, 0]);
  });
  it('keeps the order, and pairs as many as it can', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, (expected, records) => {
        const found = chosen(expected, records).filter((index) => index !== undefined);
        assert.equal(found.length, Math.min(expected.length, records.length));
        assert.deepEqual(
          found,
          [...new Set(found)].sort((a, b) => a - b),
        );
      }),
    );
  });
});
