import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extractGrokPatterns } from '../../../src/ottl/functions/extract-grok-patterns.ts';
import { double } from '../../../src/record/value.ts';
import { call } from './call.ts';

const extract = (target: string, pattern: string, more: object = {}, literal = true) =>
  call(extractGrokPatterns, { target, pattern, ...more }, { literal });

describe('ExtractGrokPatterns', () => {
  it('gives parts under their names and those of their patterns', () => {
    assert.deepEqual(extract('10.0.0.1 7', '%{IP:client.ip} %{NUMBER:n:float}'), {
      'client.ip': '10.0.0.1',
      IPV4: '10.0.0.1',
      n: double(7),
      BASE10NUM: '7',
    });
    const more = { namedCapturesOnly: true };
    assert.deepEqual(extract('10.0.0.1 7', '%{IP:client.ip} %{NUMBER:n:int}', more), { 'client.ip': '10.0.0.1', n: 7 });
    assert.deepEqual(extract('p q', '%{WORD:a} %{WORD:a}', more), { a: 'q' });
    assert.deepEqual(extract('!!', '%{WORD:w}'), {});
  });

  it('takes definitions', () => {
    const more = { namedCapturesOnly: true, patternDefinitions: ['MY=%{WORD:a}=%{INT:b:long}', 'INT=[0-9]'] };
    assert.deepEqual(extract('x=12', '%{MY}', more), { a: 'x', b: 1 });
    for (const [definition, message] of [
      ['A', /pattern "A" supplied to ExtractGrokPatterns at index 0 has incorrect format, expecting/],
      ['a very long definition', /pattern "a very long defin..." supplied/],
      ['A:B=x', /pattern ID "A:B" should not contain ':'/],
      ['A=(', /'"%\{A\}"' is not a valid pattern: error parsing regexp: missing closing \)/],
    ] as const) {
      assert.throws(() => extract('x', '%{A}', { patternDefinitions: [definition] }), message);
    }
  });

  it('refuses definitions that never end', () => {
    for (const definition of ['A=%{A}x', 'A=%{A}%{A}']) {
      assert.throws(() => extract('x', '%{A}', { patternDefinitions: [definition] }), /error parsing regexp/);
    }
  });

  it('says what is wrong', () => {
    assert.throws(() => extract('x', '%{NOSUCH:x}'), {
      message: `the regex pattern supplied to ExtractGrokPatterns '"%{NOSUCH:x}"' is not a valid pattern: pattern definition "NOSUCH" unknown: parsing failed`,
    });
    assert.throws(() => extract('x', '%{WORD}', { namedCapturesOnly: true }), /at least 1 named capture group/);
    assert.throws(() => extract('x', '%{WORD:a:int}'), { message: 'strconv.Atoi: parsing "x": invalid syntax' });
    assert.throws(() => extract('x', '%{WORD:a:date}'), { message: 'invalid type for a: type not specified' });
  });

  it('compiles patterns that records bring', () => {
    assert.deepEqual(extract('x', '%{WORD:a}', {}, false), { a: 'x' });
    assert.throws(() => extract('x', '%{NO}', {}, false), /pattern definition "NO" unknown/);
  });
});
