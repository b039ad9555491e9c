import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { append, deleteIndex } from '../../../src/ottl/functions/lists.ts';
import { LiteralList, type OttlValue } from '../../../src/ottl/value.ts';
import { call } from './call.ts';

function appended(value: OttlValue, args: object): OttlValue {
  const target = { value };
  call(append, { target, ...args });
  return target.value;
}

describe('append', () => {
  it('makes a list of whatever is there', () => {
    assert.deepEqual(appended(undefined, { value: 1 }), [1]);
    assert.deepEqual(appended('a', { value: 'b' }), ['a', 'b']);
    assert.deepEqual(appended(['a'], { value: 'b', values: ['c', true] }), ['a', 'b', 'c', true]);
  });

  it('adds an empty value for nil', () => {
    assert.deepEqual(appended(['a'], { value: undefined }), ['a', null]);
  });

  it('takes no map and no list, but for a list that stands in the statement', () => {
    assert.throws(() => appended(['a'], { value: { a: 1 } }), /<Invalid value type pcommon.Map>/);
    assert.throws(() => appended(['a'], { value: ['b'] }), /<Invalid value type pcommon.Slice>/);
    assert.throws(() => appended({ a: 1 }, { value: 'b' }), /<Invalid value type pcommon.Map>/);
    assert.deepEqual(appended(['a'], { value: LiteralList.of(1, 2) }), ['a', LiteralList.of(1, 2)]);
    assert.throws(() => appended(['a'], { value: LiteralList.of({}) }), /pcommon.Map/);
  });

  it('leaves the list that was there as it was', () => {
    const before = ['a'];
    appended(before, { value: 'b' });
    assert.deepEqual(before, ['a']);
  });

  it('asks for something to add', () => {
    assert.throws(() => appended(['a'], {}), /at least one of the optional arguments/);
  });
});

function deleted(list: readonly OttlValue[], startIndex: number, ...end: number[]): OttlValue {
  const target = { value: list };
  call(deleteIndex, { target, startIndex, ...(end.length > 0 && { endIndex: end[0] }) });
  return target.value;
}

describe('delete_index', () => {
  it('deletes one item, or those before the end', () => {
    assert.deepEqual(deleted(['a', 'b', 'c'], 1), ['a', 'c']);
    assert.deepEqual(deleted(['a', 'b', 'c'], 0, 2), ['c']);
    assert.deepEqual(deleted(['a', 'b', 'c'], 1, 1), ['a', 'b', 'c']);
    assert.deepEqual(deleted(['a', 'b', 'c'], 0, 3), []);
    assert.deepEqual(deleted([], 0, 0), []);
  });

  it('says which index lies outside', () => {
    assert.throws(() => deleted(['a'], 1), /startIndex 1 out of bounds for slice of length 1/);
    assert.throws(() => deleted(['a'], -1), /startIndex -1 out of bounds/);
    assert.throws(() => deleted(['a'], 0, 2), /deletion range \[0:2\] out of bounds for slice of length 1/);
    assert.throws(() => deleted(['a', 'b'], 1, 0), /endIndex 0 cannot be less than startIndex 1/);
  });
});
