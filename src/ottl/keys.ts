/** Indexes on maps and lists: `attributes["a"][0]`, read and written, as the Collector's contexts do. */
import { getOwn, isInt, setOwn, type Value, type ValueMap } from '../record/value.ts';
import type { TransformContext } from './context.ts';
import { OttlError, within } from './error.ts';
import type { Getter } from './getter.ts';
import { copyForRecord } from './store.ts';
import { type Int, isList, isMap, kindName, type OttlValue, pdataKind } from './value.ts';

/** One index, compiled. */
export type CompiledKey =
  | { readonly kind: 'literal'; readonly value: string | Int }
  | { readonly kind: 'computed'; readonly value: Getter };

function mapKey(key: CompiledKey, context: TransformContext, before = ''): string {
  return resolve(key, context, 'string', `${before}unable to resolve a string index in map`) as string;
}

function listIndex(key: CompiledKey, context: TransformContext, length: number): number {
  const index = resolve(key, context, 'int64', 'unable to resolve an integer index in slice') as Int;
  if (index < 0 || index >= length) throw new OttlError(`index ${index} out of bounds`);
  return Number(index);
}

function resolve(key: CompiledKey, context: TransformContext, kind: 'string' | 'int64', problem: string): string | Int {
  const value = key.kind === 'literal' ? key.value : within(`${problem}: `, () => key.value(context));
  if (kindName(value) === kind) return value as string | Int;
  if (key.kind === 'literal') throw new OttlError(`${problem}: invalid key type`);
  const got = value === undefined ? '<nil>' : kindName(value);
  throw new OttlError(`${problem}: could not resolve key for map/slice, expecting '${kind}' but got '${got}'`);
}

/** nil for what is not there; beyond the end of a list is an error. */
export function getIndexed(value: OttlValue, keys: readonly CompiledKey[], context: TransformContext): OttlValue {
  let current = value;
  for (const [index, key] of keys.entries()) {
    if (isMap(current)) {
      const name = mapKey(key, context, index === 0 ? 'cannot get map value: ' : '');
      if (!Object.hasOwn(current, name)) return undefined;
      current = current[name];
    } else if (isList(current)) {
      current = current[listIndex(key, context, current.length)];
    } else {
      throw new OttlError(`type ${pdataKind(current)} does not support string indexing`);
    }
  }
  return current === null ? undefined : current;
}

/**
 * Sets what the indexes lead to inside of a map or list of the record. Missing and empty places on the way become maps or
 * lists, as the key is a text or an integer.
 */
export function setIndexed(
  root: ValueMap | Value[],
  keys: readonly CompiledKey[],
  context: TransformContext,
  value: OttlValue,
): void {
  let container = root;
  for (const [index, key] of keys.entries()) {
    const slot = slotIn(container, key, context, index === 0 ? 'cannot set map value: ' : '');
    const current = slot.get();
    const next = keys[index + 1];
    if (!next) {
      // The place is made first, also for nil and for what can't be set; and it is emptied before a map or a list that may
      // contain it is copied there.
      slot.set(isMap(value) && !isMap(current) ? {} : isList(value) && !isList(current) ? [] : current);
      if (value !== undefined) slot.set(copyForRecord(value, current));
      return;
    }
    if (isMap(current) || isList(current)) container = current as ValueMap | Value[];
    else if (current === undefined || current === null) {
      slot.set(current);
      container = emptyFor(next, context);
      slot.set(container);
    } else throw new OttlError(`type ${pdataKind(current)} does not support string indexing`);
  }
}

interface Slot {
  get(): Value;
  set(value: Value): void;
}

function slotIn(container: ValueMap | Value[], key: CompiledKey, context: TransformContext, before: string): Slot {
  if (Array.isArray(container)) {
    const index = listIndex(key, context, container.length);
    return {
      get: () => container[index],
      set: (value) => {
        container[index] = value ?? null;
      },
    };
  }
  const name = mapKey(key, context, before);
  return { get: () => getOwn(container, name), set: (value) => setOwn(container, name, value ?? null) };
}

/** The most empty items that an index may make: beyond that it is a slip, or an attack. */
const MAX_NEW_ITEMS = 100_000;

function emptyFor(key: CompiledKey, context: TransformContext): ValueMap | Value[] {
  const value = key.kind === 'literal' ? key.value : orNil(() => key.value(context));
  if (typeof value === 'string') return {};
  if (!isInt(value)) {
    throw new OttlError('neither a string nor an int index was given, this is an error in the OTTL');
  }
  if (value < 0 || value > MAX_NEW_ITEMS) throw new OttlError(`index ${value} out of bounds`);
  return new Array<Value>(Number(value) + 1).fill(null);
}

function orNil(get: () => OttlValue): OttlValue {
  try {
    return get();
  } catch (error) {
    if (error instanceof OttlError) return undefined;
    throw error;
  }
}

/** Of what a converter yields: here a missing key is an error. */
export function indexResult(value: OttlValue, keys: readonly CompiledKey[], context: TransformContext): OttlValue {
  let current = value;
  for (const key of keys) {
    const index = key.kind === 'literal' ? key.value : computed(key.value(context));
    if (typeof index === 'string') {
      if (!isMap(current)) throw new OttlError(`type ${goKind(current)} does not support string indexing`);
      if (!Object.hasOwn(current, index)) throw new OttlError('key not found in map');
      current = current[index];
    } else {
      if (current instanceof Uint8Array) current = Array.from(current);
      if (!isList(current)) throw new OttlError(`type ${goKind(current)} does not support int indexing`);
      if (index < 0 || index >= current.length) throw new OttlError(`index ${index} out of bounds`);
      current = current[Number(index)];
    }
  }
  return current === null ? undefined : current;
}

function computed(value: OttlValue): string | Int {
  if (typeof value === 'string' || isInt(value)) return value;
  if (value === undefined) throw new OttlError('key expression returned nil, expected an int or string');
  throw new OttlError(`key expression must evaluate to string or int, got ${kindName(value)}`);
}

/** As Go prints the type of any value: nil has none. */
export function goKind(value: OttlValue): string {
  return value === undefined || value === null ? '<nil>' : kindName(value);
}
