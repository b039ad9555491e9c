/**
 * An HTTP door: Fastify on a Node server that is bounded in every direction (headers, connections, time) and can be closed
 * in an orderly way.
 *
 * Fastify brings routing and replies. The Node server is made here, because Fastify's defaults leave gaps: its
 * `requestTimeout` alone never fires, `close()` waits for idle keep-alive connections or cuts off busy ones, and `localhost`
 * becomes two servers of which only one is configured.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { httpServer } from '../config/blocks/http.ts';
import { parseEndpoint } from '../config/blocks/scalars.ts';
import { LinkedSet } from '../linked-set.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import type { RefusalReason } from '../telemetry/status.ts';
import type { ServerAuth } from './auth.ts';
import type { Door, DoorSettings, Tenant } from './door.ts';
import { type Doorway, ownDoor } from './doors.ts';
import type { Followed } from './followed.ts';
import { addHooks } from './server-hooks.ts';
import { listenAddress } from './server-listen.ts';
import { followServerTls, type ServerTlsOptions } from './server-tls.ts';

/** The block of `config/blocks/http.ts`, parsed. */
export type HttpServerConfig = z.output<z.ZodObject<ReturnType<typeof httpServer>>>;

/** Some 20 KiB each while idle. */
const MAX_CONNECTIONS = 4096;

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
  /** Where it gets its door; absent: it has one of its own, for as long as it lives. */
  readonly doorway?: Doorway;
}

export class HttpServer {
  /** Routes, hooks and parsers are added before `listen`. */
  readonly app: FastifyInstance;
  readonly #options: HttpServerOptions;
  readonly #tls: Followed<ServerTlsOptions> | undefined;
  readonly #tenant: Tenant;
  /** Its requests without a finished answer. */
  readonly #open = new LinkedSet<ServerResponse>();
  #emptied: (() => void) | undefined;
  #door: Door | undefined;
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
    const { config, clock } = options;
    this.#options = options;
    this.#tls = followed;
    followed?.onChange(() => {
      if (this.#isTenant) this.#door?.renew(followed.value);
    });
    let listener: RequestListener | undefined;
    this.#tenant = {
      get settings() {
        return settingsOf(config, followed?.value);
      },
      take: (request, response) => {
        this.#open.add(response);
        listener?.(request, response);
      },
      ended: (response) => {
        this.#open.delete(response);
        if (this.#open.size === 0) this.#emptied?.();
      },
      refused: (reason, details) => options.onRefused?.(reason, details),
      schedule: (delayMs, task) => clock.schedule(delayMs, task),
    };
    this.app = fastify({
      serverFactory: (handler) => {
        listener = handler;
        // The connections are the door's; Fastify wants a server all the same.
        return createServer();
      },
      routerOptions: { ignoreTrailingSlash: true },
      exposeHeadRoutes: false,
      logger: false,
      // Malformed percent-encoding in the path.
      frameworkErrors: (error, request, reply) => {
        options.onRefused?.('malformed', { status: 400, peer: request.socket.remoteAddress, cause: error.code });
        reply.raw.writeHead(400, { 'content-length': 0 }).end();
      },
    });
    addHooks(this.app, options);
    // Bodies are the routes' own business: Fastify would gather them in memory before it looks for a route, and answer 415
    // to a Content-Type that it doesn't know. What no route reads is thrown away.
    for (const method of this.app.supportedMethods) {
      this.app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
    }
  }

  /**
   * Resolves when connections are accepted; see `Doorway` for who answers them. `localhost` is 127.0.0.1, as in the
   * Collector; without a host it is every interface.
   * @throws {Error} that names the endpoint and what to do.
   */
  async listen(): Promise<AddressInfo> {
    const { config, doorway = ownDoor, maxConnections = MAX_CONNECTIONS } = this.#options;
    const { endpoint, transport } = config;
    const parsed = parseEndpoint(endpoint);
    if (!parsed) throw new Error(`BUG: unchecked endpoint ${endpoint}`);
    await this.app.ready();
    const place = { endpoint, port: parsed.port, ...listenAddress(parsed.host, transport) };
    this.#door = await doorway.enter(this.#tenant, place, maxConnections);
    return this.address as AddressInfo;
  }

  /** Where it listens; undefined before and after. */
  get address(): AddressInfo | undefined {
    return this.#door?.address;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#door?.connections ?? 0;
  }

  /** From now on answers carry `Connection: close`; requests are still taken. Idempotent. Nothing where another one follows. */
  beginShutdown(): void {
    if (this.#isTenant) this.#door?.announceClose();
  }

  /**
   * Stops listening, closes idle connections at once and the others after their answers; what is left when `deadline`
   * aborts is cut. Resolves when no connection is open. Where another one has followed at the door, only the answers that
   * are still owed are waited for. Idempotent.
   */
  shutdown(deadline: AbortSignal): Promise<void> {
    this.#closed ??= this.#shutdown(deadline);
    return this.#closed;
  }

  get #isTenant(): boolean {
    return this.#door?.tenant === this.#tenant;
  }

  async #shutdown(deadline: AbortSignal): Promise<void> {
    this.#tls?.stop();
    const door = this.#door;
    // A door without anybody was opened for this one.
    if (door && (this.#isTenant || !door.tenant)) await door.close(deadline);
    else if (door?.next === this.#tenant) door.unannounce();
    await this.#answered(deadline);
    await this.app.close();
  }

  /** Resolves when no answer is owed any more, or when those that are were cut. */
  async #answered(deadline: AbortSignal): Promise<void> {
    if (this.#open.size === 0) return;
    const cut = () => {
      for (const { req } of this.#open) req.socket.destroy();
    };
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (deadline.aborted) cut();
      else deadline.addEventListener('abort', cut, { once: true });
    });
    deadline.removeEventListener('abort', cut);
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

function settingsOf(config: HttpServerConfig, tls: ServerTlsOptions | undefined): DoorSettings {
  const { read_header_timeout: header, read_timeout: whole } = config;
  return {
    headersMs: header,
    // A backstop behind the routes' own limits.
    requestMs: header === 0 || whole === 0 ? 0 : header + whole,
    keepAliveMs: config.idle_timeout,
    // Idle connections have keepAliveMs.
    writeMs: config.write_timeout,
    keepAlives: config.keep_alives_enabled,
    ...(tls && { tls }),
  };
}
