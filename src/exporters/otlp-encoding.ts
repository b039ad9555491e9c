/** The two encodings of OTLP over HTTP behind one interface, for senders that leave the choice to the user. */
import type { Resource } from '../otel.ts';
import type { LogRecord } from '../record/log-record.ts';
import { type OtlpEncodingName, RECORD_ENCODERS } from '../record/otlp/encoders.ts';
import { encodeLogsRequestJson } from '../record/otlp/json.ts';
import { encodeLogsRequest } from '../record/otlp/protobuf.ts';
import type { KeptEncoder } from '../record/otlp/record-fields.ts';
import { decodeLogsResponse, decodeLogsResponseJson, decodeStatus, decodeStatusJson } from '../record/otlp/response.ts';
import type { PartialSuccess } from './answer.ts';

export type ResourceMapping = (resource: Resource) => Resource;

export interface OtlpEncoding {
  readonly contentType: string;
  encode(records: readonly LogRecord[], options: { resource?: ResourceMapping }): Uint8Array;
  /** The record alone, kept for `encode`, which asks for nothing else of a record that is sealed. */
  readonly encodeRecord: KeptEncoder;
}

export const ENCODINGS: Readonly<Record<OtlpEncodingName, OtlpEncoding>> = {
  proto: { contentType: 'application/x-protobuf', encode: encodeLogsRequest, encodeRecord: RECORD_ENCODERS.proto },
  json: { contentType: 'application/json', encode: encodeLogsRequestJson, encodeRecord: RECORD_ENCODERS.json },
};

/** What one record, with its resource and scope, takes of a request: never less than its true share. */
export function weighing(encoding: OtlpEncoding, resource?: ResourceMapping): (record: LogRecord) => number {
  const envelopes = new WeakMap<object, WeakMap<object, number>>();
  /** Lengths grow by some bytes with the size of what they stand before. */
  const slack = 16;
  return (record) => {
    const own = encoding.encodeRecord(record).length;
    let byScope = envelopes.get(record.resource);
    if (!byScope) {
      byScope = new WeakMap();
      envelopes.set(record.resource, byScope);
    }
    let envelope = byScope.get(record.instrumentationScope);
    if (envelope === undefined) {
      envelope = encoding.encode([record], { resource }).length - own + slack;
      byScope.set(record.instrumentationScope, envelope);
    }
    return own + envelope;
  };
}

const isJson = (contentType: string) => /^\s*application\/(?:[\w.+-]+\+)?json\b/i.test(contentType);

const readResponse = (body: Uint8Array, contentType: string) =>
  isJson(contentType) ? decodeLogsResponseJson(body) : decodeLogsResponse(body);

/** Whether a body is what OTLP says of a success. Many backends write nothing at all, which means the same. */
export function isLogsResponse(body: Uint8Array, contentType: string): boolean {
  if (body.length === 0) return true;
  // Some texts read as protobuf.
  return /^\s*text\//i.test(contentType)
    ? decodeLogsResponseJson(body) !== undefined
    : readResponse(body, contentType) !== undefined;
}

/** undefined: all was taken, or the body is not what OTLP says it should be. */
export function readPartialSuccess(body: Uint8Array, contentType: string): PartialSuccess | undefined {
  const response = readResponse(body, contentType);
  if (!response || (response.rejectedLogRecords === 0 && response.errorMessage === '')) return undefined;
  return { rejected: response.rejectedLogRecords, message: response.errorMessage };
}

/** The message of a google.rpc.Status where there is one, else the body as text. */
export function readErrorText(body: Uint8Array, contentType: string): string {
  const protobuf = /^\s*application\/(?:x-)?protobuf\b/i.test(contentType);
  const status = protobuf ? decodeStatus(body) : isJson(contentType) ? decodeStatusJson(body) : undefined;
  return status?.message || Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}
