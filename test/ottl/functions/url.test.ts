import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import { url } from '../../../src/ottl/functions/url.ts';
import { call } from './call.ts';

const parts = (text: string) => call(url, { uRI: text }) as Record<string, unknown>;

describe('URL', () => {
  it('takes a URL to pieces', () => {
    assert.deepEqual(parts('HTTP://me:p%40ss@Example.com:80/foo%20bar.gif?a=1&b#top%21'), {
      'url.original': 'http://me:p%40ss@Example.com:80/foo%20bar.gif?a=1&b#top%21',
      'url.domain': 'Example.com',
      'url.scheme': 'http',
      'url.path': '/foo bar.gif',
      'url.port': 80,
      'url.fragment': 'top!',
      'url.user_info': 'me:p%40ss',
      'url.username': 'me',
      'url.password': 'p@ss',
      'url.query': 'a=1&b',
      'url.extension': 'gif',
    });
  });

  it('takes what is hardly one', () => {
    const minimal = { 'url.domain': '', 'url.scheme': '', 'url.path': '' };
    assert.deepEqual(parts('mailto:a@b'), { ...minimal, 'url.original': 'mailto:a@b', 'url.scheme': 'mailto' });
    assert.deepEqual(parts('example.com/x'), {
      ...minimal,
      'url.original': 'example.com/x',
      'url.path': 'example.com/x',
      'url.extension': 'com/x',
    });
    assert.deepEqual(parts('//h/p'), {
      'url.original': '//h/p',
      'url.domain': 'h',
      'url.scheme': '',
      'url.path': '/p',
    });
    assert.equal(parts('file:///etc/x')['url.original'], 'file:///etc/x');
    assert.equal(parts('x:/p')['url.original'], 'x:/p');
    assert.equal(parts('http://[::1]:8080/')['url.domain'], '::1');
    assert.equal(parts('/a b?')['url.original'], '/a%20b?');
  });

  it('reads parameters alone', () => {
    assert.deepEqual(parts('?a=1&a=%20x+y&b'), { query: { a: ['1', ' x y'], b: [''] } });
    assert.deepEqual(parts('?'), {});
    assert.deepEqual(Object.keys(parts('?__proto__=1').query as object), ['__proto__']);
    assert.throws(() => parts('?a;b'), /invalid semicolon separator in query/);
    assert.throws(() => parts(`?${'&'.repeat(20_000)}`), /number of URL query parameters exceeded limit/);
  });

  it('says what is wrong', () => {
    for (const [text, message] of [
      ['http://exa mple.com', 'parse "http://exa mple.com": invalid character " " in host name'],
      ['ftp://h/%zz#x', 'parse "ftp://h/%zz": invalid URL escape "%zz"'],
      ['/#%zz', 'parse "/#%zz": invalid URL escape "%zz"'],
      ['a:b/c\n', 'parse "a:b/c\\n": net/url: invalid control character in URL'],
      ['1:b', 'parse "1:b": first path segment in URL cannot contain colon'],
      [':b', 'parse ":b": missing protocol scheme'],
      ['http://h:x/', 'parse "http://h:x/": invalid port ":x" after host'],
      ['http://[1.2.3.4]/', 'parse "http://[1.2.3.4]/": invalid IP-literal'],
      ['http://[::1/', `parse "http://[::1/": missing ']' in host`],
      ['http://a b@h/', 'parse "http://a b@h/": net/url: invalid userinfo'],
      ['http://h:99999999999999999999/', 'strconv.Atoi: parsing "99999999999999999999": value out of range'],
      ['', 'url cannot be empty'],
    ]) {
      assert.throws(() => parts(text as string), { message });
    }
  });

  it('throws nothing but an OttlError', () => {
    const part = fc.constantFrom('http:', '//', '/', '@', ':', '[', ']', '%', '%41', '?', '#', ' ', 'é', 'a', '8');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.array(part).map((all) => all.join('')),
        ),
        (text) => {
          try {
            parts(text);
          } catch (error) {
            assert.ok(error instanceof OttlError, String(error));
          }
        },
      ),
    );
  });
});
