import { z } from 'zod';
import { signedDuration, uint32 } from '../../config/blocks/scalars.ts';

const WITHOUT_EFFECT = 'Accepted for Collector files; has no effect.';
const interval = (fallback: string) => signedDuration(fallback).describe(WITHOUT_EFFECT);

const settings = z.strictObject({
  check_interval: signedDuration('0s').describe('Must be above zero, as in the Collector. Has no effect.'),
  limit_mib: uint32(0).describe('MiB. This or limit_percentage must be above zero. Has no effect.'),
  spike_limit_mib: uint32(0).describe('MiB, below limit_mib. Has no effect.'),
  limit_percentage: uint32(0).describe('1 to 100. This or limit_mib must be above zero. Has no effect.'),
  spike_limit_percentage: uint32(0).describe('0 to 100, below limit_percentage. Has no effect.'),
  min_gc_interval_when_soft_limited: interval('10s'),
  min_gc_interval_when_hard_limited: interval('0s'),
  max_gc_interval_when_soft_limited: interval('30s'),
  max_gc_interval_when_hard_limited: interval('30s'),
});

export type MemoryLimiterConfig = z.output<typeof settings>;

export const config = settings.superRefine((entry, context) => {
  const problem = problemOf(entry);
  if (problem) context.addIssue({ code: 'custom', path: problem.path.slice(0, 1), message: problem.message });
});

interface Problem {
  readonly path: readonly (keyof MemoryLimiterConfig)[];
  readonly message: string;
}

/** The first that is wrong, in the Collector's order and words. */
function problemOf(entry: MemoryLimiterConfig): Problem | undefined {
  if (entry.check_interval <= 0)
    return { path: ['check_interval'], message: "'check_interval' must be greater than zero" };
  return problemOfIntervals(entry) ?? problemOfLimits(entry);
}

function problemOfIntervals(entry: MemoryLimiterConfig): Problem | undefined {
  const MIN_SOFT = 'min_gc_interval_when_soft_limited';
  const MIN_HARD = 'min_gc_interval_when_hard_limited';
  const MAX_SOFT = 'max_gc_interval_when_soft_limited';
  const MAX_HARD = 'max_gc_interval_when_hard_limited';
  if (entry[MIN_SOFT] < entry[MIN_HARD])
    return { path: [MIN_HARD], message: `'${MIN_SOFT}' should be larger than '${MIN_HARD}'` };
  for (const maximum of [MAX_SOFT, MAX_HARD] as const) {
    if (entry[maximum] < 0) return { path: [maximum], message: `'${maximum}' must be non-negative` };
  }
  for (const [maximum, minimum] of [
    [MAX_SOFT, MIN_SOFT],
    [MAX_HARD, MIN_HARD],
  ] as const) {
    if (entry[maximum] > 0 && entry[maximum] < entry[minimum]) {
      const message = `'${maximum}' must be greater than or equal to '${minimum}' (or 0 to disable)`;
      return { path: [maximum], message };
    }
  }
  if (entry[MAX_HARD] <= 0 || entry[MAX_SOFT] <= 0 || entry[MAX_SOFT] >= entry[MAX_HARD]) return undefined;
  const message = `'${MAX_SOFT}' should be larger than or equal to '${MAX_HARD}' (when both are set)`;
  return { path: [MAX_SOFT], message };
}

function problemOfLimits(entry: MemoryLimiterConfig): Problem | undefined {
  const { limit_mib: limit, limit_percentage: percentage, spike_limit_percentage: spike } = entry;
  if (limit === 0 && percentage === 0)
    return { path: [], message: "'limit_mib' or 'limit_percentage' must be greater than zero" };
  if (percentage > 100 || spike > 100) {
    const names = "'limit_percentage' and 'spike_limit_percentage'";
    const message = `${names} must be greater than zero and less than or equal to hundred`;
    return { path: [percentage > 100 ? 'limit_percentage' : 'spike_limit_percentage'], message };
  }
  if (limit > 0 && limit <= entry.spike_limit_mib)
    return { path: ['spike_limit_mib'], message: "'spike_limit_mib' must be smaller than 'limit_mib'" };
  if (percentage > 0 && percentage <= spike) {
    const message = "'spike_limit_percentage' must be smaller than 'limit_percentage'";
    return { path: ['spike_limit_percentage'], message };
  }
  return undefined;
}
