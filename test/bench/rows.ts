/** One figure of a small benchmark. */
export interface Row {
  readonly name: string;
  readonly value: number;
  /** µs, KB: CPU time and garbage for each record. */
  readonly unit: 'µs' | 'KB' | 'times' | 'MiB' | 'ms';
}
