/**
 * The connections of a server and what is going on in each: so that their number is bounded, a shutdown can tell idle
 * ones from busy ones, and a parser error finds the request that it belongs to.
 *
 * A connection is *idle* while no request of it is waiting for its answer: before the first request, between two, and
 * while headers come in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LinkedSet } from '../linked-set.ts';

/** Emitted on a request whose body turned out to be malformed HTTP: no more of it will come. */
export const BROKEN_BODY = Symbol('broken body');

/** Requests of one connection that may be waiting for their answers. Proxies send one at a time. */
const MAX_PIPELINED = 32;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Called once, when no answer is owed any more. */
  ended(): void;
}

export class Connections {
  /** Exchanges without a finished answer, oldest first, by connection. */
  readonly #open = new Map<Socket, LinkedSet<Exchange>>();
  /** The one that has been idle for the longest time comes first. */
  readonly #idle = new LinkedSet<Socket>();
  /** Those that end with their next answer, whatever becomes of the others. */
  readonly #ending = new WeakSet<Socket>();
  readonly #limit: number;
  #lastAnswers = false;
  #draining = false;
  /** False: every answer is the last one of its connection. */
  keepAlives = true;

  /** @param limit connections at most; beyond it the longest idle one makes room. */
  constructor(limit: number) {
    this.#limit = limit;
  }
  get size(): number {
    return this.#open.size;
  }

  add(socket: Socket): void {
    this.#open.set(socket, new LinkedSet());
    this.#idle.add(socket);
    socket.once('close', () => {
      const exchanges = this.#open.get(socket) ?? [];
      this.#open.delete(socket);
      this.#idle.delete(socket);
      // Of pipelined requests only the first one's response would say so.
      for (const { ended } of exchanges) ended();
    });
    if (this.#draining) socket.destroy();
    // The newcomer is idle too, so there is always one: itself when all others are busy.
    else if (this.#open.size > this.#limit) this.#evict();
  }

  /**
   * A request arrived, its headers complete. False when it needs no answer, because its connection is gone, or when it is
   * one too many, and the connection must go: thousands of requests fit into one packet, and all other clients would wait
   * for them.
   * @param ended called once when the answer is out, or its connection gone
   */
  begin(request: IncomingMessage, response: ServerResponse, ended: () => void): boolean {
    const { socket } = request;
    const exchanges = this.#open.get(socket);
    // The parser goes on to the end of the packet, also when the connection was closed in the middle of it.
    if (!exchanges || socket.destroyed || exchanges.size >= MAX_PIPELINED) return false;
    if (this.#lastAnswers || !this.keepAlives || this.#ending.has(socket)) response.setHeader('connection', 'close');
    const exchange = { request, response, ended };
    exchanges.add(exchange);
    this.#idle.delete(socket);
    response.once('close', () => {
      if (!this.#open.has(socket)) return;
      exchanges.delete(exchange);
      ended();
      if (exchanges.size > 0) return;
      this.#idle.add(socket);
      if (this.#draining) socket.destroySoon();
    });
    return true;
  }

  /** From now on answers carry `Connection: close`, those of requests that are being worked on too. */
  announceClose(): void {
    this.#lastAnswers = true;
    this.announceCloseToPresent();
  }

  /** The same for the connections that are open now; later ones are kept alive. */
  announceCloseToPresent(): void {
    for (const socket of this.#open.keys()) this.#ending.add(socket);
    for (const exchanges of this.#open.values()) {
      for (const { response } of exchanges) if (!response.headersSent) response.setHeader('connection', 'close');
    }
  }

  /** Closes what is idle, now and whenever a connection becomes so. */
  drain(): void {
    this.announceClose();
    this.#draining = true;
    for (const socket of this.#idle) socket.destroy();
  }

  /**
   * The parser gave up on a connection; nothing more can be read from it. True when no answer is owed there, so the caller
   * may write one. Otherwise the answers owed go out in order first (that of the broken request is up to its reader,
   * which hears `BROKEN_BODY`) and the connection closes after them.
   */
  broken(socket: Socket): boolean {
    const exchanges = [...(this.#open.get(socket) ?? [])];
    const last = exchanges.at(-1);
    if (!last) return true;
    if (last.response.headersSent) last.response.once('close', () => socket.destroySoon());
    else last.response.setHeader('connection', 'close');
    if (!last.request.complete) last.request.emit(BROKEN_BODY);
    return false;
  }

  #evict(): void {
    const longestIdle = this.#idle.first;
    if (!longestIdle) throw new Error('BUG: a connection that was just added is idle');
    this.#idle.delete(longestIdle);
    longestIdle.destroy();
  }
}
