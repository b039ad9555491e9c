/**
 * An HTTP door: Fastify on a Node server that is bounded in every direction (headers, connections, time) and can be closed
 * in an orderly way.
 *
 * Fastify brings routing and replies. The Node server is made here, because Fastify's defaults leave gaps: its
 * `requestTimeout` alone never fires, `close()` waits for idle keep-alive connections or cuts off busy ones, and `localhost`
 * becomes two servers of which only one is configured.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { httpServer } from '../config/blocks/http.ts';
import { parseEndpoint } from '../config/blocks/scalars.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import type { RefusalReason } from '../telemetry/status.ts';
import type { ServerAuth } from './auth.ts';
import type { Followed } from './followed.ts';
import { Connections } from './server-connections.ts';
import { addHooks } from './server-hooks.ts';
import { listenAddress, listenError } from './server-listen.ts';
import { followServerTls, type ServerTlsOptions } from './server-tls.ts';

/** The block of `config/blocks/http.ts`, parsed. */
export type HttpServerConfig = z.output<z.ZodObject<ReturnType<typeof httpServer>>>;

/** Bytes of request line and headers together; more is answered 431. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Some 20 KiB each while idle. */
const MAX_CONNECTIONS = 4096;
/** How long a refused connection is still read, and thrown away, so that the answer isn't lost to a reset. */
const LINGER_MS = 1000;

export interface HttpServerOptions {
  readonly config: HttpServerConfig;
  readonly clock: Clock;
  /** Told of what was refused before any route saw it: malformed or oversized headers, and headers that took too long. */
  onRefused?(reason: RefusalReason, details: { status: number; peer?: string; cause: string }): void;
  /** Connections at most; beyond it the longest idle one is closed. */
  readonly maxConnections?: number;
  /** What the `auth` block names; there when the block is. */
  readonly auth?: ServerAuth;
  /** Told of certificates that changed on disk. */
  readonly log?: Log;
}

export class HttpServer {
  /** Routes, hooks and parsers are added before `listen`. */
  readonly app: FastifyInstance;
  readonly #server: Server;
  readonly #config: HttpServerConfig;
  readonly #connections: Connections;
  readonly #tls: Followed<ServerTlsOptions> | undefined;
  /** Every TCP connection; with TLS also those whose handshake isn't over. */
  readonly #sockets = new Set<Socket>();
  #closed: Promise<void> | undefined;

  /** @throws {Error} naming the file when the TLS files can't be used. */
  static async create(options: HttpServerOptions): Promise<HttpServer> {
    const { clock, log = silentLog } = options;
    const { tls, auth } = options.config;
    if (auth && !options.auth) throw new Error(`BUG: no authenticator ${auth.authenticator} for the server`);
    const followed = tls && followServerTls(tls, { clock, log });
    await followed?.start();
    return new HttpServer(options, followed);
  }

