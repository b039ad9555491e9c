import { isAlias, isMap, isScalar, isSeq, type ParsedNode, Scalar } from 'yaml';
import { quote } from './diagnostics.ts';
import type { Stretch } from './flow-references.ts';
import { keyText, resolvePlain, timestamp } from './plain-scalar.ts';
import type { Source, Span } from './source.ts';
import { type MapEntry, type MapNode, merge, type Node, type Origin, type ScalarValue } from './tree.ts';
import { REFERENCE_IN_FLOW, type YamlProblem } from './yaml-errors.ts';

/** Values in one text, those that aliases repeat counted each time. */
const MAX_VALUES = 100_000;

/** Of a value that is no matter any more, as an error tells why it is none. */
const failed = (label: string): Origin => ({ label, unset: [], failed: true });

/** Values, places, merges and aliases of what the parser has read. What is wrong goes to `problems`. */
export class TreeBuilder {
  readonly #source: Source;
  readonly #problems: YamlProblem[];
  /** They are reported already. */
  readonly #references: readonly Stretch[];
  readonly #anchors = new Map<string, { node: Node; values: number } | 'open'>();
  #values = 0;
  /** The tree has holes: nothing should be concluded from it. */
  unusable = false;

  constructor(source: Source, problems: YamlProblem[], references: readonly Stretch[]) {
    this.#source = source;
    this.#problems = problems;
    this.#references = references;
  }

  build(yaml: ParsedNode | null, inList = false): Node {
    const before = this.#values;
    if (++this.#values > MAX_VALUES) return this.#tooMany(yaml);
    if (yaml === null) return { kind: 'scalar', value: null, at: { source: this.#source, start: 0, end: 1 } };
    if (isAlias(yaml)) return this.#alias(yaml.source, yaml);
    const { anchor } = yaml;
    if (anchor) this.#anchors.set(anchor, 'open');
    const node = this.#collectionOrScalar(yaml, inList);
    if (anchor) this.#anchors.set(anchor, { node, values: this.#values - before });
    return node;
  }

  #collectionOrScalar(yaml: ParsedNode, inList: boolean): Node {
    const at = this.#span(yaml);
    if (isMap(yaml)) return this.#map(yaml.items as { key: ParsedNode; value: ParsedNode | null }[], at, inList);
    if (isSeq(yaml)) return { kind: 'list', items: yaml.items.map((item) => this.build(item as ParsedNode, true)), at };
    if (this.#isReference(at)) return { kind: 'scalar', value: null, at, origin: failed('reference') };
    return { kind: 'scalar', value: isScalar(yaml) ? this.#scalar(yaml, at) : '', at };
  }

  #scalar(yaml: Scalar, at: Span): ScalarValue {
    const text = String(yaml.value ?? '');
    if (yaml.tag === 'tag:yaml.org,2002:binary') return Buffer.from(text, 'base64').toString('utf8');
    if (yaml.tag === 'tag:yaml.org,2002:timestamp') {
      const moment = timestamp(text);
      if (!moment) this.#error(at, 'this is no timestamp', 'write it as 2006-01-02T15:04:05Z');
      return moment ?? null;
    }
    if (yaml.tag === '!' && text === '' && yaml.type === Scalar.PLAIN) return null;
    if (isPlain(yaml)) return resolvePlain(text);
    // A block text that the end of the file ends has no last newline.
    const isOpen = at.end >= this.#source.text.length && !this.#source.text.endsWith('\n');
    return isOpen && yaml.type?.startsWith('BLOCK_') && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  #map(pairs: readonly { key: ParsedNode; value: ParsedNode | null }[], at: Span, inList: boolean): Node {
    const entries = new Map<string, MapEntry>();
    const written = new Set<string>();
    const shadowed: [string, MapEntry][] = [];
    let inherited: MapNode | undefined;
    for (const pair of pairs) {
      const keyAt = this.#span(pair.key);
      if (this.#isReference(keyAt)) continue;
      const name = this.#key(pair.key);
      if (name === undefined) {
        this.#error(keyAt, 'a key must be a text, not a list or a map', this.#bracesHelp(keyAt));
        continue;
      }
      const { key, plain } = name;
      if (key === '' && plain) {
        this.#error(keyAt, 'a key must not be empty', 'a text that starts with a colon needs quotes');
        continue;
      }
      const node = this.build(pair.value ?? null, inList);
      const placed = pair.value === null ? { ...node, at: keyAt } : node;
      if (written.has(key)) {
        this.#error(keyAt, `the key ${quote(key)} stands twice in this map`, 'remove one of the two, or join them');
        shadowed.push([key, { keyAt, node: placed }]);
        continue;
      }
      written.add(key);
      if (key === '<<' && plain) inherited = this.#inherited(placed, keyAt);
      else if (key.includes('::') && !inList) addNested(entries, key.split('::'), keyAt, placed);
      else addNested(entries, [key], keyAt, placed);
    }
    if (!inherited) return { kind: 'map', entries, at, shadowed };
    // `<<` gives what the map does not say itself, one level deep.
    shadowed.push(...inherited.entries);
    return { kind: 'map', entries: new Map([...inherited.entries, ...entries]), at, shadowed };
  }

  /** Undefined for what is no text, number or word. */
  #key(yaml: ParsedNode): { key: string; plain: boolean } | undefined {
    if (isAlias(yaml)) {
      const node = this.#alias(yaml.source, yaml);
      return node.kind === 'scalar' ? { key: keyText(node.value), plain: false } : undefined;
    }
    if (!isScalar(yaml)) return undefined;
    const text = String(yaml.value ?? '');
    if (!isPlain(yaml) || text === '') return { key: text, plain: isPlain(yaml) };
    return { key: keyText(resolvePlain(text)), plain: true };
  }

  /** The value of `<<`: a map, or a list of maps of which the first that has a key wins. */
  #inherited(node: Node, keyAt: Span): MapNode | undefined {
    const maps = node.kind === 'list' ? node.items : [node];
    const entries = new Map<string, MapEntry>();
    for (const map of maps) {
      if (map.kind !== 'map') {
        this.#error(keyAt, 'the merge key << takes a map, or a list of maps', 'write <<: *anchor');
        return undefined;
      }
      for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: 'map', entries, at: node.at };
  }

  #alias(name: string, yaml: ParsedNode): Node {
    const at = this.#span(yaml);
    const target = this.#anchors.get(name);
    if (target === undefined || target === 'open') {
      if (target) this.#error(at, `the alias *${printableName(name)} contains itself`);
      // Without its name, which may be a secret that begins with a *.
      else this.#error(at, 'this alias has no anchor before it', 'a text that starts with * needs quotes');
      return { kind: 'scalar', value: null, at, origin: failed('alias') };
    }
    this.#values += target.values;
    return this.#values > MAX_VALUES ? this.#tooMany(yaml) : target.node;
  }

  #tooMany(yaml: ParsedNode | null): Node {
    const at = yaml ? this.#span(yaml) : { source: this.#source, start: 0, end: 1 };
    if (!this.unusable) {
      this.#error(at, `more than ${MAX_VALUES} values, those that aliases repeat counted each time`);
    }
    this.unusable = true;
    return { kind: 'scalar', value: null, at };
  }

