import { z } from 'zod';
import { uint32 } from '../../config/blocks/scalars.ts';

/** 2^-56, below which no threshold tells a rate from none. */
export const MIN_PROBABILITY = 2 ** -56;

const MODES = ['hash_seed', 'equalizing', 'proportional', ''];
const SOURCES = ['traceID', 'record', ''];

const percentage = z
  .number({
    error: ({ input }) => (typeof input === 'number' && !Number.isFinite(input) ? invalidRate(input) : undefined),
  })
  .default(0)
  .transform(toSingle)
  .describe('How many records of a hundred are kept; 100 and more are all.');

const settings = z.strictObject({
  sampling_percentage: percentage,
  hash_seed: uint32(0).describe(
    'Of the hash in mode hash_seed: the same seed everywhere keeps the same records everywhere.',
  ),
  mode: z
    .string()
    .default('')
    .refine((mode) => MODES.includes(mode), {
      error: ({ input }) => `unsupported sampler mode ${JSON.stringify(input)}`,
    })
    .describe(
      'hash_seed (also when empty): by a hash of the trace id or an attribute. equalizing and proportional: by the randomness of the trace id, as OpenTelemetry specifies it.',
    ),
  fail_closed: z
    .boolean()
    .default(true)
    .describe('true drops records that give no randomness (no trace id, no attribute), false keeps them.'),
  sampling_precision: z
    .number()
    .int()
    .default(4)
    .describe('Hexadecimal digits of the threshold, up to 14, in the modes equalizing and proportional.'),
  attribute_source: z
    .string()
    .default('traceID')
    .describe('traceID: from_attribute counts where there is no trace id. record: only from_attribute counts.'),
  from_attribute: z.string().default('').describe('Attribute of the record whose value is hashed, in mode hash_seed.'),
  sampling_priority: z
    .string()
    .default('')
    .describe('Attribute of the record that holds its own percentage, which then counts instead.'),
});

export type SamplerConfig = z.output<typeof settings>;

export const config = settings.superRefine((entry, context) => {
  const problem = problemOf(entry);
  if (problem) context.addIssue({ code: 'custom', ...problem });
});

/** The first that is wrong, in the Collector's order and words. */
function problemOf(entry: SamplerConfig): { path: string[]; message: string } | undefined {
  const { sampling_percentage: rate, attribute_source: source, sampling_precision: precision } = entry;
  const ratio = Math.fround(rate) / 100;
  if (!Number.isFinite(ratio)) return { path: ['sampling_percentage'], message: invalidRate(ratio) };
  if (ratio < 0)
    return { path: ['sampling_percentage'], message: `sampling rate is negative: ${Math.fround(rate).toFixed(6)}%` };
  if (ratio > 0 && ratio < MIN_PROBABILITY)
    return { path: ['sampling_percentage'], message: `sampling rate is too small: ${shortest(rate)}%` };
  if (!SOURCES.includes(source)) {
    const message = `invalid attribute source: ${source}. Expected: traceID or record`;
    return { path: ['attribute_source'], message };
  }
  if (precision === 0) return { path: ['sampling_precision'], message: 'invalid sampling precision: 0' };
  if (precision > 14) {
    const message = `sampling precision is too great, should be <= 14: ${precision}`;
    return { path: ['sampling_precision'], message };
  }
  return undefined;
}

function invalidRate(rate: number): string {
  return `sampling rate is invalid: ${Number.isNaN(rate) ? 'NaN' : rate > 0 ? '+Inf' : '-Inf'}%`;
}

/** The shortest number that is the same to single precision, which the Collector holds it in: 99.9999999 is 100. */
function toSingle(value: number): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return value;
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === single) return candidate;
  }
  return single;
}

/** Exponents of two digits at least, as Go writes them. */
function shortest(value: number): string {
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}
