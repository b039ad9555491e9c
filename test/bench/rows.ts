/** One figure of a small benchmark. */
export interface Row {
  readonly name: string;
  readonly value: number;
  /** µs: CPU time for each record. */
  readonly unit: 'µs' | 'times' | 'MiB' | 'ms';
}
