/** XPath 1.0, with the functions that the Collector's library has beyond it. */
import { createRequire } from 'node:module';
import { Regex } from '../../regex/regex.ts';
import { OttlError, textOf } from '../error.ts';
import { DomAttribute, type DomNode, DomTree } from './dom.ts';
import type { XmlNode } from './node.ts';

/** The nodes that it selects in a tree, in the order in which they are found. @throws {OttlError} */
export type XPath = (root: XmlNode) => XmlNode[];

interface Value {
  stringValue(): string;
  /** Of a node set only. */
  toUnsortedArray?(): readonly (DomNode | DomAttribute)[];
}

interface Library {
  parse(text: string): { evaluate(options: object): Value };
}

const FUNCTIONS = {
  'lower-case': (_: unknown, text: Value) => text.stringValue().toLowerCase(),
  'ends-with': (_: unknown, text: Value, end: Value) => text.stringValue().endsWith(end.stringValue()),
  matches: (_: unknown, text: Value, pattern: Value) => new Regex(pattern.stringValue()).test(text.stringValue()),
  replace: (_: unknown, value: Value, pattern: Value, by: Value) => {
    const regex = new Regex(pattern.stringValue());
    const text = value.stringValue();
    // A digit behind a group's number is none of it.
    const template = by.stringValue().replace(/\$(\d)/g, (_, digit) => `\${${digit}}`);
    return regex.replaceAll(text, (match) => regex.expand(template, text, match));
  },
  'string-join': (_: unknown, nodes: Value, separator: Value) =>
    (nodes.toUnsortedArray?.() ?? []).map((node) => node.nodeValue ?? '').join(separator.stringValue()),
};

const KNOWN = new Set([
  ...Object.keys(FUNCTIONS),
  ...['starts-with', 'contains', 'substring', 'substring-before', 'substring-after', 'string-length'],
  ...['normalize-space', 'translate', 'not', 'name', 'local-name', 'namespace-uri', 'true', 'false', 'last'],
  ...['position', 'boolean', 'number', 'string', 'count', 'sum', 'ceiling', 'floor', 'round', 'concat'],
  ...['text', 'node', 'comment', 'processing-instruction', 'and', 'or', 'div', 'mod'],
]);

/** @throws {OttlError} for an expression that is none */
export function compileXPath(text: string): XPath {
  const library = createRequire(import.meta.url)('xpath') as Library;
  const wrong = (what: string) => new OttlError(`invalid xpath: ${what}`);
  if (text === '') throw wrong('expr expression is nil');
  for (const [, name = ''] of text.replace(/"[^"]*"|'[^']*'/g, '""').matchAll(/([a-z][\w-]*)\s*\(/gi)) {
    if (!KNOWN.has(name)) throw wrong(`not yet support this function ${name}()`);
  }
  let expression: ReturnType<Library['parse']>;
  try {
    expression = library.parse(text);
  } catch {
    throw wrong('expression must evaluate to a node-set');
  }
  return (root) => {
    const node = new DomTree(root).root;
    try {
      const found = expression.evaluate({ node, namespaces: (prefix: string) => prefix, functions: FUNCTIONS });
      const nodes = new Set(found.toUnsortedArray?.() ?? []);
      return [...nodes].map((each) => (each instanceof DomAttribute ? each.toNode() : each.node));
    } catch (error) {
      throw new OttlError(textOf(error));
    }
  };
}
