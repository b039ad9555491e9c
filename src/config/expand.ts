/**
 * `${...}` in values, by the Collector's rules: innermost first, repeatedly, keys never. A value that is one reference may
 * become anything that YAML can say; it keeps its text too, for fields that want a text (`0123`, `true`). A reference
 * inside of a longer text pastes its text. `$$` is a `$`, `$NAME` is no reference.
 */
import type { Providers } from './providers.ts';
import {
  findReference,
  HIDDEN_NAME,
  howToSet,
  labelOf,
  nameIn,
  notSet,
  paste,
  Unresolvable,
  unescaped,
} from './references.ts';
import type { Report } from './report.ts';
import { MAX_SOURCE_CHARACTERS, Source, type Span } from './source.ts';
import type { MapEntry, Node, Origin, ScalarNode } from './tree.ts';
import { MAX_DEPTH, parseYaml } from './yaml.ts';

/** References that one value of the file may lead to. */
const MAX_EXPANSIONS = 1000;

export interface Expansion {
  readonly providers: Providers;
  /** What comes from the web may use `${env:…}` and `${file:…}` of this machine. */
  readonly trustRemote: boolean;
}

/** What can't be resolved is reported, and its value marked as failed. Rejects for nothing. */
export async function expand(root: Node, expansion: Expansion, report: Report): Promise<Node> {
  return new Expander(expansion, report).tree(root);
}

class Expander {
  readonly #expansion: Expansion;
  readonly #report: Report;

  constructor(expansion: Expansion, report: Report) {
    this.#expansion = expansion;
    this.#report = report;
  }

  async tree(root: Node): Promise<Node> {
    const references = new Set<Referring>();
    collect(root, references);
    const expanded = new Map<Node, Node>();
    for (const node of references) {
      expanded.set(node, await new Value(this, node.at, node.value).expand());
    }
    return replace(root, expanded);
  }

  /** The text behind a reference. `undefined`: an environment variable that is not set. `remote`: it came from the web. */
  async retrieve(uri: string, remote: boolean): Promise<string | undefined> {
    const { providers, trustRemote } = this.#expansion;
    if (remote && !trustRemote && !/^(?:yaml|https?):/.test(uri)) {
      throw new Unresolvable(
        'what comes from the web may not read the environment or files of this machine',
        'if you trust it, --feature-gates=config.trustRemote',
      );
    }
    return providers.retrieve(uri);
  }

  isEmptyDefault(uri: string): boolean {
    return this.#expansion.providers.isEmptyDefault(uri);
  }

  warnUnset(name: string, at: Span): void {
    this.#report.add({
      severity: 'warning',
      at,
      message: notSet([name]),
      suggestion: howToSet(name, { secret: false }),
      unset: true,
    });
  }

  fail(at: Span, label: string, problem: Unresolvable): void {
    const message = `cannot resolve the ${label}: ${problem.message}`;
    this.#report.add({ severity: 'error', at, message, suggestion: problem.suggestion });
  }
}

/** One value of the file, on its way. */
class Value {
  readonly #expander: Expander;
  readonly #at: Span;
  readonly #written: string;
  readonly #unset = new Set<string>();
  #label = 'reference';
  #steps = 0;
  /** A web server gave a part of it. */
  #hasRemote = false;

  constructor(expander: Expander, at: Span, written: string) {
    this.#expander = expander;
    this.#at = at;
    this.#written = written;
  }

