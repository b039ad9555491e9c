import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OttlError } from '../../../src/ottl/error.ts';
import { replaceAllMatches, replaceMatch } from '../../../src/ottl/functions/replace-match.ts';
import { replaceAllPatterns, replacePattern } from '../../../src/ottl/functions/replace-pattern.ts';
import type { FunctionReference } from '../../../src/ottl/getter.ts';
import type { OttlValue } from '../../../src/ottl/value.ts';
import { call } from './call.ts';

const upper: FunctionReference = { name: 'ToUpperCase', call: (_, text) => text.toUpperCase() };
const length: FunctionReference = { name: 'Len', call: (_, text) => text.length };
const failing: FunctionReference = {
  name: 'Fail',
  call: () => {
    throw new OttlError('it fails');
  },
};

function replaced(value: OttlValue, regexPattern: string, replacement: string, more: object = {}): OttlValue {
  const target = { value };
  call(replacePattern, { target, regexPattern, replacement, ...more });
  return target.value;
}

describe('replace_pattern', () => {
  it('fills in groups as Go does', () => {
    assert.equal(replaced('joe@host', '(\\w+)@(\\w+)', '$2 at $1'), 'host at joe');
    assert.equal(replaced('joe@host', '(\\w+)@(\\w+)', '$1x'), '');
    assert.equal(replaced('ab', '', '-'), '-a-b-');
  });

  it('leaves alone what is no text', () => {
    assert.equal(replaced(7, '7', 'x'), 7);
    assert.equal(replaced(undefined, '7', 'x'), undefined);
  });

  it('gives each match to the function, with its groups filled in, and puts the result into the format', () => {
    assert.equal(replaced('u=joe u=ann', 'u=(\\w+)', '$1', { function: upper }), 'JOE ANN');
    assert.equal(replaced('u=joe', 'u=(\\w+)', '$1', { function: upper, replacementFormat: '<%s>' }), '<JOE>');
    assert.equal(replaced('u=joe', 'u=(\\w+)', '$1', { replacementFormat: '<%s>' }), 'joe');
    assert.equal(replaced('aba', 'a', '$$1', { function: upper }), '$1b$1');
  });

  it('wants one %s in the format, and says of others what Go says', () => {
    const inFormat = (replacementFormat: string) => replaced('a', 'a', 'x', { function: upper, replacementFormat });
    assert.equal(inFormat('%s-%s'), 'X-%!s(MISSING)');
    assert.equal(inFormat('%s%'), 'X%!(NOVERB)');
    for (const wrong of ['no', '%d', '%s%d', '%%s', '%s\n']) {
      assert.throws(() => inFormat(wrong), /must be format string containing a single %s/);
    }
  });

  it('wants a text of the function', () => {
    assert.throws(() => replaced('a', 'a', 'x', { function: length }), /the replacement value must be a string/);
    assert.throws(() => replaced('a', 'a', 'x', { function: failing }), /it fails/);
    assert.equal(replaced('b', 'a', 'x', { function: failing }), 'b');
  });
});

function allReplaced(value: OttlValue, mode: string, regexPattern: string, more: object = {}): OttlValue {
  const target = { value };
  call(replaceAllPatterns, { target, mode, regexPattern, replacement: '<$0>', ...more });
  return target.value;
}

describe('replace_all_patterns', () => {
  it('replaces in values or in keys', () => {
    assert.deepEqual(allReplaced({ a: 'xa', b: 1, c: { a: 'a' } }, 'value', 'a'), { a: 'x<a>', b: 1, c: { a: 'a' } });
    assert.deepEqual(allReplaced({ xa: 1, b: 2 }, 'key', 'a'), { 'x<a>': 1, b: 2 });
    assert.throws(() => allReplaced({}, 'both', 'a'), /invalid mode both, must be either 'key' or 'value'/);
  });

  it('passes over values that the function fails for, and loses such keys, as the Collector does', () => {
    assert.deepEqual(allReplaced({ a: 'a', b: 'b' }, 'value', 'a', { function: failing }), { a: 'a', b: 'b' });
    assert.deepEqual(allReplaced({ a: 'a', b: 'b' }, 'key', 'a', { function: failing }), { b: 'b' });
  });
});

function matched(value: OttlValue, pattern: string, more: object = {}): OttlValue {
  const target = { value };
  call(replaceMatch, { target, pattern, replacement: 'new', ...more });
  return target.value;
}

describe('replace_match', () => {
  it('replaces what the glob matches as a whole', () => {
    assert.equal(matched('/user/1/list', '/user/*'), 'new');
    assert.equal(matched('the /user/1', '/user/*'), 'the /user/1');
    assert.equal(matched(1, '*'), 1);
  });

  it('calls the function also where nothing matches', () => {
    assert.equal(matched('a', 'a', { function: upper, replacementFormat: '%s!' }), 'NEW!');
    assert.throws(() => matched('b', 'a', { function: length }), /replacement value is not a string/);
  });

  it('tells the glob that is none', () => {
    const target = { value: 'a' };
    const wrong = () => call(replaceMatch, { target, pattern: '[]a]', replacement: '' }, { literal: true });
    assert.throws(wrong, /supplied to replace_match '"\[\]a\]"' is not a valid pattern: could not parse range/);
  });
});

describe('replace_all_matches', () => {
  it('replaces the texts of a map, not of the maps in it', () => {
    const target = { value: { a: 'ab', b: 'b', m: { a: 'ab' }, n: 1 } };
    call(replaceAllMatches, { target, pattern: 'a*', replacement: 'new' });
    assert.deepEqual(target.value, { a: 'new', b: 'b', m: { a: 'ab' }, n: 1 });
  });
});
