import { double } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { floatLike } from '../parameter.ts';
import { print } from '../sprintf/print.ts';

export const log = defineFunction({
  name: 'Log',
  kind: 'converter',
  parameters: { target: floatLike },
  summary: 'The natural logarithm of a number greater than zero.',
  example: {
    statement: 'set(log.attributes["magnitude"], Log(log.body))',
    before: { body: 1 },
    after: { attributes: { magnitude: double(0) } },
  },
  create:
    ({ target }) =>
    (context) => {
      const value = target(context);
      if (value === undefined) throw new OttlError('invalid input: <nil>');
      if (value <= 0) {
        throw new OttlError(`invalid input: expected number greater than zero but got ${print(double(value), 'v')}`);
      }
      return double(logarithm(value));
    },
});

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Of the series in the square of s, by the algorithm of FreeBSD's library. */
const SERIES = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
] as const;

/** That of the Collector to the last bit, in which Math.log may differ. */
function logarithm(value: number): number {
  if (Number.isNaN(value) || value === Infinity) return value;
  let power = 0;
  let fraction = value;
  if (fraction < 2 ** -1022) {
    fraction *= 2 ** 52;
    power = -52;
  }
  while (fraction >= 2 ** 32) {
    fraction /= 2 ** 32;
    power += 32;
  }
  while (fraction < 2 ** -32) {
    fraction *= 2 ** 32;
    power -= 32;
  }
  for (; fraction >= Math.SQRT2; power++) fraction /= 2;
  for (; fraction < Math.SQRT1_2; power--) fraction *= 2;
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const [l1, l2, l3, l4, l5, l6, l7] = SERIES;
  const odd = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)));
  const even = s4 * (l2 + s4 * (l4 + s4 * l6));
  const half = 0.5 * f * f;
  return power * LN2_HIGH - (half - (s * (half + (odd + even)) + power * LN2_LOW) - f);
}
