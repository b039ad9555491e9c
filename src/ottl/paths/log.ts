/** The paths of a log record: `log.body`, `log.attributes["x"]` ... */
import type { LogBody, SeverityNumber } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { int, type Value, type ValueMap } from '../../record/value.ts';
import type { TransformContext } from '../context.ts';
import { OttlError } from '../error.ts';
import { getIndexed, setIndexed } from '../keys.ts';
import { copyForRecord } from '../store.ts';
import { pdataText } from '../text.ts';
import { isList, isMap, OttlId, OttlTime, pdataKind } from '../value.ts';
import { INT, type Kind, mapPlace, type Place, STRING, scalar, uint32 } from './place.ts';

function recordOf(context: TransformContext): LogRecord {
  if (!context.record) throw new Error('BUG: a path of the log in a context without one');
  return context.record;
}

const TIME: Kind<OttlTime> = { name: 'time.Time', is: (value): value is OttlTime => value instanceof OttlTime };

type TimeField = 'hrTime' | 'hrTimeObserved';

const NANOS = 1_000_000_000n;

function nanosOf(context: TransformContext, field: TimeField): bigint {
  const [seconds, nanos] = recordOf(context)[field];
  return BigInt(seconds) * NANOS + BigInt(nanos);
}

/** Records have unsigned nanoseconds: an earlier time wraps, as in the Collector. */
function setNanos(context: TransformContext, field: TimeField, nanos: bigint): void {
  const unsigned = BigInt.asUintN(64, nanos);
  recordOf(context)[field] = [Number(unsigned / NANOS), Number(unsigned % NANOS)];
}

function nanosPlace(summary: string, field: TimeField): Place {
  return scalar(
    summary,
    INT,
    (context) => int(nanosOf(context, field)),
    (context, value) => setNanos(context, field, BigInt(value)),
  );
}

function timePlace(summary: string, field: TimeField): Place {
  return scalar(
    summary,
    TIME,
    (context) => new OttlTime(nanosOf(context, field)),
    (context, value) => setNanos(context, field, value.unixNano),
  );
}

type IdField = 'traceId' | 'spanId';
const ID_BYTES = { traceId: 16, spanId: 8 };
const ID_KINDS = { traceId: 'trace', spanId: 'span' } as const;
const ID_NAMES = { traceId: 'pcommon.TraceID', spanId: 'pcommon.SpanID' };

function hexOf(context: TransformContext, field: IdField): string {
  const hex = recordOf(context).spanContext?.[field] ?? '';
  return hex.length === ID_BYTES[field] * 2 ? hex : '0'.repeat(ID_BYTES[field] * 2);
}

function setHex(context: TransformContext, field: IdField, hex: string): void {
  const record = recordOf(context);
  const { traceId = '', spanId = '', traceFlags = 0 } = record.spanContext ?? {};
  record.spanContext = { traceId, spanId, traceFlags, [field]: /^0*$/.test(hex) ? '' : hex };
}

function idPlace(summary: string, field: IdField): Place {
  const kind: Kind<OttlId> = {
    name: ID_NAMES[field],
    is: (value): value is OttlId => value instanceof OttlId && value.kind === ID_KINDS[field],
  };
  const id = scalar(
    summary,
    kind,
    (context) => new OttlId(ID_KINDS[field], Uint8Array.from(Buffer.from(hexOf(context, field), 'hex'))),
    (context, value) => setHex(context, field, Buffer.from(value.bytes).toString('hex')),
  );
  const digits = ID_BYTES[field] * 2;
  const string = scalar(
    `${summary} As ${digits} hex characters.`,
    STRING,
    (context) => hexOf(context, field),
    (context, value) => {
      if (Buffer.byteLength(value) >> 1 !== ID_BYTES[field]) {
        throw new OttlError(`${ID_KINDS[field]} ids must be ${digits} hex characters`);
      }
      const wrong = /[^0-9a-fA-F]/u.exec(value)?.[0];
      if (wrong !== undefined) throw new OttlError(`encoding/hex: invalid byte: ${codePoint(wrong)} '${wrong}'`);
      if (value.length !== digits) throw new OttlError('encoding/hex: odd length hex string');
      setHex(context, field, value.toLowerCase());
    },
  );
  return { ...id, fields: { string } };
}

const codePoint = (char: string) => `U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;

function bodyOf(context: TransformContext): Value {
  return recordOf(context).body as Value;
}

const body: Place = {
  summary: 'The body, of any kind.',
  type: 'any',
  indexable: true,
  target(keys) {
    if (keys.length === 0) {
      return {
        get: (context) => bodyOf(context) ?? undefined,
        set(context, value) {
          if (value !== undefined) recordOf(context).body = copyForRecord(value, bodyOf(context)) as LogBody;
        },
      };
    }
    return {
      get: (context) => getIndexed(indexable(context), keys, context),
      set: (context, value) => setIndexed(indexable(context), keys, context, value),
    };
  },
  fields: {
    string: scalar(
      'The body as a text.',
      STRING,
      (context) => pdataText(bodyOf(context)),
      (context, value) => {
        recordOf(context).body = value;
      },
    ),
  },
};

function indexable(context: TransformContext): ValueMap | Value[] {
  const value = bodyOf(context);
  if (isMap(value) || isList(value)) return value as ValueMap | Value[];
  throw new OttlError(`log bodies of type ${pdataKind(value)} cannot be indexed`);
}

export const LOG_PLACES: Readonly<Record<string, Place>> = {
  time: timePlace('Time of the event.', 'hrTime'),
  time_unix_nano: nanosPlace('Time of the event, nanoseconds since the epoch.', 'hrTime'),
  observed_time: timePlace('When the record was received.', 'hrTimeObserved'),
  observed_time_unix_nano: nanosPlace('When the record was received, nanoseconds since the epoch.', 'hrTimeObserved'),
  severity_number: scalar(
    'Severity from 1 to 24; 0 where there is none.',
    INT,
    (context) => recordOf(context).severityNumber ?? 0,
    (context, value) => {
      recordOf(context).severityNumber = Number(BigInt.asIntN(32, BigInt(value))) as SeverityNumber;
    },
  ),
  severity_text: scalar(
    'Severity as the source names it.',
    STRING,
    (context) => recordOf(context).severityText ?? '',
    (context, value) => {
      recordOf(context).severityText = value;
    },
  ),
  body,
  attributes: mapPlace("The record's attributes.", (context) => recordOf(context).attributes as ValueMap),
  dropped_attributes_count: scalar(
    'How many attributes were dropped.',
    INT,
    (context) => recordOf(context).droppedAttributesCount,
    (context, value) => {
      recordOf(context).droppedAttributesCount = uint32(value);
    },
  ),
  flags: scalar(
    'Trace flags.',
    INT,
    (context) => (recordOf(context).flags | (recordOf(context).spanContext?.traceFlags ?? 0)) >>> 0,
    (context, value) => {
      const record = recordOf(context);
      record.flags = uint32(value);
      if (record.spanContext) record.spanContext = { ...record.spanContext, traceFlags: 0 };
    },
  ),
  trace_id: idPlace('The trace that the record belongs to.', 'traceId'),
  span_id: idPlace('The span that the record belongs to.', 'spanId'),
  event_name: scalar(
    'Name of the event.',
    STRING,
    (context) => recordOf(context).eventName ?? '',
    (context, value) => {
      recordOf(context).eventName = value;
    },
  ),
};
