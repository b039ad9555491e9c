export interface Finding {
  /** `warning`: a person should look. `error`: something is lost, or the agent will not start. */
  readonly severity: 'ok' | 'warning' | 'error';
  /** Relative to the data directory; `.` for the directory itself. */
  readonly file: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function mebibytes(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
