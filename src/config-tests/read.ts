/** A test file: text → typed tests, with the place of everything that is wrong. */
import type { ConfigRemark } from '../component.ts';
import { checkBlock } from '../config/block.ts';
import { type Diagnostic, quote } from '../config/diagnostics.ts';
import { Report } from '../config/report.ts';
import { Source, type Span } from '../config/source.ts';
import { didYouMean } from '../config/suggest.ts';
import { isNull, type MapEntry, type MapNode, type Node, Timestamp } from '../config/tree.ts';
import { parseYaml } from '../config/yaml.ts';
import { toRecordValue } from '../processors/written-value.ts';
import type { Value } from '../record/value.ts';
import { Regex, RegexError } from '../regex/regex.ts';
import { compile, type Path, type Pattern } from './pattern.ts';
import { environmentMap, type InputSettings, type TestSettings, testList } from './schema.ts';

/** In milliseconds since the epoch: the time of every test whose file names none. */
const DEFAULT_NOW = Date.UTC(2026, 0, 5, 9);

export type Expectation =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly error?: Regex }
  | { readonly kind: 'records'; readonly records: readonly Pattern[]; readonly exact: boolean }
  /** Nothing is expected, but for what must stand nowhere. */
  | { readonly kind: 'none' };

export interface ConfigTest {
  readonly name: string;
  /** In the file, from 0. */
  readonly index: number;
  readonly inputs: readonly InputSettings[];
  readonly pipeline?: string;
  /** Of an input, inside of the test: for remarks. */
  inputPath(index: number): readonly (string | number)[];
  readonly expectation: Expectation;
  readonly containsNowhere: readonly string[];
  /** Line of its name. */
  readonly line: number;
  /** Line of what is expected there; of the nearest thing around it that is written. */
  lineOf(record: number, path: Path): number;
  /** Tells of something wrong; the path is inside of the test. */
  remark(remark: ConfigRemark): void;
}

/** A file, right or wrong. */
export interface TestFile {
  readonly name: string;
  readonly text: string;
  /** Of the configuration's environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Empty where something is wrong. */
  readonly tests: readonly ConfigTest[];
  /** What is wrong, also with what was remarked since. */
  diagnostics(): Diagnostic[];
}

const KEYS = ['tests', 'env', 'now'];

/** Never throws. */
export function readTestFile(name: string, text: string): TestFile {
  const source = new Source(name, text);
  const report = new Report();
  const { root, problems } = parseYaml(source);
  for (const problem of problems) report.add(problem);
  const start: Span = { source, start: 0, end: 1 };
  const garbled = new Set(problems.length > 0 ? [source] : []);
  const masks = { sources: [source], secrets: new Map<Source, Span[]>(), garbled };
  const parts = root ? readParts(root, start, report) : NOTHING;
  const tests = report.hasErrors ? [] : parts.tests;
  return { name, text, ...parts, tests, diagnostics: () => report.diagnostics(masks) };
}

type Parts = Pick<TestFile, 'environment' | 'now' | 'tests'>;

const NOTHING: Parts = { environment: {}, now: DEFAULT_NOW, tests: [] };

function readParts(root: Node, start: Span, report: Report): Parts {
  if (root.kind !== 'map') {
    const isEmpty = isNull(root);
    const message = isEmpty ? 'this test file is empty' : 'a test file is a map with the key "tests"';
    report.add({ severity: 'error', at: isEmpty ? start : root.at, message, suggestion: 'it begins with tests:' });
    return NOTHING;
  }
  for (const [key, { keyAt }] of root.entries) {
    if (KEYS.includes(key)) continue;
    const suggestion = didYouMean(key, KEYS) ?? `the keys here are: ${KEYS.join(', ')}`;
    report.add({ severity: 'error', at: keyAt, message: `unknown key ${quote(key)}`, suggestion });
  }
  const tests = root.entries.get('tests');
  if (!tests) report.add({ severity: 'error', at: start, message: 'missing: tests', suggestion: 'a list of tests' });
  return {
    environment: environmentOf(root.entries.get('env'), report),
    now: nowOf(root.entries.get('now')?.node, report),
    tests: tests ? testsOf(tests, report) : [],
  };
}

