/** The authenticators that blocks name: `auth: { authenticator: <id of an extension> }`, wherever a schema has it. */
import { type AuthSide, authSideOf } from './blocks/auth.ts';
import type { Catalog } from './catalog.ts';
import type { Mention } from './components.ts';
import { quote } from './diagnostics.ts';
import type { Report } from './report.ts';
import { child, type View } from './schema-walk.ts';
import type { Sections } from './service-checker.ts';
import { didYouMean } from './suggest.ts';
import type { Node, ScalarNode } from './tree.ts';

export interface AuthReference {
  readonly node: ScalarNode;
  readonly side: AuthSide;
  readonly path: string;
}

/** The places in a block at which its schema wants an authenticator. */
export function authReferences(node: Node, at: View, path: string): AuthReference[] {
  if (node.kind === 'map') {
    return [...node.entries].flatMap(([key, entry]) => authReferences(entry.node, child(at, key), `${path}::${key}`));
  }
  if (node.kind === 'list') {
    return node.items.flatMap((item, index) => authReferences(item, child(at, index), `${path}::${index}`));
  }
  const side = authSideOf(at.format);
  return side ? [{ node, side, path }] : [];
}

/** Reports names of authenticators that are not configured, not listed, or not for that side. */
export function checkAuthenticators(
  sections: Sections,
  listed: readonly string[],
  catalog: Catalog,
  report: Report,
): void {
  for (const { mentions } of Object.values(sections)) {
    for (const { authenticators } of mentions.values()) {
      for (const reference of authenticators) checkReference(reference, sections, listed, catalog, report);
    }
  }
}

function checkReference(
  { node, side, path }: AuthReference,
  { extension: { mentions, unresolved } }: Sections,
  listed: readonly string[],
  catalog: Catalog,
  report: Report,
): void {
  const { origin, at } = node;
  const text = origin?.text ?? node.value;
  // Anything but a text is reported by the schema.
  if (typeof text !== 'string' || text === '' || origin?.failed) return;
  const id = catalog.canonical('extension', text);
  const shown = origin ? `that the ${origin.label} gives` : quote(text);
  const mention = mentions.get(id);
  const fitting = [...mentions.values()].filter((other) => sidesOf(other)?.includes(side));
  const add = (message: string, suggestion?: string) =>
    report.add({ severity: 'error', at, path, message, suggestion });
  if (!mention) {
    if (unresolved) return;
    const names = fitting.map(({ written }) => written);
    const near = origin ? undefined : didYouMean(text, names);
    add(`references authenticator ${shown} which is not configured`, near ?? whatFits(names));
    return;
  }
  const sides = sidesOf(mention);
  if (sides && !sides.includes(side)) {
    const names = fitting.map(({ written }) => written);
    if (sides.length === 0) add(`the extension ${shown} is no authenticator`, whatFits(names));
    else add(`the extension ${shown} ${WRONG_SIDE[side]}`, whatFits(names));
  } else if (!listed.includes(id)) {
    const list = [...listed, mention.written].join(', ');
    add(`the authenticator ${shown} is configured, but service::extensions does not list it`, `extensions: [${list}]`);
  }
}

const WRONG_SIDE: Readonly<Record<AuthSide, string>> = {
  client: 'checks who calls this agent; needed here is one that tells a backend who this agent is',
  server: 'tells backends who this agent is; needed here is one that checks who calls',
};

/** Undefined where its block has errors, so that nobody knows. */
function sidesOf({ component }: Mention): readonly AuthSide[] | undefined {
  if (component?.factory.kind !== 'extension') return undefined;
  return component.factory.authenticates?.(component.config) ?? [];
}

function whatFits(names: readonly string[]): string {
  if (names.length > 0) return `configured for this: ${names.slice(0, 12).join(', ')}`;
  return 'add a bearertokenauth or a basicauth under extensions, and to service::extensions';
}
