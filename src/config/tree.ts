/**
 * A configuration as a tree whose every value and key knows its place. Trees are immutable; parts may be shared (YAML
 * aliases), never circular.
 */
import type { Span } from './source.ts';

export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  /** Where it stands, or where the reference stands that brought it. */
  readonly at: Span;
  /** Present when a `${...}` took part in the value. */
  readonly origin?: Origin;
}

/** Integers beyond 2^53 are bigint. */
export type ScalarValue = string | number | bigint | boolean | null | Timestamp;

/** What YAML takes for a moment in time. No setting is one: they are told from texts because texts need quotes then. */
export class Timestamp {
  /** As RFC 3339. */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A whole number that is written as a double (1.0, 1e3), where that makes a difference: in values that go into records. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }

  toJSON(): number {
    return this.value;
  }
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly at: Span;
  readonly origin?: Origin;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  /** What stands in the source and has no effect: a key written twice, or one that `<<` gave. Only masking looks at it. */
  readonly shadowed?: readonly (readonly [key: string, entry: MapEntry])[];
  readonly at: Span;
  readonly origin?: Origin;
}

export interface MapEntry {
  readonly keyAt: Span;
  readonly node: Node;
  /** The key itself came out of a `${...}`. */
  readonly hidden?: boolean;
}

/** How a value came out of `${...}`. Nothing of such a value is ever printed. */
export interface Origin {
  /** For people: "environment variable NAME", "file PATH". */
  readonly label: string;
  /** What the references gave, as text: used where the field wants a text. Absent inside of an expanded map or list. */
  readonly text?: string;
  /** Environment variables in it that are not set and have no default. */
  readonly unset: readonly string[];
  /** Something of it came from the web. */
  readonly remote?: boolean;
  /** The reference could not be resolved, which is already reported: no further complaint about this value. */
  readonly failed?: boolean;
}

/** Whether nothing, or `null`, is written there. */
export const isNull = (node: Node): boolean => node.kind === 'scalar' && node.value === null;

/** Whether somebody on the web wrote any of it. */
export function isRemote(node: Node): boolean {
  if (node.at.source.kind === 'remote' || node.origin?.remote) return true;
  if (node.kind === 'scalar') return false;
  if (node.kind === 'list') return node.items.some(isRemote);
  return [...node.entries.values()].some((entry) => entry.keyAt.source.kind === 'remote' || isRemote(entry.node));
}

/** Whether the lists at a path are joined. */
export type Joins = (path: readonly string[]) => boolean;

/** The Collector's rule: maps join recursively, everything else is replaced by the later one, but for lists that `joins`. */
export function merge(base: Node, over: Node, joins: Joins = () => false, path: readonly string[] = []): Node {
  if (base.kind === 'list' && over.kind === 'list' && joins(path)) return joined(base, over);
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const before = entries.get(key);
    entries.set(key, before ? { ...entry, node: merge(before.node, entry.node, joins, [...path, key]) } : entry);
  }
  return { ...over, entries };
}

/** What the later one has and the earlier has not comes behind it. Compared as written. */
function joined(base: ListNode, over: ListNode): ListNode {
  const items = [...base.items];
  const known = new Set(items.map(asText));
  for (const item of over.items) {
    const text = asText(item);
    if (!known.has(text)) items.push(item);
    known.add(text);
  }
  return { ...over, items };
}

/** The same for equal trees only. JSON knows neither integers beyond 2^53 nor what is no number. */
function asText(node: Node): string {
  switch (node.kind) {
    case 'scalar': {
      const value = toPlain(node);
      return typeof value === 'string' ? JSON.stringify(value) : String(value);
    }
    case 'list':
      return `[${node.items.map(asText).join()}]`;
    case 'map':
      return `{${[...node.entries].map(([key, entry]) => `${JSON.stringify(key)}:${asText(entry.node)}`).join()}}`;
  }
}

/** The tree as plain data, places forgotten. Objects have no prototype, so that every key is only a key. */
export function toPlain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value instanceof Timestamp ? node.value.text : node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of node.entries) result[key] = toPlain(entry.node);
  return result;
}