  private constructor(options: HttpServerOptions, followed: Followed<ServerTlsOptions> | undefined) {
    const { config, maxConnections = MAX_CONNECTIONS } = options;
    const tls = followed?.value;
    this.#tls = followed;
    followed?.onChange(() => this.#renew(followed.value));
    this.#config = config;
    this.#connections = new Connections(maxConnections);
    if (!config.keep_alives_enabled) this.#connections.announceClose();

    let listener: RequestListener | undefined;
    const onRequest: RequestListener = (request, response) => {
      if (this.#connections.begin(request, response)) listener?.(request, response);
      else if (!request.socket.destroyed) {
        const peer = request.socket.remoteAddress;
        request.socket.destroy();
        options.onRefused?.('malformed', { status: 0, peer, cause: 'too many requests before the first was answered' });
      }
    };
    const nodeOptions = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: config.read_header_timeout,
      requestTimeout: requestTimeout(config),
      keepAliveTimeout: config.idle_timeout,
      // Not left to NODE_OPTIONS: leniency here is how request smuggling begins.
      insecureHTTPParser: false,
      connectionsCheckingInterval: Math.min(1000, Math.max(20, config.read_header_timeout / 2)),
    };
    this.#server = tls
      ? createTlsServer({ ...nodeOptions, ...tls, handshakeTimeout: config.read_header_timeout || 120_000 }, onRequest)
      : createServer(nodeOptions, onRequest);
    // Inactivity while an answer is owed or being written; idle connections have keepAliveTimeout.
    this.#server.timeout = config.write_timeout;
    // Connections whose TLS handshake isn't over can't be told idle or busy; this bounds them.
    this.#server.maxConnections = 2 * maxConnections;
    this.#server.on('checkContinue', (request, response) => {
      // A client that is refused before it sent the body may or may not send it then: the connection can't go on.
      response.setHeader('connection', 'close');
      onRequest(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#connections.add(socket));
    if (tls) {
      this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
        if (error.code === 'ECONNRESET') return;
        options.onRefused?.('malformed', { status: 0, peer: socket.remoteAddress, cause: error.code ?? 'TLS' });
      });
    }

    this.app = fastify({
      serverFactory: (handler) => {
        listener = handler;
        return this.#server;
      },
      routerOptions: { ignoreTrailingSlash: true },
      exposeHeadRoutes: false,
      logger: false,
      clientErrorHandler: (error, socket) => refuseConnection(error, socket, this.#connections, options),
      // Malformed percent-encoding in the path.
      frameworkErrors: (error, request, reply) => {
        options.onRefused?.('malformed', { status: 400, peer: request.socket.remoteAddress, cause: error.code });
        reply.raw.writeHead(400, { 'content-length': 0 }).end();
      },
    });
    addHooks(this.app, options);
    // Bodies are the routes' own business: Fastify would gather them in memory before it looks for a route, and answer 415
    // to a Content-Type that it doesn't know. What no route reads is thrown away.
    this.app.addHook('onRequest', (request, _reply, done) => {
      delete request.raw.headers['content-type'];
      done();
    });
    this.app.removeAllContentTypeParsers();
    this.app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  }

  /**
   * Resolves when connections are accepted. `localhost` is 127.0.0.1, as in the Collector; without a host it is every
   * interface.
   * @throws {Error} that names the endpoint and what to do.
   */
  async listen(): Promise<AddressInfo> {
    const { endpoint } = this.#config;
    const parsed = parseEndpoint(endpoint);
    if (!parsed) throw new Error(`BUG: unchecked endpoint ${endpoint}`);
    await this.app.ready();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(endpoint, error)));
      const where = listenAddress(parsed.host, this.#config.transport);
      this.#server.listen({ port: parsed.port, ...where, backlog: 1024 }, () => {
        this.#server.removeAllListeners('error');
        resolve();
      });
    });
    return this.address as AddressInfo;
  }

  /** Where it listens; undefined before and after. */
  get address(): AddressInfo | undefined {
    return (this.#server.address() as AddressInfo | null) ?? undefined;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** From now on answers carry `Connection: close`; requests are still taken. Idempotent. */
  beginShutdown(): void {
    this.#connections.announceClose();
  }

  /**
   * Stops listening, closes idle connections at once and the others after their answers; what is left when `deadline`
   * aborts is cut. Resolves when no connection is open. Idempotent.
   */
  shutdown(deadline: AbortSignal): Promise<void> {
    this.#closed ??= this.#shutdown(deadline);
    return this.#closed;
  }

  /** Sessions of before are not resumed: their clients were admitted by what may no longer be trusted. */
  #renew(tls: ServerTlsOptions): void {
    const server = this.#server as TlsServer;
    server.setSecureContext(tls);
    server.setTicketKeys(randomBytes(48));
  }

  async #shutdown(deadline: AbortSignal): Promise<void> {
    this.#tls?.stop();
    const cut = () => {
      for (const socket of this.#sockets) socket.destroy();
    };
    if (deadline.aborted) cut();
    else deadline.addEventListener('abort', cut, { once: true });
    if (this.#server.listening) {
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
      this.#connections.drain();
      await closed;
    }
    deadline.removeEventListener('abort', cut);
    await this.app.close();
  }
}

/**
 * Answers a client that waits with `Expect: 100-continue`: to be called before a body is read. Nothing else tells such a
 * client to go on, so that a request can be refused before its body is sent.
 */
export function continueBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}

/** True for an address that only this machine reaches. */
export function isLoopback(endpoint: string): boolean {
  const host = parseEndpoint(endpoint)?.host ?? '';
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Node's limit for a whole request: a backstop behind the routes' own limits, 0 for none. */
function requestTimeout(config: HttpServerConfig): number {
  const { read_header_timeout: header, read_timeout: whole } = config;
  return header === 0 || whole === 0 ? 0 : header + whole;
}

/** Answers what the HTTP parser gave up on, unless the connection owes other answers first. */
function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  connections: Connections,
  { clock, onRefused }: HttpServerOptions,
): void {
  // Data that still comes in ends up here again.
  if (socket.writableEnded) return;
  const gone = error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable;
  const timeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // Load balancers open connections ahead of need: one that never said anything is closed without a word.
  if (gone || (timeout && socket.bytesRead === 0)) {
    socket.destroy();
    return;
  }
  if (!connections.broken(socket)) {
    if (timeout) socket.destroy();
    return;
  }
  const [status, phrase, reason] = timeout
    ? ([408, 'Request Timeout', 'timeout'] as const)
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'Request Header Fields Too Large', 'too_large'] as const)
      : ([400, 'Bad Request', 'malformed'] as const);
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const linger = clock.schedule(LINGER_MS, () => socket.destroy());
  socket.once('close', () => linger.cancel());
  onRefused?.(reason, { status, peer: socket.remoteAddress, cause: error.code ?? error.message });
}
