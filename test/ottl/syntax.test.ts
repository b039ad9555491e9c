import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CompileError } from '../../src/ottl/compile-error.ts';
import { parseCondition, parseStatement } from '../../src/ottl/syntax/parser.ts';
import { Double } from '../../src/record/value.ts';
import { evaluate } from './run.ts';

/** The message, and the part of the text that it is about. */
function problem(text: string, parse: (text: string) => unknown = parseStatement): string {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof CompileError);
    return `${error.message} @${text.slice(error.range.start, error.range.end)}`;
  }
  assert.fail('it is valid');
}

describe('the syntax of OTTL', () => {
  it('reads literals as Go does', () => {
    for (const [text, value] of [
      ['012', 10],
      ['-5', -5],
      ['- 5', -5],
      ['9223372036854775807', 2n ** 63n - 1n],
      ['1.5e3', new Double(1500)],
      ['1.', new Double(1)],
      ['.5', 0.5],
      ['"a\\x41\\101\\u00e9\\U0001F600\\n"', 'aAAé😀\n'],
      ['0x01ff', Uint8Array.of(1, 255)],
      ['[1 2, 3]', [1, 2, 3]],
      ['[,1]', [1]],
      ['{"a": 1, "b": [nil],}', { a: 1, b: [null] }],
    ] as const) {
      assert.deepEqual(evaluate(text), value, text);
    }
  });

  it('refuses what Go refuses, at its place', () => {
    assert.match(problem('set(log.body, 1e3)'), /1:16: unexpected token "e3" @e3$/);
    assert.match(problem('set(log.body, 09)'), /1:15: unexpected token "09"/);
    assert.match(problem('set(log.body, 9223372036854775808)'), /1:15: unexpected token/);
    assert.match(problem('set(log.body, 0x1)'), /1:15: unexpected token "0x1"/);
    assert.match(problem('set(log.body, "\\d")'), /1:16: invalid quoted string.* @\\d$/);
    assert.match(problem(`set(log.body, 'x')`), /1:15: invalid input text "'x'\)" @'$/);
    assert.match(problem('set(log.body, [1,])'), /1:18: unexpected token "\]"/);
    assert.match(problem('set(log.body, "x"'), /1:18: unexpected token "<EOF>"/);
    assert.match(problem('set(log.body, 1) where not not true'), /unexpected token "not"/);
    assert.match(problem('set(log.body, 1) where log.body'), /unexpected token "<EOF>"/);
    assert.match(problem('a == b == c', parseCondition), /condition has invalid syntax: 1:8: unexpected token "=="/);
    assert.match(problem(''), /1:1: unexpected token "<EOF>"/);
  });

  it('says which names are editors and which are converters', () => {
    assert.match(problem('Set(log.body, 1)'), /must start with a lowercase letter but got 'Set' @Set$/);
    assert.match(problem('set(log.body, concat(1))'), /must start with an uppercase letter but got 'concat' @concat$/);
    assert.match(problem('set(log.body, 1)["a"]'), /only paths and converters may be indexed, .* got set\[a\]/);
  });

  it('names lambdas, which it does not have', () => {
    assert.match(problem('set(log.body, Filter(log.body, (x) => x == 1))'), /ottl.functions.enableLambda/);
  });

  it('keeps its stack however deep the brackets are', () => {
    for (const open of ['(', '[', '{"a":', 'A(', 'not (', '-(']) {
      assert.match(problem(`set(log.body, 1) where ${open.repeat(5000)}`), /has invalid syntax/);
      assert.match(problem(`set(log.body, ${open.repeat(5000)})`), /has invalid syntax/);
    }
  });

  it('takes no time that explodes with the depth', () => {
    const started = performance.now();
    const deep = 40;
    assert.ok(parseStatement(`set(log.body, ${'A('.repeat(deep)}1 ${'+ 1)'.repeat(deep)})`));
    assert.ok(parseCondition(`${'('.repeat(deep)}1 == 1${')'.repeat(deep)}`));
    assert.match(problem(`${'('.repeat(deep)}1 == ${')'.repeat(deep)}`, parseCondition), /invalid syntax/);
    assert.ok(performance.now() - started < 2000);
  });
});
