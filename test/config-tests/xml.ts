import { parseDocument } from '../../src/ottl/xml/parse.ts';

type XmlNode = ReturnType<typeof parseDocument>;

export interface Element {
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Those of a name, in order. Throws where the text is no XML. */
export function elements(text: string, name: string): Element[] {
  const found: Element[] = [];
  const visit = (node: XmlNode) => {
    const children = [...node.children()];
    if (node.kind === 'element' && node.data === name) {
      const attributes = Object.fromEntries(node.attributes.map(({ name: { local }, value }) => [local, value]));
      found.push({ attributes, text: children.map(({ data }) => data).join('') });
    }
    children.forEach(visit);
  };
  visit(parseDocument(text));
  return found;
}
