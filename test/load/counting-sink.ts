import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/** A backend that counts and does little else: ids are found in the bytes, for decoding would take the load's share of the machine. */
export class CountingSink {
  records = 0;
  /** Distinct ids. */
  distinct = 0;
  readonly #seen: Uint8Array;
  readonly #server: Server;

  /** @param ids ids are `load-` and a number of eight digits below this one */
  static async start(ids: number): Promise<CountingSink> {
    const sink = new CountingSink(ids);
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  private constructor(ids: number) {
    this.#seen = new Uint8Array(ids);
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void unzip(Buffer.concat(chunks)).then((body) => {
          this.#count(body);
          response.end();
        });
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #count(body: Buffer): void {
    const text = body.toString('latin1');
    for (const [found] of text.matchAll(/log\.record\.uid/g)) if (found) this.records++;
    for (const [, digits] of text.matchAll(/load-(\d{8})/g)) {
      const number = Number(digits);
      if (this.#seen[number] === 0) this.distinct++;
      this.#seen[number] = 1;
    }
  }
}
