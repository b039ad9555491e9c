import type { Finding } from '../telemetry/finding.ts';

/** What `doctor` looks at, in the order in which it tells. */
export const CHECKS = ['backends', 'data', 'url'] as const;

export type Check = (typeof CHECKS)[number];

/** A finding, and what it is about. */
export interface Finds extends Finding {
  readonly check: Check;
  /** Id of an exporter, name of an integration, or a file of the data directory (`.` for itself). */
  readonly at: string;
}
