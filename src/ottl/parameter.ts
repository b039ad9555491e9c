/**
 * The parameters of functions, as data: from them come the checks of a call's arguments, the types that `create` gets, the
 * documentation and what an editor offers.
 */

import type { ValueMap } from '../record/value.ts';
import type { FunctionReference, Getter, MapTarget, Target } from './getter.ts';
import type { Int, OttlDuration, OttlTime, OttlValue } from './value.ts';

/** What may stand there: the names are the Collector's. */
export type ParameterKind =
  | `${'' | 'String' | 'StringLike' | 'Int' | 'IntLike' | 'Float' | 'FloatLike' | 'Bool' | 'BoolLike'}Getter`
  | `${'Time' | 'Duration' | 'PMap' | 'PSlice' | 'ByteSliceLike'}Getter`
  | 'GetSetter'
  | 'PMapGetSetter'
  | 'PSliceGetSetter'
  | 'FunctionGetter'
  | 'string'
  | 'int64'
  | 'float64'
  | 'bool';

export interface Parameter<out T = unknown> {
  readonly kind: ParameterKind;
  /** A list of these, written `[a, b]`. */
  readonly list: boolean;
  readonly optional: boolean;
  /** For the docs: what happens, or which value counts, where it is left out. */
  readonly otherwise?: string;
  /** Never there: it carries the type for `Arguments`. */
  readonly type?: T;
}

/**
 * In order. A key is the name of the Collector's field with its first letter in lower case (`replacementFormat`), so that the
 * same names are taken in calls: `replacementFormat=` and `replacement_format=`.
 */
export type Parameters = Readonly<Record<string, Parameter>>;

/** What `create` gets: by name; optional ones that were left out are undefined. */
export type Arguments<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

function kind<T>(name: ParameterKind): Parameter<T> {
  return { kind: name, list: false, optional: false };
}

/** Anything. */
export const any = kind<Getter>('Getter');
/** A text and nothing else. */
export const string = kind<Getter<string>>('StringGetter');
/** Anything, as a text: see coerce.ts. undefined for nil, as with all the "like" kinds. */
export const stringLike = kind<Getter<string | undefined>>('StringLikeGetter');
export const int = kind<Getter<Int>>('IntGetter');
export const intLike = kind<Getter<Int | undefined>>('IntLikeGetter');
/** As a plain number; what a function yields as a double goes through `double()` of record/value.ts. */
export const floatLike = kind<Getter<number | undefined>>('FloatLikeGetter');
export const boolLike = kind<Getter<boolean | undefined>>('BoolLikeGetter');
export const time = kind<Getter<OttlTime>>('TimeGetter');
export const duration = kind<Getter<OttlDuration>>('DurationGetter');
/** To read; `mapTarget` is the one to change. */
export const map = kind<Getter<ValueMap>>('PMapGetter');
/** To read; `listTarget` is the one to change. */
export const list = kind<Getter<readonly OttlValue[]>>('PSliceGetter');
export const bytesLike = kind<Getter<Uint8Array | undefined>>('ByteSliceLikeGetter');
/** A path that is changed. Also for the Collector's Setter. */
export const target = kind<Target>('GetSetter');
export const mapTarget = kind<MapTarget>('PMapGetSetter');
export const listTarget = kind<Target<readonly OttlValue[]>>('PSliceGetSetter');
/** The bare name of a converter. */
export const functionName = kind<FunctionReference>('FunctionGetter');

/** What must stand in the statement itself. */
export const literal = {
  string: kind<string>('string'),
  int: kind<Int>('int64'),
  float: kind<number>('float64'),
  bool: kind<boolean>('bool'),
};

/** A list of such arguments, each with a getter of its own. */
export function listOf<T>(item: Parameter<T>): Parameter<readonly T[]> {
  return { kind: item.kind, list: true, optional: false };
}

/** @param otherwise for the docs: what counts where it is left out */
export function optional<T>(parameter: Parameter<T>, otherwise?: string): Parameter<T | undefined> {
  return { kind: parameter.kind, list: parameter.list, optional: true, ...(otherwise && { otherwise }) };
}
