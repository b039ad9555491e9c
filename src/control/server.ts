/**
 * The running agent's side of the commands. It must never disturb the agent: whatever goes wrong with the socket is a
 * warning, requests are few and small, answers wait for whoever reads them, and every error is caught.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Component } from '../component.ts';
import { JournalError } from '../journal/journal.ts';
import type { Log } from '../telemetry/log.ts';
import { type AuditLog, audited, type Person } from './audit.ts';
import { OperationError, type Operations } from './operations.ts';
import { OwnSocket } from './own-socket.ts';
import { BASE_PATH, CALLS, type Call, isOperation, MAX_REQUEST_BYTES, person } from './protocol.ts';

export interface ControlServerOptions {
  readonly operations: Operations;
  /** The data directory; this process owns it. */
  readonly directory: string;
  /** Gets a line for each change. */
  readonly audit: AuditLog;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** Calls at once; more are refused. */
const MAX_CALLS = 8;
const MAX_CONNECTIONS = 32;
const RECEIVE_MS = 10_000;
/** Who does not read its answer for so long is cut off. */
const STALLED_MS = 60_000;
/** The same of a list without an end: a person may have stopped the terminal to read. It costs nothing meanwhile. */
const STALLED_ENDLESS_MS = 15 * 60_000;

export class ControlServer implements Component {
  readonly #options: ControlServerOptions;
  readonly #socket: OwnSocket;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();
  #calls = 0;
  #changes: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#socket = new OwnSocket(options.directory, options.clock);
    this.#server = createServer(
      {
        headersTimeout: RECEIVE_MS,
        requestTimeout: RECEIVE_MS,
        connectionsCheckingInterval: RECEIVE_MS / 2,
        maxHeaderSize: 8192,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Never rejects: an agent without commands is better than none. */
  async start(): Promise<void> {
    try {
      const problem = await this.#socket.listen(this.#server);
      if (problem !== undefined) return this.#warn(problem);
      this.#server.on('error', (error) => this.#warn(String(error)));
      this.#options.log.debug('Commands reach this agent.', { socket: this.#socket.path });
    } catch (error) {
      this.#warn(error instanceof Error ? error.message : String(error));
    }
  }

  shutdown(deadline: AbortSignal): Promise<void> {
    this.#stopping ??= this.#shutdown(deadline);
    return this.#stopping;
  }

  async #shutdown(deadline: AbortSignal): Promise<void> {
    await this.#socket.release();
    // A list that someone reads is cut: it can be asked for again. What changes something is finished.
    for (const stream of this.#streams) stream.destroy();
    const cut = () => {
      for (const socket of this.#sockets) socket.destroy();
    };
    if (deadline.aborted) cut();
    else deadline.addEventListener('abort', cut, { once: true });
    if (this.#server.listening) {
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
      this.#server.closeIdleConnections();
      await closed;
    }
    deadline.removeEventListener('abort', cut);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away is its own business.
    request.on('error', () => {});
    response.on('error', () => {});
    const { method, url = '' } = request;
    const operation = url.startsWith(`${BASE_PATH}/`) ? url.slice(BASE_PATH.length + 1) : '';
    try {
      if (method === 'GET' && url === BASE_PATH) return answer(response, 200, { version: this.#options.version });
      if (method !== 'POST' || !isOperation(operation)) {
        const error = `This agent (version ${this.#options.version}) does not know the operation ${JSON.stringify(operation)}. It is of another release than the command.`;
        return answer(response, 404, { error });
      }
      if (this.#stopping) return answer(response, 409, { error: 'The agent is stopping.' });
      if (CALLS[operation].endless) return await this.#call(operation, request, response);
      if (this.#calls >= MAX_CALLS) {
        return answer(response, 429, { error: `The agent is busy with ${this.#calls} other commands; try again.` });
      }
      this.#calls++;
      try {
        await this.#call(operation, request, response);
      } finally {
        this.#calls--;
      }
    } catch (error) {
      this.#fail(operation, response, error);
    }
  }

  async #call(operation: keyof Operations, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      const error = `The request is larger than ${MAX_REQUEST_BYTES} bytes; name fewer ids, or use a filter.`;
      return answer(response, 413, { error });
    }
    const { who, given } = parse(body);
    const operations = audited(this.#options.operations, this.#options.audit, who);
    const call = CALLS[operation];
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (call.endless && response.destroyed) return;
    const outcome = await this.#inTurn(call, () => call.run(operations, given, gone.signal));
    if (typeof outcome === 'object' && outcome !== null && 'wrong' in outcome) {
      return answer(response, 400, { error: `The agent does not understand the request: ${outcome.wrong}` });
    }
    if (call.list) await this.#list(operation, response, outcome as AsyncIterable<unknown> | readonly unknown[]);
    else answer(response, 200, { result: outcome ?? null });
  }

  /** Changes come one after the other, so that none meets another's half. */
  #inTurn(call: Call, run: () => ReturnType<Call['run']>): Promise<unknown> {
    if (!call.exclusive) return Promise.resolve(run());
    const turn = this.#changes.then(run);
    this.#changes = turn.catch(() => {});
    return turn;
  }

  async #list(
    operation: keyof Operations,
    response: ServerResponse,
    items: AsyncIterable<unknown> | readonly unknown[],
  ): Promise<void> {
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
    const patienceMs = CALLS[operation].endless ? STALLED_ENDLESS_MS : STALLED_MS;
    try {
      const write = async (line: object) => {
        // Begun with the first line, so that what fails at once can still be answered with a status.
        if (!response.headersSent)
          response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
        if (!response.write(`${JSON.stringify(line)}\n`)) await this.#drained(response, patienceMs);
      };
      for await (const item of items) {
        if (response.destroyed) return;
        await write({ item });
      }
      if (response.destroyed) return;
      await write({ end: true });
      response.end();
    } catch (error) {
      if (!response.headersSent) throw error;
      const { bug, text } = this.#explain(operation, error);
      response.end(`${JSON.stringify({ error: text, bug })}\n`);
    }
  }

  #drained(response: ServerResponse, patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      const timer = this.#options.clock.schedule(patienceMs, () => response.destroy());
      response.once('drain', done);
      response.once('close', done);
      if (response.destroyed) done();
    });
  }

  #fail(operation: string, response: ServerResponse, error: unknown): void {
    const { bug, text } = this.#explain(operation, error);
    if (response.headersSent || response.destroyed) response.destroy();
    else answer(response, bug ? 500 : 409, { error: text });
  }

  /** Refusals, and trouble of the journal, are for who asked; anything else is a mistake of ours, and told here as well. */
  #explain(operation: string, error: unknown): { bug: boolean; text: string } {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof OperationError || error instanceof JournalError) return { bug: false, text };
    this.#options.log.error('BUG: a command failed in the agent.', { operation, error: text });
    return { bug: true, text: `BUG: ${text}` };
  }

  #warn(reason: string): void {
    this.#options.log.warn('Commands will not reach this agent. It runs on without them.', { reason });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    connection: 'close',
  });
  response.end(bytes);
}

/** undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    // Read to its end all the same, so that the answer is not lost to a reset; the time for it is limited.
    if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_REQUEST_BYTES ? undefined : Buffer.concat(chunks);
}

function parse(body: Buffer): { who: Person; given: unknown } {
  let request: { who?: unknown; arguments?: unknown };
  try {
    request = Object(JSON.parse(body.toString()));
  } catch {
    throw new OperationError('The request is no JSON.');
  }
  const who = person.safeParse(request.who);
  return { who: who.success ? who.data : { uid: null, user: null }, given: request.arguments };
}
