/** Texts of XML, as texts again. */
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { literal, optional, string } from '../parameter.ts';
import { quoted } from '../sprintf/quote.ts';
import { XmlNode } from '../xml/node.ts';
import { innerText, innerXml } from '../xml/output.ts';
import { parseDocument } from '../xml/parse.ts';
import { compileXPath } from '../xml/xpath.ts';

export const getXml = defineFunction({
  name: 'GetXML',
  kind: 'converter',
  parameters: { target: string, xPath: literal.string },
  summary: 'The elements, texts and values of attributes that an XPath selects, one behind the other.',
  example: {
    statement: 'set(log.attributes["b"], GetXML(log.body, "/a/b"))',
    before: { body: '<a><b>1</b><c/><b>2</b></a>' },
    after: { attributes: { b: '<b>1</b><b>2</b>' } },
  },
  create({ target, xPath }) {
    const select = compileXPath(xPath);
    return (context) => {
      const text = target(context);
      if (text === '') return '';
      const result = new XmlNode('document', '');
      for (const node of select(parseDocument(text))) {
        if (node.kind === 'element' || node.kind === 'text') result.add(node);
        else if (node.kind === 'attribute' || node.kind === 'cdata') result.add(new XmlNode('text', innerText(node)));
      }
      return innerXml(result);
    };
  },
});

export const insertXml = defineFunction({
  name: 'InsertXML',
  kind: 'converter',
  parameters: { target: string, xPath: literal.string, subDocument: string },
  summary: 'The XML with another one added at the end of each element that an XPath selects.',
  example: {
    statement: 'set(log.body, InsertXML(log.body, "/a", "<b/>"))',
    before: { body: '<a>1</a>' },
    after: { body: '<a>1<b></b></a>' },
  },
  create({ target, xPath, subDocument }) {
    const select = compileXPath(xPath);
    return (context) => {
      const text = target(context);
      const document = text === '' ? new XmlNode('element', '') : parseDocument(text);
      const added = parseDocument(subDocument(context));
      const problems: string[] = [];
      for (const node of select(document)) {
        if (node.kind !== 'element' && node.kind !== 'document') {
          problems.push(`InsertXML XPath selected non-element: ${quoted(node.data, '"', false)}`);
          continue;
        }
        let next: XmlNode | undefined;
        for (let child = added.first; child; child = next) {
          next = child.next;
          node.add(child);
        }
      }
      if (problems.length > 0) throw new OttlError(problems.join('\n'));
      return innerXml(document);
    };
  },
});

export const removeXml = defineFunction({
  name: 'RemoveXML',
  kind: 'converter',
  parameters: { target: string, xPath: literal.string },
  summary: 'The XML without the elements, attributes, texts and comments that an XPath selects.',
  example: {
    statement: 'set(log.body, RemoveXML(log.body, "//secret"))',
    before: { body: '<a><b>1</b><secret>2</secret></a>' },
    after: { body: '<a><b>1</b></a>' },
  },
  create({ target, xPath }) {
    const select = compileXPath(xPath);
    return (context) => {
      const text = target(context);
      if (text === '') return '';
      const document = parseDocument(text);
      for (const node of select(document)) {
        if (node.kind === 'attribute') node.parent?.removeAttribute(node.data);
        else if (node.kind === 'text') node.data = '';
        else if (node.kind === 'element' || node.kind === 'comment' || node.kind === 'cdata') node.remove();
      }
      return innerXml(document);
    };
  },
});

export const convertAttributesToElementsXml = defineFunction({
  name: 'ConvertAttributesToElementsXML',
  kind: 'converter',
  parameters: { target: string, xPath: optional(literal.string, '"//@*"') },
  summary: 'The XML with the attributes that an XPath selects as elements at the end of theirs.',
  example: {
    statement: 'set(log.body, ConvertAttributesToElementsXML(log.body))',
    before: { body: '<a id="1"><b/></a>' },
    after: { body: '<a><b></b><id>1</id></a>' },
  },
  create({ target, xPath }) {
    const select = compileXPath(xPath || '//@*');
    return (context) => {
      const document = parseDocument(target(context));
      for (const node of select(document)) {
        const { parent } = node;
        if (node.kind !== 'attribute' || !parent) continue;
        const element = new XmlNode('element', node.data);
        element.add(new XmlNode('text', innerText(node)));
        parent.add(element);
        parent.removeAttribute(node.data);
      }
      return innerXml(document);
    };
  },
});

export const convertTextToElementsXml = defineFunction({
  name: 'ConvertTextToElementsXML',
  kind: 'converter',
  parameters: {
    target: string,
    xPath: optional(literal.string, '"/"'),
    elementName: optional(literal.string, '"value"'),
  },
  summary: 'The XML with the texts that stand beside elements, within what an XPath selects, in elements of their own.',
  example: {
    statement: 'set(log.body, ConvertTextToElementsXML(log.body))',
    before: { body: '<a>1<b/></a>' },
    after: { body: '<a><value>1</value><b></b></a>' },
  },
  create({ target, xPath, elementName }) {
    const select = compileXPath(xPath || '/');
    return (context) => {
      const document = parseDocument(target(context));
      for (const node of select(document)) wrapTexts(node, elementName || 'value');
      return innerXml(document);
    };
  },
});

/** Documents are only so deep that this needs no bound of its own. */
function wrapTexts(parent: XmlNode, elementName: string): void {
  if (parent.kind !== 'element' && parent.kind !== 'document') return;
  const texts: XmlNode[] = [];
  let elements = 0;
  for (const child of parent.children()) {
    if (child.kind === 'text') texts.push(child);
    else if (child.kind === 'element') {
      wrapTexts(child, elementName);
      elements++;
    }
  }
  if (elements + texts.length <= 1) return;
  for (const text of texts) {
    const inner = new XmlNode('text', text.data);
    text.kind = 'element';
    text.data = elementName;
    text.first = inner;
    text.last = inner;
  }
}
