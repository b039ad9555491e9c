// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Go
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupOf, Regex, RegexError } from '../../src/regex/regex.ts';

/** Replaces as Go's ReplaceAllString. */
function replaced(pattern: string, text: string, template: string): string {
  const regex = new Regex(pattern);
  return regex.replaceAll(text, (match) => regex.expand(template, text, match));
}

test('what is no RE2 is refused in the words of Go', () => {
  for (const [pattern, message] of [
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
  ] as const) {
    assert.throws(
      () => new Regex(pattern),
      (error: Error) => error instanceof RegexError && error.message === message,
    );
  }
});

test('matches are replaced as Go replaces them', () => {
  for (const [pattern, text, template, expected] of [
    ['a', 'banana', 'o', 'bonono'],
    ['x*', 'abc', '-', '-a-b-c-'],
    ['.*', 'ab', 'X', 'X'],
    ['.*', 'a\nb', 'X', 'X\nX'],
    ['b*', 'abc', '-', '-a-c-'],
    ['(\\w+)@(?P<host>\\w+)', 'me@there you@here', '${host}:$1', 'there:me here:you'],
    ['(a)', 'a', '$1x|${1}x|$$1|$2|$', '|ax|$1||$'],
    ['^', 'ab', '>', '>ab'],
    ['.', '😀!', '-', '--'],
    ['', '😀', '-', '-😀-'],
    ['z', 'abc', 'x', 'abc'],
    ['\\b', 'ab cd', '|', '|ab| |cd|'],
  ] as const) {
    assert.equal(replaced(pattern, text, template), expected, `${pattern} in ${text}`);
  }
});

test('all matches are found as Go finds them', () => {
  const found = (pattern: string, text: string) =>
    [...new Regex(pattern).findAll(text)].map((match) => groupOf(text, match, 0));
  assert.deepEqual(found('a*', 'baac'), ['', 'aa', '']);
  assert.deepEqual(found('\\d+', 'a1b22'), ['1', '22']);
  assert.deepEqual(found('', 'ab'), ['', '', '']);
});

test('groups have names, or none, and may take no part', () => {
  const regex = new Regex('(?P<a>x)|(y)(?<c>z)?');
  assert.deepEqual(regex.groupNames, ['a', '', 'c']);
  const match = regex.find('..y') ?? [];
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((group) => groupOf('..y', match, group)),
    ['y', undefined, 'y', undefined, undefined],
  );
});

test('patterns that take others for ever end', () => {
  const before = process.hrtime.bigint();
  assert.equal(new Regex('^(a+)+$').test(`${'a'.repeat(20_000)}!`), false);
  assert.equal(new Regex('(x+x+)+y').test('x'.repeat(5000)), false);
  assert.ok(process.hrtime.bigint() - before < 5_000_000_000n);
});

test('groups may share a name', () => {
  const regex = new Regex('(?P<a>x)[(?P<a>](?<a>y)\\(?P<a>');
  assert.deepEqual(regex.groupNames, ['a', 'a']);
  assert.deepEqual(regex.find('xPyP<a>'), [0, 7, 0, 1, 2, 3]);
});
