import type { RetryPolicy } from '../component.ts';

/**
 * Wait before attempt number `failures + 1`, in milliseconds: the Collector's exponential backoff, spread in both
 * directions so that agents that lost the same backend do not return at the same moment.
 * @param failures how often it failed already, at least 1
 */
export function backoff(policy: RetryPolicy, failures: number, random: () => number): number {
  // Infinity * 0 would be NaN.
  const growth = Math.min(policy.multiplier ** (failures - 1), Number.MAX_VALUE);
  const interval = Math.min(policy.initialIntervalMs * growth, policy.maxIntervalMs);
  return Math.max(0, interval * (1 + policy.randomizationFactor * (2 * random() - 1)));
}
