import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileGlob, GlobError } from '../../../src/ottl/glob/glob.ts';

describe('globs', () => {
  const cases: readonly [string, string, boolean][] = [
    ['*', 'a/b\nc', true],
    ['a?c', 'a😀c', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[ab-]', '-', true],
    ['[^a]', '^', true],
    ['{a,b*,{c,d}e}', 'bxx', true],
    ['{a,b*,{c,d}e}', 'de', true],
    ['{a,b*,{c,d}e}', 'c', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a,b', 'a,b', true],
    ['a]b}', 'a]b}', true],
    ['{a', 'a', true],
    ['a.c', 'abc', false],
    ['ABC', 'abc', false],
    ['', '', true],
    ['a/*/', 'a/', true],
  ];
  for (const [pattern, text, isMatch] of cases) {
    it(`${JSON.stringify(pattern)} ${isMatch ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      assert.equal(compileGlob(pattern)(text), isMatch);
    });
  }

  it('say what is wrong', () => {
    assert.throws(() => compileGlob('[a'), /unexpected end of input/);
    assert.throws(() => compileGlob('[b-a]'), /hi character 'a' should be greater than lo 'b'/);
    assert.throws(() => compileGlob('[a-cx]'), /expected close range character/);
    assert.throws(() => compileGlob('[]'), /could not parse range/);
  });

  it('match in linear time', () => {
    const started = performance.now();
    assert.equal(compileGlob('{*a,*b}'.repeat(20))('a'.repeat(5000)), true);
    assert.equal(compileGlob('*a'.repeat(20))('a'.repeat(5000).concat('b')), false);
    assert.ok(performance.now() - started < 5000);
  });

  it('of any text are a matcher or a GlobError', () => {
    const glob = fc.string({
      unit: fc.constantFrom('a', '*', '?', '[', ']', '!', '-', '{', '}', ',', '\\', 'é', '😀'),
    });
    fc.assert(
      fc.property(glob, fc.string({ unit: 'grapheme' }), (pattern, text) => {
        try {
          compileGlob(pattern)(text);
        } catch (error) {
          assert.ok(error instanceof GlobError, String(error));
        }
      }),
    );
  });

  it('match themselves where every character is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        assert.ok(compileGlob([...text].map((character) => `\\${character}`).join(''))(text));
      }),
    );
  });
});
