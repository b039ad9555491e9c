/** A tree as the XPath library wants to see it: as DOM, with what the Collector's own library makes of some nodes. */
import { trimSpace } from '../space.ts';
import { type NodeAttribute, type NodeKind, XmlNode } from './node.ts';

/** Instructions count as elements, and declarations within documents as text. */
const TYPES: Readonly<Record<NodeKind, number>> = {
  element: 1,
  instruction: 1,
  attribute: 2,
  text: 3,
  cdata: 3,
  notation: 3,
  comment: 8,
  document: 9,
  declaration: 9,
};

export class DomTree {
  readonly root: DomNode;
  readonly #seen = new Map<XmlNode, DomNode>();
  #order: Map<XmlNode, number> | undefined;

  constructor(root: XmlNode) {
    this.root = this.of(root) as DomNode;
  }

  /** Of all nodes as they stand in the text. */
  orderOf(node: XmlNode): number {
    this.#order ??= numbered(this.root.node);
    return this.#order.get(node) ?? -1;
  }

  of(node: XmlNode | undefined): DomNode | null {
    if (!node) return null;
    const seen = this.#seen.get(node);
    if (seen) return seen;
    const dom = new DomNode(node, this);
    this.#seen.set(node, dom);
    return dom;
  }
}

export class DomNode {
  readonly node: XmlNode;
  readonly #tree: DomTree;
  #attributes: DomAttribute[] | undefined;

  constructor(node: XmlNode, tree: DomTree) {
    this.node = node;
    this.#tree = tree;
  }

  get nodeType(): number {
    return TYPES[this.node.kind];
  }

  get localName(): string {
    return this.node.data;
  }

  get nodeName(): string {
    const { prefix, data } = this.node;
    return prefix === '' ? data : `${prefix}:${data}`;
  }

  /** Names are compared by their prefixes, whatever these stand for. */
  get namespaceURI(): string | null {
    return this.node.prefix || null;
  }

  get nodeValue(): string | null {
    return this.nodeType === 3 || this.nodeType === 8 ? this.node.data : null;
  }

  get parentNode(): DomNode | null {
    return this === this.#tree.root ? null : this.#tree.of(this.node.parent);
  }

  get ownerDocument(): DomNode {
    return this.#tree.root;
  }

  get firstChild(): DomNode | null {
    return this.#tree.of(this.node.first);
  }

  get nextSibling(): DomNode | null {
    return this === this.#tree.root ? null : this.#tree.of(visible(this.node.next, 'next'));
  }

  get previousSibling(): DomNode | null {
    return this === this.#tree.root ? null : this.#tree.of(visible(this.node.previous, 'previous'));
  }

  get place(): Place {
    return [this.#tree.orderOf(this.node), -1];
  }

  compareDocumentPosition(other: DomNode | DomAttribute): number {
    return compared(this.place, other.place);
  }

  get attributes(): { readonly length: number; item(index: number): DomAttribute | undefined } {
    const all = this.node.kind === 'element' ? this.node.attributes : [];
    this.#attributes ??= all.map((attribute, index) => new DomAttribute(attribute, this, index));
    const attributes = this.#attributes;
    return { length: attributes.length, item: (index) => attributes[index] };
  }
}

export class DomAttribute {
  readonly nodeType = 2;
  readonly ownerElement: DomNode;
  readonly #attribute: NodeAttribute;
  readonly #index: number;

  constructor(attribute: NodeAttribute, ownerElement: DomNode, index: number) {
    this.#attribute = attribute;
    this.ownerElement = ownerElement;
    this.#index = index;
  }

  get place(): Place {
    return [this.ownerElement.place[0], this.#index];
  }

  compareDocumentPosition(other: DomNode | DomAttribute): number {
    return compared(this.place, other.place);
  }

  get localName(): string {
    return this.#attribute.name.local;
  }

  get nodeName(): string {
    const { space, local } = this.#attribute.name;
    return space === '' ? local : `${space}:${local}`;
  }

  get name(): string {
    return this.nodeName;
  }

  get namespaceURI(): string | null {
    return this.#attribute.name.space || null;
  }

  get nodeValue(): string {
    return this.#attribute.value;
  }

  get value(): string {
    return this.#attribute.value;
  }

  get parentNode(): null {
    return null;
  }

  get ownerDocument(): DomNode {
    return this.ownerElement.ownerDocument;
  }

  /** A node of its own, which its element does not have among its children. */
  toNode(): XmlNode {
    const node = new XmlNode('attribute', this.localName);
    node.add(new XmlNode('text', this.value));
    node.parent = this.ownerElement.node;
    return node;
  }
}

function numbered(root: XmlNode): Map<XmlNode, number> {
  const order = new Map<XmlNode, number>();
  const number = (node: XmlNode): void => {
    order.set(node, order.size);
    for (const child of node.children()) number(child);
  };
  number(root);
  return order;
}

/** The node, and which of its attributes. */
type Place = readonly [node: number, attribute: number];

/** What DOM says of another node: 2 for one before, 4 for one behind. */
function compared(here: Place, there: Place): number {
  const distance = there[0] - here[0] || there[1] - here[1];
  return distance < 0 ? 2 : distance > 0 ? 4 : 0;
}

/** White space between other nodes is passed over; as the first one it is not. */
function visible(node: XmlNode | undefined, towards: 'next' | 'previous'): XmlNode | undefined {
  let at = node;
  while (at?.kind === 'text' && trimSpace(at.data) === '') at = at[towards];
  return at;
}
