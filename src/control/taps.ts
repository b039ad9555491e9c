/** What `tail` asks of a running agent, and what it gets: a list without an end. */

export interface TapRequest {
  /** Id of a processor: records before and after it. Default: records as they leave the pipeline. */
  readonly at?: string;
  /** Id of a pipeline. Default: each that has the processor, or an exporter. */
  readonly pipeline?: string;
  /** `*` stands for any characters. */
  readonly topic?: string;
  /** Received at or after, RFC 3339: what the journal still has of it comes first. Default: only what comes from now on. */
  readonly from?: string;
  /** Records a second at most. */
  readonly rate: number;
}

/** More records a second are not shown, whatever is asked for. */
export const MAX_TAP_RATE = 1000;

/**
 * What a pipeline, or a processor, made of an entry. Records are OTLP/JSON, each an ExportLogsServiceRequest of one record.
 */
export interface Sighting {
  readonly pipeline: string;
  readonly at: string | null;
  /** Of the entry; null where records of several entries went in together. */
  readonly position: number | null;
  readonly topic: string | null;
  readonly received_at: string | null;
  /** What reached the processor, together: one record, but for those that join. null without one. */
  readonly before: readonly unknown[] | null;
  /** What it made of them; without a processor, what leaves the pipeline. */
  readonly after: readonly unknown[];
  /** Nothing came out, and nothing failed: filtered. */
  readonly dropped: boolean;
  /** What would make a dead letter of the entry. `where`: at the processor, before it or behind it; else in the pipeline. */
  readonly error: { readonly where: 'before' | 'at' | 'behind' | 'pipeline'; readonly message: string } | null;
}

export type TapLine =
  /** First. `joins_over_ms`: records are collected for so long before there is anything to see; 0: they are not. */
  | { readonly kind: 'begun'; readonly pipelines: readonly string[]; readonly joins_over_ms: number }
  | { readonly kind: 'seen'; readonly sighting: Sighting }
  /**
   * Entries since the beginning that were not looked at, to keep up; that are damaged or gone; and that took no way through
   * the processor, or were filtered before it.
   */
  | { readonly kind: 'passed'; readonly skipped: number; readonly lost: number; readonly elsewhere: number }
  /** What follows is by the new configuration. */
  | { readonly kind: 'reloaded'; readonly pipelines: readonly string[] }
  /** Last, where the agent ends it. */
  | { readonly kind: 'ended'; readonly reason: string };
