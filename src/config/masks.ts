/**
 * Finds what no excerpt may show: secrets that stand in a source, and every value under a key that no schema knows, for it
 * may be a secret under a misspelt name. Looks at the text as written, before anything is expanded.
 */
import { type Catalog, sectionKind } from './catalog.ts';
import { mayHoldSecret } from './excerpt.ts';
import { accepts, child, NOTHING_KNOWN, type View, view } from './schema-walk.ts';
import { serviceSchema } from './service-schema.ts';
import type { Span } from './source.ts';
import type { Node } from './tree.ts';

export function secretSpans(tree: Node, catalog: Catalog): Span[] {
  const spans: Span[] = [];
  for (const [section, { node }] of entriesOf(tree)) {
    const kind = sectionKind(section);
    if (!kind) {
      visit(node, section === 'service' ? view(serviceSchema) : NOTHING_KNOWN, section !== 'service', spans);
      continue;
    }
    for (const [id, block] of entriesOf(node)) {
      const factory = catalog.find(kind, (id.split('/')[0] as string).trim());
      visit(block.node, factory ? view(factory.config) : NOTHING_KNOWN, !factory, spans);
    }
  }
  return spans;
}

const entriesOf = (node: Node) => (node.kind === 'map' ? [...node.entries, ...(node.shadowed ?? [])] : []);

function visit(node: Node, at: View, secret: boolean, spans: Span[]): void {
  if (node.kind === 'scalar') {
    const { value } = node;
    const misplaced = typeof value === 'string' && !accepts(at, 'text') && mayHoldSecret(value);
    if (!(secret || misplaced) || isReference(value)) return;
    const written = withProperties(node.at);
    if (value !== null || written !== node.at) spans.push(written);
  } else if (node.kind === 'map' && at.secret && !accepts(at, 'map')) {
    // `{abc}`: a text that YAML took for a map.
    spans.push(node.at);
  } else if (node.kind === 'list') {
    node.items.forEach((item, index) => {
      const element = child(at, index);
      visit(item, element, secret || element.secret, spans);
    });
  } else {
    for (const [key, entry] of entriesOf(node)) {
      const field = child(at, key);
      visit(entry.node, field, field.secret || field.alternatives.length === 0, spans);
    }
  }
}

/** An anchor or a tag at most; a longer one is no person's. */
const MAX_PROPERTY = 1000;

/** With the anchors and tags before a value: a secret that begins with & or ! and has no quotes is one to YAML. */
function withProperties(at: Span): Span {
  let { start } = at;
  for (;;) {
    const before = at.source.text.slice(Math.max(0, start - MAX_PROPERTY), start);
    const property = /(?<=^|[\s[{,])[&!]\S*[ \t]*$/.exec(before);
    if (!property) return start === at.start ? at : { ...at, start };
    start -= property[0].length;
  }
}

/** Worth seeing, and no secret: unless it has a default. */
function isReference(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{(?:env:\w+|\w+|file:[^${}]*)\}$/.test(value);
}
