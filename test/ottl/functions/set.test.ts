import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { set } from '../../../src/ottl/functions/set.ts';
import { call } from './call.ts';

describe('set', () => {
  it('sets the target', () => {
    const place = { value: 'old' };
    assert.equal(call(set, { target: place, value: 'new' }), undefined);
    assert.equal(place.value, 'new');
  });

  it('changes nothing for nil', () => {
    const place = { value: 'old' };
    call(set, { target: place, value: undefined });
    assert.equal(place.value, 'old');
  });
});
