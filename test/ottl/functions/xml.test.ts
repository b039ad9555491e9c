import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import { parseSimplifiedXml, parseXml } from '../../../src/ottl/functions/parse-xml.ts';
import {
  convertAttributesToElementsXml,
  convertTextToElementsXml,
  getXml,
  insertXml,
  removeXml,
} from '../../../src/ottl/functions/xml.ts';
import { call } from './call.ts';

const get = (target: string, xPath: string) => call(getXml, { target, xPath });
const insert = (target: string, xPath: string, subDocument: string) => call(insertXml, { target, xPath, subDocument });
const remove = (target: string, xPath: string) => call(removeXml, { target, xPath });
const attributes = (target: string, more: object = {}) => call(convertAttributesToElementsXml, { target, ...more });
const texts = (target: string, more: object = {}) => call(convertTextToElementsXml, { target, ...more });
const parse = (target: string) => call(parseXml, { target });
const simplify = (target: string) => call(parseSimplifiedXml, { target });

const LOG = '<Log><Record id="1" t="x">text<sub q="2"/></Record><Record id="2"/></Log>';

describe('GetXML', () => {
  it('gives what is selected, in the order in which it is found', () => {
    assert.equal(get(LOG, '/Log/Record[@id="2"]'), '<Record id="2"></Record>');
    assert.equal(get(LOG, '//@id'), '12');
    assert.equal(get(LOG, '//sub | //Record[2]'), '<sub q="2"></sub><Record id="2"></Record>');
    assert.equal(get(LOG, '/Log/Record/text()'), 'text');
    assert.equal(get('<a>x</a><a>y</a>', '//a[ends-with(., "y")]'), '<a>y</a>');
    assert.equal(get('', '/a'), '');
  });

  it('gives nothing where no nodes are selected', () => {
    for (const xPath of ['/nosuch', 'count(//Record)', 'string(/Log)', '/']) assert.equal(get(LOG, xPath), '');
  });

  it('goes by prefixes, whatever they stand for', () => {
    assert.equal(get('<x:a xmlns:x="u">1</x:a>', '/x:a'), '<x:a xmlns:x="u">1</x:a>');
    assert.equal(get('<a xmlns="u">1</a>', '/a/text()'), '1');
  });

  it('refuses expressions that are none', () => {
    assert.throws(() => get(LOG, '//['), { message: 'invalid xpath: expression must evaluate to a node-set' });
    assert.throws(() => get(LOG, ''), { message: 'invalid xpath: expr expression is nil' });
    assert.throws(() => get(LOG, '/a[foo()]'), { message: 'invalid xpath: not yet support this function foo()' });
  });

  it('does not follow nodes that stand within themselves', () => {
    assert.throws(() => get('<a><b/></a>', '//b/ancestor-or-self::*'), OttlError);
  });
});

describe('InsertXML, RemoveXML', () => {
  it('change elements', () => {
    assert.equal(insert('<a><b/></a>', '/a', '<c>1</c><d/>'), '<a><b></b><c>1</c><d></d></a>');
    assert.equal(insert('', '/', '<c/>'), '<c></c>');
    assert.throws(() => insert('<a>x</a>', '//text()', '<c/>'), {
      message: 'InsertXML XPath selected non-element: "x"',
    });
    assert.equal(remove('<a k="1" j="2"><!-- c --><b/>t</a>', '//@k | //b | //comment() | //text()'), '<a j="2"></a>');
    assert.equal(remove('', '/a'), '');
  });

  it('keep a declaration that was there, and add none', () => {
    assert.equal(
      remove('<?xml version="1.0" encoding="UTF-8"?><a/>', '/b'),
      '<?xml version="1.0" encoding="UTF-8"?><a></a>',
    );
    assert.equal(remove('<a>&amp;&lt;"&#x1F600;</a>', '/b'), '<a>&amp;&lt;&#34;😀</a>');
  });
});

describe('ConvertAttributesToElementsXML, ConvertTextToElementsXML', () => {
  it('turn attributes and stray texts into elements', () => {
    assert.equal(attributes('<a k="1" j="x&amp;y"><b/></a>'), '<a><b></b><k>1</k><j>x&amp;y</j></a>');
    assert.equal(attributes('<a k="1"><b k="2"/></a>', { xPath: '/a/b/@*' }), '<a k="1"><b><k>2</k></b></a>');
    assert.equal(texts('<a>1<b/>2<c>only</c></a>'), '<a><value>1</value><b></b><value>2</value><c>only</c></a>');
    assert.equal(
      texts('<r><a>1<b/></a><c>1<b/></c></r>', { xPath: '//a', elementName: 'v' }),
      '<r><a><v>1</v><b></b></a><c>1<b></b></c></r>',
    );
  });
});

