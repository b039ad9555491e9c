/** Writes expectations into a test file: what came out, where it was not as expected, and nothing else. */
import {
  type Document,
  isMap as isMapNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  Scalar,
  type YAMLMap,
  YAMLSeq,
} from 'yaml';
import { isMap, type Value, type ValueMap } from '../record/value.ts';
import { align, differences } from './compare.ts';
import { mergeLines } from './line-merge.ts';
import { type Pattern, written, writtenKey } from './pattern.ts';
import { type ConfigTest, readTestFile } from './read.ts';
import type { Verdict } from './run.ts';
import { nodeOf, pairOf, withEscapes } from './yaml-nodes.ts';

/** Whether its expectation may be written: what breaks, or stands where it should not, is no expectation. */
export function mayUpdate({ failures, broke, test }: Verdict): boolean {
  return failures.some(({ leak }) => leak === undefined) && !broke && test.expectation.kind !== 'failed';
}

/**
 * The text of a test file with the expectations of these tests as they came out; comments and all that was right stay. Undefined
 * where the file is written in a way that can't be changed like this.
 */
export function updated(name: string, text: string, verdicts: readonly Verdict[]): string | undefined {
  if (text.includes('\r\n')) {
    return updated(name, text.replaceAll('\r\n', '\n'), verdicts)?.replaceAll('\n', '\r\n');
  }
  const document = parseDocument(text, { uniqueKeys: false, intAsBigInt: true });
  if (document.errors.length > 0) return undefined;
  const print = () => withEscapes(document.toString({ lineWidth: 0, ...styleOf(text) }));
  const before = print();
  for (const { test, sent } of verdicts) {
    const node = document.getIn(['tests', test.index], true);
    if (!isMapNode(node)) return undefined;
    expect(node, test, sent);
  }
  const after = print();
  const meant = JSON.stringify(plain(document));
  const isRight = (candidate: string) =>
    readTestFile(name, candidate).diagnostics().length === 0 &&
    JSON.stringify(plain(parseDocument(candidate, { uniqueKeys: false, intAsBigInt: true }))) === meant;
  return [mergeLines(text, before, after), after].find(isRight);
}

/** What a document says, to compare it; the reviver of bigint is ours. */
function plain(document: Document): unknown {
  const tree: unknown = parseDocument(withEscapes(document.toString({ lineWidth: 0 })), { intAsBigInt: true }).toJS();
  return JSON.parse(JSON.stringify(tree, (_, value) => (typeof value === 'bigint' ? `int ${value}` : value)) ?? 'null');
}

/** How the file is written, so that what is added looks the same. */
function styleOf(text: string) {
  return {
    indentSeq: !/^tests:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*- /m.test(text),
    flowCollectionPadding: !/[{[]\S/.test(text.replace(/[{[][}\]]/g, '')) || /\{ /.test(text),
    singleQuote: (text.match(/'/g)?.length ?? 0) >= (text.match(/"/g)?.length ?? 0),
    indent: Math.max(2, Math.min(8, /^( +)\S/m.exec(text)?.[1]?.length ?? 2)),
  };
}

function expect(node: YAMLMap, { expectation }: ConfigTest, sent: readonly ValueMap[]): void {
  const isRecords = expectation.kind === 'records';
  const key = isRecords && expectation.exact ? 'expect_exactly' : 'expect';
  if (sent.length === 0) {
    node.delete('expect_exactly');
    node.set('expect', new Scalar('dropped'));
    return;
  }
  const list = node.get(key, true) as unknown;
  if (!isRecords || !(isSeq(list) || isMapNode(list))) {
    node.set(key, nodeOf(sent.map(written)));
    return;
  }
  const patterns = expectation.records;
  const [pattern, record] = [patterns[0], sent[0]];
  if (isMapNode(list) && sent.length === 1 && pattern && record) {
    node.set(key, reconciled(list, pattern, record));
    return;
  }
  const items = isSeq(list) ? list.items : [list];
  const chosen = align(patterns, sent);
  const made = sent.map((one, index) => {
    const at = chosen.indexOf(index);
    const pattern = patterns[at];
    return pattern ? reconciled(items[at] as Node, pattern, one) : nodeOf(written(one));
  });
  if (isSeq(list)) list.items = made;
  else node.set(key, Object.assign(new YAMLSeq(), { items: made }));
}

/** The node, changed as far as the value differs from what it expects; or another one in its place. */
function reconciled(node: Node, pattern: Pattern, value: Value): Node {
  if (differences(pattern, value).length === 0) return node;
  if (pattern.kind === 'map' && isMap(value) && isMapNode(node)) {
    const inner = node.items.length === 1 ? node.get('$exactly', true) : undefined;
    if (inner) {
      node.set('$exactly', reconciled(inner as Node, pattern, value));
      return node;
    }
    if (reconcileMap(node, pattern, value)) return node;
  }
  if (pattern.kind === 'list' && Array.isArray(value) && isSeq(node) && node.items.length === pattern.items.length) {
    node.items = value.map((item, index) => {
      const expected = pattern.items[index];
      return expected ? reconciled(node.items[index] as Node, expected, item) : nodeOf(written(item));
    });
    return node;
  }
  return inPlaceOf(node, nodeOf(written(value)));
}

/** False where keys are not written in the map itself: they come from an alias. */
function reconcileMap(node: YAMLMap, pattern: Extract<Pattern, { kind: 'map' }>, value: ValueMap): boolean {
  const has = (key: string) => node.items.some((pair) => keyOf(pair) === key);
  const keys = [...pattern.entries.keys()];
  if (!keys.every((key) => has(writtenKey(key)))) return false;
  for (const [key, expected] of pattern.entries) {
    const pair = node.items.find((one) => keyOf(one) === writtenKey(key));
    if (!pair) continue;
    const isThere = Object.hasOwn(value, key);
    if (isThere) pair.value = reconciled(pair.value as Node, expected, value[key]);
    else if (pattern.exact) node.items.splice(node.items.indexOf(pair), 1);
    else if (expected.kind !== 'exists' || expected.wanted) pair.value = absent();
  }
  if (!pattern.exact) return true;
  for (const key of Object.keys(value)) {
    if (!pattern.entries.has(key)) node.items.push(pairOf(writtenKey(key), nodeOf(written(value[key]))));
  }
  return true;
}

const keyOf = ({ key }: { key: unknown }) => String(isScalar(key) ? (key.value ?? '') : key);

function absent(): YAMLMap {
  const map = nodeOf({ $exists: false }) as YAMLMap;
  map.flow = true;
  return map;
}

/** Comments stay with what stands in their place, and quotes where both are texts. */
function inPlaceOf(old: Node | null, node: Scalar | YAMLMap | YAMLSeq): Node {
  if (!old) return node;
  if (old.comment != null) node.comment = old.comment;
  if (old.commentBefore != null) node.commentBefore = old.commentBefore;
  if (isScalar(old) && isScalar(node) && typeof node.value === 'string' && !node.type) {
    const isQuoted = old.type === Scalar.QUOTE_SINGLE || old.type === Scalar.QUOTE_DOUBLE;
    if (isQuoted) node.type = old.type as Scalar.Type;
  }
  return node;
}
