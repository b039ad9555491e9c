import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Phase, ProxyError, RequestError } from './client-error.ts';
import type { HttpResponse } from './client-message.ts';

/** More of an answer is not read: backends are untrusted, and what matters stands at its start. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** One request on its way: gathers the answer, and knows how far the request got when something breaks. */
export class Attempt {
  /** Settles once. Rejects with a RequestError. */
  readonly answer: Promise<HttpResponse>;
  #phase: Phase = 'connect';
  #request: ClientRequest | undefined;
  #received: { incoming: IncomingMessage; chunks: Buffer[]; bytes: number } | undefined;
  #resolve!: (response: HttpResponse) => void;
  #reject!: (error: RequestError) => void;

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  send(request: ClientRequest, body: Uint8Array | undefined): void {
    this.#request = request;
    // Emitted when the last byte was handed to the operating system.
    request.on('finish', () => {
      this.#phase = 'sent';
    });
    request.on('response', (incoming) => this.#receive(incoming));
    request.on('error', (error) => this.#fail(error));
    // For ends that Node.js reports in no other way, a switch of protocols for instance.
    request.on('close', () => {
      if (!this.#received) this.#end('the connection closed without an answer', { code: 'ECONNRESET' });
    });
    request.end(body);
  }

  timeOut(timeoutMs: number): void {
    const waitingFor = this.#received
      ? 'the rest of the answer'
      : this.#phase === 'sent'
        ? 'an answer'
        : 'a connection, or for the request to leave';
    this.#end(`timed out after ${timeoutMs} ms, waiting for ${waitingFor}`, { code: 'TIMEOUT' });
  }

  abort(why: string): void {
    this.#end(`ended before there was an answer: ${why}`, { code: 'ABORTED' });
  }

  #receive(incoming: IncomingMessage): void {
    const received = { incoming, chunks: [] as Buffer[], bytes: 0 };
    this.#received = received;
    incoming.on('data', (chunk: Buffer) => {
      const room = MAX_ANSWER_BYTES - received.bytes;
      received.chunks.push(chunk.subarray(0, room));
      received.bytes += Math.min(chunk.length, room);
      if (chunk.length > room) this.#succeed(true);
    });
    incoming.on('end', () => {
      if (incoming.complete) this.#succeed(false);
    });
    incoming.on('error', (error) => this.#fail(error));
  }

  #succeed(truncated: boolean): void {
    // An answer that came before the request had left (413, say), or one that goes on for ever: the connection is spent.
    if (truncated || this.#phase !== 'sent') this.#request?.destroy();
    this.#resolve(this.#response(truncated) as HttpResponse);
  }

  #response(truncated: boolean): HttpResponse | undefined {
    if (!this.#received) return undefined;
    const { incoming, chunks } = this.#received;
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks), truncated };
  }

  #fail(error: NodeJS.ErrnoException): void {
    // A whole answer is one, whatever comes behind it (surplus bytes, a reset): it has an `end` yet to come.
    if (this.#received?.incoming.complete) return;
    if (error instanceof ProxyError) {
      this.#end(error.message, { code: error.code, atProxy: true, proxyStatus: error.status, cause: error });
      return;
    }
    const code = error.code ?? 'ECONNRESET';
    this.#end(`${this.#received ? 'the answer broke off' : 'the connection failed'}: ${code}`, { code, cause: error });
  }

  #end(message: string, details: { code: string; atProxy?: boolean; proxyStatus?: number; cause?: unknown }): void {
    this.#reject(new RequestError(message, { ...details, phase: this.#phase, response: this.#response(true) }));
    this.#request?.destroy();
  }
}
