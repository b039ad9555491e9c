/** Texts of XML, as maps. */
import { setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { OttlError, within } from '../error.ts';
import { defineFunction } from '../function.ts';
import { string } from '../parameter.ts';
import { trimSpace } from '../space.ts';
import type { XmlNode } from '../xml/node.ts';
import { parseDocument } from '../xml/parse.ts';
import { type Token, XmlReader } from '../xml/reader.ts';

export const parseXml = defineFunction({
  name: 'ParseXML',
  kind: 'converter',
  parameters: { target: string },
  summary: 'An XML element as a map of its tag, attributes, content and children.',
  example: {
    statement: 'set(log.attributes["id"], ParseXML(log.body)["attributes"]["id"])',
    before: { body: '<log id="7">text</log>' },
    after: { attributes: { id: '7' } },
  },
  create: (args) => (context) => {
    const reader = new XmlReader(args.target(context), false);
    const map = within('unmarshal xml: ', () => firstElement(reader));
    if (!reader.isAtEnd) throw new OttlError('trailing bytes after parsing xml');
    return map;
  },
});

type Start = Extract<Token, { kind: 'start' }>;

function firstElement(reader: XmlReader): ValueMap {
  for (;;) {
    const token = reader.next();
    if (!token) throw new OttlError('EOF');
    if (token.kind === 'start') return within('decode next token: ', () => elementMap(reader, token));
  }
}

function elementMap(reader: XmlReader, { name, attributes }: Start): ValueMap {
  let content = '';
  const children: Value[] = [];
  for (;;) {
    const token = reader.next();
    if (!token) throw new OttlError('EOF');
    if (token.kind === 'end') break;
    if (token.kind === 'start') children.push(elementMap(reader, token));
    else if (token.kind === 'text' || token.kind === 'cdata') content += trimSpace(token.text);
  }
  const map: ValueMap = { tag: name.local };
  if (content !== '') map.content = content;
  if (attributes.length > 0) {
    const values: ValueMap = {};
    for (const attribute of attributes) setOwn(values, attribute.name.local, attribute.value);
    map.attributes = values;
  }
  if (children.length > 0) map.children = children;
  return map;
}

export const parseSimplifiedXml = defineFunction({
  name: 'ParseSimplifiedXML',
  kind: 'converter',
  parameters: { target: string },
  summary: 'The elements of an XML as a map of texts and maps, without attributes; several of one name are a list.',
  example: {
    statement: 'set(log.attributes, ParseSimplifiedXML(log.body)["a"])',
    before: { body: '<a><b>1</b><c>2</c><c>3</c></a>' },
    after: { attributes: { b: '1', c: ['2', '3'] } },
  },
  create: (args) => (context) => simplified(parseDocument(args.target(context))),
});

function simplified(parent: XmlNode): ValueMap {
  const counts = new Map<string, number>();
  for (const { kind, data } of parent.children()) {
    if (kind === 'element') counts.set(data, (counts.get(data) ?? 0) + 1);
  }
  const map: ValueMap = {};
  for (const child of parent.children()) {
    if (child.kind !== 'element' || !child.first) continue;
    const isOneOfSeveral = (counts.get(child.data) ?? 0) > 1;
    if (isOneOfSeveral && !Object.hasOwn(map, child.data)) setOwn(map, child.data, []);
    const value = leafText(child) || simplified(child);
    if (typeof value !== 'string' && Object.keys(value).length === 0) continue;
    if (isOneOfSeveral) (map[child.data] as Value[]).push(value);
    else setOwn(map, child.data, value);
  }
  return map;
}

/** The first text of an element without elements. */
function leafText(node: XmlNode): string {
  let text: string | undefined;
  for (const { kind, data } of node.children()) {
    if (kind === 'element') return '';
    if (kind === 'text' || kind === 'cdata') text ??= data;
  }
  return text ?? '';
}
