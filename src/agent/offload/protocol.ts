/** What goes between the agent and its thread. */
import type { OtlpEncodingName } from '../../record/otlp/encoders.ts';
import type { LogFields } from '../../telemetry/log.ts';
import type { Blueprint } from './blueprint.ts';
import type { PackedEntries } from './entries.ts';
import type { PackedRecords } from './records.ts';

/** With which the thread begins. */
export interface ThreadData {
  readonly blueprint: Blueprint;
}

/** Entries of one delivery. */
export interface Job {
  readonly kind: 'job';
  readonly number: number;
  /** Id of the pipeline. */
  readonly pipeline: string;
  readonly encoding: OtlpEncodingName;
  readonly entries: PackedEntries;
}

export type ToThread =
  | Job
  /** It shall end. */
  | { readonly kind: 'end' };

export type FromThread =
  /** It can work from now on. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly number: number; readonly records: PackedRecords }
  /** A log line of a processor. */
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: LogFields;
    };
