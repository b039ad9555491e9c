/**
 * Trees of nodes that are tied as those of Go's xmlquery: a node that is added elsewhere stays where it was as well, which
 * shows in what the functions give.
 */
import type { Name } from './reader.ts';

export type NodeKind =
  | 'document'
  | 'declaration'
  | 'element'
  | 'text'
  | 'cdata'
  | 'comment'
  | 'attribute'
  | 'notation'
  | 'instruction';

export interface NodeAttribute {
  /** `space` is the prefix. */
  readonly name: Name;
  readonly value: string;
}

export class XmlNode {
  kind: NodeKind;
  /** Name of an element, target of an instruction, text of others. */
  data: string;
  prefix = '';
  attributes: NodeAttribute[] = [];
  /** What stands behind the target of an instruction. */
  instruction = '';
  /** Of the tree's levels while it is built. */
  level = 0;
  parent: XmlNode | undefined;
  first: XmlNode | undefined;
  last: XmlNode | undefined;
  previous: XmlNode | undefined;
  next: XmlNode | undefined;

  constructor(kind: NodeKind, data: string) {
    this.kind = kind;
    this.data = data;
  }

  *children(): Generator<XmlNode> {
    for (let child = this.first; child; child = child.next) yield child;
  }

  /** Adds it behind the other children. */
  add(child: XmlNode): void {
    child.parent = this;
    child.next = undefined;
    if (!this.first) {
      this.first = child;
      child.previous = undefined;
    } else {
      child.previous = this.last;
      if (this.last) this.last.next = child;
    }
    this.last = child;
  }

  /** Adds it behind all that stand behind this one. */
  addBehind(sibling: XmlNode): void {
    // The last one is known where the tree is whole.
    let last: XmlNode = this.parent?.last ?? this;
    while (last.next) last = last.next;
    sibling.parent = last.parent;
    last.next = sibling;
    sibling.previous = last;
    sibling.next = undefined;
    if (last.parent) last.parent.last = sibling;
  }

  /** Does nothing to the root. */
  remove(): void {
    const { parent } = this;
    if (!parent) return;
    if (parent.first === this) parent.first = parent.last === this ? undefined : this.next;
    else if (this.previous) this.previous.next = this.next;
    if (parent.last === this) parent.last = this.previous;
    if (this.next) this.next.previous = this.previous;
    this.parent = undefined;
    this.previous = undefined;
    this.next = undefined;
  }

  removeAttribute(local: string): void {
    const index = this.attributes.findIndex(({ name }) => name.space === '' && name.local === local);
    if (index >= 0) this.attributes.splice(index, 1);
  }

  attributeValue({ space, local }: Name): string {
    return this.attributes.find(({ name }) => name.space === space && name.local === local)?.value ?? '';
  }
}
