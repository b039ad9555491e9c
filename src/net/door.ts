/**
 * A listening socket with its connections, and whoever answers there now: its tenant. The tenant may change while the door
 * stays open. Then neither the socket nor a connection is closed; a request belongs to the tenant of the moment at which
 * its headers were complete, to its end.
 *
 * A Node server takes new settings while it runs, but for a few. Where one of those changes, another Node server gets the
 * listening socket; the connections of the one before stay with it, and are answered by the new tenant as well.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { RefusalReason } from '../telemetry/status.ts';
import { refuseConnection } from './door-refusal.ts';
import { Connections } from './server-connections.ts';
import { listenError } from './server-listen.ts';
import type { ServerTlsOptions } from './server-tls.ts';

/** Bytes of request line and headers together; more is answered 431. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Where no time is set for the headers, a TLS handshake still has one. Milliseconds. */
const HANDSHAKE_MS = 120_000;

/** Milliseconds; 0: no limit. */
export interface DoorSettings {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  /** Inactivity while an answer is owed or being written. */
  readonly writeMs: number;
  readonly keepAlives: boolean;
  /** Absent: plain HTTP. */
  readonly tls?: ServerTlsOptions;
}

/** Whoever answers at a door. None of its methods throws. */
export interface Tenant {
  readonly settings: DoorSettings;
  /** A request, its headers complete. */
  take(request: IncomingMessage, response: ServerResponse): void;
  /** One that it took is answered, or its connection is gone. */
  ended(response: ServerResponse): void;
  /** Something was refused before it was a request. */
  refused(reason: RefusalReason, details: { status: number; peer?: string; cause: string }): void;
  /** Waits a little, then closes a connection that was refused: see `refuseConnection`. */
  schedule(delayMs: number, task: () => void): { cancel(): void };
}

export interface Place {
  /** As it was written, for messages. */
  readonly endpoint: string;
  readonly host?: string;
  readonly port: number;
  readonly ipv6Only?: boolean;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Who has taken it. */
  tenant?: Tenant;
}

export class Door {
  readonly place: Place;
  readonly #connections: Connections;
  readonly #maxConnections: number;
  /** Every TCP connection; with TLS also those whose handshake isn't over. */
  readonly #sockets = new Set<Socket>();
  /** Requests that came while nobody answered. */
  readonly #waiting: Exchange[] = [];
  readonly #onClose: () => void;
  /** Those before it have given it the listening socket, and keep their connections. */
  #server: Server;
  readonly #former: Server[] = [];
  #tenant: Tenant | undefined;
  /** Whoever it was made for, or who answers now. */
  #settings: DoorSettings;
  /** Comes when the present one is told to leave. */
  #next: Tenant | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Resolves when connections are accepted. What they ask waits until a tenant is admitted.
   * @throws {Error} that names the endpoint and what to do.
   */
  static async open(
    place: Place,
    settings: DoorSettings,
    options: { maxConnections: number; onClose(): void },
  ): Promise<Door> {
    const door = new Door(place, settings, options);
    const { host, port, ipv6Only } = place;
    await listening(door.#server, place.endpoint, () =>
      door.#server.listen({ port, backlog: 1024, ...(host !== undefined && { host }), ipv6Only: ipv6Only ?? false }),
    );
    return door;
  }

  private constructor(
    place: Place,
    settings: DoorSettings,
    { maxConnections, onClose }: { maxConnections: number; onClose(): void },
  ) {
    this.place = place;
    this.#settings = settings;
    this.#maxConnections = maxConnections;
    this.#onClose = onClose;
    this.#connections = new Connections(maxConnections);
    this.#server = this.#serverFor(settings);
  }

