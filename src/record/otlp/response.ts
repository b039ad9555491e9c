/**
 * What a backend answers: ExportLogsServiceResponse after a success, google.rpc.Status after a failure, as protobuf or
 * JSON. Answers come from strangers: whatever is not the message asked for is `undefined`, never an error.
 */
import { isUtf8 } from 'node:buffer';
import { parseJson } from '../json.ts';
import type { Value } from '../value.ts';

/** Counts from the partial success; zero and empty when all was taken. */
export interface LogsResponse {
  readonly rejectedLogRecords: number;
  readonly errorMessage: string;
}

export interface RpcStatus {
  /** A gRPC code; 0 when none was given. */
  readonly code: number;
  readonly message: string;
}

/** An empty answer is a message too: all was taken. */
export function decodeLogsResponse(bytes: Uint8Array): LogsResponse | undefined {
  const response = readMessage(bytes);
  const partial = response?.get(1);
  if (!response || typeof partial === 'number') return undefined;
  const fields = readMessage(partial ?? new Uint8Array());
  const rejected = fields?.get(1) ?? 0;
  const message = asText(fields?.get(2));
  if (!fields || typeof rejected !== 'number' || message === undefined) return undefined;
  return { rejectedLogRecords: rejected, errorMessage: message };
}

export function decodeStatus(bytes: Uint8Array): RpcStatus | undefined {
  const fields = readMessage(bytes);
  const code = fields?.get(1) ?? 0;
  const message = asText(fields?.get(2));
  if (!fields?.size || typeof code !== 'number' || message === undefined) return undefined;
  return { code, message };
}

export function decodeLogsResponseJson(bytes: Uint8Array): LogsResponse | undefined {
  const response = jsonObject(bytes);
  const partial = response?.partialSuccess ?? {};
  if (!response || !isObject(partial)) return undefined;
  const rejected = Number(partial.rejectedLogRecords ?? 0);
  const message = partial.errorMessage ?? '';
  if (!Number.isSafeInteger(rejected) || rejected < 0 || typeof message !== 'string') return undefined;
  return { rejectedLogRecords: rejected, errorMessage: message };
}

export function decodeStatusJson(bytes: Uint8Array): RpcStatus | undefined {
  const status = jsonObject(bytes);
  if (!status || !('code' in status || 'message' in status)) return undefined;
  const { code = 0, message = '' } = status;
  return typeof code === 'number' && typeof message === 'string' ? { code, message } : undefined;
}

type JsonObject = { readonly [key: string]: Value };

function isObject(value: Value): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function jsonObject(bytes: Uint8Array): JsonObject | undefined {
  const parsed = parseJson(bytes);
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
}

function asText(value: number | Uint8Array | undefined): string | undefined {
  if (value === undefined) return '';
  return typeof value !== 'number' && isUtf8(value) ? Buffer.from(value).toString('utf8') : undefined;
}

/** The varint and length-delimited fields of one message, the last of each number; fixed-width ones are skipped. */
function readMessage(bytes: Uint8Array): Map<number, number | Uint8Array> | undefined {
  const fields = new Map<number, number | Uint8Array>();
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    if (!tag) return undefined;
    at = tag.next;
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    if (number === 0) return undefined;
    if (wireType === 1 || wireType === 5) at += wireType === 1 ? 8 : 4;
    else {
      const varint = wireType === 0 || wireType === 2 ? readVarint(bytes, at) : undefined;
      if (!varint) return undefined;
      at = varint.next;
      if (wireType === 0) fields.set(number, varint.value);
      else {
        fields.set(number, bytes.subarray(at, at + varint.value));
        at += varint.value;
      }
    }
    if (at > bytes.length) return undefined;
  }
  return fields;
}

/** Up to 2^53, which is beyond every length and count; a larger one (a negative int64 too) is no answer we know. */
function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return Number.isSafeInteger(value) ? { value, next: start + i + 1 } : undefined;
  }
  return undefined;
}
