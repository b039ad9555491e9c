/** YAML text → tree. Everything is bounded: size, depth, and what aliases multiply. */
import { Composer, type CST, isAlias, isMap, isScalar, isSeq, type ParsedNode, Parser, Scalar } from 'yaml';
import { quote } from './diagnostics.ts';
import { flowReferences, type Stretch, withoutThem } from './flow-references.ts';
import { keyText, resolvePlain, timestamp } from './plain-scalar.ts';
import { MAX_SOURCE_CHARACTERS, type Source, type Span } from './source.ts';
import { type MapEntry, type MapNode, merge, type Node, type Origin, type ScalarValue } from './tree.ts';
import { explain, REFERENCE_IN_FLOW } from './yaml-errors.ts';

/** Levels of maps and lists. */
export const MAX_DEPTH = 64;
/** Values in one text, those that aliases repeat counted each time. */
const MAX_VALUES = 100_000;

export interface YamlProblem {
  readonly severity: 'error' | 'warning';
  readonly at: Span;
  readonly message: string;
  readonly suggestion?: string;
}

export interface ParsedYaml {
  /** Absent when the text is no YAML. A null scalar when it is empty. */
  readonly root?: Node;
  /** The first key of the outermost map that is no text: such a map is no part of a configuration. */
  readonly oddKey?: Span;
  readonly problems: readonly YamlProblem[];
}

/** Never throws. Only the first document of a text is read. */
export function parseYaml(source: Source): ParsedYaml {
  const problems: YamlProblem[] = [];
  const at = (start: number, end = start + 1): Span => ({ source, start, end: Math.max(start + 1, end) });
  if (source.text.length > MAX_SOURCE_CHARACTERS) {
    problems.push({
      severity: 'error',
      at: at(0),
      message: 'this text is larger than 512 KiB, more than a configuration needs',
    });
    return { problems };
  }
  const control = CONTROL.exec(source.text);
  if (control) {
    const message = 'control characters are not allowed';
    problems.push({ severity: 'error', at: at(control.index), message, suggestion: 'in double quotes, write \\x07' });
    return { problems };
  }
  // A carriage return alone ends a line, too.
  let text = source.text.replace(/\r(?!\n)/g, '\n');
  let read = compose(text);
  const references = read.document?.errors.length ? flowReferences(text) : [];
  if (references.length > 0) {
    for (const reference of references)
      problems.push({ severity: 'error', at: at(...reference), message: UNQUOTED, suggestion: REFERENCE_IN_FLOW });
    text = withoutThem(text, references);
    read = compose(text);
  }
  for (const { offset } of read.directives) {
    const message = 'only the directive %YAML 1.1 is understood';
    problems.push({ severity: 'error', at: at(offset), message, suggestion: 'leave this line away' });
  }
  const { walked, deep, document } = read;
  if (deep) {
    const message = `this is nested deeper than ${MAX_DEPTH} levels`;
    problems.push({ severity: 'error', at: at('offset' in deep.token ? deep.token.offset : 0), message });
    return { problems };
  }
  for (const { code, message, pos } of document?.errors ?? []) {
    const isAtEnd = text.slice(pos[0]).trim() === '';
    const open =
      isAtEnd && message.includes('quote') ? walked.find(({ token }) => isOpenQuote(token))?.token : undefined;
    // What follows from an earlier error shows up at the end once more.
    if (isAtEnd && !open && problems.length > references.length) continue;
    const span = open && 'offset' in open ? at(open.offset) : at(pos[0], pos[1]);
    problems.push({ severity: 'error', at: span, ...explain(code, message) });
  }
  if (problems.length > references.length || !document) return { problems };
  const builder = new Builder(source, problems, references);
  const root = builder.build(document.contents);
  if (builder.unusable) return { problems };
  const oddKey = root.kind === 'map' ? oddKeyOf(document.contents) : undefined;
  return { root, problems, ...(oddKey && { oddKey: at(...oddKey) }) };
}

function compose(text: string) {
  const tokens: CST.Token[] = [];
  const directives: CST.Directive[] = [];
  for (const token of new Parser().parse(text)) {
    if (token.type === 'directive' && /^%YAML\s+(?!1\.1\b)/.test(token.source)) directives.push(token);
    if (token.type === 'doc-end' || (token.type === 'document' && tokens.some(({ type }) => type === 'document')))
      break;
    tokens.push(token);
  }
  const walked = [...walk(tokens)];
  const deep = walked.find(({ depth }) => depth > MAX_DEPTH);
  if (deep) return { directives, walked, deep };
  const composer = new Composer<ParsedNode>({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document] = composer.compose(tokens, true, text.length);
  return { directives, walked, document };
}

const UNQUOTED = 'a reference without quotes: its brace opens a map here';

/** What go-yaml does not take: all of C0 and C1 but tab, line ends and NEL, and what is no character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function oddKeyOf(root: ParsedNode | null): [start: number, end: number] | undefined {
  if (!isMap(root)) return undefined;
  for (const { key } of root.items as { key: ParsedNode }[]) {
    if (!isScalar(key) || !isPlain(key)) continue;
    const text = String(key.value ?? '');
    if (text !== '<<' && typeof resolvePlain(text) !== 'string') return [key.range[0], key.range[1]];
  }
  return undefined;
}

/** Every token with its level, without recursion: what comes in may be nothing but brackets. Stops one level too deep. */
function* walk(documents: readonly CST.Token[]): Generator<{ token: CST.Token; depth: number }> {
  const stack = documents.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return;
    const below: { token: CST.Token; depth: number }[] = [];
    if ('value' in token && token.value) below.push({ token: token.value as CST.Token, depth });
    if ('items' in token) {
      for (const { key, value } of token.items) {
        if (key) below.push({ token: key, depth: depth + 1 });
        if (value) below.push({ token: value, depth: depth + 1 });
      }
    }
    for (let last = below.pop(); last; last = below.pop()) stack.push(last);
  }
}

function isOpenQuote(token: CST.Token): boolean {
  if (token.type !== 'double-quoted-scalar' && token.type !== 'single-quoted-scalar') return false;
  return token.source.length < 2 || !token.source.endsWith(token.source[0] as string);
}

/** Of a value that is no matter any more, as an error tells why it is none. */
const failed = (label: string): Origin => ({ label, unset: [], failed: true });

class Builder {
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

function isPlain(scalar: Scalar): boolean {
  if (scalar.tag) return /^tag:yaml\.org,2002:(?:int|float|bool|null)$/.test(scalar.tag);
  return scalar.type === Scalar.PLAIN;
}

const printableName = (name: string) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
