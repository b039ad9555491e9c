/** OTLP as others read it: the generated protobuf decoder of an OpenTelemetry package, and a plain reading of OTLP/JSON. */
import root from 'otlp-reference/build/src/generated/root.js';
import { setOwn, type Value } from '../../../src/record/value.ts';

/** What both decoders give of one record, its body and attributes as plain values. */
export interface ForeignRecord {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  eventName: string;
  flags: number;
  droppedAttributesCount: number;
  traceId: string;
  spanId: string;
  body: Value;
  attributes: Value;
  resource: Value;
  scope: { name: string; version: string };
  resourceSchemaUrl: string;
  scopeSchemaUrl: string;
}

interface RawValue {
  stringValue?: string | null;
  boolValue?: boolean | null;
  intValue?: { toString(): string } | null;
  doubleValue?: number | string | null;
  arrayValue?: { values?: RawValue[] | null } | null;
  kvlistValue?: { values?: RawEntry[] | null } | null;
  bytesValue?: Uint8Array | string | null;
}
interface RawEntry {
  key: string;
  value?: RawValue | null;
}
interface RawRequest {
  resourceLogs: {
    resource: { attributes: RawEntry[] };
    schemaUrl?: string | null;
    scopeLogs: { scope: { name: string; version?: string }; schemaUrl?: string | null; logRecords: RawRecord[] }[];
  }[];
}
interface RawRecord {
  timeUnixNano: { toString(): string };
  observedTimeUnixNano: { toString(): string };
  severityNumber?: number;
  severityText?: string;
  eventName?: string;
  flags?: number;
  droppedAttributesCount?: number;
  traceId?: Uint8Array | string;
  spanId?: Uint8Array | string;
  body?: RawValue | null;
  attributes: RawEntry[];
}

interface Message<T> {
  decode(bytes: Uint8Array): T;
  encode(message: object): { finish(): Uint8Array };
}
interface Messages {
  opentelemetry: {
    proto: {
      collector: {
        logs: { v1: { ExportLogsServiceRequest: Message<RawRequest>; ExportLogsServiceResponse: Message<object> } };
      };
    };
  };
}
/** The package's own types stop at the root. */
const messages = (root as unknown as Messages).opentelemetry.proto.collector.logs.v1;
const Request = messages.ExportLogsServiceRequest;
export const ForeignResponse = messages.ExportLogsServiceResponse;

export function decodeProtobuf(bytes: Uint8Array): ForeignRecord[] {
  return flatten(Request.decode(bytes));
}

export function decodeJson(bytes: Uint8Array): ForeignRecord[] {
  return flatten(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

/** Records per (resource, scope), to see the grouping. */
export function groupSizes(bytes: Uint8Array): number[][] {
  const { resourceLogs } = Request.decode(bytes);
  return resourceLogs.map(({ scopeLogs }) => scopeLogs.map(({ logRecords }) => logRecords.length));
}

function flatten({ resourceLogs }: RawRequest): ForeignRecord[] {
  return resourceLogs.flatMap(({ resource, schemaUrl: resourceSchemaUrl, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, schemaUrl: scopeSchemaUrl, logRecords }) =>
      logRecords.map((record) => ({
        timeUnixNano: record.timeUnixNano.toString(),
        observedTimeUnixNano: record.observedTimeUnixNano.toString(),
        severityNumber: record.severityNumber ?? 0,
        severityText: record.severityText ?? '',
        eventName: record.eventName ?? '',
        flags: record.flags ?? 0,
        droppedAttributesCount: record.droppedAttributesCount ?? 0,
        traceId: hex(record.traceId),
        spanId: hex(record.spanId),
        body: record.body ? plain(record.body) : undefined,
        attributes: plainEntries(record.attributes),
        resource: plainEntries(resource.attributes),
        scope: { name: scope.name, version: scope.version ?? '' },
        resourceSchemaUrl: resourceSchemaUrl ?? '',
        scopeSchemaUrl: scopeSchemaUrl ?? '',
      })),
    ),
  );
}

function hex(id: Uint8Array | string | undefined): string {
  return typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');
}

function plain(value: RawValue): Value {
  const present = <T>(member: T | null | undefined): member is T => member !== null && member !== undefined;
  if (present(value.stringValue)) return value.stringValue;
  if (present(value.boolValue)) return value.boolValue;
  if (present(value.intValue)) return integer(BigInt(value.intValue.toString()));
  if (present(value.doubleValue)) return Number(value.doubleValue);
  if (present(value.arrayValue)) return (value.arrayValue.values ?? []).map(plain);
  if (present(value.kvlistValue)) return plainEntries(value.kvlistValue.values ?? []);
  if (present(value.bytesValue)) {
    return new Uint8Array(
      typeof value.bytesValue === 'string' ? Buffer.from(value.bytesValue, 'base64') : value.bytesValue,
    );
  }
  return null;
}

function plainEntries(entries: readonly RawEntry[]): Value {
  const map: Record<string, Value> = {};
  for (const { key, value } of entries) setOwn(map, key, plain(value ?? {}));
  return map;
}

/** Integers as the tests write them: a number where that is safe. */
export function integer(value: bigint): Value {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