function environmentOf(entry: MapEntry | undefined, report: Report): Record<string, string> {
  if (!entry) return {};
  const { keyAt, node } = entry;
  const checked = checkBlock({ node, keyAt, path: 'env', schema: environmentMap }, report);
  return (checked?.value ?? {}) as Record<string, string>;
}

function nowOf(node: Node | undefined, report: Report): number {
  if (!node) return DEFAULT_NOW;
  const value = node.kind === 'scalar' ? node.value : undefined;
  const text = value instanceof Timestamp ? value.text : value;
  const time = typeof text === 'string' && /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const suggestion = 'write it as 2026-01-05T09:00:00Z';
  report.add({ severity: 'error', at: node.at, path: 'now', message: 'this is no time', suggestion });
  return DEFAULT_NOW;
}

function testsOf({ keyAt, node }: MapEntry, report: Report): ConfigTest[] {
  const checked = checkBlock({ node, keyAt, path: 'tests', schema: testList }, report);
  if (!checked || node.kind !== 'list') return [];
  const names = new Set<string>();
  return (checked.value as TestSettings[]).map((settings, index) => {
    const remark = ({ path, ...rest }: ConfigRemark) => checked.remark({ ...rest, path: [index, ...path] });
    const { name, input, pipeline, contains_nowhere: containsNowhere = [] } = settings;
    if (names.has(name))
      remark({ severity: 'error', path: ['name'], message: 'another test of this file has the same name' });
    names.add(name);
    const item = node.items[index] as MapNode;
    return {
      ...{ name, index, containsNowhere, remark, ...(pipeline !== undefined && { pipeline }) },
      inputs: Array.isArray(input) ? input : [input],
      inputPath: (input) => (Array.isArray(settings.input) ? ['input', input] : ['input']),
      expectation: expectationOf(settings, remark),
      line: lineAt(item.entries.get('name')?.node.at ?? item.at),
      lineOf: (record, path) => lineOf(item, record, path),
    };
  });
}

function expectationOf(
  { expect, expect_exactly, error }: TestSettings,
  remark: (remark: ConfigRemark) => void,
): Expectation {
  if (expect === 'dropped') return { kind: 'dropped' };
  if (expect === 'failed') {
    if (error === undefined) return { kind: 'failed' };
    try {
      return { kind: 'failed', error: new Regex(error) };
    } catch (cause) {
      if (!(cause instanceof RegexError)) throw cause;
      remark({ severity: 'error', path: ['error'], message: cause.message });
      return { kind: 'failed' };
    }
  }
  const key = expect === undefined ? 'expect_exactly' : 'expect';
  const exact = key === 'expect_exactly';
  const settings = expect ?? expect_exactly;
  if (settings === undefined) return { kind: 'none' };
  const isList = Array.isArray(settings);
  const records = (isList ? settings : [settings]).map((record, index) => {
    const base = isList ? [key, index] : [key];
    const given = toRecordValue(record) as { readonly [field: string]: Value };
    return compile(given, [], {
      exact,
      problem: ({ path, ...rest }) => remark({ severity: 'error', path: [...base, ...path], ...rest }),
    });
  });
  return { kind: 'records', records, exact };
}

/** Follows the path as far as it is written: an alias or a matcher may end it. */
function lineOf(test: MapNode, record: number, path: Path): number {
  const entry = test.entries.get('expect') ?? test.entries.get('expect_exactly') ?? test.entries.get('name');
  if (!entry) return lineAt(test.at);
  let at = entry.keyAt;
  let node: Node | undefined = entry.node.kind === 'list' ? entry.node.items[record] : entry.node;
  if (node) at = node.at;
  for (const step of path) {
    if (node?.kind === 'list') {
      node = node.items[Number(step)];
      if (node) at = node.at;
    } else if (node?.kind === 'map') {
      const within: MapNode = exactlyIn(node);
      const found = within.entries.get(String(step)) ?? within.entries.get(`$${step}`);
      node = found?.node;
      if (found) at = found.keyAt;
    }
    if (!node) break;
  }
  return lineAt(at);
}

function exactlyIn(node: MapNode): MapNode {
  const inner = node.entries.get('$exactly')?.node;
  return inner?.kind === 'map' ? inner : node;
}

function lineAt({ source, start }: Span): number {
  return source.position(start).line;
}
