/** What a calendar and a clock show of a time, in its own zone. */
import { defineFunction, type OttlFunction } from '../function.ts';
import { time } from '../parameter.ts';
import { type Civil, civilOf } from '../zone/civil.ts';

const EXAMPLE_TIME = 'Time("2024-02-29T23:05:58.000000007Z", "%Y-%m-%dT%H:%M:%S.%sZ")';

function partOf(
  name: string,
  summary: string,
  example: number,
  read: (civil: Civil & { readonly weekday: number }) => number,
): OttlFunction {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { time },
    summary,
    example: {
      statement: `set(log.attributes["${name.toLowerCase()}"], ${name}(${EXAMPLE_TIME}))`,
      after: { attributes: { [name.toLowerCase()]: example } },
    },
    create: (args) => (context) => read(civilOf(args.time(context))),
  });
}

export const timeParts: readonly OttlFunction[] = [
  partOf('Day', 'The day of the month of a time, from 1.', 29, ({ day }) => day),
  partOf('Hour', 'The hour of a time, from 0 to 23.', 23, ({ hour }) => hour),
  partOf('Minute', 'The minute of a time, from 0 to 59.', 5, ({ minute }) => minute),
  partOf('Month', 'The month of a time, from 1 to 12.', 2, ({ month }) => month),
  partOf('Nanosecond', 'The nanosecond within the second of a time.', 7, ({ nanosecond }) => nanosecond),
  partOf('Second', 'The second of a time, from 0 to 59.', 58, ({ second }) => second),
  partOf('Weekday', 'The day of the week of a time, from 0 on a Sunday to 6.', 4, ({ weekday }) => weekday),
  partOf('Year', 'The year of a time.', 2024, ({ year }) => year),
];
