import type { Value } from '../../record/value.ts';
import { MAX_LIST, type Path } from './model.ts';

const EVERY = Symbol('every element');
type Step = string | number | typeof EVERY;
export type CompiledPath = readonly Step[];

export function compilePath(path: Path): CompiledPath {
  return [...path.matchAll(/\[(-?\d*)\]|[^.[\]]+/g)].map(([text, index]) =>
    index === undefined ? text : index === '' ? EVERY : Number(index),
  );
}

/** What the path leads to; undefined where it leads nowhere, whatever `value` is. */
export function follow(value: Value, path: CompiledPath, from = 0): Value {
  let here = value;
  for (let i = from; i < path.length; i++) {
    const step = path[i] as Step;
    if (typeof step === 'string') here = get(here, step);
    else if (!Array.isArray(here)) return undefined;
    else if (step === EVERY) return followEach(here, path, i + 1);
    else here = here.at(step);
    if (here === undefined) return undefined;
  }
  return here;
}

/** Apart from `follow`: a closure over its loop would cost an allocation for each step of every path. */
function followEach(list: readonly Value[], path: CompiledPath, from: number): Value {
  return list.slice(0, MAX_LIST).map((element) => follow(element, path, from));
}

/** Only the convention's keys are asked for, none of which any prototype has. */
export function get(value: Value, key: string): Value {
  return isObject(value) ? value[key] : undefined;
}

export function isObject(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
