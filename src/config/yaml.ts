/** YAML text → tree. Everything is bounded: size, depth, and what aliases multiply. */
import { Composer, type CST, isMap, isScalar, type ParsedNode, Parser } from 'yaml';
import { flowReferences, withoutThem } from './flow-references.ts';
import { resolvePlain } from './plain-scalar.ts';
import { MAX_SOURCE_CHARACTERS, type Source, type Span } from './source.ts';
import type { Node } from './tree.ts';
import { explain, REFERENCE_IN_FLOW, type YamlProblem } from './yaml-errors.ts';
import { isPlain, TreeBuilder } from './yaml-tree.ts';

/** Levels of maps and lists. */
export const MAX_DEPTH = 64;

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
  const builder = new TreeBuilder(source, problems, references);
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
