/** From what stands in a call to what `create` gets: the coercions of each kind of parameter. */
import {
  asBool,
  asDuration,
  asFloat,
  asInt,
  asList,
  asMap,
  asString,
  asTime,
  likeBool,
  likeBytes,
  likeFloat,
  likeInt,
  likeString,
} from './coerce.ts';
import { type Getter, mapped, type Target } from './getter.ts';
import type { ParameterKind } from './parameter.ts';
import type { OttlValue } from './value.ts';

const COERCIONS: { readonly [Kind in ParameterKind]?: (value: OttlValue) => unknown } = {
  StringGetter: asString,
  StringLikeGetter: likeString,
  IntGetter: asInt,
  IntLikeGetter: likeInt,
  FloatGetter: asFloat,
  FloatLikeGetter: likeFloat,
  BoolGetter: asBool,
  BoolLikeGetter: likeBool,
  TimeGetter: asTime,
  DurationGetter: asDuration,
  PMapGetter: asMap,
  PSliceGetter: asList,
  ByteSliceLikeGetter: likeBytes,
};

/** The getter of that kind over any getter. @throws {OttlError} where it is a literal of another kind */
export function coerced(kind: ParameterKind, getter: Getter): Getter<unknown> {
  const coerce = COERCIONS[kind];
  return coerce ? mapped(getter, coerce) : getter;
}

/** A target that holds what the kind says when it is read. */
export function coercedTarget(kind: ParameterKind, target: Target): Target<unknown> {
  const coerce = kind === 'PMapGetSetter' ? asMap : kind === 'PSliceGetSetter' ? asList : undefined;
  if (!coerce) return target as Target<unknown>;
  return {
    get: (context) => coerce(target.get(context)),
    set: (context, value) => target.set(context, value as OttlValue),
  };
}
