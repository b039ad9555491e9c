import type { Finding as AnyFinding } from '../../../telemetry/finding.ts';

export interface Finding extends AnyFinding {
  /** Relative to the data directory; `.` for the directory itself. */
  readonly file: string;
}

export function mebibytes(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
