/** What a statement says, with the place of every part. */
import type { Int } from '../value.ts';

/** From `start` to before `end`, offsets in the statement's text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Statement {
  readonly editor: Call;
  readonly where?: Condition;
}

export type Condition =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'constant'; readonly value: boolean }
  | {
      readonly kind: 'comparison';
      readonly left: Expression;
      readonly operator: Comparison;
      readonly right: Expression;
    }
  | { readonly kind: 'test'; readonly call: Call };

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Expression =
  | ({ readonly kind: 'literal'; readonly value: string | Int | boolean | Uint8Array | undefined } & Calculable & Range)
  /** Kept apart from integers: 1.0 is a double. */
  | ({ readonly kind: 'float'; readonly value: number } & Calculable & Range)
  | ({ readonly kind: 'enum'; readonly name: string } & Range)
  | Path
  | Call
  | ({ readonly kind: 'list'; readonly items: readonly Expression[] } & Range)
  | ({ readonly kind: 'map'; readonly entries: readonly (readonly [key: string, value: Expression])[] } & Range)
  | ({
      readonly kind: 'math';
      readonly left: Expression;
      readonly operator: MathOperator;
      readonly right: Expression;
    } & Range)
  | ({ readonly kind: 'negation'; readonly of: Expression } & Range);

/** With a sign before it, or in parentheses, it is a calculation to the grammar: no literal and no path where one must stand. */
interface Calculable {
  readonly calculated?: boolean;
}

export type MathOperator = '+' | '-' | '*' | '/';

/** `log.attributes["a"][0]` */
export interface Path extends Range, Calculable {
  readonly kind: 'path';
  /** What stands before the first dot: a context's name, or the first field where no context is named. */
  readonly context?: string;
  readonly fields: readonly Field[];
}

export interface Field extends Range {
  readonly name: string;
  readonly keys: readonly Key[];
}

export type Key =
  | ({ readonly kind: 'literal'; readonly value: string | Int } & Range)
  | ({ readonly kind: 'computed'; readonly value: Expression } & Range);

/** Of an editor or a converter. */
export interface Call extends Range {
  readonly kind: 'call';
  readonly name: string;
  readonly nameEnd: number;
  readonly arguments: readonly Argument[];
  readonly keys: readonly Key[];
}

export interface Argument extends Range {
  readonly name?: string;
  /** Either is there. */
  readonly value?: Expression;
  /** The bare name of a converter. One in capitals only (`SHA256`) is read as an enum, as in the Collector. */
  readonly functionName?: string;
}

/** Calls `visit` with every expression in it, outermost first, the bare calls of conditions among them. */
export function walk(node: Statement | Condition | Expression, visit: (expression: Expression) => void): void {
  if ('editor' in node) {
    walk(node.editor, visit);
    if (node.where) walk(node.where, visit);
    return;
  }
  if (isExpression(node)) visit(node);
  for (const part of partsOf(node)) walk(part, visit);
}

function isExpression(node: Condition | Expression): node is Expression {
  return 'start' in node;
}

function partsOf(node: Condition | Expression): readonly (Condition | Expression)[] {
  switch (node.kind) {
    case 'or':
    case 'and':
      return node.parts;
    case 'not':
      return [node.part];
    case 'comparison':
    case 'math':
      return [node.left, node.right];
    case 'test':
      return [node.call];
    case 'path':
      return node.fields.flatMap(({ keys }) => inKeys(keys));
    case 'call':
      return [...node.arguments.flatMap(({ value }) => value ?? []), ...inKeys(node.keys)];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.map(([, value]) => value);
    case 'negation':
      return [node.of];
    default:
      return [];
  }
}

function inKeys(keys: readonly Key[]): Expression[] {
  return keys.flatMap((key) => (key.kind === 'computed' ? key.value : []));
}

/** A path as the Collector's messages write it: keys without their quotes, computed ones left out. */
export function pathText({ context, fields }: Path): string {
  const names = fields.map(({ name, keys }) => `${name}${keysText(keys)}`);
  return [...(context === undefined ? [] : [context]), ...names].join('.');
}

export function keysText(keys: readonly Key[]): string {
  return keys.map((key) => `[${key.kind === 'literal' ? key.value : ''}]`).join('');
}
