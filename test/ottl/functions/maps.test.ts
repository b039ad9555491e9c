import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OttlFunction } from '../../../src/ottl/function.ts';
import { flatten } from '../../../src/ottl/functions/flatten.ts';
import { deleteKey, deleteMatchingKeys, keepKeys, keepMatchingKeys } from '../../../src/ottl/functions/keys.ts';
import { limit, truncateAll } from '../../../src/ottl/functions/limits.ts';
import { mergeMaps, stringifyAll } from '../../../src/ottl/functions/maps.ts';
import type { Parameters } from '../../../src/ottl/parameter.ts';
import type { OttlValue } from '../../../src/ottl/value.ts';
import { double } from '../../../src/record/value.ts';
import { call } from './call.ts';

function edited<P extends Parameters>(editor: OttlFunction<P>, value: OttlValue, args: object): OttlValue {
  const target = { value };
  call(editor, { target, ...args } as unknown as { [Name in keyof P]?: unknown });
  return target.value;
}

describe('editors of keys', () => {
  it('remove them by name or by pattern', () => {
    assert.deepEqual(edited(deleteKey, { a: 1, b: 2 }, { key: 'a' }), { b: 2 });
    assert.deepEqual(edited(deleteMatchingKeys, { ab: 1, b: 2, c: 3 }, { pattern: 'b' }), { c: 3 });
    assert.deepEqual(edited(keepKeys, { a: 1, b: 2, c: 3 }, { keys: ['b', 'z'] }), { b: 2 });
    assert.deepEqual(edited(keepMatchingKeys, { ab: 1, b: 2, c: 3 }, { pattern: '^b' }), { b: 2 });
  });

  it('know own keys only', () => {
    assert.deepEqual(edited(deleteKey, { a: 1 }, { key: 'toString' }), { a: 1 });
    const proto = JSON.parse('{"__proto__":1,"a":2}') as OttlValue;
    assert.deepEqual(Object.keys(edited(deleteKey, proto, { key: '__proto__' }) as object), ['a']);
  });

  it('tell the pattern that is none, and at once where it is a literal', () => {
    const told = /supplied to keep_matching_keys '"\["' is not a valid pattern: error parsing regexp/;
    assert.throws(() => call(keepMatchingKeys, { target: { value: {} }, pattern: '[' }, { literal: true }), told);
    assert.throws(() => edited(keepMatchingKeys, {}, { pattern: '[' }), /^OttlError: error parsing regexp/);
    assert.throws(() => edited(keepMatchingKeys, {}, { pattern: 1 }), /'""' is not a valid pattern: expected string/);
  });

  it('take nothing but a map', () => {
    assert.throws(() => edited(deleteKey, undefined, { key: 'a' }), /expected pcommon.Map but got nil/);
    assert.throws(() => edited(keepKeys, 'x', { keys: [] }), /expected pcommon.Map but got string/);
  });
});

describe('limit', () => {
  it('keeps the priority keys and then the first ones', () => {
    const map = () => ({ a: 1, b: 2, c: 3, d: 4 });
    assert.deepEqual(edited(limit, map(), { limit: 2, priorityKeys: ['d'] }), { a: 1, d: 4 });
    assert.deepEqual(edited(limit, map(), { limit: 2, priorityKeys: ['absent'] }), { a: 1, b: 2 });
    assert.deepEqual(edited(limit, map(), { limit: 4, priorityKeys: [] }), map());
  });

  it('refuses limits that can never work', () => {
    assert.throws(() => edited(limit, {}, { limit: -1, priorityKeys: [] }), /-1 cannot be negative/);
    assert.throws(() => edited(limit, {}, { limit: 1, priorityKeys: ['a', 'b'] }), /1 cannot be less than .* 2/);
  });
});

