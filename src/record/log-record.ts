import type {
  AnyValue,
  HrTime,
  InstrumentationScope,
  LogAttributes,
  LogBody,
  ReadWriteLogRecord,
  Resource,
  SeverityNumber,
  SpanContext,
} from '../otel.ts';
import { setOwn, type Value } from './value.ts';

/**
 * The log record as pipelines see it: the SDK's `ReadableLogRecord` and `ReadWriteLogRecord` in one mutable class, so
 * that any processor written for the OTel JS SDK can work on it. Beyond the SDK, `resource` and `instrumentationScope`
 * may be replaced. Exporters group by the identity of both: share the objects between records that belong together, and
 * replace them rather than changing them in place.
 */
export class LogRecord implements ReadWriteLogRecord {
  /** Time of the event. `[0, 0]` is "unknown". */
  hrTime: HrTime;
  /** When the receiver got it. */
  hrTimeObserved: HrTime;
  spanContext?: SpanContext;
  severityText?: string;
  severityNumber?: SeverityNumber;
  body?: LogBody;
  eventName?: string;
  resource: Resource;
  instrumentationScope: InstrumentationScope;
  attributes: LogAttributes;
  droppedAttributesCount = 0;
  /** W3C trace flags or other bits of the OTLP `flags` field; 0 when absent. */
  flags = 0;

  constructor(fields: LogRecordFields) {
    this.hrTime = fields.hrTime;
    this.hrTimeObserved = fields.hrTimeObserved;
    this.severityText = fields.severityText;
    this.severityNumber = fields.severityNumber;
    this.body = fields.body as LogBody;
    this.eventName = fields.eventName;
    this.resource = fields.resource;
    this.instrumentationScope = fields.instrumentationScope;
    this.attributes = (fields.attributes ?? {}) as LogAttributes;
  }

  setAttribute(key: string, value?: AnyValue): this {
    if (value === undefined) delete this.attributes[key];
    else setOwn(this.attributes, key, value);
    return this;
  }
  setAttributes(attributes: LogAttributes): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value);
    return this;
  }
  setBody(body: LogBody): this {
    this.body = body;
    return this;
  }
  setEventName(eventName: string): this {
    this.eventName = eventName;
    return this;
  }
  setSeverityNumber(severityNumber: SeverityNumber): this {
    this.severityNumber = severityNumber;
    return this;
  }
  setSeverityText(severityText: string): this {
    this.severityText = severityText;
    return this;
  }
}

export interface LogRecordFields {
  hrTime: HrTime;
  hrTimeObserved: HrTime;
  severityText?: string;
  severityNumber?: SeverityNumber;
  body?: Value;
  eventName?: string;
  resource: Resource;
  instrumentationScope: InstrumentationScope;
  attributes?: Record<string, Value>;
}

/** Another record of the same, with attributes of its own; their values and the body are shared. */
export function copyRecord(record: LogRecord): LogRecord {
  const copy = new LogRecord({
    hrTime: record.hrTime,
    hrTimeObserved: record.hrTimeObserved,
    severityText: record.severityText,
    severityNumber: record.severityNumber,
    body: record.body as Value,
    eventName: record.eventName,
    resource: record.resource,
    instrumentationScope: record.instrumentationScope,
    attributes: { ...record.attributes } as Record<string, Value>,
  });
  copy.spanContext = record.spanContext;
  copy.flags = record.flags;
  copy.droppedAttributesCount = record.droppedAttributesCount;
  return copy;
}

/** Milliseconds since the epoch as the SDK's [seconds, nanoseconds]. */
export function hrTimeFromMillis(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
