/**
 * Settings and attributes on their way to another thread: what the thread gets by itself loses the class of every object, and ours mean
 * something (a secret, a double). So each value goes as itself or as a list that begins with what it is.
 */
import { Secret } from '../../config/secret.ts';
import { Double } from '../../record/value.ts';

export type Portable =
  | Primitive
  | Uint8Array
  | readonly ['list', readonly Portable[]]
  | readonly ['record', readonly (readonly [string, Portable])[]]
  | readonly ['secret', string]
  | readonly ['double', number];

type Primitive = string | number | boolean | bigint | null | undefined;

/**
 * Lists and maps inside each other that go: encoders write fewer. What is deeper can't be read from a message, which would cost the thread,
 * or overflows the smaller stack of the other side.
 */
const MAX_DEPTH = 200;

/** There is something in it that only its own thread can use: a function, an object of another class. Or it is too deep. */
export class NotPortable extends Error {
  constructor() {
    super('not portable');
    this.name = 'NotPortable';
  }
}

/** @throws {NotPortable} */
export function toPortable(value: unknown): Portable {
  return portable(value, 0);
}

/** @param depth so many lists and maps are around it */
function portable(value: unknown, depth: number): Portable {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : objectToPortable(value, depth);
    default:
      throw new NotPortable();
  }
}

function objectToPortable(value: object, depth: number): Portable {
  if (depth > MAX_DEPTH) throw new NotPortable();
  if (Array.isArray(value)) return ['list', value.map((inner) => portable(inner, depth + 1))];
  // A copy: of a part, the whole would go along.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Secret) return ['secret', value.reveal()];
  if (value instanceof Double) return ['double', value.value];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotPortable();
  return ['record', Object.entries(value).map(([key, inner]) => [key, portable(inner, depth + 1)] as const)];
}

/** About how many bytes it takes in memory: of large ones nearly all. */
export function weightOf(value: Portable): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof Uint8Array) return value.length;
  switch (value[0]) {
    case 'list':
      return value[1].reduce<number>((sum, inner) => sum + weightOf(inner), 32);
    case 'record':
      return value[1].reduce((sum, [key, inner]) => sum + key.length + weightOf(inner), 32);
    default:
      return 32;
  }
}

export function fromPortable(value: Portable): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  switch (value[0]) {
    case 'list':
      return value[1].map(fromPortable);
    case 'record':
      return Object.fromEntries(value[1].map(([key, inner]) => [key, fromPortable(inner)]));
    case 'secret':
      return new Secret(value[1]);
    case 'double':
      return new Double(value[1]);
  }
}
