/** What both OTLP encodings share: which of a record's fields are worth writing, and how records are grouped. */
import type { HrTime, InstrumentationScope, Resource } from '../../otel.ts';
import { LogRecord } from '../log-record.ts';

/**
 * Arrays and maps inside each other that are written; what lies deeper becomes a text that says so. Decoders have such
 * limits too, and a value that contains itself ends here.
 */
export const MAX_DEPTH = 128;
export const TOO_DEEP = `[omitted: nested deeper than ${MAX_DEPTH} levels]`;
/**
 * Bytes of one encoded record. No backend takes a tenth of it; a value that contains itself many times over would go on
 * until the memory is full.
 */
export const MAX_RECORD_BYTES = 128 * 1024 * 1024;
/** Stands for the body of a record that can't be encoded; its attributes are dropped and counted. */
export const NOT_ENCODABLE = '[omitted: this record can not be encoded]';

const MAX_UINT64 = 2n ** 64n - 1n;

/** Nanoseconds since the epoch, exact; 0 ("unknown") for a time that OTLP can't express. */
export function unixNanos(time: HrTime): bigint {
  const [seconds, nanoseconds] = Array.isArray(time) ? time : [0, 0];
  if (!Number.isSafeInteger(seconds) || !Number.isSafeInteger(nanoseconds)) return 0n;
  const nanos = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  return nanos < 0n || nanos > MAX_UINT64 ? 0n : nanos;
}

/** A uint32, or 0 for what is none. */
export function uint32(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? Math.min(value, 0xffffffff) : 0;
}

/** The scalar fields of a record, checked; `''` and 0 are not written. */
export interface RecordFields {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly flags: number;
  /** Lower-case hexadecimal, or empty. */
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
}

export function recordFields(record: LogRecord): RecordFields {
  const { spanContext } = record;
  return {
    timeUnixNano: unixNanos(record.hrTime),
    observedTimeUnixNano: unixNanos(record.hrTimeObserved),
    severityNumber: uint32(record.severityNumber ?? 0),
    severityText: text(record.severityText),
    flags: (record.flags | (spanContext?.traceFlags ?? 0)) >>> 0,
    traceId: identifier(spanContext?.traceId, 32),
    spanId: identifier(spanContext?.spanId, 16),
    eventName: text(record.eventName),
  };
}

/** Attributes of a record that can't be encoded: they are dropped, and counted as far as they can be. */
export function countDropped(record: LogRecord): number {
  try {
    return record.droppedAttributesCount + Object.keys(record.attributes).length;
  } catch {
    return record.droppedAttributesCount;
  }
}

/** Processors written by others are JavaScript: the types promise nothing there. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** All zeros means "none". */
function identifier(value: unknown, digits: number): string {
  return typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value) && /[^0]/.test(value)
    ? value.toLowerCase()
    : '';
}

export interface RequestOptions {
  /**
   * What to send instead of a record's resource. Called once per resource object and request; results that are the same
   * object are grouped together.
   */
  readonly resource?: (resource: Resource) => Resource;
}

export interface ResourceGroup {
  readonly resource: Resource;
  readonly scopes: { readonly scope: InstrumentationScope; readonly records: LogRecord[] }[];
}

/** Groups by identity of resource (as mapped) and scope, in order of first appearance. */
export function groupRecords(records: readonly LogRecord[], options: RequestOptions): ResourceGroup[] {
  const mapped = new Map<Resource, Resource>();
  const groups = new Map<Resource, Map<InstrumentationScope, LogRecord[]>>();
  for (const record of records) {
    let resource = mapped.get(record.resource);
    if (!resource) {
      resource = options.resource?.(record.resource) ?? record.resource;
      mapped.set(record.resource, resource);
    }
    const scopes = groups.get(resource) ?? new Map<InstrumentationScope, LogRecord[]>();
    groups.set(resource, scopes);
    const members = scopes.get(record.instrumentationScope);
    if (members) members.push(record);
    else scopes.set(record.instrumentationScope, [record]);
  }
  return [...groups].map(([resource, scopes]) => ({
    resource,
    scopes: [...scopes].map(([scope, members]) => ({ scope, records: members })),
  }));
}

export interface KeptEncoder {
  /** Encodes a record once, and keeps the bytes as long as the record lives. */
  (record: LogRecord): Uint8Array;
  /** A record that stands for this one wherever nothing but its encoding, times, resource and scope are asked for: it holds no more. */
  seal(record: LogRecord): LogRecord;
  /** The same for a record that was encoded elsewhere. */
  sealed(bytes: Uint8Array, envelope: RecordEnvelope): LogRecord;
}

/** What is known of a sealed record. */
export type RecordEnvelope = Pick<LogRecord, 'hrTime' | 'hrTimeObserved' | 'resource' | 'instrumentationScope'>;

export function keptWithRecord(encode: (record: LogRecord) => Uint8Array): KeptEncoder {
  // On the record itself: a WeakMap of thousands of records that live for a moment costs the garbage collector dearly.
  const slot = Symbol('encoded');
  type Kept = LogRecord & { [slot]?: Uint8Array };
  const kept = (record: Kept) => {
    record[slot] ??= encode(record);
    return record[slot];
  };
  const sealed = (bytes: Uint8Array, envelope: RecordEnvelope): LogRecord => {
    const record: Kept = new LogRecord(envelope);
    record[slot] = bytes;
    return record;
  };
  return Object.assign(kept, {
    sealed,
    seal(record: LogRecord): LogRecord {
      const { hrTime, hrTimeObserved, resource, instrumentationScope } = record;
      return sealed(kept(record), { hrTime, hrTimeObserved, resource, instrumentationScope });
    },
  });
}
