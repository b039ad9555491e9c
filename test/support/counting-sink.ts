import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { notificationNumber } from './notifications.ts';
import { type Found, uidsOfJson, uidsOfProtobuf } from './otlp-uids.ts';

const unzip = promisify(gunzip);

/** What arrived for one exporter. */
export class Lane {
  records = 0;
  /** Distinct numbers of notifications. */
  distinct = 0;
  requests = 0;
  /** On the wire. */
  bytes = 0;
  /** Of the last request, milliseconds since the epoch. */
  lastAt = 0;
  readonly #seen: Uint8Array;

  constructor(numbers: number) {
    this.#seen = new Uint8Array(Math.ceil(numbers / 8));
  }

  readonly found: Found = (uid) => {
    this.records++;
    const number = uid === undefined ? undefined : notificationNumber(uid);
    if (number === undefined) return;
    const [index, bit] = [number >> 3, 1 << (number & 7)];
    const seen = this.#seen[index] ?? 0;
    if ((seen & bit) === 0) this.distinct++;
    this.#seen[index] = seen | bit;
  };
}

/** A backend that counts, and decodes no more than that needs. `/3/v1/logs` counts for the fourth of its lanes, `/v1/logs` for the first. */
export class CountingSink {
  /** While true, it answers 503. */
  refusing = false;
  lanes: readonly Lane[];
  readonly #server: Server;

  /** @param numbers of notifications are below this one */
  static async start(numbers: number, lanes = 1): Promise<CountingSink> {
    const sink = new CountingSink(numbers, lanes);
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  private constructor(numbers: number, lanes: number) {
    this.lanes = this.#empty(numbers, lanes);
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void this.#answer(request, Buffer.concat(chunks), response);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get records(): number {
    return this.#lane(undefined).records;
  }

  get distinct(): number {
    return this.#lane(undefined).distinct;
  }

  /** Begins anew. */
  forget(numbers: number, lanes: number): void {
    this.lanes = this.#empty(numbers, lanes);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #empty(numbers: number, lanes: number): Lane[] {
    return Array.from({ length: lanes }, () => new Lane(numbers));
  }

  #lane(url: string | undefined): Lane {
    const [, digits] = /^\/(\d+)\//.exec(url ?? '') ?? [];
    return this.lanes[Number(digits ?? 0)] as Lane;
  }

  /** What it can't read is the sender's fault, and answered so. */
  async #answer({ url, headers }: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    if (this.refusing) {
      response.writeHead(503).end();
      return;
    }
    try {
      const body = headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes;
      const isJson = headers['content-type']?.startsWith('application/json');
      const lane = this.#lane(url);
      (isJson ? uidsOfJson : uidsOfProtobuf)(body, lane.found);
      lane.requests++;
      lane.bytes += bytes.length;
      lane.lastAt = Date.now();
      response.end();
    } catch {
      response.writeHead(400).end();
    }
  }
}