describe('truncate_all', () => {
  it('counts bytes and cuts no character in two', () => {
    assert.deepEqual(edited(truncateAll, { a: 'abc', e: 'éé', n: 12345 }, { limit: 3 }), {
      a: 'abc',
      e: 'é',
      n: 12345,
    });
    assert.deepEqual(edited(truncateAll, { e: '一二' }, { limit: 2 }), { e: '' });
    assert.deepEqual(edited(truncateAll, { e: 'aé' }, { limit: 2, utf8Safe: false }), { e: 'a\ufffd' });
    const proto = JSON.parse('{"__proto__":"abc"}') as OttlValue;
    assert.deepEqual(Object.values(edited(truncateAll, proto, { limit: 1 }) as object), ['a']);
    assert.deepEqual(edited(truncateAll, { m: { k: 'abc' } }, { limit: 0 }), { m: { k: 'abc' } });
  });

  it('refuses a negative limit', () => {
    assert.throws(() => edited(truncateAll, {}, { limit: -1 }), /-1 cannot be negative/);
  });
});

describe('merge_maps', () => {
  it('inserts, updates or does both', () => {
    const merged = (strategy: string) => edited(mergeMaps, { a: 1, b: 2 }, { source: { b: 3, c: 4 }, strategy });
    assert.deepEqual(merged('insert'), { a: 1, b: 2, c: 4 });
    assert.deepEqual(merged('update'), { a: 1, b: 3 });
    assert.deepEqual(merged('upsert'), { a: 1, b: 3, c: 4 });
    assert.throws(
      () => merged('replace'),
      /invalid value for strategy, replace, must be 'insert', 'update' or 'upsert'/,
    );
    assert.throws(() => merged('toString'), /invalid value for strategy/);
  });

  it('shares nothing with its source', () => {
    const source = { inner: { a: 1 } };
    const target = edited(mergeMaps, {}, { source, strategy: 'upsert' }) as typeof source;
    assert.notEqual(target.inner, source.inner);
  });

  it('ends where the target is a part of the source', () => {
    const inner: Record<string, OttlValue> = { a: 1 };
    call(mergeMaps, { target: { value: inner as OttlValue }, source: { inner }, strategy: 'insert' });
    assert.deepEqual(inner, { a: 1, inner: { a: 1, inner: null } });
  });
});

describe('stringify_all', () => {
  it('writes values as the data model does, not as String', () => {
    const values = { b: Uint8Array.of(1, 255), m: { h: '<a>\u0008', l: [1.5, null] }, n: null, i: 2n ** 62n };
    const written = { b: 'Af8=', m: '{"h":"<a>\\b","l":[1.5,null]}', n: '', i: '4611686018427387904' };
    assert.deepEqual(edited(stringifyAll, values, {}), written);
    assert.deepEqual(edited(stringifyAll, { a: double(2), b: 1e-7, c: Number.NaN, d: -Infinity }, {}), {
      a: '2',
      b: '1e-7',
      c: 'NaN',
      d: '-Infinity',
    });
    assert.deepEqual(edited(stringifyAll, { l: [Number.NaN] }, {}), { l: '' });
  });
});

describe('flatten', () => {
  it('joins names by dots, and loses one in lists inside of lists', () => {
    assert.deepEqual(edited(flatten, { l: [{ a: 1 }, [2, [3]], 's'], e: {}, el: [] }, {}), {
      'l.0.a': 1,
      'l.10': 2,
      'l.11.0': 3,
      'l.2': 's',
    });
    assert.deepEqual(edited(flatten, { a: { b: 1 } }, { prefix: 'p' }), { 'p.a.b': 1 });
  });

  it('goes no deeper than told', () => {
    assert.deepEqual(edited(flatten, { a: { b: { c: 1 } } }, { depth: 1 }), { 'a.b': { c: 1 } });
    assert.deepEqual(edited(flatten, { l: [[1]] }, { depth: 1 }), { 'l.0': [1] });
    assert.throws(() => edited(flatten, {}, { depth: 0 }), /invalid depth '0' for flatten function/);
  });

  it('keeps the last of two names, or both', () => {
    const map = { a: { b: 1 }, 'a.b': 2, l: ['x', 'y'] };
    assert.deepEqual(edited(flatten, map, {}), { 'a.b': 2, 'l.0': 'x', 'l.1': 'y' });
    assert.deepEqual(edited(flatten, map, { resolveConflicts: true }), { 'a.b': 1, 'a.b.0': 2, l: 'x', 'l.0': 'y' });
  });
});