describe('ParseXML', () => {
  it('gives tags, attributes, contents and children', () => {
    assert.deepEqual(parse('<?xml version="1.0"?> <n:a k="1" n:k="2" xmlns:n="u"> x <b/><![CDATA[<y>]]></n:a>'), {
      tag: 'a',
      content: 'x<y>',
      attributes: { k: '2', n: 'u' },
      children: [{ tag: 'b' }],
    });
  });

  it('tells what is wrong as Go does', () => {
    for (const [text, message] of [
      ['', 'unmarshal xml: EOF'],
      ['<a>', 'unmarshal xml: decode next token: XML syntax error on line 1: unexpected EOF'],
      ['<a>\n</b>', 'unmarshal xml: decode next token: XML syntax error on line 2: element <a> closed by </b>'],
      ['<a/> ', 'trailing bytes after parsing xml'],
      ['<a k=v/>', 'unmarshal xml: XML syntax error on line 1: unquoted or missing attribute value in element'],
      [
        '<a>&nbsp;</a>',
        'unmarshal xml: decode next token: XML syntax error on line 1: invalid character entity &nbsp;',
      ],
      [
        '<a>]]></a>',
        'unmarshal xml: decode next token: XML syntax error on line 1: unescaped ]]> not in CDATA section',
      ],
      ['<?xml version="1.1"?><a/>', 'unmarshal xml: xml: unsupported version "1.1"; only version 1.0 is supported'],
      ['<a>\u0001</a>', 'unmarshal xml: decode next token: XML syntax error on line 1: illegal character code U+0001'],
      ['<1/>', 'unmarshal xml: XML syntax error on line 1: invalid XML name: 1'],
    ]) {
      assert.throws(() => parse(text as string), { message });
    }
    assert.throws(() => get('', ''), OttlError);
    assert.throws(() => get('<x:a/>', '/a'), {
      message: 'parse xml: xmlquery: invalid XML document, namespace x is missing',
    });
    assert.throws(() => get('text', '/a'), { message: 'parse xml: xmlquery: invalid XML document' });
  });

  it('is bounded', () => {
    const deep = `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`;
    for (const run of [parse, simplify, texts, (text: string) => get(text, '//a')]) {
      assert.throws(() => run(deep), /exceeded maximum XML nesting depth/);
    }
    const started = performance.now();
    assert.throws(() => parse(`<a>${'&#65;]'.repeat(300_000)}`), OttlError);
    get(`<a>${'<b k="1"/>x'.repeat(20_000)}</a>`, '//b[@k]');
    assert.ok(performance.now() - started < 5000);
  });
});

describe('ParseSimplifiedXML', () => {
  it('makes lists of what is there several times, and leaves out what is empty', () => {
    assert.deepEqual(simplify('<a><b>1</b><c>2</c><c><d>3</d>lost</c><c/><e/><f><g/></f></a>'), {
      a: { b: '1', c: ['2', { d: '3' }] },
    });
    assert.deepEqual(Object.keys(simplify('<__proto__>1</__proto__>') as object), ['__proto__']);
  });
});

describe('all of them', () => {
  it('throw nothing but an OttlError', () => {
    const part = fc.constantFrom(
      ...['<a>', '</a>', '<b k="1">', '</b>', '<c/>', 'x', '&amp;', '&', '<!--', '-->', '<![CDATA[', ']]>', '<?p q?>'],
      ...['<!D>', ' ', '<?xml version="1.0"?>', '<n:a xmlns:n="u"/>', '<', '>', '"'],
    );
    const xPath = fc.constantFrom('//*', '//@*', '//text()', '//node()', '/a/..', '//b/ancestor::*', '//comment()');
    fc.assert(
      fc.property(fc.array(part), xPath, (parts, selected) => {
        const text = parts.join('');
        const runs = [parse, simplify, attributes, texts, ...[get, remove].map((run) => () => run(text, selected))];
        for (const run of [...runs, () => insert(text, selected, text)]) {
          try {
            run(text);
          } catch (error) {
            assert.ok(error instanceof OttlError, String(error));
          }
        }
      }),
    );
  });
});
