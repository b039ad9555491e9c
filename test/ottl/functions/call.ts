/** Functions without a statement around them: plain values as arguments, as if they stood in a record. */
import { coerced, coercedTarget } from '../../../src/ottl/arguments.ts';
import type { TransformContext } from '../../../src/ottl/context.ts';
import type { OttlFunction } from '../../../src/ottl/function.ts';
import { type Getter, literal, type Target } from '../../../src/ottl/getter.ts';
import type { Parameter, Parameters } from '../../../src/ottl/parameter.ts';
import type { OttlValue } from '../../../src/ottl/value.ts';
import { RecordResource } from '../../../src/record/resource.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const context: TransformContext = { resource: new RecordResource(), cache: {} };

/** A place for a target argument: after the call, `value` is what the editor left there. */
export interface Place {
  value: OttlValue;
}

export interface CallOptions {
  /** The arguments stand in the statement, so that `create` may prepare them and refuse them. */
  readonly literal?: boolean;
  readonly clock?: FakeClock;
}

/**
 * Creates the function and evaluates it once. Arguments by name: a value for getters (a list of them for lists), the value
 * itself for literals, a `Place` for targets, a FunctionReference for function names.
 */
export function call<P extends Parameters>(
  definition: OttlFunction<P>,
  given: { readonly [Name in keyof P]?: unknown },
  options: CallOptions = {},
): OttlValue {
  const args = Object.entries(definition.parameters).map(([name, parameter]) => {
    const value = (given as Record<string, unknown>)[name];
    // What was left out is undefined; a parameter that is named with undefined gets nil.
    if (!Object.hasOwn(given, name)) return [name, undefined];
    return [
      name,
      parameter.list
        ? (value as unknown[]).map((item) => argument(parameter, item, options))
        : argument(parameter, value, options),
    ];
  });
  const environment = { clock: options.clock ?? new FakeClock(Date.UTC(2026, 0, 10)), random: () => 0.5 };
  return definition.create(Object.fromEntries(args), environment)(context);
}

function argument({ kind }: Parameter, value: unknown, options: CallOptions): unknown {
  if (kind.endsWith('GetSetter')) return coercedTarget(kind, placeTarget(value as Place));
  if (!kind.endsWith('Getter') || kind === 'FunctionGetter') return value;
  const getter: Getter = options.literal ? literal(value as OttlValue) : () => value as OttlValue;
  return coerced(kind, getter);
}

function placeTarget(place: Place): Target {
  return {
    get: () => place.value,
    set: (_, value) => {
      place.value = value;
    },
  };
}
