/** Times from and to numbers since the epoch. */
import { int } from '../../record/value.ts';
import { defineFunction, type OttlFunction } from '../function.ts';
import { int as integer, optional, time } from '../parameter.ts';
import { OttlTime } from '../value.ts';
import { floorDiv } from '../zone/civil.ts';
import { localZone } from '../zone/zone.ts';

const unix = defineFunction({
  name: 'Unix',
  kind: 'converter',
  parameters: { seconds: integer, nanoseconds: optional(integer, '0') },
  summary: 'The time that many seconds and nanoseconds after the epoch.',
  example: {
    statement: 'set(log.attributes["day"], FormatTime(Unix(1709251198), "%F"))',
    after: { attributes: { day: '2024-02-29' } },
  },
  create: ({ seconds, nanoseconds }) => {
    const zone = localZone();
    return (context) => {
      const unixNano = BigInt(seconds(context)) * 1_000_000_000n + BigInt(nanoseconds?.(context) ?? 0);
      return new OttlTime(unixNano, zone);
    };
  },
});

/** Rounded towards the past; what an int64 does not hold wraps. */
function since(name: string, unit: string, nanoseconds: bigint, example: number): OttlFunction {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { time },
    summary: `The ${unit} from the epoch to a time.`,
    example: {
      statement: `set(log.attributes["out"], ${name}(Unix(1, 2000000)))`,
      after: { attributes: { out: example } },
    },
    create: (args) => (context) => int(floorDiv(args.time(context).unixNano, nanoseconds)),
  });
}

export const unixTimes: readonly OttlFunction[] = [
  unix,
  since('UnixMicro', 'microseconds', 1_000n, 1_002_000),
  since('UnixMilli', 'milliseconds', 1_000_000n, 1_002),
  since('UnixNano', 'nanoseconds', 1n, 1_002_000_000),
  since('UnixSeconds', 'seconds', 1_000_000_000n, 1),
];