  #isReference({ start, end }: Span): boolean {
    return this.#references.some(([from, to]) => from < end && to > start);
  }

  #span(yaml: ParsedNode): Span {
    const [start, end] = yaml.range;
    return { source: this.#source, start, end: Math.max(start + 1, end) };
  }

  /** `{${env:X}}` and `[${X}]`: to YAML the brace opens a map, whose key is then no text. */
  #bracesHelp(at: Span): string | undefined {
    return this.#source.text[at.start - 1] === '$' ? REFERENCE_IN_FLOW : undefined;
  }

  #error(at: Span, message: string, suggestion?: string): void {
    this.#problems.push({ severity: 'error', at, message, suggestion });
  }
}

/** `a::b: 1` means `a: {b: 1}`, as for the Collector. A second mention joins what is there. */
function addNested(entries: Map<string, MapEntry>, path: readonly string[], keyAt: Span, node: Node): void {
  const [key, ...rest] = path as [string, ...string[]];
  const value = rest.reduceRight<Node>((inner, name) => {
    return { kind: 'map', entries: new Map([[name, { keyAt, node: inner }]]), at: keyAt };
  }, node);
  const before = entries.get(key);
  entries.set(key, { keyAt: before?.keyAt ?? keyAt, node: before ? merge(before.node, value) : value });
}

/** Whether a scalar is what its text looks like: a number, a word, a text. */
export function isPlain(scalar: Scalar): boolean {
  if (scalar.tag) return /^tag:yaml\.org,2002:(?:int|float|bool|null)$/.test(scalar.tag);
  return scalar.type === Scalar.PLAIN;
}

const printableName = (name: string) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
