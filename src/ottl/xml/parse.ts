/** From a text to a tree, as xmlquery.Parse builds it. */
import { OttlError, within } from '../error.ts';
import { trimSpace } from '../space.ts';
import { XmlNode } from './node.ts';
import { type Token, XmlReader } from './reader.ts';

/** Without the declaration that is added where the text has none. @throws {OttlError} */
export function parseDocument(text: string): XmlNode {
  const document = within('parse xml: ', () => new Builder(text).build());
  if (!text.startsWith('<?xml')) document.first?.remove();
  return document;
}

interface KnownPrefix {
  readonly name: string;
  readonly level: number;
}

class Builder {
  readonly #reader: XmlReader;
  readonly #document = new XmlNode('document', '');
  readonly #prefixes = new Map<string, KnownPrefix>([
    ['http://www.w3.org/XML/1998/namespace', { name: 'xml', level: 0 }],
  ]);
  #level = 0;
  #previous = this.#document;

  constructor(text: string) {
    this.#reader = new XmlReader(text, true);
  }

  build(): XmlNode {
    for (let token = this.#reader.next(); token; token = this.#reader.next()) this.#take(token);
    for (let part: XmlNode | undefined = this.#document; part; part = part.next) {
      for (const node of part.children()) if (node.kind === 'element') return this.#document;
    }
    throw new OttlError('xmlquery: invalid XML document');
  }

  #take(token: Token): void {
    switch (token.kind) {
      case 'start':
        this.#element(token);
        break;
      case 'end':
        this.#level--;
        break;
      case 'instruction':
        this.#instruction(token.target, token.text);
        break;
      default:
        this.#place(new XmlNode(token.kind === 'directive' ? 'notation' : token.kind, token.text), this.#level);
    }
  }

  #element({ name, prefix, attributes }: Extract<Token, { kind: 'start' }>): void {
    if (this.#level === 0) {
      const declaration = new XmlNode('declaration', 'xml');
      declaration.attributes.push({ name: { space: '', local: 'version' }, value: '1.0' });
      declaration.level = 1;
      this.#previous.add(declaration);
      this.#level = 1;
      this.#previous = declaration;
    }
    for (const { name: attribute, value } of attributes) {
      if (attribute.local === 'xmlns') {
        const known = this.#prefixes.get(value);
        if (!known || known.level >= this.#level) this.#prefixes.set(value, { name: '', level: this.#level });
      } else if (attribute.space === 'xmlns') {
        this.#prefixes.set(value, { name: attribute.local, level: this.#level });
      }
    }
    const known = this.#prefixes.get(name.space);
    if (name.space !== '' && !known) {
      throw new OttlError(`xmlquery: invalid XML document, namespace ${name.space} is missing`);
    }
    const node = new XmlNode('element', name.local);
    node.attributes = attributes.map((each) => {
      const space = this.#prefixes.get(each.name.space)?.name ?? each.name.space;
      return { name: { space, local: each.name.local }, value: each.value };
    });
    if (name.space !== '' && known && known.name === prefix) node.prefix = prefix;
    this.#place(node, this.#level);
    this.#previous = node;
    this.#level++;
  }

  #instruction(target: string, text: string): void {
    const level = this.#previous.kind === 'document' ? this.#level + 1 : this.#level;
    const node = new XmlNode(target === 'xml' ? 'declaration' : 'instruction', target);
    node.instruction = trimSpace(text);
    for (const part of text.split(' ')) {
      const pair = trimSpace(part);
      const equals = pair.indexOf('=');
      if (equals <= 0) continue;
      const [space, local] = /^(.+?):(.*)$/s.exec(pair.slice(0, equals))?.slice(1) ?? ['', pair.slice(0, equals)];
      const isThere = node.attributes.some(({ name }) => name.space === space && name.local === local);
      const value = pair.slice(equals + 1).replace(/^["']+|["']+$/g, '');
      if (!isThere) node.attributes.push({ name: { space: space ?? '', local: local ?? '' }, value });
    }
    this.#place(node, level);
    this.#previous = node;
    this.#level = level;
  }

  #place(node: XmlNode, level: number): void {
    node.level = level;
    if (level > this.#previous.level) this.#previous.add(node);
    else if (level === this.#previous.level) this.#previous.addBehind(node);
    else {
      for (let up = this.#previous.level - level; up > 1; up--) this.#previous = parentOf(this.#previous);
      parentOf(this.#previous).addBehind(node);
    }
  }
}

/** The Collector dies where there is none. */
function parentOf(node: XmlNode): XmlNode {
  if (!node.parent) throw new OttlError('xmlquery: invalid XML document');
  return node.parent;
}
