/** The sections that configure components: every id and every block checked, whether a pipeline uses it or not. */
import type { AnyFactory } from '../component.ts';
import { type AuthReference, authReferences } from './authenticators.ts';
import { checkBlock } from './block.ts';
import { type Catalog, type ComponentKind, collectorComponent } from './catalog.ts';
import { quote } from './diagnostics.ts';
import { formatId, type Id, isBad, parseId } from './ids.ts';
import type { Configured } from './model.ts';
import type { Report } from './report.ts';
import { view } from './schema-walk.ts';
import type { Span } from './source.ts';
import { didYouMean } from './suggest.ts';
import type { MapEntry, Node } from './tree.ts';
import { noteWithoutEffect } from './without-effect.ts';

/** One id under a section, valid or not. */
export interface Mention {
  /** Canonical. */
  readonly id: string;
  /** As in the file. */
  readonly written: string;
  readonly at: Span;
  /** The id is well formed and its type exists. */
  readonly known: boolean;
  /** The authenticators that its block names. */
  readonly authenticators: readonly AuthReference[];
  /** Undefined when its block has errors. */
  readonly component?: Configured<AnyFactory>;
}

export interface Section {
  readonly kind: ComponentKind;
  /** By canonical id, in the order of the file. Those with errors too: they are configured, only not well. */
  readonly mentions: ReadonlyMap<string, Mention>;
  /** The section itself could not be resolved: what is missing in it may well be configured. */
  readonly unresolved: boolean;
}

export function checkSection(
  name: string,
  kind: ComponentKind,
  node: Node | undefined,
  catalog: Catalog,
  report: Report,
): Section {
  const mentions = new Map<string, Mention>();
  for (const [written, entry] of blocksOf(name, node, report)) {
    const mention = checkComponent(name, kind, written, entry, catalog, report);
    const twin = mentions.get(mention.id);
    if (twin) {
      const message = `duplicate name: ${quote(twin.written)} and ${quote(written)} are the same component`;
      report.add({
        severity: 'error',
        at: entry.keyAt,
        path: name,
        message,
        suggestion: 'give one of them another name',
      });
    } else {
      mentions.set(mention.id, mention);
    }
  }
  return { kind, mentions, unresolved: node?.origin?.failed ?? false };
}

/** The entries of a section, which may be null. */
export function blocksOf(name: string, node: Node | undefined, report: Report): [string, MapEntry][] {
  if (!node || (node.kind === 'scalar' && node.value === null)) return [];
  if (node.kind === 'map') return [...node.entries];
  const got = node.kind === 'list' ? 'slice' : typeof node.value;
  const suggestion = 'write an id per line, with a colon behind it';
  report.add({
    severity: 'error',
    at: node.at,
    path: name,
    message: `expected a map or struct, got ${quote(got)}`,
    suggestion,
  });
  return [];
}

function checkComponent(
  section: string,
  kind: ComponentKind,
  written: string,
  { keyAt, node, hidden }: MapEntry,
  catalog: Catalog,
  report: Report,
): Mention {
  const id = parseId(written);
  const factory = isBad(id) ? undefined : catalog.find(kind, id.type);
  if (isBad(id) || !factory) {
    const reason = isBad(id)
      ? { message: id.problem, suggestion: id.suggestion }
      : unknownType(kind, id, written, catalog);
    const kept = { message: `an id in what the ${node.origin?.label} gives is not valid, or of an unknown type` };
    report.add({ severity: 'error', at: keyAt, path: section, ...(hidden ? kept : reason) });
    return { id: written, written, at: keyAt, known: false, authenticators: [] };
  }
  const canonical = formatId({ ...id, type: factory.type });
  if (id.type !== factory.type) {
    const message = `the type ${quote(id.type)} is an old name of ${quote(factory.type)}`;
    report.add({ severity: 'note', at: keyAt, path: section, message, suggestion: `write ${canonical}` });
  }
  const path = `${section}::${written}`;
  const checked = checkBlock({ node, keyAt, path, schema: factory.config }, report);
  const mention = {
    ...{ id: canonical, written, at: keyAt, known: true },
    authenticators: authReferences(node, view(factory.config), path),
  };
  if (!checked) return mention;
  noteWithoutEffect(node, view(factory.config), path, report);
  for (const remark of factory.check?.(checked.value) ?? []) checked.remark(remark);
  return { ...mention, component: { id: canonical, type: factory.type, factory, config: checked.value } };
}

function unknownType(kind: ComponentKind, { type }: Id, written: string, catalog: Catalog) {
  const valid = catalog.types(kind);
  const message = `unknown type: ${quote(type)} for id: ${quote(written)} (valid values: [${valid.join(' ')}])`;
  const instead = collectorComponent(kind, type);
  if (instead !== undefined) {
    const lacks = `${quote(type)} is a component of the Collector that this agent does not have`;
    return { message, suggestion: instead ? `${lacks}: ${instead}` : lacks };
  }
  const [other] = catalog.kindsOf(type);
  if (other) return { message, suggestion: `${quote(type)} is ${withArticle(other)}: it belongs under ${other}s` };
  return { message, suggestion: didYouMean(type, valid) };
}

const withArticle = (kind: ComponentKind) => (kind.startsWith('e') ? `an ${kind}` : `a ${kind}`);
