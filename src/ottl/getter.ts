/** How functions reach their arguments: compiled once, called for each record. */
import type { ValueMap } from '../record/value.ts';
import type { TransformContext } from './context.ts';
import type { OttlValue } from './value.ts';

/**
 * Gives the argument's value for a record; throws an OttlError where there is none of the wanted kind. What it gives may be
 * part of the record itself: read it, do not change it.
 */
export interface Getter<T = OttlValue> {
  (context: TransformContext): T;
  /** Present where the value stands in the statement and is the same for all records: prepare it in `create`. */
  readonly literal?: { readonly value: T };
}

/** A path that an editor changes. */
export interface Target<T = OttlValue> {
  /** As a getter's. Of a `Target<ValueMap>`, the map is the record's own and may be changed in place; call `set` afterwards. */
  get(context: TransformContext): T;
  /** Copies the value, so that two places never share a map. @throws {OttlError} where the place can't hold it */
  set(context: TransformContext, value: T): void;
}

/** A target that must hold a map. @see Target */
export type MapTarget = Target<ValueMap>;

/** A function given as an argument: `replace_pattern(target, pattern, "$1", SHA256)`. */
export interface FunctionReference {
  readonly name: string;
  /** Calls it with that text alone. @throws {OttlError} also where it does not take exactly one text */
  call(context: TransformContext, text: string): OttlValue;
}

export function literal<T>(value: T): Getter<T> {
  return Object.assign(() => value, { literal: { value } });
}

/** A getter that is computed from another, at once where that one is a literal. @throws what `map` throws then */
export function mapped<S, T>(getter: Getter<S>, map: (value: S) => T): Getter<T> {
  return getter.literal ? literal(map(getter.literal.value)) : (context) => map(getter(context));
}