  /** Undefined once it is closed. */
  get address(): AddressInfo | undefined {
    return (this.#server.address() as AddressInfo | null) ?? undefined;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.size;
  }

  get tenant(): Tenant | undefined {
    return this.#tenant;
  }

  /** Who follows at the next `handOver`. */
  get next(): Tenant | undefined {
    return this.#next;
  }

  /** Somebody will follow the present tenant, or be the first. */
  announce(next: Tenant): void {
    this.#next = next;
  }

  /** Nobody follows after all. */
  unannounce(): void {
    this.#next = undefined;
  }

  /**
   * Who was announced answers from now on, also what waits. Synchronous; the door goes on as it is where there is nobody.
   * @param onError told where a new Node server can't have the listening socket: then the old one stays
   */
  handOver(onError: (error: Error) => void): void {
    const next = this.#next;
    if (!next) return;
    this.#next = undefined;
    this.#tenant = next;
    this.#adapt(next.settings, onError);
    for (const exchange of this.#waiting.splice(0)) if (!exchange.request.socket.destroyed) this.#give(next, exchange);
  }

  /** The tenant has new certificates. Sessions of before are not resumed: what admitted their clients may no longer be trusted. */
  renew(tls: ServerTlsOptions): void {
    const server = this.#server as TlsServer;
    server.setSecureContext(tls);
    server.setTicketKeys(randomBytes(48));
  }

  /** From now on answers carry `Connection: close`; requests are still taken. Idempotent. */
  announceClose(): void {
    this.#connections.announceClose();
  }

  /**
   * Stops listening, closes idle connections at once and the others after their answers; what is left when `deadline`
   * aborts is cut. Resolves when no connection is open. Idempotent.
   */
  close(deadline: AbortSignal): Promise<void> {
    this.#closed ??= this.#close(deadline);
    return this.#closed;
  }

  async #close(deadline: AbortSignal): Promise<void> {
    this.#onClose();
    const cut = () => {
      for (const socket of this.#sockets) socket.destroy();
    };
    if (deadline.aborted) cut();
    else deadline.addEventListener('abort', cut, { once: true });
    for (const { request } of this.#waiting.splice(0)) request.socket.destroy();
    const closed = [this.#server, ...this.#former].map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    this.#connections.drain();
    await Promise.all(closed);
    deadline.removeEventListener('abort', cut);
  }

  #adapt(settings: DoorSettings, onError: (error: Error) => void): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#connections.keepAlives = settings.keepAlives;
    const server = this.#server;
    // The connections that stay with it are judged by the new times too.
    for (const one of [server, ...this.#former]) setTimes(one, settings);
    const isSameTls = isDeepStrictEqual(before.tls, settings.tls);
    if (kindOf(before) === kindOf(settings)) {
      if (settings.tls && !isSameTls) this.renew(settings.tls);
    } else {
      const successor = this.#serverFor(settings);
      successor.once('error', onError);
      // Documented: a server listens on the handle that another one has.
      successor.listen(server, () => successor.off('error', onError));
      this.#former.push(server);
      this.#server = successor;
    }
    // Who was let in by other certificates, or without any, asks anew after the next answer.
    if (!isSameTls) this.#connections.announceCloseToPresent();
  }

  #give(tenant: Tenant, exchange: Exchange): void {
    exchange.tenant = tenant;
    tenant.take(exchange.request, exchange.response);
  }

  #serverFor(settings: DoorSettings): Server {
    const nodeOptions = {
      maxHeaderSize: MAX_HEADER_BYTES,
      // Not left to NODE_OPTIONS: leniency here is how request smuggling begins.
      insecureHTTPParser: false,
      connectionsCheckingInterval: checkingInterval(settings),
    };
    const { tls } = settings;
    const server = tls
      ? createTlsServer({ ...nodeOptions, ...tls, handshakeTimeout: handshakeMs(settings) }, this.#onRequest)
      : createServer(nodeOptions, this.#onRequest);
    setTimes(server, settings);
    if (!settings.keepAlives) this.#connections.keepAlives = false;
    // Connections whose TLS handshake isn't over can't be told idle or busy; this bounds them.
    server.maxConnections = 2 * this.#maxConnections;
    server.on('checkContinue', (request, response) => {
      // A client that is refused before it sent the body may or may not send it then: the connection can't go on.
      response.setHeader('connection', 'close');
      this.#onRequest(request, response);
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#connections.add(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      refuseConnection(error, socket, this.#connections, this.#tenant),
    );
    if (tls) {
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
        if (error.code === 'ECONNRESET') return;
        this.#tenant?.refused('malformed', { status: 0, peer: socket.remoteAddress, cause: error.code ?? 'TLS' });
      });
    }
    return server;
  }

  readonly #onRequest: RequestListener = (request, response) => {
    const tenant = this.#tenant;
    const exchange: Exchange = { request, response };
    if (this.#connections.begin(request, response, () => exchange.tenant?.ended(response))) {
      if (tenant) this.#give(tenant, exchange);
      else this.#waiting.push(exchange);
    } else if (!request.socket.destroyed) {
      const peer = request.socket.remoteAddress;
      request.socket.destroy();
      tenant?.refused('malformed', { status: 0, peer, cause: 'too many requests before the first was answered' });
    }
  };
}

/** What a Node server can't change while it runs. */
function kindOf(settings: DoorSettings): string {
  const { tls } = settings;
  return JSON.stringify([
    checkingInterval(settings),
    ...(tls ? [handshakeMs(settings), tls.requestCert, tls.rejectUnauthorized] : []),
  ]);
}

const checkingInterval = ({ headersMs }: DoorSettings) => Math.min(1000, Math.max(20, headersMs / 2));
const handshakeMs = ({ headersMs }: DoorSettings) => headersMs || HANDSHAKE_MS;

function setTimes(server: Server, { headersMs, requestMs, keepAliveMs, writeMs }: DoorSettings): void {
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.keepAliveTimeout = keepAliveMs;
  server.timeout = writeMs;
}

async function listening(server: Server, endpoint: string, listen: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(endpoint, error)));
    server.once('listening', () => {
      server.removeAllListeners('error');
      resolve();
    });
    listen();
  });
}
