/**
 * A backend for tests: a real HTTP(S) server that decodes OTLP logs with a decoder that is not ours, records every
 * request, and answers by script.
 */
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import root from 'otlp-reference/build/src/generated/root.js';
import { latch } from './latch.ts';

const LOGS_REQUEST = (
  root as unknown as {
    opentelemetry: {
      proto: { collector: { logs: { v1: { ExportLogsServiceRequest: MessageType } } } };
    };
  }
).opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;

interface MessageType {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): OtlpLogs;
}

/** What the sink does with a request whose body it has read. */
export type SinkAnswer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** Says nothing, for ever. */
  | { readonly action: 'hang' }
  /** Closes the connection with a RST, before any answer. */
  | { readonly action: 'reset' }
  /** Announces a longer body than it sends, then breaks off. */
  | { readonly action: 'reset mid-body'; readonly status: number }
  /** Sends headers and a little body, then nothing more. */
  | { readonly action: 'stall'; readonly status: number }
  /** Sends body without an end, as fast as it is read. */
  | { readonly action: 'flood'; readonly status: number }
  /** Writes these bytes on the socket instead of HTTP. */
  | { readonly action: 'raw'; readonly bytes: string };

export interface SinkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly body: Buffer;
  /** Undone content-encoding; the OTLP message as plain objects, 64-bit integers as strings and bytes in base64. */
  readonly logs: OtlpLogs;
  readonly records: readonly SinkRecord[];
}

export interface SinkRecord {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: { readonly name: string; readonly version?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly eventName?: string;
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
}

export interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly schemaUrl?: string;
    readonly scopeLogs: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string };
      readonly logRecords: readonly OtlpLogRecord[];
    }[];
  }[];
}

interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
}

interface OtlpLogRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly eventName?: string;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
}

export interface SinkOptions {
  /** Serve HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Default: a free one. To come back on the port of a sink that was closed. */
  readonly port?: number;
  /** Decides about each request; default: an empty 200. Changed later with `answerWith`. */
  readonly answer?: (request: SinkRequest, index: number) => SinkAnswer | Promise<SinkAnswer>;
  /** Asked when a request begins: it is broken off with a RST after this many bytes of its body. Default: never. */
  readonly cutAfter?: () => number | undefined;
  /** false: requests are forgotten when they are answered. Default: `requests` has them all. */
  readonly keep?: boolean;
}

export class OtlpSink {
  readonly requests: SinkRequest[] = [];
  /** Connections accepted so far. */
  connections = 0;
  readonly #server: http.Server;
  readonly #secure: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #cutAfter: () => number | undefined;
  readonly #keep: boolean;
  /** Requests that were read whole. */
  #count = 0;
  #answer: (request: SinkRequest, index: number) => SinkAnswer | Promise<SinkAnswer>;
  #waiting: { count: number; open: () => void }[] = [];

  static async start(options: SinkOptions = {}): Promise<OtlpSink> {
    const sink = new OtlpSink(options);
    sink.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  private constructor(options: SinkOptions) {
    this.#answer = options.answer ?? (() => ({}));
    this.#cutAfter = options.cutAfter ?? (() => undefined);
    this.#keep = options.keep ?? true;
    this.#secure = options.tls !== undefined;
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    this.#server = options.tls ? https.createServer(options.tls, handle) : http.createServer(handle);
    this.#server.on('connection', (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.#server.on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Base URL, by name: a certificate for localhost fits. */
  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://localhost:${this.port}`;
  }

  /** Every record of every request, in order of arrival. */
  get records(): SinkRecord[] {
    return this.requests.flatMap((request) => request.records);
  }

  /** From the next request on. A list is worked off; its last answer stays. */
  answerWith(answer: SinkAnswer | readonly SinkAnswer[]): void {
    const script = [...(Array.isArray(answer) ? (answer as SinkAnswer[]) : [answer as SinkAnswer])];
    this.#answer = () => (script.length > 1 ? (script.shift() as SinkAnswer) : (script[0] as SinkAnswer));
  }

  /** Resolves when at least `count` requests have arrived whole. */
  async received(count: number): Promise<void> {
    if (this.#count >= count) return;
    const { promise, open } = latch();
    this.#waiting.push({ count, open });
    await promise;
  }

  /** Breaks every connection and stops listening. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    const cutAfter = this.#cutAfter();
    let bytes = 0;
    try {
      for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (cutAfter === undefined || bytes < cutAfter) continue;
        incoming.socket.resetAndDestroy();
        return;
      }
    } catch {
      return;
    }
    const request = readRequest(incoming, Buffer.concat(chunks));
    if (this.#keep) this.requests.push(request);
    const index = this.#count++;
    const due = this.#waiting.filter(({ count }) => this.#count >= count);
    this.#waiting = this.#waiting.filter((waiter) => !due.includes(waiter));
    for (const { open } of due) open();
    reply(await this.#answer(request, index), incoming, response);
  }
}

function reply(answer: SinkAnswer, incoming: IncomingMessage, response: ServerResponse): void {
  if (!('action' in answer)) {
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
    return;
  }
  switch (answer.action) {
    case 'hang':
      return;
    case 'reset':
      incoming.socket.resetAndDestroy();
      return;
    case 'reset mid-body':
      response.writeHead(answer.status, { 'content-length': '1000' });
      response.write('the start', () => incoming.socket.resetAndDestroy());
      return;
    case 'stall':
      response.writeHead(answer.status, { 'content-length': '1000' });
      response.write('the start');
      return;
    case 'flood':
      response.writeHead(answer.status);
      flood(response);
      return;
    case 'raw':
      incoming.socket.end(answer.bytes);
  }
}

function flood(response: ServerResponse): void {
  const piece = Buffer.alloc(16 * 1024, 'x');
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
}

function readRequest(incoming: IncomingMessage, body: Buffer): SinkRequest {
  const logs = decode(incoming.headers, body);
  return {
    method: incoming.method ?? '',
    url: incoming.url ?? '',
    headers: incoming.headers,
    body,
    logs,
    records: logs.resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ scope, logRecords }) =>
        logRecords.map((record) => ({
          resource: toObject(resource?.attributes),
          scope: { name: scope?.name ?? '', ...(scope?.version && { version: scope.version }) },
          attributes: toObject(record.attributes),
          body: toValue(record.body),
          eventName: record.eventName,
          timeUnixNano: String(record.timeUnixNano ?? 0),
          observedTimeUnixNano: String(record.observedTimeUnixNano ?? 0),
          severityNumber: record.severityNumber,
          severityText: record.severityText,
        })),
      ),
    ),
  };
}

/** A body that is no OTLP logs request has no records. */
function decode(headers: IncomingHttpHeaders, body: Buffer): OtlpLogs {
  try {
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (headers['content-type']?.startsWith('application/json')) return JSON.parse(plain.toString('utf8')) as OtlpLogs;
    const options = { longs: String, bytes: String, enums: Number, arrays: true };
    return LOGS_REQUEST.toObject(LOGS_REQUEST.decode(plain), options);
  } catch {
    return { resourceLogs: [] };
  }
}

function toObject(pairs: readonly KeyValue[] | undefined): Record<string, unknown> {
  return Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, toValue(value)]));
}

/** As JavaScript: integers are numbers where those are exact, else bigints. */
export function toValue(value: AnyValue | undefined): unknown {
  if (!value) return null;
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) {
    return Number.isSafeInteger(Number(value.intValue)) ? Number(value.intValue) : BigInt(value.intValue);
  }
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue, 'base64');
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(toValue);
  if (value.kvlistValue) return toObject(value.kvlistValue.values);
  return null;
}
