/**
 * Values as pipelines see them: the SDK's AnyValue, and what the Collector's data model has beyond it. OTLP tells integers
 * (int64) from doubles, JavaScript does not:
 *
 * - an integer is a `number` that is a safe integer, or a `bigint` beyond 2^53;
 * - a double is any other `number` (fractions, what is too large, -0, NaN), or a `Double` where it would be taken for an integer.
 *
 * Make them with `int` and `double`, so that each has one form only.
 */
export type Value =
  | string
  | number
  | boolean
  | bigint
  | Double
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value }
  | null
  | undefined;

/** Changed in place by processors. `__proto__` is a key like any other: set keys with `setOwn`. */
export type ValueMap = { [key: string]: Value };

/** A double that is a whole number: 1.0. To code that knows nothing of it, it behaves as the number. */
export class Double {
  readonly value: number;

  /** @param value a safe integer; `double` decides whether one is needed */
  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return String(this.value);
  }
}

/** The double in its one form. */
export function double(value: number): number | Double {
  return isSafe(value) ? new Double(value) : value;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

export function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

/** The integer in its one form; beyond int64 it wraps, as in Go. */
export function int(value: number | bigint): number | bigint {
  if (typeof value === 'number' && isSafe(value)) return value;
  const wrapped = BigInt.asIntN(64, BigInt(value));
  const number = Number(wrapped);
  return Number.isSafeInteger(number) ? number : wrapped;
}

/** Whether OTLP writes it as an integer. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'number' ? isSafe(value) : typeof value === 'bigint' && isInt64(value);
}

/** Whether OTLP writes it as a double. */
export function isDouble(value: unknown): value is number | bigint | Double {
  if (typeof value === 'number') return !isSafe(value);
  return value instanceof Double || (typeof value === 'bigint' && !isInt64(value));
}

/** Of an integer or a double. */
export function toNumber(value: number | bigint | Double): number {
  return typeof value === 'number' ? value : Number(value);
}

/** A map: no list, no bytes, no double. */
export function isMap(value: unknown): value is ValueMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Double)
  );
}

/** A copy that shares no map, list or bytes with it. */
export function copyValue(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyValue);
  if (value instanceof Uint8Array) return value.slice();
  if (!isMap(value)) return value;
  const copy: ValueMap = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyValue(value[key]));
  return copy;
}

/** Sets a key that came from outside: `__proto__` becomes a key like any other instead of the prototype. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** What a map has under a key of its own. */
export function getOwn<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** -0 and what a double holds only roughly are no integers. */
function isSafe(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}