  async expand(): Promise<Node> {
    try {
      const node = await this.#value(this.#written, 0);
      for (const name of this.#unset) this.#expander.warnUnset(name, this.#at);
      return node;
    } catch (error) {
      if (!(error instanceof Unresolvable)) throw error;
      this.#expander.fail(this.#at, this.#label, error);
      return { kind: 'scalar', value: null, at: this.#at, origin: { label: this.#label, unset: [], failed: true } };
    }
  }

  /** A text of the file, or of a map or list that a reference gave. */
  async #value(text: string, depth: number): Promise<Node> {
    for (let current = text; ; ) {
      checkLength(current);
      const found = findReference(current);
      if (!found) return this.#scalar(unescaped(current), unescaped(current));
      const retrieved = await this.#retrieve(found.uri);
      if (found.start > 0 || found.end < current.length) {
        current = paste(current, found, retrieved);
        continue;
      }
      if (retrieved === '' && this.#expander.isEmptyDefault(found.uri)) return this.#scalar('', '');
      const parsed = structured(retrieved);
      if (!parsed) {
        current = retrieved;
        continue;
      }
      if (parsed.kind === 'scalar') {
        const plain = await this.#text(retrieved).catch((error: unknown) => {
          // YAML saw no reference there, in a comment say: then the text is of no use, and no harm.
          if (error instanceof Unresolvable) return undefined;
          throw error;
        });
        return this.#scalar(parsed.value, plain);
      }
      const plain = await this.#text(retrieved);
      return { ...(await this.#inside(parsed, depth)), origin: this.#origin(plain) };
    }
  }

  /** The same expansion where only a text counts. */
  async #text(text: string): Promise<string> {
    for (let current = text; ; ) {
      checkLength(current);
      const found = findReference(current);
      if (!found) return unescaped(current);
      current = paste(current, found, await this.#retrieve(found.uri));
    }
  }

  /** What stands in a map or list that a reference gave. */
  async #inside(node: Node, depth: number): Promise<Node> {
    if (depth > MAX_DEPTH) throw new Unresolvable(`its value is nested deeper than ${MAX_DEPTH} levels`);
    if (node.kind === 'list') {
      const items: Node[] = [];
      for (const item of node.items) items.push(await this.#inside(item, depth + 1));
      return { kind: 'list', items, at: this.#at, origin: this.#origin() };
    }
    if (node.kind === 'map') {
      const entries = new Map<string, MapEntry>();
      for (const [key, entry] of node.entries) {
        entries.set(key, { keyAt: this.#at, node: await this.#inside(entry.node, depth + 1), hidden: true });
      }
      return { kind: 'map', entries, at: this.#at, origin: this.#origin() };
    }
    if (isReferring(node)) return this.#value(node.value, depth);
    return { ...node, at: this.#at, origin: this.#origin() };
  }

  async #retrieve(uri: string): Promise<string> {
    if (++this.#steps > MAX_EXPANSIONS) throw new Unresolvable('too many recursive expansions');
    // A reference that another one made up is not named: it may hold what that one gave.
    const visible = this.#written.includes(`\${${uri}}`);
    if (visible) this.#label = labelOf(uri);
    const isForeign = this.#at.source.kind === 'remote' || (this.#hasRemote && !visible);
    const text = await this.#expander.retrieve(uri, isForeign);
    if (/^https?:/.test(uri)) this.#hasRemote = true;
    if (text === undefined) this.#unset.add(visible ? nameIn(uri) : HIDDEN_NAME);

    return text ?? '';
  }

  #scalar(value: ScalarNode['value'], text: string | undefined): ScalarNode {
    return { kind: 'scalar', value, at: this.#at, origin: this.#origin(text) };
  }

  /** None for a text that only has an escaped or a lone `$` in it. */
  #origin(text?: string): Origin | undefined {
    if (this.#steps === 0) return undefined;
    return { label: this.#label, text, unset: [...this.#unset], ...(this.#hasRemote && { remote: true }) };
  }
}

/** What YAML sees in a text; undefined when that is only a text again, or no YAML. */
function structured(text: string): Node | undefined {
  if (/^\.\.\.(?:\s|$)/.test(text)) return undefined;
  const { root, problems, oddKey } = parseYaml(new Source('', text));
  if (!root || problems.length > 0) return undefined;
  if (oddKey) throw new Unresolvable('a key of the map that it gives must be a text', 'put it in quotes');
  if (root.kind === 'scalar' && typeof root.value === 'bigint' && root.value >= 2n ** 63n) {
    throw new Unresolvable('its number is larger than an integer can be', 'put it in quotes if it is a text');
  }
  return root.kind === 'scalar' && typeof root.value === 'string' ? undefined : root;
}

function checkLength(text: string): void {
  if (text.length > MAX_SOURCE_CHARACTERS) throw new Unresolvable('its text is larger than 512 KiB');
}

type Referring = ScalarNode & { readonly value: string };

function isReferring(node: Node): node is Referring {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('$');
}

function collect(node: Node, into: Set<Referring>): void {
  if (isReferring(node)) into.add(node);
  else if (node.kind === 'list') for (const item of node.items) collect(item, into);
  else if (node.kind === 'map') for (const entry of node.entries.values()) collect(entry.node, into);
}

function replace(node: Node, by: ReadonlyMap<Node, Node>): Node {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => replace(item, by)) };
  if (node.kind === 'map') {
    const entries = new Map<string, MapEntry>();
    for (const [key, entry] of node.entries) entries.set(key, { ...entry, node: replace(entry.node, by) });
    return { ...node, entries };
  }
  return by.get(node) ?? node;
}
