/** A backend for the agent's own metrics: a real HTTP server that decodes OTLP with a decoder that is not ours. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import root from 'otlp-reference/build/src/generated/root.js';

interface MessageType {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): OtlpMetrics;
}

const { ExportMetricsServiceRequest: REQUEST } = (
  root as unknown as {
    opentelemetry: { proto: { collector: { metrics: { v1: Record<'ExportMetricsServiceRequest', MessageType> } } } };
  }
).opentelemetry.proto.collector.metrics.v1;

type Value = { readonly stringValue?: string; readonly intValue?: string };

export interface OtlpPoint {
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asInt?: string | number;
  readonly asDouble?: number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
}

interface Points {
  readonly aggregationTemporality?: number | string;
  readonly isMonotonic?: boolean;
  readonly dataPoints: readonly OtlpPoint[];
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly sum?: Points;
  readonly gauge?: Points;
  readonly histogram?: Points;
}

export interface OtlpMetrics {
  readonly resourceMetrics: readonly {
    readonly schemaUrl?: string;
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: Value }[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly metrics: readonly OtlpMetric[];
    }[];
  }[];
}

export interface MetricsRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly decoded: OtlpMetrics;
  /** By name. */
  readonly metrics: ReadonlyMap<string, OtlpMetric>;
}

export class MetricsSink {
  readonly requests: MetricsRequest[] = [];
  /** undefined: no answer, for ever. */
  status: number | undefined = 200;
  body = '';
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.#take(request.url ?? '', request.headers, Buffer.concat(chunks));
      if (this.status === undefined) return;
      response.writeHead(this.status, { 'content-type': request.headers['content-type'] }).end(this.body);
    });
  }

  static async start(): Promise<MetricsSink> {
    const sink = new MetricsSink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when it has so many requests. */
  async has(count: number): Promise<MetricsRequest> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.requests[count - 1] as MetricsRequest;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(url: string, headers: IncomingHttpHeaders, raw: Buffer): void {
    const body = headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const decoded = headers['content-type'] === 'application/json' ? JSON.parse(String(body)) : fromProtobuf(body);
    const metrics = (decoded as OtlpMetrics).resourceMetrics.flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics),
    );
    this.requests.push({ url, headers, decoded, metrics: new Map(metrics.map((metric) => [metric.name, metric])) });
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
  }
}

function fromProtobuf(body: Buffer): OtlpMetrics {
  return REQUEST.toObject(REQUEST.decode(body), { longs: String });
}
