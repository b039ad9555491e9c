import type { LogRecord } from '../record/log-record.ts';
import type { RecordResource, RecordScope } from '../record/resource.ts';
import type { ValueMap } from '../record/value.ts';

/**
 * What a statement is evaluated on: one log record, one scope or one resource. Functions only hand it on to their getters.
 */
export interface TransformContext {
  /** Absent in the contexts `scope` and `resource`. */
  readonly record?: LogRecord;
  /** Absent in the context `resource`. */
  readonly scope?: MutableScope;
  readonly resource: RecordResource;
  /** The scratch map of one group of statements and one record. */
  cache: ValueMap;
}

/** A scope of the batch's own, which statements may change. */
export type MutableScope = { -readonly [Key in keyof RecordScope]: RecordScope[Key] };
