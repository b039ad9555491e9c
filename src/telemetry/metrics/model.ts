/** Metrics as data: what `/metrics` prints, and whatever else is to carry them (OTLP). */

export interface MetricFamily {
  readonly name: string;
  /** One sentence for people. */
  readonly help: string;
  /** A counter only grows. */
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A total that goes on where it was when the process ended. Absent: it begins at 0 with the process. */
  readonly kept?: boolean;
  /** UCUM, as OTLP wants it: `s`, `By`, `1`, or a thing in braces. */
  readonly unit: string;
  /** Counters and gauges have numbers, histograms `Buckets`. No two have the same labels. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | Buckets;
}

/** `counts[i]` values above `bounds[i - 1]` and of at most `bounds[i]`; the last count has those above every bound. */
export interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}
