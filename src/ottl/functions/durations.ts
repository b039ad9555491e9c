/** Durations and what they are in a unit. */
import { double, int } from '../../record/value.ts';
import { parseDuration } from '../duration.ts';
import { defineFunction, type OttlFunction } from '../function.ts';
import { duration, string } from '../parameter.ts';
import type { OttlDuration } from '../value.ts';

export const durationFunction = defineFunction({
  name: 'Duration',
  kind: 'converter',
  parameters: { duration: string },
  summary: 'The duration written in a text: numbers with the units ns, us, ms, s, m or h.',
  example: {
    statement: 'set(log.attributes["minutes"], Minutes(Duration("1h30m")))',
    after: { attributes: { minutes: double(90) } },
  },
  create: (args) => {
    // What stands in the statement is parsed once; where it is no duration, each record tells, as in the Collector.
    const { literal } = args.duration;
    let known: OttlDuration | undefined;
    return (context) => {
      if (!literal) return parseDuration(args.duration(context));
      known ??= parseDuration(literal.value);
      return known;
    };
  },
});

/** Fractions of a unit that is longer than a second, as Go reckons them. */
function inUnit(name: string, example: number, nanoseconds: bigint): OttlFunction {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { duration },
    summary: `A duration in ${name.toLowerCase()}, as a double.`,
    example: {
      statement: `set(log.attributes["out"], ${name}(Duration("90m")))`,
      after: { attributes: { out: double(example) } },
    },
    create: (args) => (context) => {
      const value = args.duration(context).nanoseconds;
      return double(Number(value / nanoseconds) + Number(value % nanoseconds) / Number(nanoseconds));
    },
  });
}

function inWholeUnit(name: string, example: number, nanoseconds: bigint): OttlFunction {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { duration },
    summary: `A duration in ${name.toLowerCase()}, as a whole number.`,
    example: {
      statement: `set(log.attributes["out"], ${name}(Duration("90m")))`,
      after: { attributes: { out: example } },
    },
    create: (args) => (context) => int(args.duration(context).nanoseconds / nanoseconds),
  });
}

export const durations: readonly OttlFunction[] = [
  durationFunction,
  inUnit('Hours', 1.5, 3_600_000_000_000n),
  inUnit('Minutes', 90, 60_000_000_000n),
  inUnit('Seconds', 5400, 1_000_000_000n),
  inWholeUnit('Milliseconds', 5_400_000, 1_000_000n),
  inWholeUnit('Microseconds', 5_400_000_000, 1_000n),
  inWholeUnit('Nanoseconds', 5_400_000_000_000, 1n),
];
