import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { substring } from '../../../src/ottl/functions/substring.ts';
import { call } from './call.ts';

describe('Substring', () => {
  it('counts bytes', () => {
    assert.equal(call(substring, { target: 'hello', start: 1, length: 3 }), 'ell');
    assert.equal(call(substring, { target: 'héllo', start: 0, length: 3 }), 'hé');
  });

  it('cuts no character in two where it is told so', () => {
    assert.equal(call(substring, { target: 'héllo', start: 0, length: 2, utf8Safe: true }), 'h');
    assert.equal(call(substring, { target: 'héllo', start: 2, length: 2, utf8Safe: true }), 'l');
  });

  it('refuses what lies outside of the text', () => {
    assert.throws(() => call(substring, { target: 'abc', start: -1, length: 1 }), /-1 cannot be negative/);
    assert.throws(() => call(substring, { target: 'abc', start: 0, length: 0 }), /0 cannot be negative or zero/);
    assert.throws(
      () => call(substring, { target: 'abc', start: 2, length: 2 }),
      /start\(2\)\+length\(2\) .* string\(3\)/,
    );
    assert.throws(() => call(substring, { target: 'abc', start: 0, length: 2n ** 63n - 1n }), /cannot be greater/);
  });

  it('takes nothing but a text, and says so of a literal at once', () => {
    assert.throws(() => call(substring, { target: 1, start: 0, length: 1 }), /expected string but got int64/);
    assert.throws(() => call(substring, { target: undefined, start: 0, length: 1 }, { literal: true }), /but got nil/);
  });
});
