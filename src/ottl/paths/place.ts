/** What paths are made of: the fields of a context and the targets that they stand for. */
import { isInt, type Value, type ValueMap } from '../../record/value.ts';
import type { TransformContext } from '../context.ts';
import { OttlError } from '../error.ts';
import type { Target } from '../getter.ts';
import { type CompiledKey, getIndexed, goKind, setIndexed } from '../keys.ts';
import { copyMap } from '../store.ts';
import { type Int, isMap, type OttlValue } from '../value.ts';

/** A field of a context, by the names that paths use. */
export interface Place {
  /** For the docs. */
  readonly summary: string;
  readonly type: string;
  /** What it stands for; with keys only where `indexable`. Absent: only its fields stand for something. */
  readonly target?: (keys: readonly CompiledKey[]) => Target;
  readonly indexable?: boolean;
  /** Fields behind a further dot. */
  readonly fields?: Readonly<Record<string, Place>>;
}

/** A field of one kind. What is set must be of that kind. */
export function scalar<T extends OttlValue>(
  summary: string,
  kind: Kind<T>,
  get: (context: TransformContext) => T,
  set: (context: TransformContext, value: T) => void,
): Place {
  const { name, is } = kind;
  const target: Target = {
    get,
    set(context, value) {
      if (!is(value)) throw new OttlError(`expects ${name} but got ${goKind(value)}`);
      set(context, value);
    },
  };
  return { summary, type: name, target: () => target };
}

export interface Kind<T> {
  readonly name: string;
  is(value: OttlValue): value is T & OttlValue;
}

export const INT: Kind<Int> = { name: 'int64', is: (value): value is Int => isInt(value) };
export const STRING: Kind<string> = { name: 'string', is: (value): value is string => typeof value === 'string' };

/** Attributes, or another map that is always there. */
export function mapPlace(summary: string, of: (context: TransformContext) => ValueMap): Place {
  return {
    summary,
    type: 'pcommon.Map',
    indexable: true,
    target(keys) {
      if (keys.length > 0) {
        return {
          get: (context) => getIndexed(of(context), keys, context),
          set: (context, value) => setIndexed(of(context), keys, context, value),
        };
      }
      return {
        get: of,
        set: (context, value) => replaceMap(of(context), value),
      };
    },
  };
}

/** The map keeps its identity, so that whoever holds it sees the change. */
function replaceMap(map: ValueMap, value: OttlValue): void {
  if (value === undefined || value === map) return;
  if (!isMap(value)) throw new OttlError(`unsupported type provided for setting a pcommon.Map: ${goKind(value)}`);
  const copy = copyMap(value);
  for (const key of Object.keys(map)) delete map[key];
  for (const key of Object.keys(copy)) {
    Object.defineProperty(map, key, {
      value: copy[key] as Value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

/** An int64 cut to an unsigned integer of 32 bits. */
export function uint32(value: Int): number {
  return Number(BigInt.asUintN(32, BigInt(value)));
}
